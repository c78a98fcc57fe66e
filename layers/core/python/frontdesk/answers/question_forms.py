"""When two questions are one and the same, and which are not for keeping.

What was measured is in docs/decisions/0014-kept-answers.md.
"""

import re

from frontdesk.normalizing import normalized

_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_ASKS = re.compile(
    r"(?:how|what|when|where|which|who|whose|why|can|could|do|does|did|is|are|was|were|will|would"
    r"|should|may|has|have)\b[^.?!…:]*[^\W_]$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S@\S")
# A telephone, card, order or account number, however it is spaced.
_LONG_NUMBER = re.compile(r"\d(?:[ ()/.-]{0,3}\d){6,}")


def tidy(question: str) -> str:
    """`question` with one way of encoding, spacing, beginning and asking.

    "how much  is it" becomes "How much is it?". Words, lines and all other capitals stay: they do
    make a difference. Every answer is drafted from this, so questions that are the same when they
    are tidy have the same answer.
    """
    lines = (" ".join(line.split()) for line in question.splitlines())
    text = "\n".join(line for line in lines if line)
    first = text[:1].upper()
    text = first + text[1:] if len(first) == 1 else text
    text = normalized("NFC", text).translate(_APOSTROPHES)
    said = text.rstrip("?! \n")
    if "?" in text[len(said) :]:
        return f"{said}?"
    return f"{text}?" if _ASKS.fullmatch(text) else text


def is_personal(question: str) -> bool:
    """Whether `question` holds a mail address or a long number, which nobody else would ask with.

    A language model may repeat them, and what is kept outlives the conversation.
    """
    return bool(_ADDRESS.search(question) or _LONG_NUMBER.search(question))
