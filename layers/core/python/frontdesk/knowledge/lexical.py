"""What a customer's text means to a word index: plain terms, never a query language."""

import re

from frontdesk.normalizing import normalized

MAX_TERMS = 32
"""More distinct words than this say nothing new about what is asked, and each costs a lookup."""

_READ_AT_MOST = 20_000  # characters; a pasted novel costs no more than a long question
_LONGEST_WORD = 64  # characters; longer runs are data, not words

# Letters and digits only: the boundaries that FTS5's unicode61 tokenizer sees too.
_WORD = re.compile(r"[^\W_]+")

_ENGLISH_STOP_WORDS = """
a about after again all also am an and any are as at be because been before being between both but
by can could d did do does doing don down during each few for from further had has have having he
her here hers him his how i if in into is it its just ll m me more most my no nor not now of off on
once only or other our ours out over own please re s same she should so some such t than that the
their theirs them then there these they this those through to too under until up ve very was we
were what when where which while who whom why will with would you your yours
"""
STOP_WORDS = frozenset(_ENGLISH_STOP_WORDS.split())


def terms(text: str) -> list[str]:
    """The distinct words of `text` worth looking up, in order, at most `MAX_TERMS`.

    Words are in lower case. English stop words are dropped, unless there is nothing else. A term
    holds letters and digits only, so quoting it makes it literal in any query syntax.
    """
    plain = normalized("NFC", text[:_READ_AT_MOST]).lower()
    words = [word for word in _WORD.findall(plain) if len(word) <= _LONGEST_WORD]
    distinct = list(dict.fromkeys(words))
    telling = [word for word in distinct if word not in STOP_WORDS]
    return (telling or distinct)[:MAX_TERMS]
