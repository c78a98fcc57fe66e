"""Answers conversations: one worker at a time holds a conversation's lease and empties its line."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from chat.heartbeat import Heartbeat
from chat.streaming import AnswerStream
from chat.turn import Answered, Answerer, Turn
from frontdesk.billing.standing import Standing
from frontdesk.entities import (
    AssistantFailure,
    Conversation,
    ConversationRef,
    Message,
    Organization,
)
from frontdesk.errors import FrontdeskError, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.knowledge.ports import Vector
from frontdesk.knowledge.question_groups import QuestionGroups
from frontdesk.mail.jobs import MailQueue, QuotaMail
from frontdesk.observability import logger
from frontdesk.realtime.frames import (
    CitationsFrame,
    DoneFrame,
    PostedFrame,
    PublicCitation,
    PublicMessage,
    StateFrame,
)
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.team import Team
from frontdesk.tables.accounts import Standings, month_of
from frontdesk.tables.conversations import (
    HOPELESS,
    MAX_UNANSWERED,
    MOST_TRIES,
    Conversations,
    LeaseLost,
    Watched,
)
from frontdesk.tables.organizations import Knowledge, Organizations
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.questions import Questions

_RECENT = MAX_UNANSWERED + 20
"""Messages that are read: those in line, and enough of what was said before."""

_GROUPED_AT_ONCE = 20
"""Questions. Groups that could not be found for a while do not hold up a conversation for long."""


_UNDER_WAY = 50
"""Answers that may be stored beside one. So many before a warning is due, each looks once more."""


@dataclass(frozen=True, slots=True)
class _Background:
    """What a turn needs beside its conversation."""

    recent: Sequence[Message]
    organization: Organization
    knowledge: Knowledge
    standing: Standing


@dataclass(frozen=True, slots=True)
class AnswerWorker:
    """What answering conversations needs. `pool` runs side by side what need not wait."""

    conversations: Conversations
    organizations: Organizations
    standings: Standings
    questions: Questions
    groups: QuestionGroups
    sockets: Sockets
    team: Team
    mail: MailQueue
    answerer: Answerer
    pool: ThreadPoolExecutor

    def run(self, ref: ConversationRef) -> None:
        """Answer everything that waits in the conversation.

        Does nothing when another worker is at it, or nothing waits. Raises StoreUnavailable; then,
        as after a crash, running again is safe: an answer is stored once, and what fails each time
        is given up in the end.
        """
        owner = new_id()
        leasing = self.pool.submit(self.conversations.acquire_lease, ref, owner)
        reading = self._read(ref)
        conversation = leasing.result()
        if conversation is None:
            logger.info("someone else is answering", extra={"conversation": ref.conversation_id})
            return
        try:
            while True:
                if conversation.tries >= HOPELESS:
                    logger.error("given up for good", extra={"conversation": ref.conversation_id})
                    self.conversations.abandon_lease(ref, owner)
                    return
                background = reading()
                answered = None
                if conversation.unanswered:
                    answered = self._turn(conversation, owner, background)
                self._tell(conversation, answered)
                self._group(conversation, answered)
                self._warn(background.standing)
                self._note_failure(background.organization, answered)
                if self.conversations.release_lease(ref, owner):
                    return
                conversation = self._renewed(ref, owner)
                reading = self._read(ref)
        except LeaseLost:
            logger.info("lease lost", extra={"conversation": ref.conversation_id})
            if self.conversations.abandon_lease(ref, owner):
                # It was not the lease: what was decided by has changed. The queue tries again.
                raise
        except BaseException:
            self.conversations.abandon_lease(ref, owner)
            raise

    def _note_failure(self, organization: Organization, answered: Answered | None) -> None:
        """Have the team know when what answers depend on fails. Never fails itself."""
        replies = answered.outcome.replies if answered else ()
        failure: AssistantFailure | None = None
        if any(reply.kind == "apology" for reply in replies):
            failure = "answer"
        elif any(reply.fallbacks for reply in replies):
            failure = "model"
        if failure is None:
            return
        try:
            self.organizations.note_failure(organization, failure)
        except StoreUnavailable as error:
            logger.warning("a failure could not be noted", extra={"cause": str(error)})

    def _read(self, ref: ConversationRef) -> Callable[[], _Background]:
        """Begin to read what a turn needs, side by side; what is returned waits for it."""
        organization_id = ref.organization_id
        recent = self.pool.submit(self.conversations.recent_messages, ref, _RECENT)
        configured = self.pool.submit(self.organizations.get_with_knowledge, organization_id)
        standing = self.pool.submit(self.standings.of, organization_id)
        return lambda: _Background(recent.result(), *configured.result(), standing.result())

    def _renewed(self, ref: ConversationRef, owner: str) -> Conversation:
        conversation = self.conversations.acquire_lease(ref, owner)
        if conversation is None:
            raise LeaseLost("Another worker has taken over.")
        return conversation

    def _turn(
        self,
        conversation: Conversation,
        owner: str,
        background: _Background,
    ) -> Answered | None:
        ref, recent, knowledge = conversation.ref, background.recent, background.knowledge
        waiting = self._waiting(conversation, recent)
        answer_id, withdrawn_id = self._answer_id(conversation, owner, newest=waiting[-1].id)
        stream = AnswerStream(self.sockets, answer_id)
        turn = Turn(
            conversation=conversation,
            organization=background.organization,
            hidden_versions=knowledge.hidden_versions,
            messages=tuple(waiting),
            history=tuple(message for message in recent if message.id < waiting[0].id),
            answer_id=answer_id,
            generation=knowledge.generation,
            paused=background.standing.exhausted,
        )
        if conversation.tries > MOST_TRIES:
            logger.error("turn given up", extra={"conversation": ref.conversation_id})
            given_up = self.answerer.give_up(turn)
            self.conversations.store_outcome(conversation, owner, given_up)
            self._show(ref, stream, given_up, withdrawn_id)
            return Answered(given_up, None)
        if conversation.status == "human":
            outcome = self.answerer.listen(turn)
            self.conversations.store_outcome(conversation, owner, outcome)
            self._show(ref, stream, outcome, withdrawn_id)
            return None
        with Heartbeat(self.conversations, ref, owner, stream, newest=waiting[-1].id) as heartbeat:
            looking = self.pool.submit(self.conversations.watch, ref)
            stream.before_first(lambda: self._look(heartbeat, looking))
            answered = self.answerer.answer(turn, stream, heartbeat)
            try:
                heartbeat.check()
                self.conversations.store_outcome(conversation, owner, answered.outcome)
            except LeaseLost:
                self._withdraw(ref, owner, stream)
                raise
        self._show(ref, stream, answered.outcome, withdrawn_id)
        self.answerer.keep(turn, answered)
        return answered

    def _show(
        self, ref: ConversationRef, stream: AnswerStream, outcome: Outcome, withdrawn_id: str | None
    ) -> None:
        """Send what is stored now to the customer, and to the team.

        Whoever resumed before it was stored was told that an answer is coming, and is listed now;
        whoever resumes later reads it.
        """
        seen = None
        try:
            seen = self.conversations.watch(ref)
            stream.listen(seen.listeners)
        except FrontdeskError as error:
            logger.warning("listeners unknown", extra={"cause": type(error).__name__})
        answer = outcome.replies[0] if outcome.replies else None
        if answer is None:
            stream.withdraw()
        else:
            if answer.citations:
                stream.send(
                    CitationsFrame(
                        message_id=answer.id,
                        citations=tuple(PublicCitation.of(each) for each in answer.citations),
                    )
                )
            stream.send(DoneFrame(message=PublicMessage.of(answer), withdrawn_id=withdrawn_id))
        status = seen.conversation.status if seen else "waiting"
        for message in outcome.replies[1:]:
            stream.send(PostedFrame(message=PublicMessage.of(message), status=status))
        if seen is None:
            return
        # A client takes a message to what is over for a reopening, until it is told.
        if answer is None or outcome.escalation is not None or status == "resolved":
            stream.send(StateFrame(status=status))
        self.team.show(seen, [*outcome.answered, *outcome.replies])

    def _withdraw(self, ref: ConversationRef, owner: str, stream: AnswerStream) -> None:
        """Take back what was sent of an answer that is not stored, unless another worker sends on.

        It goes on under the same id then, from its beginning.
        """
        try:
            seen = self.conversations.watch(ref)
        except FrontdeskError as error:
            logger.warning("answer not withdrawn", extra={"cause": type(error).__name__})
            return
        if seen.conversation.lease_owner in (None, owner):
            stream.withdraw()

    def _tell(self, conversation: Conversation, answered: Answered | None) -> None:
        """Tell the team of a hand-off: this turn's, or one that a worker has left behind."""
        if conversation.untold or (answered and answered.outcome.escalation):
            self.team.tell_handoff(self.conversations.get(conversation.ref), self.mail)

    def _group(self, conversation: Conversation, answered: Answered | None) -> None:
        """Put the question just answered with its like, and those that a worker has left behind.

        The customer has the answer by now. Whatever fails is tried again with the next question.
        """
        waiting = list(conversation.ungrouped)
        vector: Vector | None = None
        asked = [] if answered is None else answered.outcome.questions
        if answered is not None and asked:
            waiting += [reply.id for reply in asked]
            vector = answered.vector if len(waiting) <= _GROUPED_AT_ONCE else None
        waiting = waiting[:_GROUPED_AT_ONCE]
        if not waiting:
            return
        try:
            self.groups.group(conversation.organization_id, waiting, vector)
            self.questions.strike(conversation.ref, waiting)
        except Exception:  # noqa: BLE001 - whatever it was, the answer is there and stays
            logger.exception("questions not grouped")

    def _warn(self, before: Standing) -> None:
        """Tell the team when its plan's answers run out, once for each plan, month and level.

        `before` is how it stood before the turn. The mail is queued before that is noted: after a
        crash it is queued again, and sent once.
        """
        if before.warning_due(more=_UNDER_WAY) is None:
            return
        now = self.standings.of(before.account.organization_id)
        level = now.warning_due()
        if level is None:
            return
        self.mail.put(
            QuotaMail(
                organization_id=now.account.organization_id,
                month=month_of(now.at),
                plan=now.plan.name,
                level=level,
                answers=now.account.answers,
            )
        )
        self.standings.note_warning(now, level)

    def _look(self, heartbeat: Heartbeat, looking: Future[Watched]) -> None:
        """Take in who listens. Without knowing it the answer is still written and stored."""
        try:
            heartbeat.look(looking.result())
        except FrontdeskError as error:
            logger.warning("listeners unknown", extra={"cause": type(error).__name__})

    def _waiting(self, conversation: Conversation, recent: Sequence[Message]) -> list[Message]:
        """The messages in line, which the read beside the lease may have been too early to see."""
        for messages in (recent, None):
            found = {
                message.id: message
                for message in messages
                or self.conversations.recent_messages(conversation.ref, _RECENT)
            }
            if all(identifier in found for identifier in conversation.unanswered):
                return [found[identifier] for identifier in conversation.unanswered]
        raise StoreUnavailable("a message in line could not be read")

    def _answer_id(
        self, conversation: Conversation, owner: str, *, newest: str
    ) -> tuple[str, str | None]:
        """The id of the answer to come, which sorts behind what it answers.

        After a crash the id is used again, so that the new attempt replaces what the customer has
        seen of the old one; if that is not possible, the old one is withdrawn.
        """
        present = conversation.answer_id
        if present is not None and present > newest:
            return present, None
        fresh = new_id()
        self.conversations.replace_answer_id(conversation.ref, owner, fresh)
        return fresh, present
