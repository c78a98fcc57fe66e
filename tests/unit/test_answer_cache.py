"""The same question again: given the same answer, unless anything it depends on has changed."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from frontdesk.answers.drafting import Inquiry, Unheard
from frontdesk.answers.fingerprint import fingerprint
from frontdesk.answers.ports import LanguageModel
from frontdesk.entities import Actor, Connection, Document, Message, Organization
from frontdesk.errors import ModelUnavailable
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Vector
from frontdesk.tables.answer_cache import AnswerCache, KeptAnswer
from frontdesk.tables.client import Table, Update
from frontdesk.tables.connections import Connections
from frontdesk.tables.counters import Counters
from frontdesk.tables.documents import Documents
from frontdesk.tables.organizations import Organizations, change_hidden_versions
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.visitors import Visitors
from tests.unit.answer_desk import QUESTION, Desk, Script

SAID = "It takes 5 to 10 working days [1]."
OWNER = Actor(type="user", id="u", name="Ada")


def ask(desk: Desk, text: str = QUESTION, *models: LanguageModel) -> Message:
    """A new customer asks, and is answered."""
    desk.ref = Visitors(desk.table).open(desk.organization.id, new_id()).ref
    Connections(desk.table).open(Connection(id="here", conversation=desk.ref))
    desk.sent.clear()
    return go_on(desk, text, *models)


def go_on(desk: Desk, text: str, *models: LanguageModel) -> Message:
    """The customer asks once more in the same conversation."""
    desk.say(text)
    desk.worker(*models).run(desk.ref)
    return desk.answers()[-1]


def settle(desk: Desk) -> None:
    """Let a change of the documents lie a minute back."""
    desk.table.update(
        Update(
            (f"ORG#{desk.organization.id}", "HIDDEN"),
            "SET changed_at = :then",
            {"then": time.time() - 60},
        )
    )


def test_the_same_question_is_answered_from_the_store_and_marked(desk: Desk) -> None:
    model = Script(SAID)
    first = ask(desk, QUESTION, model)
    second = ask(desk, QUESTION, model)
    assert len(model.prompts) == 1
    assert (first.cached, second.cached) == (False, True)
    told = {"text", "citations", "confidence", "kind", "model", "suggested_actions"}
    assert second.model_dump(include=told) == first.model_dump(include=told)


def test_it_streams_and_ends_like_any_answer(desk: Desk) -> None:
    ask(desk)
    answer = ask(desk)
    deltas = desk.frames("delta")
    assert "".join(frame["text"] for frame in deltas) == answer.text
    [citations], [done] = desk.frames("citations"), desk.frames("done")
    assert citations["citations"] == done["message"]["citations"]
    assert done["message"]["cached"] is True


@pytest.mark.parametrize(
    "written",
    ["how long does a refund take", "  How long does\u00a0a refund  take ???"],
)
def test_another_way_of_writing_the_same_makes_no_difference(desk: Desk, written: str) -> None:
    first = ask(desk)
    second = ask(desk, written)
    assert second.cached
    assert second.text == first.text


def test_an_answer_is_that_of_the_question_as_it_is_kept_whichever_way_came_first(
    desk: Desk,
) -> None:
    sloppy = ask(desk, " how long  does a refund take")
    desk.table.delete_many([key_of(item) for item in kept(desk)])
    assert ask(desk).text == sloppy.text


def kept(desk: Desk) -> list[dict[str, Any]]:
    return desk.table.query(f"ORG#{desk.organization.id}#ANSWERS")


def key_of(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"], item["sk"]


def test_the_question_is_not_stored_with_the_answer(desk: Desk) -> None:
    ask(desk, "Refund how long please, it is me, Grete?")
    [item] = kept(desk)
    assert "Grete" not in str(item)


def test_it_counts_as_a_cached_answer_and_as_a_question_of_its_group(desk: Desk) -> None:
    answers = [ask(desk), ask(desk)]
    now = datetime.now(UTC)
    [counts] = Counters(desk.table).read(desk.organization.id, now, now, "day").values()
    assert (counts["answers_answer"], counts["answers_cached"]) == (2, 1)
    noted = desk.questions.noted(desk.organization.id, [answer.id for answer in answers])
    assert len({each.group_id for each in noted}) == 1
    assert noted[0].group_id is not None


@pytest.mark.parametrize(
    "changes",
    [{"tone": "formal"}, {"passages": 2}, {"confidence_threshold": 0.1}, {"name": "Port"}],
)
def test_a_change_of_settings_has_it_answered_anew(desk: Desk, changes: dict[str, Any]) -> None:
    ask(desk)
    desk.organizations.change(desk.organization.id, changes, by=OWNER, action="settings")
    assert not ask(desk).cached
    assert ask(desk).cached


def test_a_page_that_names_other_categories_has_it_answered_anew(desk: Desk) -> None:
    ask(desk)
    elsewhere = Visitors(desk.table).open(desk.organization.id, "on another page")
    Visitors(desk.table).set_categories(elsewhere, ["Billing"])
    desk.ref = elsewhere.ref
    desk.say(QUESTION)
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    assert answer.kind == "unknown"


def test_a_threshold_that_was_raised_refuses_what_was_kept_below_it(desk: Desk) -> None:
    assert ask(desk).kind == "answer"
    desk.organizations.change(
        desk.organization.id, {"confidence_threshold": 1.0}, by=OWNER, action="settings"
    )
    assert ask(desk).kind == "unknown"


def test_a_document_that_is_gone_answers_no_more(desk: Desk) -> None:
    ask(desk)
    desk.table.update(change_hidden_versions(desk.organization.id, hide=[desk.version]))
    assert ask(desk).kind == "unknown"
    settle(desk)
    assert ask(desk).kind == "unknown"


def test_every_step_in_the_life_of_a_document_makes_another_generation(table: Table) -> None:
    documents, organizations = Documents(table), Organizations(table)
    organization_id = make_organization(table)
    now = datetime.now(UTC)
    document = Document(
        id="document",
        organization_id=organization_id,
        title="Guide",
        filename="guide.md",
        size=1,
        pending_version="first",
        created_at=now,
        updated_at=now,
    )
    steps: Sequence[Callable[[], object]] = (
        lambda: documents.create(document),
        lambda: documents.publish(document, "first", pages=None, passages=1),
        lambda: documents.begin_version(get(), version="second", filename="guide.md", size=1),
        lambda: documents.publish(get(), "second", pages=None, passages=1),
        lambda: documents.mark_deleting(get()),
        lambda: documents.show_versions(organization_id, ["first", "second"]),
    )

    def get() -> Document:
        return documents.get(organization_id, "document")

    seen = []
    for step in steps:
        step()
        knowledge = organizations.get_with_knowledge(organization_id)[1]
        seen.append((knowledge.changes, knowledge.changed_at))
    assert len(set(seen)) == len(steps)
    assert sorted(seen) == seen


def make_organization(table: Table) -> str:
    organization = Organization(id=new_id(), name="Harbor")
    Organizations(table).create(organization)
    return organization.id


def test_nothing_is_kept_or_given_again_right_after_a_change(desk: Desk) -> None:
    desk.table.update(change_hidden_versions(desk.organization.id, hide=["other"]))
    ask(desk)
    assert not ask(desk).cached
    assert kept(desk) == []
    settle(desk)
    ask(desk)
    assert ask(desk).cached


def test_an_answer_during_which_the_documents_change_is_not_given_again(desk: Desk) -> None:
    def change() -> None:
        desk.table.update(change_hidden_versions(desk.organization.id, hide=["other"]))
        settle(desk)

    ask(desk, QUESTION, Script("It takes ", change, "5 to 10 working days [1]."))
    model = Script(SAID)
    assert not ask(desk, QUESTION, model).cached
    assert len(model.prompts) == 1


def test_another_organisation_gets_its_own_answer(
    desk: Desk, table: Table, tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(table, tmp_path / "other", embedder)
    ask(desk)
    assert not ask(other).cached
    [item] = kept(desk)
    key = item["sk"].removeprefix("ANSWER#")
    assert AnswerCache(table).get(desk.organization.id, key) is not None
    assert AnswerCache(table).get(other.organization.id, key) is None
    other.pool.shutdown()


def test_an_answer_that_was_withdrawn_is_not_kept(desk: Desk) -> None:
    model = Script("It takes 99 days and costs 500 euros [1].")
    assert ask(desk, QUESTION, model).kind == "unknown"
    assert ask(desk, QUESTION, model).kind == "unknown"
    assert len(model.prompts) == 2
    assert kept(desk) == []


def test_an_answer_of_a_model_that_stepped_in_is_not_kept(desk: Desk) -> None:
    failing = Script(ModelUnavailable("down"))
    assert ask(desk, QUESTION, failing, Script(SAID, name="second")).fallbacks
    assert kept(desk) == []


class Stopped(Unheard):
    """A customer who has heard enough."""

    should_stop = True


def test_half_an_answer_is_not_kept(desk: Desk) -> None:
    drafter = desk.worker().answerer.drafter
    organization, knowledge = desk.organizations.get_with_knowledge(desk.organization.id)
    inquiry = Inquiry(
        organization, knowledge.hidden_versions, QUESTION, generation=knowledge.generation
    )
    for heard in (Stopped(), Unheard()):
        assert kept(desk) == []
        drafter.keep(organization, drafter.draft(inquiry, Unheard(), heard))
    assert len(kept(desk)) == 1


def test_erasing_a_customer_erases_what_was_kept_of_their_answers(desk: Desk) -> None:
    ask(desk, "How long do refunds take?")
    theirs = desk.ref
    ask(desk)
    assert len(kept(desk)) == 2
    Privacy(desk.table).erase(theirs)
    assert len(kept(desk)) == 1
    assert ask(desk).cached


def test_what_was_said_before_keeps_an_answer_from_being_kept_or_given_again(desk: Desk) -> None:
    ask(desk)
    ask(desk, "How many people can I invite to a team?")
    model = Script(SAID)
    assert not go_on(desk, QUESTION).cached
    go_on(desk, QUESTION, model)
    assert model.prompts
    assert len(kept(desk)) == 2


def test_a_greeting_before_does_not(desk: Desk) -> None:
    ask(desk)
    assert ask(desk, "Hi!").kind == "small_talk"
    assert go_on(desk, QUESTION).cached


@pytest.mark.parametrize(
    "personal",
    ["How long does a refund to ada@home.example take?", "How long does refund 4711 0815 33 take?"],
)
def test_a_question_with_something_personal_is_not_kept(desk: Desk, personal: str) -> None:
    assert ask(desk, personal).kind == "answer"
    assert kept(desk) == []


def test_an_answer_is_not_kept_for_longer_than_conversations_are(desk: Desk) -> None:
    desk.organizations.change(
        desk.organization.id, {"retention_days": 1}, by=OWNER, action="settings"
    )
    ask(desk)
    [item] = kept(desk)
    assert item["expires_at"] <= time.time() + 86_400


def test_without_the_cache_everybody_is_answered_all_the_same(desk: Desk) -> None:
    desk.cache = AnswerCache(Table(desk.table._client, "no such table"))
    assert ask(desk).kind == "answer"
    assert desk.is_idle()


class Meeting(AnswerCache):
    """A store and an embedder that each wait until the other is asked as well."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.table)
        self._barrier = threading.Barrier(2, timeout=20)
        self._embedder = desk.embedder
        self.dimensions = desk.embedder.dimensions
        self.embedded: list[str] = []

    def get(self, organization_id: str, key: str) -> KeptAnswer | None:
        self._barrier.wait()
        return super().get(organization_id, key)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.embedded += texts
        if len(self.embedded) == 1:
            self._barrier.wait()
        return self._embedder.embed(texts)


def test_looking_up_goes_beside_embedding_and_a_miss_embeds_once(desk: Desk) -> None:
    meeting = Meeting(desk)
    desk.cache, desk.embedder = meeting, meeting  # type: ignore[assignment]
    assert ask(desk).kind == "answer"
    assert meeting.embedded == [QUESTION]


def test_a_hit_reads_no_more_than_a_miss_and_keeps_nothing(desk: Desk) -> None:
    calls: list[str] = []
    desk.table._client.meta.events.register(
        "before-call", lambda model, **_: calls.append(model.name)
    )
    ask(desk)
    ask(desk, "How long does a refund take me?")
    calls.clear()
    assert not ask(desk, "How long does a refund take us?").cached
    miss = Counter(call for call in calls if call in {"GetItem", "PutItem"})
    calls.clear()
    assert ask(desk, "How long does a refund take us?").cached
    hit = Counter(call for call in calls if call in {"GetItem", "PutItem"})
    assert miss - hit == {"PutItem": 1}
    assert not hit - miss


def test_other_settings_parameters_or_code_make_another_fingerprint(tmp_path: Path) -> None:
    for folder in ("answers", "entities", "knowledge"):
        (tmp_path / folder).mkdir()
    (tmp_path / "answers" / "prompt.py").write_text("RULES = 1")
    before = fingerprint("one", package=tmp_path)
    assert fingerprint("one", package=tmp_path) == before
    assert fingerprint("two", package=tmp_path) != before
    (tmp_path / "answers" / "prompt.py").write_text("RULES = 2")
    changed = fingerprint("one", package=tmp_path)
    assert changed != before
    (tmp_path / "answers" / "answerability.json").write_text("{}")
    assert fingerprint("one", package=tmp_path) != changed
