"""What the fields of an organisation's settings may hold."""

from contextlib import suppress
from datetime import time
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from api.text_fields import PLAIN_BREAKS, PRINTABLE, SINGLE_LINE
from frontdesk.business_hours import is_place
from frontdesk.entities import (
    STAKES,
    BusinessHours,
    EscalationRules,
    LanguageTag,
    OpenHours,
    Priority,
    StakeKind,
    Weekday,
)

_TO_MIDNIGHT = "24:00"


def _without_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("lists something twice")
    return values


# Browsers report some of these as the zone of their machine.
_UTC = frozenset(
    {"UTC", "UCT", "GMT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"}
)


def _iana_zone(name: str) -> str:
    if name in _UTC:
        return "UTC"
    if is_place(name):
        with suppress(ValueError, OSError, KeyError):
            return ZoneInfo(name).key
    raise ValueError("is not UTC or the IANA time zone of a place, such as Europe/Berlin")


Name = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PRINTABLE,
]
Tone = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    PRINTABLE,
]
Greeting = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000),
    PRINTABLE,
]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), AfterValidator(str.lower)]
Languages = Annotated[
    tuple[LanguageTag, ...],
    Field(min_length=1, max_length=50, description="BCP 47 tags; the first is the default"),
    AfterValidator(_without_repeats),
]
_Word = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PRINTABLE,
]
_StakeWord = Annotated[_Word, StringConstraints(pattern=r"\w\w")]
_Zone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"),
    AfterValidator(_iana_zone),
]
_Since = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Until = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class Hours(BaseModel):
    """A stretch of a day during which people answer. `until` is not part of it; it may be 24:00."""

    model_config = ConfigDict(extra="forbid")

    day: Weekday
    since: _Since
    until: _Until

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        if self.since >= self.until:
            raise ValueError("since must be before until")
        return self

    @classmethod
    def of(cls, hours: OpenHours) -> "Hours":
        """As it is shown."""
        until = _TO_MIDNIGHT if hours.until == time.max else f"{hours.until:%H:%M}"
        return cls(day=hours.day, since=f"{hours.since:%H:%M}", until=until)

    @property
    def entity(self) -> OpenHours:
        """As it is stored. A clock has no 24:00, so the last instant of the day stands for it."""
        until = time.max if self.until == _TO_MIDNIGHT else time.fromisoformat(self.until)
        return OpenHours(day=self.day, since=time.fromisoformat(self.since), until=until)


class BusinessHoursField(BaseModel):
    """When people answer, by the clocks of `timezone`; no hours means always.

    `outside` is what a customer who wants a person gets when nobody is there: a form for an
    address, or the message alone.
    """

    model_config = ConfigDict(extra="forbid")

    timezone: _Zone = Field(default="UTC", description="An IANA name, such as Europe/Berlin")
    hours: tuple[Hours, ...] = Field(default=(), max_length=70)
    outside: Literal["form", "message"] = "form"
    message: Greeting = BusinessHours().message

    @model_validator(mode="after")
    def _apart(self) -> "BusinessHoursField":
        ordered = sorted(self.hours, key=lambda each: (each.day, each.since))
        for one, next_one in pairwise(ordered):
            if one.day == next_one.day and next_one.since < one.until:
                raise ValueError(f"hours overlap on {one.day}")
        return self

    @classmethod
    def of(cls, business_hours: BusinessHours) -> "BusinessHoursField":
        """As they are shown."""
        return cls.model_construct(
            timezone=business_hours.timezone,
            hours=tuple(Hours.of(each) for each in business_hours.hours),
            outside=business_hours.outside,
            message=business_hours.message,
        )

    @property
    def entity(self) -> BusinessHours:
        """As they are stored."""
        return BusinessHours(
            timezone=self.timezone,
            hours=tuple(each.entity for each in self.hours),
            outside=self.outside,
            message=self.message,
        )


class StakeField(BaseModel):
    """Words that say what is at stake. A word ending in `*` stands for all that begin so.

    A conversation that names one has at least `priority` once its customer is unhappy, and one step
    less before. With `hand_off` it goes to a person at once.
    """

    model_config = ConfigDict(extra="forbid")

    kind: StakeKind
    words: tuple[_StakeWord, ...] = Field(min_length=1, max_length=200)
    priority: Priority = "high"
    hand_off: StrictBool = False


class EscalationField(BaseModel):
    """When a conversation is handed to a person."""

    model_config = ConfigDict(extra="forbid")

    asks_for_person: StrictBool = True
    mood_below: float | None = Field(
        default=-0.6,
        ge=-1,
        le=1,
        strict=True,
        description="A score; null turns the rule off",
    )
    falling_mood: StrictBool = True
    asked_times: int | None = Field(
        default=3,
        ge=2,
        le=10,
        strict=True,
        description="How many times a question is asked before a person comes; null turns it off",
    )
    unanswered_twice: StrictBool = True
    at_stake: tuple[StakeField, ...] = Field(
        default=tuple(StakeField.model_construct(**dict(stake)) for stake in STAKES), max_length=20
    )

    @property
    def entity(self) -> EscalationRules:
        """As they are stored."""
        return EscalationRules.model_validate(self.model_dump())
