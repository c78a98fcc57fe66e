"""Questions that customers put to the documents, and the groups of those that mean the same.

A question is noted in the transaction that stores its answer, and put into a group afterwards. It
counts when it gets its group, once: `group_id` is set on it in the same transaction.
"""

import random
import re
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from frontdesk.entities import (
    AskedQuestion,
    ConversationRef,
    Entity,
    Message,
    QuestionGroup,
)
from frontdesk.errors import Conflict, InvalidRequest, NotFound
from frontdesk.ids import is_ulid
from frontdesk.shown_text import cut
from frontdesk.tables.client import (
    ConditionFailed,
    Delete,
    Key,
    Operation,
    Put,
    Table,
    Update,
)
from frontdesk.tables.conversation_items import conversation_key
from frontdesk.tables.counters import Tally

EXAMPLES = 5
"""Questions of a group that are kept word for word: the first, and the newest."""

_QUESTION_LENGTH = 500
_LOOKS = 6
_BATCH = 100
"""Items DynamoDB returns in one read."""

_CURSOR = re.compile(r"\d{8}#[0-9A-Z]{26}")


class NotedQuestion(Entity):
    """A question as it was noted. `group_id` is None until it is counted."""

    question: AskedQuestion
    answered: bool
    group_id: str | None


def asked_put(
    ref: ConversationRef, answered: Sequence[Message], answer: Message, expires_at: int
) -> Put:
    """The write that notes a question and what became of it, for the answer's transaction."""
    return Put(
        _asked_key(ref.organization_id, answer.id),
        {
            "message_id": answer.id,
            "conversation_id": ref.conversation_id,
            "text": cut("\n".join(message.text for message in answered), _QUESTION_LENGTH),
            "kind": answer.kind,
            "at": answer.at.isoformat(),
            "expires_at": expires_at,
        },
    )


class Questions:
    """Reads and writes groups of questions that mean the same."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def get(self, organization_id: str, group_id: str) -> QuestionGroup:
        """A group. Raises NotFound."""
        item = self._table.get(_group_key(organization_id, group_id))
        if item is None:
            raise NotFound("There is no such question.")
        return _without_expired(QuestionGroup.model_validate(item))

    def get_many(self, organization_id: str, ids: Collection[str]) -> dict[str, QuestionGroup]:
        """Those of the groups that are there, by id. One read for every 100."""
        keys = [_group_key(organization_id, group_id) for group_id in dict.fromkeys(ids)]
        found = [
            _without_expired(QuestionGroup.model_validate(item))
            for begin in range(0, len(keys), _BATCH)
            for item in self._table.get_many(keys[begin : begin + _BATCH]).values()
        ]
        return {group.id: group for group in found}

    def page_gaps(
        self, organization_id: str, cursor: str | None, limit: int
    ) -> tuple[list[QuestionGroup], str | None]:
        """Up to `limit` gaps, those asked most often first, and the cursor of the next page.

        Raises InvalidRequest for an unknown cursor.
        """
        if cursor is not None and not (_CURSOR.fullmatch(cursor) and is_ulid(cursor[9:])):
            raise InvalidRequest("The cursor is not one of ours.")
        # One more shows whether the list goes on; one more still, because the last one comes too.
        items = self._table.query_index(
            "gsi1", f"ORG#{organization_id}#GAPS", last=cursor or "~", limit=limit + 2
        )
        items = [item for item in items if item["gsi1sk"] != cursor]
        groups = [_without_expired(QuestionGroup.model_validate(item)) for item in items[:limit]]
        return groups, items[limit - 1]["gsi1sk"] if len(items) > limit else None

    def noted(self, organization_id: str, message_ids: Collection[str]) -> list[NotedQuestion]:
        """The questions that were noted under the ids of their answers, and are still there."""
        keys = [_asked_key(organization_id, each) for each in dict.fromkeys(message_ids)]
        items = [
            item
            for begin in range(0, len(keys), _BATCH)
            for item in self._table.get_many(keys[begin : begin + _BATCH]).values()
        ]
        return [
            NotedQuestion(
                question=AskedQuestion.model_validate(item),
                answered=item["kind"] != "unknown",
                group_id=item.get("group_id"),
            )
            for item in items
        ]

    def begin_group(self, organization_id: str, group_id: str, noted: NotedQuestion) -> bool:
        """Count a question as the first of a new group. False if it was counted, or is gone.

        Raises Conflict when there is such a group.
        """
        for _ in range(_LOOKS):
            question = noted.question
            group = QuestionGroup(
                id=group_id,
                organization_id=organization_id,
                first_at=question.at,
                last_at=question.at,
                expires_at=question.expires_at,
            )
            try:
                self._table.transact(*_count(_joined(group, noted), noted))
            except ConditionFailed as failure:
                if not failure.failed(0):
                    raise Conflict("There is such a group already.") from failure
                found = self._uncounted(organization_id, noted)
                if found is None:
                    return False
                noted = found
            else:
                return True
        raise Conflict("The question keeps changing. Try again.")

    def join_group(self, organization_id: str, group_id: str, noted: NotedQuestion) -> bool:
        """Count a question in its group. False if it has been counted, or is gone.

        Raises NotFound when the group is gone, and Conflict when it keeps changing.
        """
        for look in range(_LOOKS):
            group = self.get(organization_id, group_id)
            try:
                self._table.transact(*_count(_joined(group, noted), noted))
            except ConditionFailed as failure:
                if failure.failed(0):
                    found = self._uncounted(organization_id, noted)
                    if found is None:
                        return False
                    noted = found
                # Many ask the same at the same time; let the others pass.
                time.sleep(random.uniform(0, 0.02 * 2**look))  # noqa: S311 - jitter
                continue
            return True
        raise Conflict("The group keeps changing. Try again.")

    def _uncounted(self, organization_id: str, noted: NotedQuestion) -> NotedQuestion | None:
        """A question as it is noted now; None if it was counted, or is gone."""
        found = self.noted(organization_id, [noted.question.message_id])
        return found[0] if found and found[0].group_id is None else None

    def strike(self, ref: ConversationRef, message_ids: Sequence[str]) -> None:
        """Take questions from the front of a conversation's list of those still to be grouped.

        Does nothing if others stand there.
        """
        if not message_ids:
            return
        last = len(message_ids) - 1
        # Last first, for MiniStack, which removes one after another.
        places = ", ".join(f"ungrouped[{place}]" for place in range(last, -1, -1))
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    f"REMOVE {places}",
                    {"first": message_ids[0], "last": message_ids[-1]},
                    condition=f"ungrouped[0] = :first AND ungrouped[{last}] = :last",
                )
            )
        except ConditionFailed:
            return

    def answer(
        self,
        group: QuestionGroup,
        document_id: str,
        store: Callable[[Sequence[Operation]], None],
    ) -> None:
        """Mark a group answered by a document, in the transaction in which `store` stores that.

        Raises Conflict when the group has changed since it was read.
        """
        answered = group.model_copy(
            update={
                "status": "answered",
                "document_id": document_id,
                "answered_at": datetime.now(UTC),
            }
        )
        try:
            store([_group_put(answered)])
        except ConditionFailed as failure:
            raise Conflict("The question was changed just now. Look again.") from failure

    def dismiss(self, group: QuestionGroup, *also: Operation) -> None:
        """Set a group aside for good. Raises Conflict when it has changed since it was read."""
        try:
            self._table.transact(
                _group_put(group.model_copy(update={"status": "dismissed"})), *also
            )
        except ConditionFailed as failure:
            raise Conflict("The question was changed just now. Look again.") from failure

    def keep(self, organization_id: str, message_ids: Collection[str], until: int) -> None:
        """Have questions end at `until`, by the ids of their answers, and their words in groups.

        Safe to repeat. Raises Conflict when something keeps changing.
        """
        for noted in self.noted(organization_id, message_ids):
            for _ in range(_LOOKS):
                found = self.noted(organization_id, [noted.question.message_id])
                if not found or self._keep(organization_id, found[0], until):
                    break
            else:
                raise Conflict("A question keeps changing. Try again.")

    def _keep(self, organization_id: str, noted: NotedQuestion, until: int) -> bool:
        """Have one question end then; False if it was grouped, or its group changed, meanwhile."""
        question, group_id = noted.question, noted.group_id
        if question.expires_at == until:
            return True
        operations: list[Operation] = [
            Update(
                _asked_key(organization_id, question.message_id),
                "SET expires_at = :until",
                {"until": until, **({"group": group_id} if group_id else {})},
                condition="group_id = :group"
                if group_id
                else "attribute_exists(pk) AND attribute_not_exists(group_id)",
            )
        ]
        group = self.get_many(organization_id, [group_id]).get(group_id) if group_id else None
        if group and any(each.message_id == question.message_id for each in group.examples):
            examples = tuple(
                each.model_copy(update={"expires_at": until})
                if each.message_id == question.message_id
                else each
                for each in group.examples
            )
            operations.append(_group_put(_with_examples(group, examples)))
        try:
            self._table.transact(*operations)
        except ConditionFailed:
            return False
        return True

    def forget(self, organization_id: str, message_ids: Collection[str]) -> frozenset[str]:
        """Erase questions, by the ids of their answers. Safe to repeat.

        Their words go from the groups; a group that is left without an example goes. What was
        counted stays. Returns the groups that changed: what the vector index knows of them has to
        be renewed by a QuestionsJob. Raises Conflict when something keeps changing.
        """
        changed: set[str] = set()
        for noted in self.noted(organization_id, message_ids):
            for _ in range(_LOOKS):
                found = self.noted(organization_id, [noted.question.message_id])
                if not found or self._forget(organization_id, found[0], changed):
                    break
            else:
                raise Conflict("A question keeps changing. Try again.")
        return frozenset(changed)

    def _forget(self, organization_id: str, noted: NotedQuestion, changed: set[str]) -> bool:
        """Erase one question; False if it was grouped, or its group changed, meanwhile."""
        message_id, group_id = noted.question.message_id, noted.group_id
        operations: list[Operation] = [
            Delete(_asked_key(organization_id, message_id), "attribute_not_exists(group_id)")
            if group_id is None
            else Delete(_asked_key(organization_id, message_id))
        ]
        group = self.get_many(organization_id, [group_id]).get(group_id) if group_id else None
        if group and any(each.message_id == message_id for each in group.examples):
            left = tuple(each for each in group.examples if each.message_id != message_id)
            operations.append(
                _group_put(_with_examples(group, left))
                if left
                else Delete(
                    _group_key(organization_id, group.id),
                    "revision = :revision",
                    {"revision": group.revision},
                )
            )
            changed.add(group.id)
        try:
            self._table.transact(*operations)
        except ConditionFailed:
            return False
        return True


def _joined(group: QuestionGroup, noted: NotedQuestion) -> QuestionGroup:
    """The group with one question more."""
    question = noted.question
    reopened = (
        group.status == "answered"
        and not noted.answered
        and group.answered_at is not None
        and question.at > group.answered_at
    )
    counted = group.model_copy(
        update={
            "status": "open" if reopened else group.status,
            "asked": group.asked + 1,
            "unanswered": group.unanswered + (not noted.answered),
            "first_at": min(group.first_at, question.at),
            "last_at": max(group.last_at, question.at),
        }
    )
    return _with_examples(
        counted, (*group.examples[:1], *group.examples[1:][2 - EXAMPLES :], question)
    )


def _with_examples(group: QuestionGroup, examples: tuple[AskedQuestion, ...]) -> QuestionGroup:
    """The group with other examples. It ends with the last of them."""
    return group.model_copy(
        update={"examples": examples, "expires_at": max(each.expires_at for each in examples)}
    )


def _count(group: QuestionGroup, noted: NotedQuestion) -> list[Operation]:
    """The writes that give a question its group, and count it. The question's comes first."""
    question = noted.question
    tally = Tally()
    tally.add_to("ASKED", group.id, question.at, "asked")
    if not noted.answered:
        tally.add_to("ASKED", group.id, question.at, "unanswered")
    return [
        Update(
            _asked_key(group.organization_id, question.message_id),
            "SET group_id = :group",
            {"group": group.id, "expires": question.expires_at},
            # Its end may just have been changed, and must not stand in the group as it was.
            condition="expires_at = :expires AND attribute_not_exists(group_id)",
        ),
        _group_put(group),
        *tally.updates(group.organization_id),
    ]


def _group_put(group: QuestionGroup) -> Put:
    """The write that stores a group as changed, if nobody else has changed it since it was read."""
    listed = group.status == "open" and group.unanswered > 0
    return Put(
        _group_key(group.organization_id, group.id),
        {
            **group.model_dump(mode="json", exclude_none=True),
            "revision": group.revision + 1,
            **(
                {
                    "gsi1pk": f"ORG#{group.organization_id}#GAPS",
                    "gsi1sk": f"{group.unanswered:08d}#{group.id}",
                }
                if listed
                else {}
            ),
        },
        condition="revision = :before"
        if group.revision
        else "attribute_not_exists(pk) OR expires_at <= :now",
        values={"before": group.revision} if group.revision else {"now": int(time.time())},
    )


def _without_expired(group: QuestionGroup) -> QuestionGroup:
    now = time.time()
    kept = tuple(each for each in group.examples if each.expires_at > now)
    return group.model_copy(update={"examples": kept})


def _group_key(organization_id: str, group_id: str) -> Key:
    return f"ORG#{organization_id}#QUESTIONS", f"GROUP#{group_id}"


def _asked_key(organization_id: str, message_id: str) -> Key:
    return f"ORG#{organization_id}#QUESTIONS", f"ASKED#{message_id}"
