"""Questions that mean the same are counted as one, each once, whatever breaks on the way."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from frontdesk.entities import ConversationRef, Message, QuestionGroup
from frontdesk.errors import Conflict, IndexUnavailable, InvalidRequest, NotFound
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.question_groups import QuestionGroups, similarity_threshold
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.client import Put, Table
from frontdesk.tables.counters import Counters
from frontdesk.tables.questions import Questions, asked_put

MODELS = Path(__file__).parents[2] / "layers" / "models"
SAME = ["Do you ship to Norway?", "Can you ship to Norway?", "do you ship to norway please"]


class Ledger:
    """An organisation whose customers ask."""

    def __init__(self, table: Table, folder: Path, embedder: MiniLmEmbedder) -> None:
        self.table = table
        self.organization_id = new_id()
        self.questions = Questions(table)
        self.index = SqliteIndex(folder / "index.sqlite")
        self.embedder = embedder
        self.groups = QuestionGroups(
            self.questions, self.index, embedder, threshold=similarity_threshold("minilm")
        )
        self.at = datetime.now(UTC)

    def note(
        self, text: str, *, answered: bool = False, days: float = 365, at: datetime | None = None
    ) -> str:
        """Note a question as the answer's transaction does, and return the answer's id."""
        ref = ConversationRef(organization_id=self.organization_id, conversation_id=new_id())
        at = at or self.at
        question = Message(id=new_id(), role="customer", text=text, at=at)
        answer = Message(
            id=new_id(),
            role="assistant",
            text="…",
            at=at,
            kind="answer" if answered else "unknown",
        )
        self.table.put(asked_put(ref, [question], answer, int(time.time() + days * 86_400)))
        return answer.id

    def ask(self, text: str, **more: Any) -> str:
        message_id = self.note(text, **more)
        self.groups.group(self.organization_id, [message_id])
        return message_id

    def gaps(self) -> list[QuestionGroup]:
        return self.questions.page_gaps(self.organization_id, None, 100)[0]

    def counted(self) -> dict[str, dict[str, int]]:
        day = self.at.date()
        return Counters(self.table).read_subjects(self.organization_id, "ASKED", day, day)

    def indexed(self) -> set[str]:
        [vector] = self.embedder.embed(["anything"])
        found = self.index.search(
            f"{self.organization_id}-questions", text="questions", vector=vector, limit=100
        )
        return {each.passage.version for each in found}


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder(MODELS / "minilm")


@pytest.fixture
def ledger(table: Table, tmp_path: Path, embedder: MiniLmEmbedder) -> Iterator[Ledger]:
    ledger = Ledger(table, tmp_path, embedder)
    yield ledger
    ledger.index.close()


def test_questions_that_mean_the_same_are_one_gap(ledger: Ledger) -> None:
    for text in (*SAME, "Where is my parcel?"):
        ledger.ask(text)
    first, second = ledger.gaps()
    assert (first.text, first.asked, first.unanswered) == (SAME[0], 3, 3)
    assert [each.text for each in first.examples] == SAME
    assert (second.text, second.unanswered) == ("Where is my parcel?", 1)
    assert ledger.counted() == {
        first.id: {"asked": 3, "unanswered": 3},
        second.id: {"asked": 1, "unanswered": 1},
    }


def test_a_question_that_was_answered_is_counted_and_is_no_gap(ledger: Ledger) -> None:
    ledger.ask(SAME[0], answered=True)
    assert ledger.gaps() == []
    ledger.ask(SAME[1])
    [gap] = ledger.gaps()
    assert (gap.asked, gap.unanswered) == (2, 1)


def test_grouping_twice_counts_once(ledger: Ledger) -> None:
    message_id = ledger.ask(SAME[0])
    for _ in range(2):
        ledger.groups.group(ledger.organization_id, [message_id, message_id])
    [gap] = ledger.gaps()
    assert gap.asked == 1
    assert ledger.counted() == {gap.id: {"asked": 1, "unanswered": 1}}


def interrupt(ledger: Ledger, action: Callable[[], object]) -> None:
    """Have `action` happen when a group was read the next time, before it is written."""
    read = ledger.questions.get

    def read_then_act(organization_id: str, group_id: str) -> QuestionGroup:
        ledger.questions.get = read  # type: ignore[method-assign]
        group = read(organization_id, group_id)
        action()
        return group

    ledger.questions.get = read_then_act  # type: ignore[method-assign]


def test_a_question_that_another_worker_groups_meanwhile_counts_once(ledger: Ledger) -> None:
    ledger.ask(SAME[0])
    message_id = ledger.note(SAME[1])
    interrupt(ledger, lambda: ledger.groups.group(ledger.organization_id, [message_id]))
    ledger.groups.group(ledger.organization_id, [message_id])
    [gap] = ledger.gaps()
    assert gap.asked == ledger.counted()[gap.id]["asked"] == 2


def test_two_who_ask_the_same_at_once_are_both_counted(ledger: Ledger) -> None:
    ledger.ask(SAME[0])
    interrupt(ledger, lambda: ledger.ask(SAME[1]))
    ledger.ask(SAME[2])
    [gap] = ledger.gaps()
    assert gap.asked == gap.unanswered == ledger.counted()[gap.id]["asked"] == 3
    assert [each.text for each in gap.examples] == SAME


def test_a_group_that_keeps_changing_leaves_the_question_for_later(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.ask(SAME[0])
    message_id = ledger.note(SAME[1])
    [gap] = ledger.gaps()
    stale = ledger.questions.get(ledger.organization_id, gap.id)
    ledger.ask(SAME[2])
    with monkeypatch.context() as frozen:
        frozen.setattr("frontdesk.tables.questions.time.sleep", lambda _: None)
        frozen.setattr(ledger.questions, "get", lambda *_: stale)
        with pytest.raises(Conflict):
            ledger.groups.group(ledger.organization_id, [message_id])
    ledger.groups.group(ledger.organization_id, [message_id])
    assert ledger.gaps()[0].asked == 3


def test_what_is_forgotten_while_its_group_is_written_does_not_come_back(ledger: Ledger) -> None:
    first = ledger.ask(SAME[0])
    interrupt(ledger, lambda: ledger.questions.forget(ledger.organization_id, [first]))
    ledger.ask(SAME[1])
    assert [each.text for gap in ledger.gaps() for each in gap.examples] == [SAME[1]]


def test_two_workers_that_find_the_same_new_group_begin_it_once(ledger: Ledger) -> None:
    """One has put the vector and not yet begun the group when the other finds it."""
    first, second = ledger.note(SAME[0]), ledger.note(SAME[1])
    begin = ledger.questions.begin_group
    begun: list[str] = []

    def be_overtaken(organization_id: str, group_id: str, noted: Any) -> bool:
        ledger.questions.begin_group = begin  # type: ignore[method-assign]
        ledger.groups.group(ledger.organization_id, [second])
        begun.append(group_id)
        return begin(organization_id, group_id, noted)

    ledger.questions.begin_group = be_overtaken  # type: ignore[method-assign]
    ledger.groups.group(ledger.organization_id, [first])
    [gap] = ledger.gaps()
    assert (gap.id, gap.asked) == (begun[0], 2)
    assert ledger.indexed() == {gap.id}


def test_an_index_that_is_down_loses_no_question(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = ledger.note(SAME[0])

    def fail(*_: object) -> None:
        raise IndexUnavailable("down")

    with monkeypatch.context() as broken:
        broken.setattr(ledger.index, "upsert", fail)
        with pytest.raises(IndexUnavailable):
            ledger.groups.group(ledger.organization_id, [message_id])
    assert ledger.counted() == {}
    ledger.groups.group(ledger.organization_id, [message_id])
    assert ledger.gaps()[0].asked == 1


def test_organisations_do_not_share_groups_nor_find_them_as_passages(
    ledger: Ledger, table: Table, tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    other = Ledger(table, tmp_path, embedder)
    ledger.ask(SAME[0])
    other.ask(SAME[0])
    [mine], [theirs] = ledger.gaps(), other.gaps()
    assert mine.id != theirs.id
    assert (mine.asked, theirs.asked) == (1, 1)
    with pytest.raises(NotFound):
        other.questions.get(other.organization_id, mine.id)
    assert other.questions.get_many(other.organization_id, [mine.id]) == {}
    [vector] = embedder.embed([SAME[0]])
    assert ledger.index.search(ledger.organization_id, text=SAME[0], vector=vector, limit=5) == []
    other.index.close()


def test_the_index_holds_no_word_of_a_customer(ledger: Ledger) -> None:
    ledger.ask("Do you ship to Erika Mustermann in Norway?")
    [vector] = ledger.embedder.embed(["x"])
    [found] = ledger.index.search(
        f"{ledger.organization_id}-questions", text="erika", vector=vector, limit=5
    )
    assert "Erika" not in found.passage.searchable_text


def test_the_first_and_the_newest_questions_are_kept_as_examples(ledger: Ledger) -> None:
    for number in range(8):
        ledger.ask(f"Do you ship to Norway? {'?' * number}")
    [gap] = ledger.gaps()
    assert [len(each.text) for each in gap.examples] == [23, 27, 28, 29, 30]


def test_a_page_of_gaps_begins_with_what_is_asked_most(ledger: Ledger) -> None:
    texts = ["Where is my parcel?", "How do I reset my password?", "Do you sell gift cards?"]
    for number, text in enumerate(texts, start=1):
        for _ in range(number):
            ledger.ask(text)
    seen = []
    cursor = None
    for _ in range(5):
        page, cursor = ledger.questions.page_gaps(ledger.organization_id, cursor, 1)
        seen += [(gap.text, gap.unanswered) for gap in page]
        if cursor is None:
            break
    assert seen == [(texts[2], 3), (texts[1], 2), (texts[0], 1)]


@pytest.mark.parametrize("cursor", ["", "x", "00000001", "00000001#short", "1#" + "0" * 26, "~"])
def test_an_unknown_cursor_is_refused(ledger: Ledger, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        ledger.questions.page_gaps(ledger.organization_id, cursor, 10)


def test_a_dismissed_question_stays_off_the_list_and_is_still_counted(ledger: Ledger) -> None:
    ledger.ask(SAME[0])
    [gap] = ledger.gaps()
    ledger.questions.dismiss(gap)
    ledger.ask(SAME[1])
    assert ledger.gaps() == []
    found = ledger.questions.get(ledger.organization_id, gap.id)
    assert (found.status, found.unanswered) == ("dismissed", 2)


def test_a_question_that_is_asked_in_vain_after_its_answer_is_a_gap_again(ledger: Ledger) -> None:
    ledger.ask(SAME[0])
    [gap] = ledger.gaps()
    ledger.questions.answer(gap, new_id(), lambda writes: ledger.table.transact(*writes))
    assert ledger.gaps() == []
    ledger.ask(SAME[1], at=ledger.at - timedelta(hours=1))
    ledger.ask(SAME[2], answered=True, at=ledger.at + timedelta(hours=1))
    assert ledger.gaps() == []
    ledger.ask(SAME[2], at=ledger.at + timedelta(hours=1))
    [again] = ledger.gaps()
    assert (again.id, again.status, again.unanswered) == (gap.id, "open", 3)


def test_who_acts_on_what_has_changed_is_told(ledger: Ledger) -> None:
    ledger.ask(SAME[0])
    [gap] = ledger.gaps()
    ledger.ask(SAME[1])
    with pytest.raises(Conflict):
        ledger.questions.dismiss(gap)
    with pytest.raises(Conflict):
        ledger.questions.answer(gap, new_id(), lambda writes: ledger.table.transact(*writes))


def test_forgotten_questions_are_gone_from_groups_and_index(ledger: Ledger) -> None:
    ids = [ledger.ask(text) for text in SAME]
    alone = ledger.ask("Where is my parcel?")
    norway, parcel = ledger.gaps()
    changed = ledger.questions.forget(ledger.organization_id, [ids[0], alone, new_id()])
    assert changed == {norway.id, parcel.id}
    [left] = ledger.gaps()
    assert [each.text for each in left.examples] == SAME[1:]
    assert ledger.questions.noted(ledger.organization_id, [ids[0], alone]) == []
    assert ledger.questions.forget(ledger.organization_id, [ids[0], alone]) == frozenset()
    ledger.groups.refresh(ledger.organization_id, changed)
    assert ledger.indexed() == {norway.id}
    # What was counted stays, and the group that is left is still found.
    assert ledger.counted()[parcel.id] == {"asked": 1, "unanswered": 1}
    ledger.ask(SAME[0])
    assert ledger.gaps()[0].asked == 4


def test_a_question_that_is_forgotten_before_it_is_grouped_is_not_counted(ledger: Ledger) -> None:
    message_id = ledger.note(SAME[0])
    noted = ledger.questions.noted(ledger.organization_id, [message_id])[0]
    assert ledger.questions.forget(ledger.organization_id, [message_id]) == frozenset()
    assert not ledger.questions.begin_group(ledger.organization_id, new_id(), noted)
    ledger.groups.group(ledger.organization_id, [message_id])
    assert ledger.gaps() == []
    assert ledger.counted() == {}


def test_a_group_ends_with_its_last_question_and_can_begin_again(ledger: Ledger) -> None:
    ledger.ask(SAME[0], days=-1)
    assert ledger.gaps() == []
    ledger.ask(SAME[0], days=0.5 / 86_400)
    ledger.ask(SAME[1], days=1)
    time.sleep(0.6)
    [gap] = ledger.gaps()
    assert [each.text for each in gap.examples] == [SAME[1]]


def test_an_expired_group_is_begun_anew_under_its_vector(ledger: Ledger) -> None:
    message_id = ledger.ask(SAME[0])
    [gap] = ledger.gaps()
    key = (f"ORG#{ledger.organization_id}#QUESTIONS", f"GROUP#{gap.id}")
    item = ledger.table.get(key) or {}
    ledger.table.put(Put(key, {**item, "expires_at": int(time.time()) - 1}))
    ledger.ask(SAME[1])
    [anew] = ledger.gaps()
    assert (anew.id, anew.asked, anew.text) == (gap.id, 1, SAME[1])
    assert message_id not in {each.message_id for each in anew.examples}


def test_many_groups_are_read_in_parts(ledger: Ledger) -> None:
    ids = []
    for number in range(130):
        noted = ledger.questions.noted(ledger.organization_id, [ledger.note(f"Question {number}")])
        ids.append(new_id())
        ledger.questions.begin_group(ledger.organization_id, ids[-1], noted[0])
    assert set(ledger.questions.get_many(ledger.organization_id, [*ids, new_id()])) == set(ids)
