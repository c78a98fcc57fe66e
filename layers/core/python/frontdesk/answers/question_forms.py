"""When two questions are one and the same, and which are not for keeping.

What was measured is in docs/decisions/0014-kept-answers.md.
"""

import re
import unicodedata

_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_END_MARKS = re.compile(r"\s*[?!]*\?[?!]*$")
_ASKS = re.compile(
    r"(?:how|what|when|where|which|who|whose|why|can|could|do|does|did|is|are|was|were|will|would"
    r"|should|may|has|have)\b[^.?!…:]*[^\W_]$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S@\S")
# A telephone, card, order or account number, however it is spaced.
_LONG_NUMBER = re.compile(r"\d(?:[ ()/.-]{0,3}\d){6,}")


def tidy(question: str) -> str:
    """`question` with one way of encoding, spacing and asking: "how much  is it" ends in one "?".

    Words, capitals and lines stay. Answers are drafted from this, so that questions which differ
    in nothing else have the same answer.
    """
    text = unicodedata.normalize("NFC", question).translate(_APOSTROPHES)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = _END_MARKS.sub("?", "\n".join(line for line in lines if line))
    return f"{text}?" if _ASKS.fullmatch(text) else text


def normal_form(question: str, *, capitals_matter: bool) -> str:
    """What is the same for questions that are the same.

    Where quotes are the answer, capitals make no difference. To a language model "US" is not "us":
    with `capitals_matter` only that of the first word makes none.
    """
    text = tidy(question)
    return text[:1].lower() + text[1:] if capitals_matter else text.casefold()


def is_personal(question: str) -> bool:
    """Whether `question` holds a mail address or a long number, which nobody else would ask with.

    A language model may repeat them, and what is kept outlives the conversation.
    """
    return bool(_ADDRESS.search(question) or _LONG_NUMBER.search(question))
