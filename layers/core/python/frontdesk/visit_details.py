"""What a customer's page and browser say of a visit, as it is stored and shown to the team.

Whoever has a widget key may send anything: what cannot be used is left out, and keeps nobody from
being answered.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from frontdesk.entities import AttributeValue, WebPage
from frontdesk.shown_text import cut, is_blank, on_one_line

MOST_ATTRIBUTES = 20
NAME_LENGTH = 40
VALUE_LENGTH = 200
ATTRIBUTES_LENGTH = 2_000
"""Characters of all names and texts together."""

_URL_LENGTH = 500
_TITLE_LENGTH = 200
_LONGEST_READ = 8_000
_EXACT = 2**53
"""Whole numbers up to here are the same in every language that reads JSON."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_BROWSERS = (
    *(("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera")),
    *(("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox")),
    *(("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Version/", "Safari")),
)
"""What names a browser, in this order: most call themselves Chrome or Safari too."""

_SYSTEMS = (
    *(("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("CrOS", "ChromeOS")),
    *(("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)
_MAJOR = re.compile(r"[0-9]{1,4}")


def page_of(url: str, title: str, at: datetime) -> WebPage | None:
    """The page, without user name, password and fragment; None if it is no web page's address.

    Of an address that is too long the query goes.
    """
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _LONGEST_READ:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in {"http", "https"} or not host:
        return None
    place = f"{parts.scheme}://{host}{parts.path}"
    whole = f"{place}?{parts.query}" if parts.query else place
    kept = whole if len(whole) <= _URL_LENGTH else place
    if len(kept) > _URL_LENGTH:
        return None
    return WebPage(url=kept, title=_line(title, _TITLE_LENGTH), at=at)


def language_of(tag: str) -> str | None:
    """A language tag such as `de-AT`; None if it is none."""
    return tag if len(tag) <= 35 and _LANGUAGE.fullmatch(tag) else None


def attributes_of(given: Mapping[str, object]) -> dict[str, AttributeValue]:
    """Attributes that can be shown: one line each of text, numbers, true and false.

    No more than MOST_ATTRIBUTES and ATTRIBUTES_LENGTH; those that come later are left out.
    """
    found: dict[str, AttributeValue] = {}
    room = ATTRIBUTES_LENGTH
    for name, value in given.items():
        shown, kept = _line(name, NAME_LENGTH), _value(value)
        if shown is None or kept is None or shown in found:
            continue
        room -= len(shown) + (len(kept) if isinstance(kept, str) else 0)
        if room < 0 or len(found) == MOST_ATTRIBUTES:
            break
        found[shown] = kept
    return found


def browser_of(user_agent: str) -> str | None:
    """Browser and system in a few words, such as `Firefox 140 on Windows`; None if unknown."""
    text = user_agent[:_LONGEST_READ]
    browser = next(((mark, name) for mark, name in _BROWSERS if mark in text), None)
    if browser is None:
        return None
    mark, name = browser
    version = _MAJOR.match(text, text.index(mark) + len(mark))
    words = [name, *([version[0]] if version else [])]
    system = next((name for mark, name in _SYSTEMS if mark in text), None)
    return " ".join([*words, *(["on", system] if system else [])])


def _value(value: object) -> AttributeValue | None:
    match value:
        case bool():
            return value
        case int():
            return value if abs(value) <= _EXACT else None
        case float():
            return value if math.isfinite(value) and abs(value) <= _EXACT else None
        case str():
            return _line(value, VALUE_LENGTH)
    return None


def _line(text: str, limit: int) -> str | None:
    """The beginning of a text on one line; None if it shows nothing."""
    line = "".join(
        each
        for each in on_one_line(text[: 4 * limit])
        if unicodedata.category(each) not in {"Cc", "Cs"}
    )
    shown = cut(line.strip(), limit)
    return None if is_blank(shown) else shown
