"""Groups of questions beside an organisation's passages, in both indexes."""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from frontdesk.entities import ConversationRef, Message
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.pinecone_index import PineconeIndex, ensure_index
from frontdesk.knowledge.ports import Passage, PassageIndex, Vector
from frontdesk.knowledge.question_groups import QuestionGroups
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.client import Table
from frontdesk.tables.questions import Questions, asked_put
from tests.contract.pinecone_stand_in import API_KEY, serving


class Angles:
    """An embedder for texts that are angles in degrees."""

    dimensions = 2

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        turns = [math.radians(float(text)) for text in texts]
        return [[math.cos(turn), math.sin(turn)] for turn in turns]


@pytest.fixture(params=["sqlite", "pinecone"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    if request.param == "sqlite":
        with closing(SqliteIndex(tmp_path / "index.sqlite")) as sqlite:
            yield sqlite
        return
    with serving() as stand_in:
        ensure_index(api_key=API_KEY, name="kb", dimensions=2, control_host=stand_in.url)
        with closing(
            PineconeIndex(api_key=API_KEY, name="kb", control_host=stand_in.url)
        ) as pinecone:
            yield pinecone


def ask(table: Table, groups: QuestionGroups, organization_id: str, text: str) -> str:
    answer_id = new_id()
    ref = ConversationRef(organization_id=organization_id, conversation_id=new_id())
    at = time_of(answer_id)
    question = Message(id=new_id(), role="customer", text=text, at=at)
    answer = Message(id=answer_id, role="assistant", text="…", at=at, kind="unknown")
    table.put(asked_put(ref, [question], answer, 4_000_000_000))
    groups.group(organization_id, [answer_id])
    return answer_id


def test_groups_are_found_again_and_stay_apart_from_passages_and_organisations(
    table: Table, index: PassageIndex
) -> None:
    questions = Questions(table)
    groups = QuestionGroups(questions, index, Angles(), threshold=0.9)
    one, two = new_id(), new_id()
    passage = Passage("doc", new_id(), 0, "a passage", "Guide")
    index.upsert(one, [passage], Angles().embed(["0"]))
    first, *_ = [ask(table, groups, one, text) for text in ("0", "10", "90")]
    ask(table, groups, two, "0")
    index.wait_until_searchable(f"{one}-questions")
    ask(table, groups, one, "5")
    found = questions.page_gaps(one, None, 10)[0]
    assert [(gap.text, gap.asked) for gap in found] == [("0", 3), ("90", 1)]
    assert [gap.asked for gap in questions.page_gaps(two, None, 10)[0]] == [1]
    near = index.search(one, text="questions", vector=Angles().embed(["0"])[0], limit=10)
    assert [each.passage for each in near] == [passage]
    groups.refresh(one, questions.forget(one, [first]))
    # The vector is now that of the next example: 10 degrees, and no longer near -20.
    ask(table, groups, one, "-20")
    assert len(questions.page_gaps(one, None, 10)[0]) == 3
