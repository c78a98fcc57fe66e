"""Words, stems and sentences, as the answerer and its checks see them.

Small on purpose: no model and no package, and a passage is cut up in a fraction of a millisecond.
English is stemmed; other languages written with spaces match by whole words, and Chinese,
Japanese and Thai by pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from frontdesk.normalizing import normalized
from frontdesk.shown_text import shortened

_CJK = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|\d+(?:[.,:]\d+)*|[^\W\d_{_CJK}]+(?:['’][^\W\d_]+)?|[^\W_]+")
_IS_CJK = re.compile(rf"[{_CJK}]")

_STOP_WORDS = """
    a about above after again all also am an and any are aren't as at be because been being both
    but by can can't cannot could couldn't did didn't do does doesn't doing don't down each for from
    further had has hasn't have haven't having he her here hers him his how how's i i'd i'll i'm
    i've if in into is isn't it it's its itself just let's may me might more most must my myself no
    nor not of off on once one only or other our ours out over own please same shall she should so
    some such than that that's the their theirs them then there there's these they this those
    through to too under until up us very was wasn't we were weren't what what's when where where's
    which while who who's whom whose why will with won't would wouldn't you you're your yours
    yourself"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that say nothing about a subject."""

_COURTESY = """
    ask asking anyone could dear explain find hello help helpful hey hi information know like
    looking mean need please question questions someone somebody sorry tell thank thanks try
    trying tried understand want wanted wonder wondering"""
_COURTESIES = frozenset(_COURTESY.split())

_IRREGULAR = {
    form: base
    for base, forms in {
        "begin": "began begun",
        "break": "broke broken",
        "bring": "brought",
        "build": "built",
        "buy": "bought",
        "choose": "chose chosen",
        "come": "came",
        "die": "death dead dying",
        "draw": "drew drawn",
        "eat": "ate eaten",
        "fall": "fell fallen",
        "fight": "fought",
        "find": "found",
        "forget": "forgot forgotten",
        "get": "got gotten",
        "give": "gave given",
        "go": "went gone",
        "grow": "grew grown",
        "hold": "held",
        "keep": "kept",
        "know": "knew known",
        "lead": "led",
        "leave": "left",
        "lose": "lost",
        "make": "made",
        "man": "men",
        "mean": "meant",
        "meet": "met",
        "pay": "paid",
        "person": "people",
        "rise": "rose risen",
        "run": "ran",
        "say": "said",
        "sell": "sold",
        "send": "sent",
        "speak": "spoke spoken",
        "spend": "spent",
        "take": "took taken",
        "teach": "taught",
        "tell": "told",
        "think": "thought",
        "understand": "understood",
        "win": "won",
        "woman": "women",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}
_VOWEL = re.compile(r"[aeiouy]")
# Longest first: the first that fits and leaves a stem of three letters with a vowel is taken off.
_SUFFIXES = (
    "isational", "izational", "isation", "ization", "ational", "ically", "ation", "ition", "ement",
    "ical", "ment", "ness", "ance", "ence", "able", "ible", "ally", "ised", "ized", "ising",
    "izing", "ion", "ing", "ity", "ive", "ise", "ize", "ful", "ied", "ery", "ers", "ors", "est",
    "al", "ed", "er", "or", "ly", "ic",
)  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The part of a lower-case word that its English inflections and derivations share.

    Lighter than Porter's rules: it only has to give the same key to forms of one word, so a stem
    need not be a word. Words that are not plain letters come back as they are.
    """
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for suffix in _SUFFIXES:
        rest = word[: -len(suffix)]
        if word.endswith(suffix) and len(rest) >= 3 and _VOWEL.search(rest):
            # Short ones keep their t: location and located are both "locat".
            word = rest + "at" if suffix in ("ation", "ational") and len(rest) == 3 else rest
            # "delivered" is left with the ending that "deliver" loses.
            if word.endswith("er") and len(word) > 4:
                word = word[:-2]
            break
    if len(word) > 4:
        word = word.rstrip("eyi")
    if word.endswith("at") and len(word) > 5:
        word = word[:-2]
    if word.endswith("script"):
        word = word[:-2] + "b"
    if len(word) > 3 and word[-1] == word[-2] and word[-1] != "s":
        word = word[:-1]
    return word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and word[-2] not in "su":
        return word[:-1]
    return word


def fold(text: str) -> str:
    """`text` in lower case, without accents and with plain apostrophes."""
    if text.isascii():
        return text.lower()
    decomposed = normalized("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")


def words(text: str) -> list[str]:
    """The words of `text`, folded, in order. Runs of Chinese or the like become character pairs."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if _IS_CJK.match(word) and len(word) > 1:
            found.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            found.append(word.removesuffix("'s"))
    return found


def terms(text: str) -> list[str]:
    """The stems of the words of `text` that carry a subject, in order, repeats kept."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


# What customers call a thing and what documents call it; the first of a line stands for all.
_SAME = """
    cost price fee
    delete erase remove
    change edit update modify replace
    cancel terminate
    refund reimburse
    buy purchase
    deliver ship
    guarantee promise
    maximum limit
    enable activate switch turn
    sign log login
    password pw
    factor 2fa
    arrive receive
    mail email
    phone telephone
    picture photo image
    exchange swap
    repair fix
    parcel package
    begin start
    year annual"""
_TOPICS = {
    stem(word): stem(line.split()[0])
    for line in _SAME.strip().splitlines()
    for word in line.split()[1:]
}


def topics(found: Iterable[str]) -> tuple[str, ...]:
    """`found`, which are terms, with one term for each of a few groups that mean the same."""
    return tuple(_TOPICS.get(term, term) for term in found)


def asked(question: str) -> list[str]:
    """The distinct terms of what a customer asks, in order, without "hello, I would like to know".

    If that is all there is, it is kept.
    """
    said = [word for word in words(question) if word not in STOP_WORDS]
    telling = [word for word in said if word not in _COURTESIES]
    return list(dict.fromkeys(map(stem, telling or said)))


# A full stop ends a sentence unless it follows one of these, or a single letter (an initial).
_SHORT = """
    mr mrs ms dr prof st sr jr vs etc e.g i.e eg ie cf approx ca no nos fig figs vol pp ed eds al
    inc ltd co corp dept est gen gov hon lt col sgt capt rev sen rep jan feb mar apr jun jul aug sep
    sept oct nov dec mon tue wed thu fri u.s u.k u.n a.m p.m bzw z.b usw
    bspw ggf art abs nr"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？]++[」』”）]*+")


def sentences(paragraph: str) -> list[str]:
    """`paragraph` cut into sentences, each trimmed, none empty; joined they give it back.

    Line breaks count as spaces. Abbreviations, initials and decimals do not end a sentence.
    """
    text = " ".join(paragraph.split())
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if _goes_on(text, start, match):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the sentence runs on after `match`: an abbreviation, or a small letter follows."""
    following = text[match.end() : match.end() + 2].strip()
    if following and following[0].islower():
        return True
    if match.group()[0] != ".":
        return False
    word = max(text.rfind(" ", start, match.start()) + 1, start)
    before = text[word : match.start()].lstrip("(\"'“‘[").lower()
    return before in _ABBREVIATIONS or (len(before) == 1 and before.isalpha())


def excerpt(text: str, wanted: frozenset[str], limit: int) -> str:
    """`text` if it has at most `limit` characters; else the stretch with most `wanted` terms.

    Cut between words, with an ellipsis where something is left out, which counts towards `limit`.
    """
    if len(text) <= limit:
        return text
    pieces = text.split(" ")
    hits = [bool(wanted.intersection(terms(piece))) for piece in pieces]
    windows: list[tuple[int, int]] = []
    best_hits, end, length = -1, 0, -1
    for start, piece in enumerate(pieces):
        # Room for an ellipsis and a space at either side.
        while end < len(pieces) and length + 1 + len(pieces[end]) <= limit - 4:
            length += 1 + len(pieces[end])
            end += 1
        if end == start:
            # This one is too long by itself.
            end, length = start + 1, -1
            continue
        count = sum(hits[start:end])
        if count > best_hits:
            windows, best_hits = [], count
        if count == best_hits:
            windows.append((start, end))
        length -= 1 + len(piece)
    if not windows:
        return shortened(text, limit)
    # The middle one has what was wanted in its middle. Without any, a text is read from its start.
    start, end = windows[len(windows) // 2 if best_hits else 0]
    cut = " ".join(pieces[start:end])
    return f"{'… ' if start else ''}{cut}{' …' if end < len(pieces) else ''}"


_FUNCTION_WORDS = {
    "en": "the of and to is are for that with you your this can be it from on not have at or as",
    "de": "der die das und ist sind nicht mit ein eine einen sie ihr fur auf von zu im dem wird",
    "fr": "le la les des du et est sont vous votre pour dans avec une sur ne pas que qui au ce",
    "es": "el los las del y es son para con una su por que no se al lo como mas en",
    "it": "il lo gli del della e sono con una che non si nel alla di piu suo da in",
    "pt": "o os as do da e sao para com uma que nao se no na em por um seu ao",
    "nl": "de het een en is zijn niet met voor van op te uw je dat die aan bij om ook",
}
_LANGUAGES = {name: frozenset(listed.split()) for name, listed in _FUNCTION_WORDS.items()}


def language(text: str) -> str | None:
    """The one of seven languages whose commonest words `text` has most of, by its ISO 639-1 code.

    None if it has none of them, or as many of two; "other" if it is not in the Latin script.
    """
    said = words(text)
    if sum(word[0] > "\u024f" for word in said) > len(said) / 2:
        return "other"
    counts = {name: sum(word in common for word in said) for name, common in _LANGUAGES.items()}
    best = max(counts.values())
    leading = [name for name, count in counts.items() if count == best]
    return leading[0] if best and len(leading) == 1 else None
