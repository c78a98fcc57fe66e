"""The sample organisation's conversations as they are written down, in `conversations/*.yaml`.

A script tells one conversation, step by step, and how often it happened in five weeks. What is said
may be given in several wordings, which take turns. Texts know $name (the customer's first name) and
$agent (that of the colleague who answers).

What the assistant says is written here, with the passages it cites. What the product decides by
itself is not: how a message sounds, how urgent it is, whether a person is called in and why, what
the customer is told then. Where the script has no answer to a message, the documents have none.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from frontdesk.entities import Priority

FOLDER = Path(__file__).parent
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

_MANNER = frozenset({"after", "by", "person", "fails", "remark", "cites", "comment"})

SOURCES = {
    "billing": "billing-and-plans-guide.pdf",
    "start": "getting-started-handbook.pdf",
    "security": "security-and-data-protection.pdf",
    "trouble": "troubleshooting.md",
    "api": "integrations-and-api.md",
    "contact": "contact-and-opening-hours.txt",
    "reminders": "reminders-and-messages.html",
}
"""The documents, as scripts call them."""


def _duration(written: object) -> object:
    """`90s`, `5m`, `2h`, `1d`."""
    if isinstance(written, str) and written[-1:] in _UNITS:
        return timedelta(**{_UNITS[written[-1]]: float(written[:-1])})
    return written


def _wordings(written: object) -> object:
    return (written,) if isinstance(written, str) else written


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wordings = Annotated[tuple[str, ...], BeforeValidator(_wordings)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Written):
    """One thing that happens: exactly one of the fields above `after`.

    `customer` writes; with `person` by the button that calls one, with `fails` so that answering
    fails, and a `remark` asks nothing. `answer` is what the assistant finds, and `cites` a phrase
    of each passage behind it, by number. `helpful` is a thumb on the last answer. `away` is a
    message left when nobody is there, `contact` an address. `leaves`: the colleague who came in
    leaves the team. `solved` is the customer's word, `resolve` the team's. `by` names the
    colleague, `after` how long it takes.
    """

    customer: Wordings | None = None
    answer: Wordings | None = None
    helpful: bool | None = None
    away: Wordings | None = None
    contact: Literal[True] | None = None
    agent: Wordings | None = None
    note: Wordings | None = None
    take_over: Literal[True] | None = None
    hand_back: Literal[True] | None = None
    label: tuple[str, ...] | None = None
    priority: Priority | None = None
    snooze: Duration | None = None
    assign: str | None = None
    leaves: Literal[True] | None = None
    resolve: Literal[True] | None = None
    solved: Literal[True] | None = None
    rate: Annotated[int, Field(ge=1, le=5)] | None = None

    after: Duration | None = None
    by: str | None = None
    person: bool = False
    fails: bool = False
    remark: bool = False
    cites: tuple[dict[str, str], ...] = ()
    comment: Wordings | None = None

    @property
    def act(self) -> str:
        """The name of the one thing."""
        [act] = self.model_fields_set - _MANNER
        return act

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        acts = self.model_fields_set - _MANNER
        if len(acts) != 1:
            raise ValueError(f"a step is one thing, not {sorted(acts)}")
        if self.answer is not None and not self.cites:
            raise ValueError("an answer cites something")
        return self


class Script(_Written):
    """One conversation, and how often it happened.

    With `ago` it happens once, so long before now. Those of the `incident` all fall into one
    morning, those of the `night` into hours in which nobody is there. `known`: the site vouches
    for its customers. `sometimes` steps end the conversation in other ways: each time one of them,
    or none, follows the steps.
    """

    name: str
    times: int = Field(default=1, ge=1)
    ago: Duration | None = None
    incident: bool = False
    night: bool = False
    language: Literal["en", "de", "es", "fr"] = "en"
    known: bool | None = None
    page: Wordings = ("/",)
    steps: tuple[Step, ...]
    sometimes: tuple[tuple[Step, ...], ...] = ()


class Colleague(_Written):
    """Somebody of the team. `left`: they are not there any more."""

    id: str
    name: str
    email: str
    role: Literal["owner", "admin", "agent", "viewer"]
    languages: tuple[str, ...]
    left: bool = False


class Names(_Written):
    """Of whom customers of a language are made."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    business: tuple[str, ...]


class Cast(_Written):
    """Everybody. `replies` are the team's canned ones by shortcut.

    `late` is what a colleague writes where a script ends while somebody waits: to those who are
    upset, and to others. `pleased` is what the assistant says to a remark. Customers come from a
    page of `site`, with one of the `browsers` (user agents), whose language is one of the `tags` of
    theirs; those whom the site vouches for have one of the `plans`.
    """

    team: tuple[Colleague, ...]
    customers: dict[str, Names]
    replies: dict[str, str]
    late: dict[Literal["upset", "others"], Wordings]
    pleased: dict[str, Wordings]
    site: str
    titles: dict[str, str]
    browsers: tuple[str, ...]
    tags: dict[str, tuple[str, ...]]
    plans: tuple[str, ...]


def read_scripts(folder: Path = FOLDER / "conversations") -> list[Script]:
    """All scripts. Raises ValidationError."""
    return [
        Script.model_validate(written)
        for file in sorted(folder.glob("*.yaml"))
        for written in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    ]


def read_cast(file: Path = FOLDER / "cast.yaml") -> Cast:
    """Who is in them. Raises ValidationError."""
    return Cast.model_validate(yaml.load(file.read_text("utf-8"), yaml.CSafeLoader))
