"""Conversations, the people in them, and their tickets."""

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from frontdesk.entities.base import Entity
from frontdesk.entities.messages import Author, Sentiment
from frontdesk.file_types import FileType
from frontdesk.ids import time_of

Status = Literal["open", "waiting", "human", "resolved"]
"""The assistant answers; a person is needed; a person is in; done."""

Priority = Literal["low", "medium", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""From the least to the most."""

ResolvedBy = Literal["customer", "agent", "silence"]
"""Confirmed by the customer, declared by the team, or assumed because nothing more came."""

HandoffReason = Literal[
    "took_over",
    "offline_message",
    "asked",
    "mood",
    "falling_mood",
    "repeated",
    "unanswered",
    "stake",
    "left",
    "failed",
]
"""Why a person came in: the two acts of people first, then the rules of `EscalationRules`; last
that the one who had come in cannot answer any more, and that answering failed again and again."""


TicketStatus = Literal["open", "pending", "closed"]
"""Needs the team; waits for the customer or someone else; done."""


class ConversationRef(Entity):
    """Where a conversation lives. Both halves come from a credential, never from a request."""

    organization_id: str
    conversation_id: str


class Customer(Entity):
    """What is known of the person in a conversation.

    `id` is the one that the organisation's site vouched for; without it name and address are
    merely what the person typed.
    """

    id: str | None = None
    email: str | None = None
    name: str | None = None


AttributeValue = bool | int | float | str
"""What an attribute of a customer can be."""


class WebPage(Entity):
    """A page that a customer was on, since `at`. The address has no user name and no fragment."""

    url: str
    title: str | None = None
    at: datetime


class VisitDetails(Entity):
    """What a visit says of the customer; what is None it says nothing of.

    For `vouched_attributes` the organisation's site vouches; `attributes` are merely what its page,
    or whoever has the widget key, has sent.
    """

    page: WebPage | None = None
    language: str | None = None
    browser: str | None = None
    attributes: dict[str, AttributeValue] | None = None
    vouched_attributes: dict[str, AttributeValue] | None = None


FileSide = Literal["customer", "team"]
"""Whose a file is."""


class ConversationFile(Entity):
    """A file of a conversation. It is announced, uploaded, then `stored`, and sent with a message.

    `size` is in bytes, and until the file is stored the most that it may have.
    """

    id: str
    name: str
    type: FileType
    size: int
    side: FileSide
    stored: bool = False
    message_id: str | None = None


class Handoff(Entity):
    """That a person was called in, and when one first answered."""

    reason: HandoffReason
    at: datetime
    answered_at: datetime | None = None


class Resolution(Entity):
    """That a conversation ended."""

    by: ResolvedBy
    at: datetime


class BeforeResolution(Entity):
    """How a conversation stood when it was resolved, so that it can go back to that.

    `waiting_since` is the id of the message since which the customer waited.
    """

    status: Status
    assignee: str | None = None
    handoff: Handoff | None = None
    waiting_since: str | None = None
    unanswered: tuple[str, ...] = ()
    ticket: TicketStatus | None = None


class Rating(Entity):
    """What the customer thought of it in the end: 1 (bad) to 5 (good)."""

    score: int = Field(ge=1, le=5)
    comment: str | None = None
    at: datetime


class HistorySummary(Entity):
    """What a language model wrote of a conversation so far, up to the message `until`."""

    text: str
    until: str


class Conversation(Entity):
    """One customer's thread.

    `unanswered` lists the customer's messages that wait, in the order they were stored.
    `lease_owner` may answer until `lease_until` (seconds since the epoch), and `tries` is how often
    somebody has begun to answer what is first in line. `answer_id` is the id
    that the answer under way will get. A `stop_at` later than the newest waiting message means
    that the customer pressed Stop.

    `started_at` is when the customer's first message came; before it nobody sees the conversation.
    `reopened_at` is when it last went on after it had been resolved.
    `gsi1sk` is the id of its last message, by which lists are sorted. `gsi4sk` is the id of the
    message since which the customer waits; until a person is called in that is not taken back when
    several are answered one by one. `customer_messages` is how many the customer has written, and
    `customer_last_id` the last of them; they have seen what the team wrote up to `customer_read`.
    `ungrouped` are answered questions that still have to be put with their like. Nothing can be
    added while it is `erasing`.

    `mood` is how the last message sounded, `mood_score` how the last ones did together, in [-1, 1].
    With `priority_set` somebody of the team has set the priority, and nothing else changes it.
    Until `snoozed_until`, or until the customer writes, nobody of the team need look at it.
    `untold` is the record of a hand-off of which the team has not been told yet. With `categories`
    the assistant answers from documents of those alone: the page that the customer is on says so.
    `history_summary` is for the language model that answers next.

    `page`, `language`, `browser` and attributes are those of the last visit: see `VisitDetails`.

    It is kept until `expires_at` (seconds since the epoch), and all that belongs to it until
    `items_expire_at`. The two differ only while that is being changed.
    """

    id: str
    organization_id: str
    status: Status = "open"
    priority: Priority = "medium"
    priority_set: bool = False
    unanswered: tuple[str, ...] = ()
    lease_owner: str | None = None
    lease_until: float = 0.0
    tries: int = 0
    answer_id: str | None = None
    stop_at: str = ""
    started_at: datetime | None = None
    reopened_at: datetime | None = None
    first_response_at: datetime | None = None
    handoff: Handoff | None = None
    resolution: Resolution | None = None
    before_resolution: BeforeResolution | None = None
    subject: str = ""
    preview: str = ""
    last_role: Literal["customer", "assistant", "agent"] | None = None
    mood: Sentiment | None = None
    mood_score: float | None = None
    labels: tuple[str, ...] = ()
    snoozed_until: datetime | None = None
    rating: Rating | None = None
    history_summary: HistorySummary | None = None
    untold: str | None = None
    assignee: str | None = None
    customer: Customer = Customer()
    page: WebPage | None = None
    language: str | None = None
    browser: str | None = None
    attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    vouched_attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    visitors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    retention_days: int = 365
    expires_at: int = 0
    items_expire_at: int | None = None
    gsi1sk: str = ""
    gsi4sk: str | None = None
    customer_messages: int = 0
    customer_last_id: str | None = None
    customer_read: str | None = None
    ungrouped: tuple[str, ...] = ()
    erasing: bool = False

    @property
    def ref(self) -> ConversationRef:
        """Where it lives."""
        return ConversationRef(organization_id=self.organization_id, conversation_id=self.id)

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the customer waits: for a person, or while the assistant is at it."""
        if self.status in {"waiting", "human"}:
            return time_of(self.gsi4sk) if self.gsi4sk else None
        return time_of(self.unanswered[0]) if self.unanswered else None

    def ends_at(self, moment: int) -> bool:
        """Whether it and all that belongs to it is kept until `moment` and no longer."""
        return self.expires_at == moment == self.items_expire_at


class Connection(Entity):
    """An open WebSocket of a customer.

    `begun` is whether the customer had said anything when that was last known. It saves looking.
    `key` is the hash of the widget key that it was opened with; `vouched`, whether the site vouched
    for the customer.
    """

    id: str
    conversation: ConversationRef
    retention_days: int = 365
    begun: bool = True
    key: str | None = None
    vouched: bool = False


class AgentConnection(Entity):
    """An open WebSocket of somebody of the team. `family_id` is the login behind it.

    `watching` is the conversation that is open on the screen, where they are writing a reply until
    `replying_until` (seconds since the epoch).
    """

    id: str
    organization_id: str
    agent: Author
    family_id: str
    watching: str | None = None
    replying_until: int = 0


class CannedReply(Entity):
    """A reply that the team uses often. `text` has places that are filled in."""

    id: str
    shortcut: str
    text: str


TicketCategory = Literal[
    "question", "problem", "billing", "account", "cancellation", "complaint", "other"
]


class Summary(Entity):
    """What somebody who comes in should know: the customer's wish, what was tried, the mood."""

    wants: str
    tried: tuple[str, ...] = ()
    mood: str


class Ticket(Entity):
    """The team's work on a conversation. There is at most one, and it has the conversation's id.

    `summary` is how things stood when a person was last called in.
    """

    id: str
    organization_id: str
    category: TicketCategory = "other"
    status: TicketStatus = "open"
    priority: Priority = "medium"
    assignee: str | None = None
    subject: str = ""
    summary: Summary | None = None
    created_at: datetime
    updated_at: datetime
