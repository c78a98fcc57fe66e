"""What an answer worker does beside answering: keep its lease, and look who has come."""

import threading
from types import TracebackType

from chat.streaming import AnswerStream
from frontdesk.entities import ConversationRef
from frontdesk.errors import FrontdeskError, NotFound
from frontdesk.observability import logger
from frontdesk.tables.conversations import LEASE_SECONDS, Conversations, LeaseLost, Watched

_LOOK_SECONDS = 1.0
_LOOKS_PER_RENEWAL = int(LEASE_SECONDS / 3 / _LOOK_SECONDS)


class Heartbeat:
    """A context manager that runs a thread while an answer is being written.

    Most answers are done before its first look, so it usually costs nothing.
    """

    def __init__(
        self,
        conversations: Conversations,
        ref: ConversationRef,
        owner: str,
        stream: AnswerStream,
        *,
        newest: str,
    ) -> None:
        """`newest` is the last message being answered: a later Stop means this answer."""
        self._conversations = conversations
        self._ref = ref
        self._owner = owner
        self._stream = stream
        self._newest = newest
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stopped = threading.Event()
        self._lost = threading.Event()

    @property
    def should_stop(self) -> bool:
        """The customer wants no more of this answer."""
        return self._stopped.is_set()

    @property
    def must_leave(self) -> bool:
        """Another worker holds the lease, a person has come in, or it is erased: store nothing."""
        return self._lost.is_set()

    def check(self) -> None:
        """Raises LeaseLost if nothing may be stored."""
        if self.must_leave:
            raise LeaseLost("Someone else is in charge of the conversation.")

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def look(self, seen: Watched) -> None:
        """Take in what the conversation looks like now."""
        conversation = seen.conversation
        elsewhere = conversation.lease_owner not in (None, self._owner)
        if conversation.status == "human" or elsewhere or conversation.erasing:
            self._lose()
        self._stream.listen(seen.listeners)
        if conversation.stop_at > self._newest:
            self._stopped.set()

    def _lose(self) -> None:
        self._stream.mute()
        self._lost.set()

    def _run(self) -> None:
        looks = 0
        while not self._ended.wait(_LOOK_SECONDS) and not self._lost.is_set():
            looks += 1
            try:
                if looks % _LOOKS_PER_RENEWAL == 0 and not self._renew():
                    return
                self.look(self._conversations.watch(self._ref))
            except NotFound:
                # It was erased, and whoever listened is to hear no more of it.
                self._lose()
            except FrontdeskError as error:
                # The next look may work; should the lease end meanwhile, storing is refused.
                logger.warning("heartbeat missed", extra={"cause": type(error).__name__})

    def _renew(self) -> bool:
        if not self._conversations.renew_lease(self._ref, self._owner):
            self._lose()
            return False
        return True
