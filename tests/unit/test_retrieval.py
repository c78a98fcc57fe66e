"""Fusing the two sides of a search, and what is left out."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.knowledge.ports import Candidate, Passage, Vector
from frontdesk.knowledge.retrieval import Retrieved, distinct, fuse, joined, prefer, retrieve

cosines = st.none() | st.floats(-1, 1)
scores = st.none() | st.floats(0, 50, exclude_min=True)


def candidate(
    ordinal: int, cosine: float | None, bm25: float | None, text: str | None = None
) -> Candidate:
    text = f"text {ordinal}" if text is None else text
    return Candidate(Passage("doc", "v1", ordinal, text, "Guide"), cosine, bm25)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    pairs = draw(st.lists(st.tuples(cosines, scores), max_size=30))
    return [candidate(n, cosine, bm25) for n, (cosine, bm25) in enumerate(pairs)]


def order(ranked: Sequence[Retrieved]) -> list[int]:
    return [found.passage.ordinal for found in ranked]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([]) == []


def test_a_passage_that_both_sides_like_beats_those_that_one_side_prefers() -> None:
    fused = fuse([candidate(0, 0.9, 1.0), candidate(1, 0.8, 9.0), candidate(2, 0.1, 10.0)])
    assert order(fused) == [1, 0, 2]


def test_scores_are_the_mean_of_two_z_scores() -> None:
    best, worst = fuse([candidate(0, 0.75, 4.0), candidate(1, 0.25, 2.0)])
    assert (best.score, worst.score) == (1.0, -1.0)
    first, _, _ = fuse([candidate(0, 1.0, 1.0), candidate(1, 0.0, 1.0), candidate(2, 0.0, 1.0)])
    assert first.score == pytest.approx(0.5 * 2**0.5)


def test_the_raw_scores_stay_with_the_passage() -> None:
    found = {r.passage.ordinal: r for r in fuse([candidate(0, 0.5, None), candidate(1, None, 3.0)])}
    assert (found[0].cosine, found[0].bm25) == (0.5, None)
    assert (found[1].cosine, found[1].bm25) == (None, 3.0)


def test_a_passage_without_a_cosine_counts_as_the_least_similar() -> None:
    known = [candidate(0, 0.9, 1.0), candidate(1, 0.3, 1.0)]
    missing = {r.passage.ordinal: r.score for r in fuse([*known, candidate(2, None, 1.0)])}
    assert missing[2] == missing[1] < missing[0]


def test_a_passage_without_a_match_counts_as_none_and_not_as_the_weakest_match() -> None:
    found = fuse([candidate(0, 0.5, 4.0), candidate(1, 0.5, 3.9), candidate(2, 0.5, None)])
    gaps = [found[0].score - found[1].score, found[1].score - found[2].score]
    assert gaps[1] > 10 * gaps[0]


def test_a_side_on_which_all_are_equal_does_not_decide() -> None:
    assert order(fuse([candidate(0, 0.3, 2.0), candidate(1, 0.4, 2.0)])) == [1, 0]
    assert order(fuse([candidate(0, 0.4, 1.0), candidate(1, 0.4, 2.0)])) == [1, 0]
    assert [
        found.score for found in fuse([candidate(0, 0.1 + 0.2, 1.0), candidate(1, 0.3, 1.0)])
    ] == [
        0.0,
        0.0,
    ]


def test_the_weight_turns_from_words_to_meaning() -> None:
    pair = [candidate(0, 0.9, 1.0), candidate(1, 0.1, 5.0)]
    assert order(fuse(pair, dense_weight=1.0)) == [0, 1]
    assert order(fuse(pair, dense_weight=0.0)) == [1, 0]


@given(candidates())
def test_fusing_neither_loses_nor_invents_a_candidate(given_: list[Candidate]) -> None:
    fused = fuse(given_)
    assert {(r.passage, r.cosine, r.bm25) for r in fused} == {
        (c.passage, c.cosine, c.bm25) for c in given_
    }
    assert len(fused) == len(given_)


@given(candidates(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    given_: list[Candidate], shuffling: random.Random
) -> None:
    shuffled = list(given_)
    shuffling.shuffle(shuffled)
    assert fuse(shuffled) == fuse(given_)


@given(candidates())
def test_the_best_comes_first(given_: list[Candidate]) -> None:
    ranked = [found.score for found in fuse(given_)]
    assert ranked == sorted(ranked, reverse=True)


@given(candidates())
def test_better_on_both_sides_is_never_ranked_lower(given_: list[Candidate]) -> None:
    place = {ordinal: n for n, ordinal in enumerate(order(fuse(given_)))}
    known = [c for c in given_ if c.cosine is not None]
    for one in known:
        for other in known:
            assert one.cosine is not None
            assert other.cosine is not None
            clearly = one.cosine > other.cosine + 1e-3
            if clearly and (one.bm25 or 0.0) > (other.bm25 or 0.0) + 1e-3:
                assert place[one.passage.ordinal] < place[other.passage.ordinal]


def test_a_text_is_kept_once_where_it_ranks_best() -> None:
    fused = fuse(
        [
            candidate(0, 0.2, 1.0, "Refunds take five days."),
            candidate(1, 0.9, 5.0, "REFUNDS  take\nfive days"),
            candidate(2, 0.5, 2.0, "Refunds take six days."),
        ]
    )
    assert order(distinct(fused)) == [1, 2]


def test_texts_without_words_are_told_apart() -> None:
    fused = fuse([candidate(0, 0.9, None, "???"), candidate(1, 0.1, None, "!!!")])
    assert order(distinct(fused)) == [0, 1]


@dataclass
class FixedIndex:
    """An index that found `found`, whatever is asked."""

    found: list[Candidate]
    asked: list[dict[str, object]] = field(default_factory=list)

    def search(
        self,
        organization_id: str,
        *,
        text: str,
        vector: Vector,
        limit: int,
        hidden_versions: frozenset[str] = frozenset(),
        categories: frozenset[str] | None = None,
        languages: frozenset[str] | None = None,
    ) -> list[Candidate]:
        self.asked.append({"organization_id": organization_id, "text": text, "vector": vector})
        self.asked[-1] |= {"limit": limit, "hidden_versions": hidden_versions}
        self.asked[-1] |= {"categories": categories, "languages": languages}
        return self.found

    def upsert(
        self, organization_id: str, passages: Sequence[Passage], vectors: Sequence[Vector]
    ) -> None:
        raise AssertionError((organization_id, passages, vectors))

    def wait_until_searchable(self, organization_id: str, *, seconds: float = 60.0) -> bool:
        raise NotImplementedError

    def delete_version(self, organization_id: str, document_id: str, version: str) -> None:
        raise AssertionError((organization_id, document_id, version))


def test_retrieving_brings_the_best_distinct_passages() -> None:
    found = [
        candidate(0, 0.9, 9.0, "same text"),
        candidate(1, 0.8, 8.0, "Same text!"),
        candidate(2, 0.7, 7.0),
        candidate(3, 0.6, None),
    ]
    best = retrieve(FixedIndex(found), "acme", text="q", vector=[1.0], limit=2)
    assert order(best) == [0, 2]


def test_retrieving_weighs_more_candidates_than_it_returns_and_hides_what_is_hidden() -> None:
    index = FixedIndex([])
    assert (
        retrieve(index, "acme", text="q", vector=[1.0], limit=3, hidden_versions=frozenset("v"))
        == []
    )
    (asked,) = index.asked
    assert asked["organization_id"] == "acme"
    assert asked["hidden_versions"] == frozenset("v")
    assert isinstance(asked["limit"], int)
    assert asked["limit"] >= 10


def test_neighbours_among_the_best_are_one_source_and_free_a_place() -> None:
    found = [
        candidate(4, 0.9, 9.0, "four"),
        candidate(9, 0.8, 8.0, "nine"),
        candidate(5, 0.7, 7.0, "five"),
        candidate(1, 0.6, 6.0, "one"),
        candidate(10, 0.5, 5.0, "ten"),
        candidate(7, 0.4, 4.0, "seven"),
    ]
    best = joined(fuse(found), 3)
    assert [each.passage.text for each in best] == ["four\n\nfive", "nine\n\nten", "one"]
    assert best[0].cosine == 0.9


def test_what_is_about_as_good_in_the_customers_language_comes_first() -> None:
    ranked = [
        Retrieved(replace(candidate(n, None, None).passage, language=spoken), score, None, None)
        for n, (spoken, score) in enumerate([("en", 2.0), ("en", 1.2), ("de", 1.0), (None, 0.9)])
    ]
    assert order(prefer(ranked, "de")) == [0, 2, 1, 3]
    assert order(prefer(ranked, "en")) == [0, 1, 2, 3]
    assert order(prefer(ranked, None)) == [0, 1, 2, 3]


def test_categories_are_left_to_the_index_to_filter() -> None:
    index = FixedIndex([])
    retrieve(index, "acme", text="q", vector=[1.0], limit=3, categories=frozenset({"Money"}))
    assert index.asked[0]["categories"] == {"Money"}
