"""A heading of a document as the question that a customer would ask."""

import re

from frontdesk.answers.text import STOP_WORDS, fold

LONGEST = 90
"""Characters. A longer question is no suggestion."""

_MOST_WORDS = 14
_MOST_NAMING = 3  # words of a heading that merely names something
_LABEL = re.compile(r"(?:\d+(?:\.\d+)*[.)]?|Q(?:uestion)?\s*\d*\s*[:.])\s+", re.IGNORECASE)
_GERUND = re.compile(r"([A-Z][a-z]+)ing\b(.*)")
_WHEN = re.compile(r"When ((?:a|an|the|your|you|something|nothing|one|no) .+)")
_CAN = re.compile(
    r"(What|Where|When|How|Who) (you|clients|customers|we) (can|should|must|may) (.+)"
)
_BE = re.compile(r"(Where|When|How|What|Who) ((?:your|our|the|this) .+) (is|are)")
_DO = re.compile(
    r"((?:How|When|Where|Why|What)(?: (?:long|often|much|many|fast|quickly|soon|early|late))?)"
    r" ((?:we|you|they|[a-z]+[^s\W]s)) ([a-z]+(?<!s)\b.*)"
)
_LOWER = re.compile(r"\b[a-z]+")
_OPEN_OBJECTS = frozenset(("a", "an", "the", "your", "our", "up", "in", "out", "on", "off"))
_NOUN_LIST = """
    accounting banking billing booking building marketing meeting opening parking planning pricing
    rating reporting shipping training"""
_NOUNS = frozenset(_NOUN_LIST.split())
_PRONOUNS = frozenset(("it", "them", "this", "that", "these", "those"))
_OTHER_SIDE = {
    "you": "I",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
    "we": "you",
    "our": "your",
    "us": "you",
    "ours": "yours",
}
# Headings of which "how does it work" would be nonsense.
_VAGUE_WORDS = """
    about address advice apps appendix availability background client clients company conclusion
    contact contents customer customers data details documents emergencies errors example examples
    extras faq features general glossary help history home imprint incidents information
    introduction intro legal links members more name names news notes other overview page part
    people person plans prices privacy problems products questions services staff summary support
    team terms things tips title troubleshooting use used users welcome words"""
_VAGUE = frozenset(_VAGUE_WORDS.split())


def as_question(heading: str, text: str, *, english: bool) -> str | None:
    """`heading`, which stands above or in `text`, as a question, if it is one or makes one.

    "How long refunds take" becomes "How long do refunds take?", "Resetting your password" becomes
    "How do I reset my password?" if `text` has the verb, "Refunds" becomes "How do refunds work?".
    Only questions are taken from what is not `english`.
    """
    spaced = " ".join(heading.split())
    line = _LABEL.sub("", spaced, count=1) if len(spaced) <= 2 * LONGEST else ""
    if not line or len(line) > LONGEST or len(line.split()) > _MOST_WORDS:
        return None
    if line.endswith(("?", "？")):
        return line if len(line.split()) > 2 or not english else None
    if not english or not line[-1].isalnum() or (line.isupper() and len(line) > 5):
        return None
    return _from_clause(line) or _from_gerund(line, text) or _from_name(line, text)


def _from_clause(line: str) -> str | None:
    if match := _WHEN.fullmatch(line):
        return f"What happens when {_turned(match[1])}?"
    if match := _CAN.fullmatch(line):
        return f"{match[1]} {match[3]} {_turned(f'{match[2]} {match[4]}')}?"
    if match := _BE.fullmatch(line):
        return f"{match[1]} {match[3]} {_turned(match[2])}?"
    if match := _DO.fullmatch(line):
        return f"{match[1]} do {_turned(f'{match[2]} {match[3]}')}?"
    return None


def _from_gerund(line: str, text: str) -> str | None:
    """As in "Resetting your password": the verb is the form of it that `text` has."""
    match = _GERUND.fullmatch(line)
    if not match or " and " in line:
        return None
    gerund, base, rest = f"{match[1]}ing".lower(), match[1].lower(), match[2].split()
    known = set(_LOWER.findall(text))
    if not rest or rest[-1] in _PRONOUNS:
        return None
    if rest[0] not in _OPEN_OBJECTS and (gerund in known or gerund in _NOUNS):
        return None  # "Booking rules" are rules for a booking; nobody books them
    forms = [base, f"{base}e", base[:-1] if base[-2:-1] == base[-1:] else base]
    verb = next((form for form in forms if len(form) > 2 and form in known), None)
    return f"How do I {verb}{_turned(match[2])}?" if verb else None


def _from_name(line: str, text: str) -> str | None:
    """As in "Refunds" or "Waiting list": what is merely named is asked how it works.

    It has to be a common noun, which `text` has with a small letter, or an abbreviation.
    """
    words = line.split()
    plain = [fold(word) for word in words]
    if len(words) > _MOST_NAMING or not all(word.isalpha() for word in words):
        return None
    if any(word in STOP_WORDS or word in _VAGUE for word in plain):
        return None
    last = plain[-1]
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if words[-1].isupper():
        article = "the " if f"the {line}" in text else ""
        return f"How does {article}{line} work?"
    if not {last, last.removesuffix("s"), f"{last}s"}.intersection(_LOWER.findall(text)):
        return None
    name = " ".join((words[0] if words[0].isupper() else words[0].lower(), *words[1:]))
    return f"How do {name} work?" if plural else f"How does the {name} work?"


def _turned(words: str) -> str:
    """What the organisation says to the customer, as the customer says it."""
    return re.sub(r"[A-Za-z]+", lambda match: _OTHER_SIDE.get(match[0], match[0]), words)
