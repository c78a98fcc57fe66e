"""Whether an answer says only what its sources say.

Numbers and names are where invention hurts most, and they can be compared exactly; the rest of a
sentence is compared by the share of its terms that the sources use too, and where that is small by
its meaning. What it cannot see is a turn of meaning in the sources' own words ("never paid").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from frontdesk.answers.blocks import units
from frontdesk.answers.citations import statements
from frontdesk.answers.text import STOP_WORDS, fold, language, terms, words
from frontdesk.knowledge.ports import Embedder, Passage

SUPPORTED_COVERAGE = 0.5
"""A sentence with a smaller share of its terms in its sources is about something else."""

FULL_COVERAGE = 0.8
"""From this share on a sentence counts as fully supported: paraphrase needs words of its own."""

_ECHOED_COVERAGE = 0.75
"""The share that is asked for of a sentence which takes words of the question for its own: what is
asked is not true because it is asked."""

_FEW_TERMS = 3
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_STEP = re.compile(r"\bsteps? \d+(?: (?:and|to) \d+)?", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w’'-])[^\W\d_][\w’'-]*[^\W_]")
# What a customer may be told again: the number of their order, and their own name.
_IDENTIFIED = re.compile(
    r"(?:\b(?:order|ticket|invoice|booking|reservation|reference|ref|case|account|customer|request"
    r"|tracking|parcel|shipment|contract|policy|id|no|nr|number|bestellung|auftrag|rechnung|vorgang"
    r"|kundennummer|commande|facture|pedido|factura)\b[\s:.]{0,3}(?:number|no|nr|id)?|#)"
    r"[\s:.#]{0,3}(\d[\d.,]{0,30})(?!\s?(?:%|[€$£¥]|\w))",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|herr|frau|monsieur|madame|mme|se[ñn]ora?)\.? [^\W\d_][\w’'-]{0,40}"
    r"|\b(?:hi|hello|hey|dear|hallo|thanks|thank you|sorry),? [^\W\d_][\w’'-]{0,40}(?=[,.!]|$)"
    r"|, [^\W\d_][\w’'-]{0,40}[.!]?$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?:\w{1,20} )?"
    r"(?:days?|weeks?|months?|years?|hours?|minutes?|euros?|dollars?|pounds?|percent|people|users?"
    r"|members?|seats?|times)\b"
)
# What an organisation is held to. Nobody is told so unless a source says it.
_COMMITMENTS = frozenset(
    terms(
        "guarantee promise commit legally lawful binding liable liability free gratis lifetime "
        "forever unlimited waive compensation compensate owe entitle discount voucher coupon void "
        "twice double garantie garantiert kostenlos verbindlich rabatt"
        " entschadigung gratuit garanti"
    )
)
_SPELLED = "zero one two three four five six seven eight nine ten eleven twelve"
_DIGITS = {word: str(value) for value, word in enumerate(_SPELLED.split())}
_COURTESY = re.compile(
    r"\b(?:let (?:me|us) know|anything else|(?:happy|glad) to help|hope (?:this|that|it) helps"
    r"|feel free|you're welcome|would you like|i(?:'m| am) sorry|sorry|i (?:don't|do not) know"
    r"|i (?:couldn't|could not|can't|cannot) find|(?:talk|speak) to (?:a|someone)|bring in a person"
    r"|thank you|thanks)\b"
)


@dataclass(frozen=True, slots=True)
class Grounding:
    """How far an answer rests on its sources.

    `unsupported` are the statements that bring in a number or a name that the sources do not have,
    or share too little with them. `score` in [0, 1] is the mean over all statements, and a fifth of
    that if one is unsupported: an answer with one invented price is not two thirds good.
    """

    score: float
    unsupported: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """Tells paraphrases by their embeddings: those from the cosine `threshold` on mean the same."""

    embedder: Embedder
    threshold: float

    def is_said(self, statement: str, passages: Sequence[Passage]) -> bool:
        """Whether a sentence of `passages` means what `statement` does.

        Raises EmbedderUnavailable.
        """
        texts = [unit.text for passage in passages for unit in units(passage.text)]
        vector, *others = self.embedder.embed([statement, *texts])
        cosines = (sum(map(mul, vector, other)) for other in others)
        return max(cosines, default=-1.0) >= self.threshold


def grounding(
    answer: str,
    passages: Sequence[Passage],
    *,
    question: str = "",
    meaning: Meaning | None = None,
) -> Grounding:
    """Compare each statement of `answer` with the passages it cites.

    A statement that cites nothing is compared with all of them. Of the `question` only the number
    of an order or the like and the customer's name may be repeated. Short courtesies ("let me
    know …") are not counted. An answer in another language than its sources is judged by its
    numbers alone. With `meaning` a statement in other words is supported as well as one that just
    has enough of them. An answer that states nothing scores 1. Raises EmbedderUnavailable.
    """
    known = [_Known.of(passage) for passage in passages]
    asked = _Asked.of(question)
    scores: list[float] = []
    unsupported: list[str] = []
    for statement in statements(answer):
        cited = [n - 1 for n in statement.numbers if 1 <= n <= len(known)] or range(len(known))
        said = _Said(statement.text, asked)
        if said.is_courtesy:
            continue
        score = said.support([known[n] for n in cited])
        if score is None:
            sources = [passages[n] for n in cited]
            is_said = meaning is not None and meaning.is_said(statement.text, sources)
            score = SUPPORTED_COVERAGE / FULL_COVERAGE if is_said else 0.0
        scores.append(score)
        if not score:
            unsupported.append(statement.text)
    mean = sum(scores) / len(scores) if scores else 1.0
    return Grounding(mean / 5 if unsupported else mean, tuple(unsupported))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a passage, with its title and headings, lets an answer say."""

    terms: frozenset[str]
    numbers: frozenset[str]
    language: str | None

    @classmethod
    def of(cls, passage: Passage) -> "_Known":
        text = passage.searchable_text
        return cls(
            terms=frozenset(terms(text)),
            numbers=_numbers(text),
            language=language(passage.text),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question has that an answer may repeat."""

    terms: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "_Asked":
        return cls(frozenset(terms(question)), _numbers(question))


class _Said:
    """A statement of the answer to what was `asked`."""

    def __init__(self, text: str, asked: _Asked) -> None:
        self._asked = asked
        identified = _numbers(" ".join(_IDENTIFIED.findall(text)), spelled=False) & asked.numbers
        addressed = " ".join(match.group() for match in _ADDRESSED.finditer(text))
        self._repeated = identified.union(asked.terms.intersection(terms(addressed)))
        self._terms = frozenset(terms(text)) - self._repeated
        self._numbers = _numbers(_STEP.sub("", text), spelled=False) - identified
        self._numbers |= _numbers(" ".join(_COUNTED.findall(fold(text))))
        self._language = language(text)
        # German writes all nouns with capitals, and scripts without capitals have no names to see.
        names = _names(text) if self._language in (None, "en") else []
        self._names = frozenset(terms(" ".join(names)))
        besides, courtesies = _COURTESY.subn(" ", fold(text))
        few = not self._numbers and not self._names and len(set(terms(besides))) <= _FEW_TERMS
        self.is_courtesy = few and courtesies > 0

    def support(self, sources: Sequence[_Known]) -> float | None:
        """From 0, not supported by `sources`, to 1; None if words alone do not tell."""
        if self._numbers.difference(*(s.numbers for s in sources)):
            return 0.0
        spoken = {source.language for source in sources}
        if self._language and None not in spoken and self._language not in spoken:
            return 1.0
        theirs: frozenset[str] = frozenset().union(*(s.terms for s in sources))
        if (self._names - self._repeated) - theirs or (self._terms & _COMMITMENTS) - theirs:
            return 0.0
        if not self._terms:
            return 1.0
        own = self._terms - theirs
        coverage = 1 - len(own) / len(self._terms)
        echoes = len(own & self._asked.terms) > 1
        wanted = _ECHOED_COVERAGE if echoes else SUPPORTED_COVERAGE
        return None if coverage < wanted else min(1.0, coverage / FULL_COVERAGE)


def _numbers(text: str, *, spelled: bool = True) -> frozenset[str]:
    """The numbers of `text`, written one way: "1,200" and "1.200" are 1200, "2.50" is 2.5.

    Times, dates and ranges give their parts. With `spelled`, "five" counts as 5 as well.
    """
    found = {_plain_number(number) for number in _NUMBER.findall(text)}
    if spelled:
        found.update(_DIGITS[word] for word in words(text) if word in _DIGITS)
    return frozenset(found)


def _plain_number(number: str) -> str:
    grouped = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number)
    decimal = grouped.replace(",", ".")
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal.lstrip("0") or "0"


def _names(text: str) -> list[str]:
    """Words of `text` that look like names: capitals where the sentence does not ask for them."""
    found: list[str] = []
    begins, position = True, 0
    for match in _NAME.finditer(text):
        word = match.group()
        if between := text[position : match.start()].rstrip("\"'“‘„«([ \n\t"):
            begins = between[-1] in ".!?:…"
        elif position:
            begins = False
        position = match.end()
        capital = word[0].isupper() and fold(word) not in STOP_WORDS
        if capital and (not begins or word[1:] != word[1:].lower()):
            found.append(word)
    return found
