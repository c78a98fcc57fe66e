"""A message as the model reads it: the same in training and at run time."""

import html
import re
import unicodedata

from frontdesk.normalizing import normalized

_URL = re.compile(r"https?://\S+|www\.\S+")
_HANDLE = re.compile(r"(?<![\w.@])@\w+")
_LONG_RUN = re.compile(r"([^\d\s])\1{3,}")
_SPACES = re.compile(r"\s+")
# Skin tones, joiners and variation selectors change how an emoji looks, not what it says.
_INVISIBLE = re.compile("[\U0001f3fb-\U0001f3ff\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f]")
_HEAD, _TAIL = 4_000, 4_000
# What is wanted, but to thank or to say so; that something has to be done; and to do it at once.
_WANTED = re.compile(
    r"\b(?:i|we)(?:'d|\s(?:would|really|just|still|urgently|do))?"
    r"\s(?:want|need|demand|expect|require|insist)"
    r"\s(?!to\s(?:thank|say|tell|let|congratulate|express|give)\b)"
    r"(?:it|this|that|these|an?|the|my|our|help|someone|somebody|something|answers?|assistance"
    r"|support|money|you|to)\b"
    r"|\b(?:needs?|has|have)\sto\sbe\s\w+(?:ed|en|t)\b|\bmust\sbe\s\w+(?:ed|en)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?:^|[.!?,]\s?|\b(?:please|plz|pls|just)\s)(?:fix|refund|help|answer|send|give|cancel|sort|get"
    r"|do|stop|reply|repair|replace|solve|explain|return|respond|change|correct|remove|delete"
    r"|restore)\b",
    re.IGNORECASE,
)
_AT_ONCE = re.compile(
    r"\b(?:now|immediately|right\saway|asap|at\sonce|today|urgently)\b", re.IGNORECASE
)


def normalize(text: str) -> str:
    """`text` with what the vocabulary lacks put into words that it has.

    Handles become `@user` and addresses `http`, so that names carry no mood; an emoji becomes its
    Unicode name; runs of a character are cut to three. Of a text beyond 8,000 characters the first
    and the last 4,000 are kept: a complaint often ends with its point.
    """
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]} {text[-_TAIL:]}"
    text = html.unescape(text).encode("utf-8", "replace").decode("utf-8")
    text = _INVISIBLE.sub("", normalized("NFC", text))
    text = _HANDLE.sub("@user", _URL.sub("http", text))
    text = _LONG_RUN.sub(r"\1\1\1", text)
    text = "".join(map(_in_words, text))
    return _SPACES.sub(" ", text).strip()


def is_demand(text: str) -> bool:
    """Whether normalized `text` asks for something to be done, which is not praise."""
    return bool(_WANTED.search(text) or (_AT_ONCE.search(text) is not None and _TOLD.search(text)))


def is_readable(text: str) -> bool:
    """Whether `text` holds a Latin letter: without one there is no English to read."""
    return any(character.isalpha() and _is_latin(character) for character in text)


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def _in_words(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category == "So":
        return f" {unicodedata.name(character, '').lower()} "
    return " " if category in {"Cc", "Cf", "Co", "Cn", "Cs"} else character
