"""Organisations, with the settings their assistants work by."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from frontdesk.entities.base import Entity

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


class EscalationRules(Entity):
    """When a conversation is handed to a person. `mood_below` is a score in [-1, 1]."""

    asks_for_person: bool = True
    mood_below: float | None = Field(default=-0.6, ge=-1, le=1)
    falling_mood: bool = True
    repeated_question: bool = True
    unanswered_twice: bool = True
    at_stake_words: tuple[str, ...] = ()


class Organization(Entity):
    """A customer of Frontdesk.

    `retention_days` is how long conversations are kept after their last message. With
    `identity_required` the widget serves only visitors whom the organisation's own site vouches
    for. `resolve_after_hours` is the silence after which an answered conversation counts as
    resolved.
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
    resolve_after_hours: int = Field(default=24, ge=1, le=720)
    created_at: datetime | None = None
