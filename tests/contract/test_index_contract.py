"""What every passage index promises, held by both adapters: SQLite, and Pinecone's real SDK."""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest

from frontdesk.knowledge.pinecone_index import PineconeIndex, ensure_index
from frontdesk.knowledge.ports import Candidate, Passage, PassageIndex, Vector
from frontdesk.knowledge.sqlite_index import SqliteIndex
from tests.contract.pinecone_stand_in import API_KEY, serving

DIMENSIONS = 60


def embed(text: str) -> Vector:
    """A unit vector that texts with the same words share."""
    values = [1e-3] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        values[int.from_bytes(blake2b(word.encode()).digest()[:4]) % DIMENSIONS] += 1.0
    length = math.hypot(*values)
    return [value / length for value in values]


def cosine(a: Vector, b: Vector) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def passage(ordinal: int, text: str, *, document: str = "doc", version: str = "v1") -> Passage:
    return Passage(document, version, ordinal, text, "Guide")


def store(index: PassageIndex, organization_id: str, passages: Sequence[Passage]) -> None:
    index.upsert(organization_id, passages, [embed(p.text) for p in passages])


def search(
    index: PassageIndex,
    text: str,
    *,
    organization_id: str = "acme",
    limit: int = 10,
    hidden: Sequence[str] = (),
    categories: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
) -> dict[str, Candidate]:
    found = index.search(
        organization_id,
        text=text,
        vector=embed(text),
        limit=limit,
        hidden_versions=frozenset(hidden),
        categories=None if categories is None else frozenset(categories),
        languages=None if languages is None else frozenset(languages),
    )
    assert len({c.passage.id for c in found}) == len(found)
    return {c.passage.text: c for c in found}


@pytest.fixture(params=["sqlite", "pinecone"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    if request.param == "sqlite":
        with closing(SqliteIndex(tmp_path / "new" / "folder" / "index.sqlite")) as sqlite:
            yield sqlite
        return
    with serving() as stand_in:
        ensure_index(api_key=API_KEY, name="kb", dimensions=DIMENSIONS, control_host=stand_in.url)
        with closing(
            PineconeIndex(api_key=API_KEY, name="kb", control_host=stand_in.url)
        ) as pinecone:
            yield pinecone


REFUND = "refunds arrive within five working days"
PARKING = "bicycles park behind the harbour office"
BILLING = "invoices are sent on the first of each month"


def test_a_passage_is_found_by_its_meaning_and_by_its_words(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, t) for n, t in enumerate((REFUND, PARKING, BILLING))])
    found = search(index, "When do REFUNDS arrive?", limit=1)
    candidate = found[REFUND]
    assert candidate.cosine == pytest.approx(
        cosine(embed("When do REFUNDS arrive?"), embed(REFUND)), abs=1e-5
    )
    assert candidate.bm25 is not None
    assert candidate.bm25 > 0


def test_the_two_sides_each_bring_their_best(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, t) for n, t in enumerate((REFUND, PARKING, BILLING))])
    found = index.search("acme", text="bicycles", vector=embed(REFUND), limit=1)
    assert {c.passage.text for c in found} == {REFUND, PARKING}
    by_text = {c.passage.text: c for c in found}
    assert by_text[REFUND].bm25 is None
    assert by_text[PARKING].bm25 is not None


def test_word_forms_case_and_the_words_of_titles_and_headings_match(index: PassageIndex) -> None:
    filed = replace(passage(0, BILLING), title="Handbook", headings=("Subscriptions", "Plans"))
    store(index, "acme", [filed, passage(1, PARKING)])
    for text in ("INVOICE", "subscription", "plan?", "handbooks"):
        assert search(index, text)[BILLING].bm25 is not None, text


def test_a_passage_comes_back_as_it_was_stored(index: PassageIndex) -> None:
    full = Passage(
        document_id="01JDOCUMENT",
        version="01JVERSION",
        ordinal=7,
        text='Line one\nline two with "quotes", ümlaut, 🚲 and a tab\t.',
        title="Title > with 'marks'",
        headings=("Part I", "Chapter “two”", "§ 3"),
        page=12,
        last_page=13,
        start=1_000_001,
        end=1_000_060,
        category="Fees & “other”",
        language="de",
    )
    bare = Passage("01JOTHER", "01JVERSION2", 0, "plain text without pages", "Notes")
    store(index, "acme", [full, bare])
    found = index.search("acme", text="line plain", vector=embed("line"), limit=5)
    assert {c.passage.id: c.passage for c in found} == {full.id: full, bare.id: bare}


def test_an_organisation_sees_nothing_of_another(index: PassageIndex) -> None:
    store(index, "acme", [passage(0, REFUND)])
    store(index, "globex", [passage(0, PARKING)])
    assert set(search(index, REFUND)) == {REFUND}
    assert set(search(index, REFUND, organization_id="globex")) == {PARKING}
    assert search(index, REFUND, organization_id="initech") == {}


def test_what_others_store_does_not_change_a_score(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, t) for n, t in enumerate((REFUND, PARKING))])
    before = search(index, "refunds")
    store(index, "globex", [passage(n, f"refunds and more {n}") for n in range(40)])
    after = search(index, "refunds")
    assert before == after


def test_deleting_in_one_organisation_leaves_the_same_ids_of_another(index: PassageIndex) -> None:
    for organization_id in ("acme", "globex"):
        store(index, organization_id, [passage(0, REFUND)])
    index.delete_version("acme", "doc", "v1")
    assert search(index, REFUND) == {}
    assert set(search(index, REFUND, organization_id="globex")) == {REFUND}


@pytest.mark.parametrize("others", [0, 1, 12])
def test_hidden_versions_are_left_out_before_the_limit(index: PassageIndex, others: int) -> None:
    hidden = [passage(n, f"{REFUND} {n}", version=f"old{n % 3}") for n in range(9)]
    store(index, "acme", [*hidden, passage(0, "refunds arrive some day", version="new")])
    ballast = [passage(0, f"{PARKING} {n}", version=f"o{n}", document=f"d{n}") for n in range(12)]
    store(index, "acme", ballast)
    unseen = ["old0", "old1", "old2", "never-stored", *(f"o{n}" for n in range(others))]
    found = search(index, REFUND, limit=1, hidden=unseen)
    assert set(found) == {"refunds arrive some day"}
    assert found["refunds arrive some day"].bm25 is not None


def test_everything_hidden_leaves_nothing(index: PassageIndex) -> None:
    store(index, "acme", [passage(0, REFUND)])
    assert search(index, REFUND, hidden=["v1"]) == {}


def test_the_same_id_again_replaces(index: PassageIndex) -> None:
    store(index, "acme", [passage(0, REFUND), passage(1, PARKING)])
    store(index, "acme", [passage(0, BILLING)])
    assert set(search(index, "refunds")) == {BILLING, PARKING}
    assert search(index, "refunds")[BILLING].bm25 is None
    assert search(index, BILLING)[BILLING].cosine == pytest.approx(1.0, abs=1e-5)


def test_storing_the_same_again_changes_nothing(index: PassageIndex) -> None:
    passages = [passage(n, t) for n, t in enumerate((REFUND, PARKING))]
    store(index, "acme", passages)
    once = search(index, "refunds park")
    for _ in range(3):
        store(index, "acme", passages)
    assert search(index, "refunds park") == once


def test_the_last_of_two_passages_with_one_id_counts(index: PassageIndex) -> None:
    store(index, "acme", [passage(0, REFUND), passage(0, PARKING)])
    assert set(search(index, "anything")) == {PARKING}


def test_deleting_a_version_leaves_other_versions_and_documents(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, f"{REFUND} {n}", version="v1") for n in range(3)])
    store(index, "acme", [passage(0, PARKING, version="v2")])
    store(index, "acme", [passage(0, BILLING, version="w1", document="other")])
    index.delete_version("acme", "doc", "v1")
    assert set(search(index, REFUND)) == {PARKING, BILLING}
    index.delete_version("acme", "doc", "w1")  # of another document
    assert set(search(index, REFUND)) == {PARKING, BILLING}


def test_deleting_what_is_not_there_is_no_error(index: PassageIndex) -> None:
    index.delete_version("nobody", "doc", "v1")
    store(index, "acme", [passage(0, REFUND)])
    index.delete_version("acme", "doc", "v9")
    index.delete_version("acme", "doc", "v1")
    index.delete_version("acme", "doc", "v1")
    assert search(index, REFUND) == {}


def test_what_was_deleted_can_be_stored_again(index: PassageIndex) -> None:
    store(index, "acme", [passage(0, REFUND)])
    index.delete_version("acme", "doc", "v1")
    store(index, "acme", [passage(0, REFUND)])
    assert set(search(index, REFUND)) == {REFUND}


def test_storing_nothing_stores_nothing(index: PassageIndex) -> None:
    index.upsert("acme", [], [])
    assert search(index, REFUND) == {}


def test_passages_and_vectors_must_pair(index: PassageIndex) -> None:
    with pytest.raises(ValueError, match="argument"):
        index.upsert("acme", [passage(0, REFUND)], [])


def test_more_passages_than_one_request_holds_are_all_stored(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, f"number {n} of many") for n in range(230)])
    found = search(index, "number of many", limit=300)
    assert len(found) == 230


def test_the_limit_holds_for_each_side(index: PassageIndex) -> None:
    store(index, "acme", [passage(n, f"refunds number {n}") for n in range(50)])
    assert 4 <= len(search(index, "refunds", limit=4)) <= 8


HOSTILE = [
    "",
    "   ",
    "\x00",
    "ref\x00unds",
    '"',
    "'; DROP TABLE passages; --",
    'refunds" OR "bicycles',
    "refunds AND NOT bicycles",
    "NEAR(refunds bicycles, 2)",
    "text : refunds",
    "{text titles} : refunds",
    "refunds*",
    "^refunds",
    "-refunds",
    "+refunds + (bicycles",
    "((((((((((",
    "text:(refunds)^9 AND titles:[a TO z]",
    "re?und~2 /reg.*ex/ \\",
    "AND OR NOT",
    "what is the",
    "🚲🚲 🙂",
    "退款需要多长时间",
    "e\u0301 \u202e refunds",
    "\ud800 lone surrogate",
    "refunds " * 2_000,
    " ".join(f"word{n}" for n in range(2_000)),
    "x" * 10_000,
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:24])
def test_any_text_a_customer_types_is_only_text(index: PassageIndex, text: str) -> None:
    store(index, "acme", [passage(n, t) for n, t in enumerate((REFUND, PARKING))])
    found = index.search("acme", text=text, vector=embed(REFUND), limit=5)
    assert {c.passage.text for c in found} == {REFUND, PARKING}


@pytest.mark.parametrize(
    "text",
    ["refunds -bicycles", "refunds NOT bicycles", '"refunds bicycles"', "refunds AND zebras"],
)
def test_operators_do_not_narrow_what_matches(index: PassageIndex, text: str) -> None:
    store(index, "acme", [passage(n, t) for n, t in enumerate((REFUND, PARKING))])
    assert search(index, text)[REFUND].bm25 is not None


def test_hostile_passages_and_names_are_stored_as_they_are(index: PassageIndex) -> None:
    weird = Passage(
        "doc'\"%", "v\"1';--", 0, "Robert'); DROP TABLE passages;--", "<b>'\"", ("$and", "_id")
    )
    index.upsert("org/../x y%2F", [weird], [embed(weird.text)])
    found = index.search("org/../x y%2F", text="Robert", vector=embed("a"), limit=3)
    assert [c.passage for c in found] == [weird]
    hidden = index.search(
        "org/../x y%2F",
        text="Robert",
        vector=embed("a"),
        limit=3,
        hidden_versions=frozenset({weird.version}),
    )
    assert hidden == []
    index.delete_version("org/../x y%2F", weird.document_id, weird.version)
    assert index.search("org/../x y%2F", text="Robert", vector=embed("a"), limit=3) == []


def filed(ordinal: int, text: str, category: str | None, language: str | None = "en") -> Passage:
    stored = passage(ordinal, text, document=f"d{ordinal}", version=f"v{ordinal}")
    return replace(stored, category=category, language=language)


def test_only_the_wanted_categories_are_searched(index: PassageIndex) -> None:
    texts = {"Money": "refunds one", "Travel": "refunds two", None: "refunds three"}
    store(index, "acme", [filed(n, text, c) for n, (c, text) in enumerate(texts.items())])
    assert set(search(index, "refunds")) == set(texts.values())
    assert set(search(index, "refunds", categories=["Money"])) == {"refunds one"}
    both = search(index, "refunds", categories=["Money", "Travel"])
    assert set(both) == {"refunds one", "refunds two"}
    assert search(index, "refunds", categories=["money"]) == {}
    assert search(index, "refunds", categories=[]) == {}


def test_other_languages_are_left_out_but_not_what_is_in_none(index: PassageIndex) -> None:
    texts = {"en": "refunds one", "de": "refunds two", None: "refunds three"}
    store(index, "acme", [filed(n, t, "a", code) for n, (code, t) in enumerate(texts.items())])
    assert set(search(index, "refunds", languages=["de"])) == {"refunds two", "refunds three"}
    assert set(search(index, "refunds", languages=[])) == {"refunds three"}


def test_filters_come_before_the_limit_and_together(index: PassageIndex) -> None:
    crowd = [filed(n, f"refunds and more refunds {n}", "Crowd") for n in range(20)]
    wanted = filed(20, "refunds", "Money", "de")
    hidden = filed(21, "refunds again", "Money", "de")
    store(index, "acme", [*crowd, wanted, hidden])
    found = search(
        index,
        "refunds",
        limit=1,
        hidden=[hidden.version],
        categories=["Money"],
        languages=["de", "fr"],
    )
    assert set(found) == {"refunds"}
    assert found["refunds"].bm25 is not None
    assert found["refunds"].cosine is not None


def test_a_filter_sees_nothing_of_another_organisation(index: PassageIndex) -> None:
    store(index, "acme", [filed(0, REFUND, "Money")])
    store(index, "globex", [filed(1, PARKING, "Money")])
    assert set(search(index, REFUND, categories=["Money"])) == {REFUND}
