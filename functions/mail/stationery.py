"""Lays letters out as mails: the catalogue's texts, filled in, in the one look of all mails.

What people wrote is a value, never a text: in HTML it is escaped, in a header or a sentence it is
one line, and a web address in it is no link.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from frontdesk.mail.ports import Mail
from frontdesk.shown_text import shortened
from mail.catalogue import Catalogue, Kind, LetterTexts, catalogue_of
from mail.words import one_line, unlinked

_SUBJECT = 150
"""Longer subjects are cut: no mail program shows so much."""

Audience = Literal["account", "team", "customer"]
"""Somebody with an address, a member of a team, a customer of an organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Something that was said. `label` names a word of the catalogue, `speaker` is a name."""

    text: str
    label: str | None = None
    speaker: str | None = None
    at: datetime | None = None
    sources: str = ""
    files: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, before it is laid out.

    `values` fill the placeholders of the texts. `link` is where the button leads, `brand` what
    stands at the top. With `guide` the steps of how to begin follow; it is where the pages are.
    `unsubscribe` ends notices, and only notices have it.
    """

    kind: Kind
    language: str
    audience: Audience
    values: Mapping[str, Any] = field(default_factory=dict)
    brand: str = "Frontdesk"
    link: str | None = None
    quotes: tuple[Quote, ...] = ()
    guide: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    text: str
    link: str = ""
    action: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    heading: str
    text: str
    sources: str
    files: str


def lay_out(letter: Letter, to: str, *, mail_id: str | None = None) -> Mail:
    """The mail to send to an address. Raises MailRefused for what is no address."""
    catalogue = catalogue_of(letter.language)
    texts = catalogue.letters[letter.kind]
    subject = _cut(one_line(_fill(_plain(), texts.subject, letter.values, letter, catalogue)))
    pages = {
        name: environment.get_template(name).render(
            **_parts(environment, letter, catalogue, texts), subject=subject
        )
        for name, environment in (("letter.html", _html()), ("letter.txt", _plain()))
    }
    return Mail(
        to=to,
        subject=subject,
        text=pages["letter.txt"],
        html=pages["letter.html"],
        unsubscribe=letter.unsubscribe,
        id=mail_id,
    )


def _parts(
    environment: Environment, letter: Letter, catalogue: Catalogue, texts: LetterTexts
) -> dict[str, Any]:
    values = {name: _shown(value) for name, value in letter.values.items()}

    def fill(text: str) -> str:
        return _fill(environment, text, values, letter, catalogue)

    def heading(quote: Quote) -> str:
        name = texts.labels[quote.label] if quote.label else _shown(quote.speaker or "")
        when = catalogue.formats.write_moment(quote.at) if quote.at else ""
        return " · ".join(part for part in (name, when) if part)

    return {
        "language": letter.language,
        "formats": catalogue.formats,
        "brand": _shown(letter.brand),
        "opening": [filled for text in texts.opening if (filled := fill(text))],
        "rest": [filled for text in texts.rest if (filled := fill(text))],
        "link": letter.link,
        "action": fill(texts.action),
        "quotes": [
            _Said(heading(each), each.text, each.sources, _shown(each.files))
            for each in letter.quotes
        ],
        "sources_title": catalogue.words.sources,
        "files_title": catalogue.words.files,
        "steps_title": catalogue.guide.title,
        "steps": _steps(catalogue, letter.guide) if letter.guide else [],
        "footer": fill(getattr(catalogue.footer, letter.audience)),
        "unsubscribe": letter.unsubscribe,
        "unsubscribe_action": catalogue.footer.unsubscribe,
    }


def _shown(value: Any) -> Any:  # noqa: ANN401 - a value of a letter, of whatever type
    """A name, or whatever else people wrote, as it stands within our sentences."""
    return unlinked(one_line(value)) if isinstance(value, str) else value


def _steps(catalogue: Catalogue, site_url: str) -> list[_Step]:
    guide = catalogue.guide
    script = f'<script async src="{site_url}/widget/frontdesk.js" data-key="pk_…"></script>'
    return [
        _Step(guide.documents, f"{site_url}/documents.html", guide.documents_action),
        _Step(guide.widget, code=script),
        _Step(guide.billing, f"{site_url}/billing.html", guide.billing_action),
    ]


def _fill(
    environment: Environment,
    text: str,
    values: Mapping[str, Any],
    letter: Letter,
    catalogue: Catalogue,
) -> str:
    """A text with its placeholders filled in; what is Markup already is not escaped again."""
    labels = catalogue.letters[letter.kind].labels
    filled = _compiled(environment, text).render(values, labels=labels, formats=catalogue.formats)
    return Markup(filled) if environment.autoescape else filled  # noqa: S704 - rendered escaped


@functools.lru_cache(maxsize=512)
def _compiled(environment: Environment, text: str) -> Template:
    return environment.from_string(text)


@functools.cache
def _html() -> Environment:
    return _environment(escaping=True)


@functools.cache
def _plain() -> Environment:
    return _environment(escaping=False)


def _environment(*, escaping: bool) -> Environment:
    environment = Environment(
        autoescape=escaping,  # noqa: S701 - off for plain text alone
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "lines": _lines,
        "date": _formatted("write_date"),
        "month": _formatted("write_month"),
        "number": _formatted("write_number"),
        "money": _formatted("write_money"),
    }
    return environment


def _formatted(writer: str) -> Any:  # noqa: ANN401 - a filter, called by Jinja alone
    @pass_context
    def write(context: Context, value: object) -> str:
        return str(getattr(context["formats"], writer)(value))

    return write


def _lines(text: str) -> Markup:
    """Lines below each other, in HTML."""
    return Markup("<br>\n").join(escape(line) for line in escape(text).split("\n"))


def _cut(line: str) -> str:
    return shortened(line, _SUBJECT)
