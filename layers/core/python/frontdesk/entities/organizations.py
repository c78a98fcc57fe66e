"""Organisations, with the settings their assistants work by."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from frontdesk.entities.base import Entity
from frontdesk.entities.conversations import Priority

LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")
]
"""A BCP 47 tag of language, script and region: `en`, `pt-BR`, `zh-Hant-TW`."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class OpenHours(Entity):
    """A stretch of a day during which people answer. `until` is not part of it."""

    day: Weekday
    since: time
    until: time


class BusinessHours(Entity):
    """When people answer, by the clocks of `timezone` (an IANA name). No hours: always.

    `outside` says what a customer who wants a person gets when nobody is there: the form for an
    address to answer to, or the message alone.
    """

    timezone: str = "UTC"
    hours: tuple[OpenHours, ...] = ()
    outside: Literal["form", "message"] = "form"
    message: str = "We are away right now. Leave us your address and we will answer by mail."


StakeKind = Literal["payment", "security", "cancellation", "legal", "safety"]


class Stake(Entity):
    """Words that say what is at stake. A word ending in `*` stands for all that begin so.

    A conversation that names one has at least `priority` once its customer is unhappy, and one step
    less before. With `hand_off` it goes to a person at once.
    """

    kind: StakeKind
    words: tuple[str, ...]
    priority: Priority = "high"
    hand_off: bool = False


def _stake(kind: StakeKind, words: str, priority: Priority, *, hand_off: bool = False) -> Stake:
    return Stake(kind=kind, words=tuple(words.split("|")), priority=priority, hand_off=hand_off)


STAKES = (
    _stake(
        "payment",
        "charged twice|double charge*|overcharged|wrong amount|refund*|money back|chargeback*"
        "|payment failed|took money|still being charged|doppelt abgebucht|geld zuruck|rembours*"
        "|reembols*|rimbors*",
        "high",
    ),
    _stake(
        "security",
        "been hacked|was hacked|got hacked|is hacked|hacked my|hacked into|been stolen from my"
        "|did not authorise|did not authorize|didn't authorise|didn't authorize"
        "|unauthorised transaction*|unauthorized transaction*|unauthorised access"
        "|unauthorized access|someone else is using my|identity theft|data breach|been scammed"
        "|wurde gehackt|ete pirate|ha sido hackeada|stato violato",
        "urgent",
        hand_off=True,
    ),
    _stake(
        "cancellation",
        "cancel my|cancel our|cancelling my|close my account|terminate my|switch to another"
        "|leaving you|take my business elsewhere|kundigen|resilier|cancelar mi|disdire",
        "high",
    ),
    _stake(
        "legal",
        "my lawyer*|our lawyer*|a lawyer|my attorney|my solicitor|legal action|sue you|suing you"
        "|take you to court|see you in court|small claims|ombudsman|consumer protection"
        "|mein anwalt|meinen anwalt|meinem anwalt|mon avocat|mi abogado|mio avvocato|meu advogado",
        "urgent",
        hand_off=True,
    ),
    _stake(
        "safety",
        "injured|electric shock|caught fire|on fire|smoke coming|started smoking|is smoking"
        "|exploded|overheated|burned me|burnt me|burned my|burnt my|allergic reaction|suicid*"
        "|kill myself|hat sich entzundet|a pris feu|se incendio|ha preso fuoco",
        "urgent",
        hand_off=True,
    ),
)
"""The table an organisation starts with, and edits."""


class EscalationRules(Entity):
    """When a conversation is handed to a person.

    `mood_below`: a mood over the last messages, in [-1, 1]. `asked_times`: how often
    the same question may come before a person does. `at_stake`: see `Stake`.
    """

    asks_for_person: bool = True
    mood_below: float | None = Field(default=-0.6, ge=-1, le=1)
    falling_mood: bool = True
    asked_times: int | None = Field(default=3, ge=2, le=10)
    unanswered_twice: bool = True
    at_stake: tuple[Stake, ...] = STAKES


CustomerFiles = Literal["never", "with_people", "always"]


AssistantFailure = Literal["model", "answer"]
"""A language model failed and something else answered; or there was no answer but an apology."""

MailReceiver = Literal["team", "customer"]


class Organization(Entity):
    """A customer of Frontdesk.

    `retention_days` is how long conversations are kept after their last message. With
    `identity_required` the widget serves only visitors whom the organisation's own site vouches
    for. `resolve_after_hours` is the silence after which an answered conversation counts as
    resolved. `customer_files` is when customers may send files: `with_people` while a person is
    called in or there. No stored conversation is to be kept for more days than `kept_for`, if that
    is known.
    `seen_at` (seconds since the epoch, 0 for never) and `seen_origin` say when and where the widget
    last was on a page, exact to ten minutes. `assistant_failed_at` and `mail_returned_at`
    likewise say when an answer last went wrong for what it depends on, and when a mail last could
    not be delivered.
    """

    id: str
    name: str
    assistant: str = "Assistant"
    tone: str = "friendly, plain and brief"
    greeting: str = "Hello! How can I help you?"
    color: str = "#0f766e"
    text_color: str | None = None
    languages: tuple[str, ...] = ("en",)
    business_hours: BusinessHours = BusinessHours()
    escalation: EscalationRules = EscalationRules()
    allowed_origins: tuple[str, ...] = ()
    identity_required: bool = False
    confidence_threshold: float | None = None
    passages: int = Field(default=3, ge=1, le=10)
    retention_days: int = Field(default=365, ge=1, le=3650)
    kept_for: int | None = None
    resolve_after_hours: int = Field(default=24, ge=1, le=720)
    customer_files: CustomerFiles = "with_people"
    created_at: datetime | None = None
    seen_at: float = 0.0
    seen_origin: str | None = None
    assistant_failed_at: float = 0.0
    assistant_failure: AssistantFailure | None = None
    mail_returned_at: float = 0.0
    mail_returned_to: MailReceiver | None = None
