"""What kind of work a conversation is for the team."""

import re
from collections.abc import Iterable, Sequence

from frontdesk.answers.text import fold
from frontdesk.entities import Stake, StakeKind, TicketCategory

_OF_STAKE: dict[StakeKind, TicketCategory] = {
    "payment": "billing",
    "security": "account",
    "cancellation": "cancellation",
    "legal": "complaint",
    "safety": "complaint",
}

_WORDS: dict[TicketCategory, str] = {
    "cancellation": r"cancel\w*|unsubscrib\w*|terminat\w*|end my (?:plan|subscription|contract)"
    r"|close my account|delete my account|kundig\w*|resilier|annuler|cancelar",
    "billing": r"invoic\w*|bill\w*|charg\w*|paid|pay|payment\w*|refund\w*|money|price\w*|receipt\w*"
    r"|vat|credit card|debit\w*|subscription fee|rechnung\w*|facture\w*|factura\w*",
    "account": r"log ?in|logged|sign ?in|sign ?up|password\w*|passcode|account\w*|username"
    r"|two[- ]factor|2fa|verification code|locked out|profile|passwort|konto|compte|cuenta",
    "complaint": r"complain\w*|unacceptable|disappoint\w*|terrible|awful|rude\w*|worst|ridiculous"
    r"|disgrace\w*|compensation|beschwer\w*|reclam\w*",
    "problem": r"broken|broke|error\w*|bug\w*|crash\w*|fail\w*|stuck|missing|damaged|defect\w*"
    r"|faulty|lost|late|delay\w*|wrong|problem\w*|issue\w*|cannot|can't|won't|doesn't|isn't"
    r"|not (?:work|arriv|receiv|load|open|start)\w*|never (?:arrived|came|received)|kaputt|fehler",
}
_PATTERNS = {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)") for kind, words in _WORDS.items()}
_QUESTION = re.compile(
    r"\?|^(?:how|what|when|where|which|who|why|can|could|do|does|is|are|may|will)\b", re.MULTILINE
)


def category_of(texts: Iterable[str], stakes: Sequence[Stake] = ()) -> TicketCategory:
    """The category of a conversation whose customer wrote `texts`, in which `stakes` are named.

    The category with the most words in it wins; of two with as many the one that stands first in
    the table, as "cancel my paid plan" is about the cancellation.
    """
    text = fold("\n".join(texts)).replace("’", "'")
    counts = dict.fromkeys(_PATTERNS, 0)
    for kind, pattern in _PATTERNS.items():
        counts[kind] = len(pattern.findall(text))
    for stake in stakes:
        counts[_OF_STAKE[stake.kind]] += 1
    best = max(counts, key=lambda kind: counts[kind])
    if counts[best]:
        return best
    return "question" if _QUESTION.search(text) else "other"
