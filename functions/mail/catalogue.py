"""What mails say, in every language there is: texts/<language>.toml."""

import functools
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TEXTS = Path(__file__).parent / "texts"

FALLBACK = "en"
"""For organisations whose language has no texts yet."""

Kind = Literal[
    "verify",
    "account_exists",
    "reset",
    "invitation",
    "welcome",
    "reply",
    "handoff",
    "transcript",
    "quota",
    "subscribed",
    "trial_ending",
    "payment_failed",
    "payment_action",
    "cancelled",
    "ended",
]


class _Texts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LetterTexts(_Texts):
    """One mail's texts: `action` is what the button says, `labels` are single words."""

    subject: str
    opening: tuple[str, ...]
    action: str = ""
    rest: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


class FooterTexts(_Texts):
    """Why somebody gets a mail, by what they are to us."""

    account: str
    team: str
    customer: str
    unsubscribe: str


class WordTexts(_Texts):
    """Single words."""

    sources: str
    files: str


class GuideTexts(_Texts):
    """How to begin, in a few steps."""

    title: str
    documents: str
    documents_action: str
    widget: str
    billing: str
    billing_action: str


class Formats(_Texts):
    """How dates, numbers and amounts are written. `first` is the first day of a month."""

    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    first: str
    date: str
    month: str
    thousands: str
    decimal: str
    money: str

    def write_date(self, day: datetime) -> str:
        """A day, such as 28 November 2026, by the clock that `day` carries."""
        number = self.first if day.day == 1 else str(day.day)
        return self.date.format(day=number, month=self.months[day.month - 1], year=day.year)

    def write_moment(self, at: datetime) -> str:
        """A day and a time of it, with the name of the clock."""
        return f"{self.write_date(at)}, {at:%H:%M %Z}"

    def write_month(self, month: str) -> str:
        """A month given as 2026-11."""
        year, _, number = month.partition("-")
        return self.month.format(month=self.months[int(number) - 1], year=year)

    def write_number(self, number: int) -> str:
        """A whole number, with its thousands set apart."""
        return f"{number:,}".replace(",", self.thousands)

    def write_money(self, cents: int) -> str:
        """An amount of US dollars, given in cents."""
        whole, part = divmod(cents, 100)
        return self.money.format(amount=f"{self.write_number(whole)}{self.decimal}{part:02}")


class Catalogue(_Texts):
    """All texts of one language."""

    formats: Formats
    footer: FooterTexts
    words: WordTexts
    guide: GuideTexts
    letters: dict[Kind, LetterTexts]


@functools.cache
def languages() -> frozenset[str]:
    """The languages that have texts."""
    return frozenset(file.stem for file in TEXTS.glob("*.toml"))


@functools.cache
def catalogue_of(language: str) -> Catalogue:
    """The texts of a language of `languages`."""
    return Catalogue.model_validate(tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8")))


def language_of(tags: tuple[str, ...]) -> str:
    """The language to write in to an organisation whose languages (BCP 47) these are."""
    first = tags[0].partition("-")[0] if tags else FALLBACK
    return first if first in languages() else FALLBACK


def first_of_next(month: str) -> datetime:
    """The first day of the month after the one given as 2026-11, in UTC."""
    year, _, number = month.partition("-")
    months = int(year) * 12 + int(number)
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
