"""Whether a customer asks for a person, in the languages that customers most often write."""

import re

from frontdesk.answers.text import fold

_PERSON = (
    r"(?:(?:real|actual|live|human|physical)\s+)?(?:human(?:\s+being)?s?|persons?|people|someone"
    r"|somebody|agents?|representatives?|reps?|operators?|advisors?|advisers?|employees?|staff"
    r"|support\s+(?:team|agents?|staff|person)|customer\s+(?:service|support|care)|manager"
    r"|supervisor|colleague|team\s+member|member\s+of\s+(?:staff|your\s+team))"
)
_REAL_PERSON = (
    r"(?:(?:real|actual|live|human|physical)\s+(?:human(?:\s+being)?|person|people|agent|operator"
    r"|representative|support|being)|human(?:\s+being)?)"
)
_ARTICLE = r"(?:a|an|the|your|some|one\s+of\s+your|another|any)?\s*"
_REACH = (
    r"(?:talk|speak|chat|connect\s+me|put\s+me\s+through|transferred|transfer\s+me|pass\s+me"
    r"|hand\s+me\s+over|forward\s+me|switch\s+me|get\s+through|escalate(?:\s+(?:this|it|me))?"
    r"|redirect\s+me|get\s+in\s+touch|be\s+connected)\s+(?:directly\s+)?(?:to|with)"
)
_ALONE = rf"(?:{_REAL_PERSON}|agent|operator|representative|live\s+(?:chat|agent))"
_ASKS = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_REACH}\s+{_ARTICLE}{_PERSON}\b",
        rf"\b(?:get|give|find|bring|fetch)\s+me\s+{_ARTICLE}{_PERSON}\b",
        rf"\b(?:want|need|prefer|like|demand|require)\s+{_ARTICLE}{_REAL_PERSON}\b",
        rf"\b(?:can|could|may)\s+(?:i|you)\s+(?:have|get)\s+(?:me\s+)?{_ARTICLE}{_REAL_PERSON}\b",
        rf"\b(?:is\s+there|do\s+you\s+have)\s+{_ARTICLE}{_REAL_PERSON}\b",
        rf"\b{_PERSON}\s+(?:that\s+|who\s+)?i\s+(?:can|could)\s+(?:talk|speak|chat)\b",
        rf"^(?:please\s+)?{_ARTICLE}{_ALONE}(?:\s+(?:please|now|pls))*$",
    )
] + [
    # One for each language: German, French, Spanish, Italian, Portuguese, Dutch.
    re.compile(pattern)
    for pattern in (
        r"\bmit\s+(?:einem|einer|jemandem)\b[\w\s]{0,40}\b(?:sprechen|reden|chatten)\b",
        r"\bparler\s+(?:a|avec)\s+(?:un\s+humain|une\s+personne|un\s+conseiller|quelqu'un)\b",
        r"\bhablar\s+con\s+(?:un\s+humano|una\s+persona|un\s+agente|alguien)\b",
        r"\bparlare\s+con\s+(?:un\s+umano|una\s+persona|un\s+operatore|qualcuno)\b",
        r"\bfalar\s+com\s+(?:um\s+humano|uma\s+pessoa|um\s+atendente|alguem)\b",
        r"\b(?:medewerker|mens|persoon|iemand)\s+(?:spreken|praten)\b",
    )
]
# What stands before a wish for a person and takes it back, asks whether it is needed, or gives it
# to other people or to a program.
_DENIED = re.compile(
    r"\b(?:don't|do\s+not|not|never|without|no\s+need\s+to|instead\s+of|stop|do\s+(?:i|we)\s+have"
    r"|do\s+(?:i|we)\s+need|should\s+i|must\s+i|when|why|(?:my|our|their|the)\s+\w+|customers?"
    r"|users?|visitors?|clients?|guests?|they|people|api)\b[^.!?]{0,30}$"
)


def asks_for_person(text: str) -> bool:
    """Whether `text` asks to talk to a person from the team.

    Not when it says the contrary ("I don't want to talk to a person") or asks whether it has to,
    and not when it is about others ("how can my customers talk to an agent?").
    """
    for clause in re.split(r"[.!?\n;]+|,\s*(?=but\b)", fold(text)):
        said = " ".join(clause.replace(",", " ").split())
        matches = (pattern.search(said) for pattern in _ASKS)
        if any(match and not _DENIED.search(said[: match.start()]) for match in matches):
            return True
    return False
