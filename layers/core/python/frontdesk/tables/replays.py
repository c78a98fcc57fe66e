"""Questions of the past, asked again.

What customers said, and what they were answered now, is stored with their conversation: it is gone
when that is, by its own time or by an erasure. The run has ids and counts alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frontdesk.entities import (
    Conversation,
    ConversationRef,
    Message,
    ReplayChange,
    ReplayResult,
    ReplayScope,
    ReplayTarget,
    Run,
)
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.client import Check as Condition
from frontdesk.tables.client import ConditionFailed, Item, Key, Put, Table
from frontdesk.tables.conversation_items import conversation_key, conversation_partition
from frontdesk.tables.conversation_lists import ConversationFilter, ConversationLists
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.lifetimes import LASTING, Lifetimes
from frontdesk.tables.runs import Runs, count_result, result_key

_LOOKS = 4

_MESSAGES = 100
"""Messages of a conversation that are looked at, the newest."""

_BEFORE = 40
"""Messages up to an answer that are read: the question, and enough of what was said before."""

_CONVERSATIONS = 50
_EXAMINED = 500
"""Conversations that are looked at for one replay."""

_ASKED = frozenset({"answer", "unknown", "apology", "paused"})
"""Kinds of replies that were made of the documents, or should have been."""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question as it was put, what was said before, and the answer it got."""

    target: ReplayTarget
    text: str
    history: tuple[Message, ...]
    answer: Message


class Replays:
    """Finds questions of the past, and keeps what came of asking them again."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._lifetimes = Lifetimes(table)
        self._inbox = Inbox(table)
        self._lists = ConversationLists(table)

    def targets(self, organization_id: str, scope: ReplayScope) -> list[ReplayTarget]:
        """The questions that a replay asks, at most `scope.limit`."""
        found: list[ReplayTarget] = []
        for ref in self._conversations(organization_id, scope):
            messages, _ = self._inbox.messages(ref, before=None, limit=_MESSAGES)
            found += _targets(ref, messages)
            if len(found) >= scope.limit:
                return found[: scope.limit]
        return found

    def question(self, organization_id: str, target: ReplayTarget) -> PastQuestion | None:
        """A question with all that belongs to it. None if the conversation is gone."""
        ref = _ref(organization_id, target)
        conversation = self._table.get(conversation_key(ref))
        if conversation is None or Conversation.model_validate(conversation).erasing:
            return None
        items = self._table.query(
            conversation_partition(ref),
            first="MSG#",
            last=f"MSG#{target.answer_id}",
            limit=_BEFORE,
            newest_first=True,
        )
        items.reverse()
        own = {item["id"]: item for item in items}
        if not {*target.question_ids, target.answer_id} <= own.keys():
            return None
        asked = [Message.model_validate(own[each]) for each in target.question_ids]
        first = min(target.question_ids)
        before = (Message.model_validate(item) for item in items if item["id"] < first)
        return PastQuestion(
            target,
            "\n".join(message.text for message in asked),
            tuple(before),
            Message.model_validate(own[target.answer_id]),
        )

    def store(self, run: Run, result: ReplayResult) -> bool:
        """Store and count what came of a question. False if that had been done.

        If its conversation has been erased meanwhile, nothing is stored but that. Raises Conflict.
        """
        ref = ConversationRef(
            organization_id=run.organization_id, conversation_id=result.conversation_id
        )
        for _ in range(_LOOKS):
            try:
                until = self._lifetimes.settle(ref).expires_at
            except NotFound:
                return self.store_gone(run, result.conversation_id, result.answer_id)
            try:
                self._table.transact(
                    Condition(
                        conversation_key(ref),
                        f"{LASTING} AND attribute_not_exists(erasing)",
                        {"expires": until},
                    ),
                    _mark(run, result.conversation_id, result.answer_id, result.change),
                    count_result(run, {result.change}),
                    Put(
                        _text_key(run, result.conversation_id, result.answer_id),
                        {
                            **result.model_dump(mode="json", exclude_none=True),
                            "expires_at": min(until, run.expires_at),
                            "run_expires_at": run.expires_at,
                        },
                    ),
                )
            except ConditionFailed as failure:
                if failure.failed(0):
                    continue
                return False
            return True
        raise Conflict("The conversation keeps changing. Try again.")

    def store_gone(self, run: Run, conversation_id: str, answer_id: str) -> bool:
        """Count that a question is not there any more. False if it has a result already."""
        gone: ReplayChange = "conversation_gone"
        try:
            self._table.transact(
                _mark(run, conversation_id, answer_id, gone), count_result(run, {gone})
            )
        except ConditionFailed:
            return False
        return True

    def results(
        self, run: Run, *, after: str | None, limit: int, only: ReplayChange | None = None
    ) -> tuple[list[ReplayResult], str | None]:
        """Up to `limit` results of a run, and the cursor of the next page.

        Those whose conversation is gone are left out.
        """
        marks: list[Item] = []
        cursor: str | None = None
        for item in Runs(self._table).result_items(run, after=after):
            if only is not None and item["change"] != only:
                continue
            if len(marks) == limit:
                cursor = marks[-1]["answer_id"]
                break
            marks.append(item)
        keys = [_text_key(run, each["conversation_id"], each["answer_id"]) for each in marks]
        texts = self._table.get_many(keys)
        return [ReplayResult.model_validate(texts[key]) for key in keys if key in texts], cursor

    def _conversations(self, organization_id: str, scope: ReplayScope) -> Iterator[ConversationRef]:
        if scope.conversation_id is not None:
            yield ConversationRef(
                organization_id=organization_id, conversation_id=scope.conversation_id
            )
            return
        wanted = ConversationFilter(since=scope.since, until=scope.until)
        cursor: str | None = None
        for _ in range(0, _EXAMINED, _CONVERSATIONS):
            page = self._lists.page(organization_id, wanted, cursor=cursor, limit=_CONVERSATIONS)
            yield from (conversation.ref for conversation in page.entries)
            cursor = page.cursor
            if cursor is None:
                return


def _targets(ref: ConversationRef, messages: Sequence[Message]) -> Iterator[ReplayTarget]:
    """The questions of a conversation that were put to the documents, oldest first."""
    by_client_id = {
        message.client_id: message.id
        for message in messages
        if message.role == "customer" and message.client_id
    }
    for message in messages:
        if message.role != "assistant" or message.kind not in _ASKED or message.stopped:
            continue
        ids = [by_client_id.get(each) for each in message.reply_to]
        if ids and all(ids):
            yield ReplayTarget(
                conversation_id=ref.conversation_id,
                question_ids=tuple(str(each) for each in ids),
                answer_id=message.id,
            )


def _ref(organization_id: str, target: ReplayTarget) -> ConversationRef:
    return ConversationRef(organization_id=organization_id, conversation_id=target.conversation_id)


def _mark(run: Run, conversation_id: str, answer_id: str, change: ReplayChange) -> Put:
    """The write that says once what came of a question, without a word of it."""
    return Put(
        result_key(run, answer_id),
        {
            "conversation_id": conversation_id,
            "answer_id": answer_id,
            "change": change,
            "expires_at": run.expires_at,
        },
        "attribute_not_exists(pk)",
    )


def _text_key(run: Run, conversation_id: str, answer_id: str) -> Key:
    ref = ConversationRef(organization_id=run.organization_id, conversation_id=conversation_id)
    return conversation_partition(ref), f"REPLAY#{run.id}#{answer_id}"
