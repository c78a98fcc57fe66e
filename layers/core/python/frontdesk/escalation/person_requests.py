"""Whether a customer asks for a person, in the languages that customers most often write.

A wish is a way to talk to somebody, or to want them, and the person, with nothing in between but
articles and the like. It is taken back only by what stands with it: a denial from which light words
alone lead to the wish, in the same clause. Customers give the reason first, so whatever else is
denied in the message ("the app doesn't open, ...") says nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from frontdesk.answers.text import fold
from frontdesk.escalation.person_words import (
    CAN,
    CONTRAST,
    ENGLISH,
    POLITE,
    SUBJECTS,
    WORDS,
    Language,
    Phrases,
)

LANGUAGES = tuple(WORDS)
"""Languages a wish for a person is heard in. In others there is the button."""

_SENTENCE = re.compile(r"[^.!?\n…。！？؟]+[.!?…。！？؟]*")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s'-]")
_CLAUSE = re.compile(r"[,;:、，；。！？.!?…\n]")
_QUOTED = re.compile(
    r"\"([^\"\n]{1,300})\"|“([^”\n]{1,300})”|„([^“”\n]{1,300})[“”]|«([^»\n]{1,300})»"
    r"|「([^」\n]{1,300})」|(?<!\w)['‘]([^'‘’\n]{3,300})['’](?!\w)"
)
_LEFT, _BETWEEN, _GAP, _AFTER, _CLAUSE_LENGTH, _SUBJECT_WITHIN = 10, 6, 5, 10, 12, 30
"""Tokens that are looked at, so that a long message takes time in step with its length."""

_LONGEST_PHRASE = 5


def _entries(listed: str) -> frozenset[str]:
    return frozenset(" ".join(entry.split()) for entry in fold(listed).split("|")) - {""}


_ELIDED = _entries("d|l|j|n|m|s|t|c|qu|un|dell|all|nell")
_GREETINGS = _entries("thanks|hi|hello|hey|dear|sorry|danke|hallo|gracias|hola|merci|grazie")
_DEFINITE = _entries("the|der|die|das|dem|den|el|la|le|il|o|de|het")
_ASKING = _entries("can|could|have|want|need|get|may|ask|let|que|che")
_TALK = _entries("talk|speak|chat")
_HELP = _entries("help me|assist me|help us")
_CONTACT = _entries("contact|reach")
_OF_SOMEBODY = _entries("my|our|the|a|this|their|new")
_RELATIVE = _entries("who|that|which|whom")
_SITES = _entries("website|site|shop|store|team|page|app|company|business|widget")
_RAISED = _entries("don't think|dont think|never said|didn't say|not that|not mean|not mean that")
_UNABLE = _entries("can't|cannot|cant|couldn't")
_NOT = _entries("nicht|no|pas|non|nao|niet|nie|не|inte|ikke|nu|δεν|nem")
_PURPOSE = _entries("um|om|zeby|aby|чтобы|щоб|pour|para|to|per")
_ENGLISH_NEEDS = _entries(ENGLISH.needs)
_OFTEN_MISSPELT = _entries(
    "talk|speak|human|person|agent|someone|operator|representative|manager|connect|transfer|want"
    "|sprechen|mitarbeiter|menschen|verbinden|hablar|persona|agente|humano|parler|conseiller"
    "|quelqu'un"
)
_NO_SLIPS = _entries("parle|parles|manger|tale|peak|parson|regent|humane|mange|alone|wont|went")


def asks_for_person(text: str) -> bool:
    """Whether `text` asks to talk to a person from the team.

    Not when it says the contrary ("I don't want to talk to a person"), asks whether it has to,
    tells of what was, quotes, or is about others ("how can my customers talk to an agent?").
    """
    folded = fold(_without_quotes(text))
    return _has_phrase(folded) or any(map(_asks, _SENTENCE.findall(folded)))


def _without_quotes(text: str) -> str:
    """`text` without longer quotations, which say what somebody else says; unless that is all."""
    rest = _QUOTED.sub(_unquoted, text)
    return rest if any(character.isalnum() for character in rest) else text


def _unquoted(quoted: re.Match[str]) -> str:
    inner = next(filter(None, quoted.groups()))
    return f" {inner} " if len(inner.split()) <= 2 and inner.isascii() else " ; "


def _has_phrase(folded: str) -> bool:
    return any(
        any(wish in clause for wish in wishes) and not any(each in clause for each in denials)
        for wishes, denials in _phrases()
        if any(wish in folded for wish in wishes)
        for clause in _CLAUSE.split(folded)
    )


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The words of a language as sets."""

    reach: frozenset[str]
    persons: frozenset[str]
    anybody: frozenset[str]
    named: frozenset[str]
    skipped: frozenset[str]
    between: frozenset[str]
    want: frozenset[str]
    denials: frozenset[str]
    light: frozenset[str]
    leading: frozenset[str]
    needs: frozenset[str]
    reports: frozenset[str]
    own: frozenset[str]
    others: frozenset[str]
    actors: frozenset[str]
    after: frozenset[str]
    whom: frozenset[str]
    serve: frozenset[str]
    says: frozenset[str]
    articles: frozenset[str]
    person_first: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    """From which token to which, exclusively; `whom` where only a person is looked for."""

    start: int
    end: int
    whom: bool = False


def _asks(sentence: str) -> bool:
    tokens = _tokens(sentence)
    named = _anybody().intersection(tokens)
    if not named:
        return False
    grammars = [grammar for grammar in _grammars() if not named.isdisjoint(grammar.anybody)]
    said = [token for token in tokens if token not in _polite()]
    return any(
        _is_nothing_but_a_person(tokens, grammar)
        or any(not _is_taken_back(said, wish, grammar) for wish in _wishes(said, grammar))
        for grammar in grammars
    )


def _is_nothing_but_a_person(tokens: Sequence[str], grammar: _Grammar) -> bool:
    """Whether that is the whole sentence, or its first or last part beside a reason."""
    every = _parts(tokens)
    parts = [part for part in every if not _polite().issuperset(part)]
    if not parts:
        return False
    first, last = parts[0], parts[-1]
    addressed = not _GREETINGS.isdisjoint(tokens)
    if _names_a_person(last, grammar) and not (addressed and len(last) == 1):
        return len(parts) == 1 or ("?" not in tokens and last[0] not in _DEFINITE)
    asked_kindly = not _polite().isdisjoint([*first, *(every[1] if len(every) > 1 else [])])
    return "?" not in tokens and asked_kindly and _names_a_person(first, grammar)


def _names_a_person(part: Sequence[str], grammar: _Grammar) -> bool:
    told = [token for token in part if token not in _polite()]
    return (
        grammar.named.issuperset(told)
        and not grammar.persons.isdisjoint(told)
        and told != ["personne"]
    )


def _parts(tokens: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if _is_mark(token):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _is_mark(token: str) -> bool:
    return not token[0].isalnum()


def _wishes(said: Sequence[str], grammar: _Grammar) -> Iterator[_Wish]:
    for place, token in enumerate(said):
        if token in grammar.reach or token in grammar.want or _is_to_talk(token, grammar):
            yield from _verb_first(said, place, grammar)
        if token in _contrast():
            yield from _instead(said, place, grammar)
        if token in grammar.anybody:
            yield from _looked_for(said, place, grammar)
            if grammar.person_first:
                yield from _person_first(said, place, grammar)


def _is_to_talk(token: str, grammar: _Grammar) -> bool:
    """Whether it is "I can talk", which is said of a person before it or after it."""
    return token in grammar.whom and token.rpartition(" ")[2] in grammar.reach


def _verb_first(said: Sequence[str], place: int, grammar: _Grammar) -> Iterator[_Wish]:
    end = _end_of_person(said, place + 1, grammar)
    if end == place + 1:
        return
    wanted = not grammar.persons.isdisjoint(said[place + 1 : end])
    if (
        said[place] in grammar.reach
        or _is_to_talk(said[place], grammar)
        or (
            wanted
            and _goes_on_as_a_wish(said, end, grammar)
            and not _is_another_contact(said, place, end, grammar)
        )
    ):
        yield _Wish(place, end)


def _instead(said: Sequence[str], place: int, grammar: _Grammar) -> Iterator[_Wish]:
    """Such as "not a bot but a person", where that ends the clause."""
    end = _end_of_person(said, place + 1, grammar)
    if (
        (end == len(said) or (end > place + 1 and _is_mark(said[end])))
        and not grammar.persons.isdisjoint(said[place + 1 : end])
        and not grammar.denials.isdisjoint(said[max(0, place - _LEFT) : place])
    ):
        yield _Wish(place, end)


def _end_of_person(said: Sequence[str], begin: int, grammar: _Grammar) -> int:
    """Where a person ends that is named from `begin` on; `begin` if none is."""
    end = begin
    while end < len(said) and end < begin + _BETWEEN and said[end] in grammar.named:
        end += 1
    while end > begin and said[end - 1] not in grammar.anybody:
        end -= 1
    return end


def _is_another_contact(said: Sequence[str], place: int, end: int, grammar: _Grammar) -> bool:
    """Whether it is "our contact person", or "contact the person who sold it": nobody of ours."""
    if said[place] not in _CONTACT:
        return False
    named = said[place - 1 : place]
    return (
        not _OF_SOMEBODY.isdisjoint(named)
        or not grammar.between.isdisjoint(named)
        or (said[place + 1] == "the" and not _RELATIVE.isdisjoint(said[end : end + 1]))
    ) and named != ["to"]


def _goes_on_as_a_wish(said: Sequence[str], end: int, grammar: _Grammar) -> bool:
    """Whether it is the person that is wanted, and by the customer: no "agent licence" for others.

    "I need a human for my website" is about the product.
    """
    if end == len(said) or _is_mark(said[end]):
        return True
    rest = said[end : end + _AFTER]
    return (
        (rest[0] in grammar.after or rest[0] in grammar.whom or rest[0] in grammar.reach)
        and not grammar.others.intersection(rest)
        and not (rest[1:2] in (["my"], ["our"]) and _SITES.intersection(rest[2:3]))
    )


def _looked_for(said: Sequence[str], place: int, grammar: _Grammar) -> Iterator[_Wish]:
    """Somebody "I can talk to", "to talk to", or who can "call me": the wish is in what follows."""
    following = said[place + 1 : place + 2 + _BETWEEN]
    told = next((token for token in following if token not in grammar.skipped), "")
    asking = said[max(0, place - 3) : place]
    if told in grammar.whom or said[place].startswith("who"):
        yield _Wish(place, place + 1, whom=True)
    elif (
        (told in _TALK and following[0] == "to" and not _ASKING.isdisjoint(asking))
        or (told in grammar.serve and (_is_asked_for(said, place, grammar) or _is_able(told)))
        or (told in _HELP and said[place] in grammar.persons and not _ASKING.isdisjoint(asking))
    ):
        yield _Wish(place, place + 1)


def _is_asked_for(said: Sequence[str], place: int, grammar: _Grammar) -> bool:
    """Whether it is "have ...", "can ..." before the person at `place` and its article."""
    start = place
    while start and start > place - 3 and said[start - 1] in grammar.between:
        start -= 1
    return not _ASKING.isdisjoint(said[max(0, start - 1) : place])


def _is_able(served: str) -> bool:
    return not _can().isdisjoint(served.split())


def _person_first(said: Sequence[str], place: int, grammar: _Grammar) -> Iterator[_Wish]:
    """Such as "mit einem Mitarbeiter über meine Rechnung sprechen"."""
    start = place
    while start and start > place - _BETWEEN and said[start - 1] in grammar.between:
        start -= 1
    if grammar.articles and grammar.articles.isdisjoint(said[start : place + 1]):
        return
    for end in range(place + 1, min(len(said), place + 2 + _GAP)):
        if _is_mark(said[end]):
            return
        if said[end] in grammar.reach:
            yield _Wish(start, end + 1)
            return


def _is_taken_back(said: Sequence[str], wish: _Wish, grammar: _Grammar) -> bool:
    if said[wish.start] in _contrast():
        return False
    return (
        _is_denied(said, wish, grammar)
        or _is_denied_after(said, wish, grammar)
        or _asks_whether_it_must_be(said, wish, grammar)
        or _is_of_others(said, wish, grammar)
    )


def _is_denied(said: Sequence[str], wish: _Wish, grammar: _Grammar) -> bool:
    """Whether light words alone lead back to what takes the wish away or gives it to another."""
    last = wish.start - 1
    if last > 0 and said[last] == "," and "zu" in said[wish.start : wish.end]:
        last -= 1
    for place in range(last, max(-1, last - _LEFT), -1):
        token = said[place]
        if token in grammar.denials:
            return not _is_no_denial(said, place, wish)
        if token in grammar.needs and (token in _ENGLISH_NEEDS or _is_asked(said, place, wish)):
            return True
        if token in grammar.reports or token in grammar.actors:
            return True
        if token in _subjects():
            return _is_denied_beforehand(said[max(0, place - _LEFT) : place], grammar)
        if token not in grammar.leading:
            return False
    return False


def _is_denied_beforehand(before: Sequence[str], grammar: _Grammar) -> bool:
    """Of a clause with a subject of its own: "I don't think I want to", "customers say I want"."""
    if before[-1:] and before[-1] in _RAISED:
        return True
    if before[-1:] and before[-1] in grammar.says:
        for token in reversed(before[-5:-1]):
            if token in grammar.others or token in grammar.actors:
                return True
            if token in grammar.own:
                return False
    return False


def _is_no_denial(said: Sequence[str], place: int, wish: _Wish) -> bool:
    """Such as in "why don't you ...", "can't get through to ..." and "kann ich nicht ...?"."""
    denial, following = said[place], said[place + 1]
    if denial.endswith("n't") and following == "you":
        return True
    if denial in _UNABLE and said[wish.start].startswith(("get ", "reach", "contact", "be ")):
        return True
    asked = "?" in said[wish.end : wish.end + _SUBJECT_WITHIN]
    able = not _can().isdisjoint(said[max(0, place - _CLAUSE_LENGTH) : place])
    return asked and denial in _NOT and (wish.whom or able)


def _is_denied_after(said: Sequence[str], wish: _Wish, grammar: _Grammar) -> bool:
    """In languages where the denial may end the clause: "... sprechen will ich nicht"."""
    if not grammar.person_first:
        return False
    for place in range(wish.end, min(len(said), wish.end + 4)):
        if said[place] in grammar.denials:
            following = said[place + 1 : place + 2]
            return not following or _is_mark(following[0]) or following[0] in grammar.want
        if said[place] not in grammar.light and said[place] not in grammar.want:
            return False
    return False


def _asks_whether_it_must_be(said: Sequence[str], wish: _Wish, grammar: _Grammar) -> bool:
    """Such as "do I need to write or talk to somebody?": the question begins with the need."""
    begin = wish.start
    while begin and begin > wish.start - _CLAUSE_LENGTH and not _is_mark(said[begin - 1]):
        begin -= 1
    return any(
        token in grammar.needs
        and not token.startswith("why")
        and (token in _ENGLISH_NEEDS or _is_asked(said, place, wish))
        for place, token in enumerate(said[begin : min(begin + 2, wish.start)], begin)
    )


def _is_asked(said: Sequence[str], place: int, wish: _Wish) -> bool:
    """Whether the need at `place` is asked about, by its order of words or by the mark."""
    if said[place + 1] in _subjects():
        return True
    rest = said[wish.end : wish.end + _SUBJECT_WITHIN]
    if "?" not in rest:
        return False
    marks = [rest.index(mark) for mark in (",", "¿") if mark in rest]
    return not marks or not _PURPOSE.isdisjoint(rest[min(marks) + 1 : min(marks) + 2])


def _is_of_others(said: Sequence[str], wish: _Wish, grammar: _Grammar) -> bool:
    """Whether the nearest who are named before the wish are others than the customer.

    Of another clause only in a question: "My users complain, need a person" is a reason.
    """
    if not grammar.own.isdisjoint(said[wish.start].split()):
        return False
    asked = "?" in said[wish.end : wish.end + _SUBJECT_WITHIN]
    for place in range(wish.start - 1, max(-1, wish.start - 1 - _SUBJECT_WITHIN), -1):
        token = said[place]
        if token in grammar.others:
            return True
        if not grammar.own.isdisjoint(token.split()) or (_is_mark(token) and not asked):
            return False
    return False


def _tokens(sentence: str) -> list[str]:
    """Words and marks, with phrases of several words in one and misspellings of a few mended."""
    plain: list[str] = []
    slips, phrases = _misspelt(), _joined()
    for word in _TOKEN.findall(sentence):
        head, mark, tail = word.partition("'")
        if mark and head in _ELIDED and word != "s'il":
            plain += (head, tail)
        else:
            plain.append(slips.get(word, word))
    joined: list[str] = []
    place = 0
    while place < len(plain):
        if plain[place] not in phrases:
            joined.append(plain[place])
            place += 1
            continue
        for size in range(min(_LONGEST_PHRASE, len(plain) - place), 0, -1):
            phrase = " ".join(plain[place : place + size])
            if size == 1 or phrase in phrases[plain[place]]:
                joined.append(phrase)
                place += size
                break
    return joined


@cache
def _phrases() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple(
        (tuple(_entries(words.wishes)), tuple(_entries(words.denials)))
        for words in WORDS.values()
        if isinstance(words, Phrases)
    )


@cache
def _grammars() -> tuple[_Grammar, ...]:
    return tuple(_grammar(words) for words in WORDS.values() if isinstance(words, Language))


def _grammar(words: Language) -> _Grammar:
    persons, between = _entries(words.persons), _entries(words.between)
    light, want, needs = _entries(words.light), _entries(words.want), _entries(words.needs)
    anybody = persons | _entries(words.somebody)
    return _Grammar(
        reach=_entries(words.reach),
        persons=persons,
        anybody=anybody,
        skipped=anybody | between | {",", "to", "that"},
        named=anybody | between,
        between=between,
        want=want,
        denials=_entries(words.denials),
        light=light,
        leading=light | between | want | needs,
        needs=needs,
        reports=_entries(words.reports),
        own=_entries(words.own),
        others=_entries(words.others),
        actors=_entries(words.actors),
        after=_entries(words.after),
        whom=_entries(words.whom),
        serve=_entries(words.serve),
        says=_entries(words.says),
        articles=_entries(words.articles),
        person_first=words.person_first,
    )


@cache
def _anybody() -> frozenset[str]:
    return frozenset().union(*(grammar.anybody for grammar in _grammars()))


@cache
def _polite() -> frozenset[str]:
    return _entries(POLITE)


@cache
def _subjects() -> frozenset[str]:
    return _entries(SUBJECTS)


@cache
def _contrast() -> frozenset[str]:
    return _entries(CONTRAST)


@cache
def _can() -> frozenset[str]:
    return _entries(CAN)


@cache
def _joined() -> dict[str, set[str]]:
    """What is said in several words, by the first of them."""
    joined: dict[str, set[str]] = {}
    sets = [_polite(), _contrast(), _HELP, _RAISED]
    for each in _grammars():
        sets += [each.reach, each.anybody, each.want, each.denials, each.needs, each.reports]
        sets += [each.others, each.after, each.whom, each.serve]
    for phrase in frozenset().union(*sets):
        first, space, _ = phrase.partition(" ")
        if space:
            joined.setdefault(first, set()).add(phrase)
    return joined


@cache
def _misspelt() -> dict[str, str]:
    """Words with a letter missing, doubled, swapped with its neighbour, or a wrong vowel."""
    wrong: dict[str, str] = {}
    for word in _OFTEN_MISSPELT:
        for place in range(1, len(word)):
            head, letter, tail = word[:place], word[place], word[place + 1 :]
            wrong[head + tail] = word
            wrong[head + letter + letter + tail] = word
            if tail:
                wrong[head + tail[0] + letter + tail[1:]] = word
            if letter in "aeiou":
                wrong |= {head + vowel + tail: word for vowel in "aeiou"}
    known = _OFTEN_MISSPELT.union(*(each.anybody | each.reach for each in _grammars()))
    return {
        slip: word
        for slip, word in wrong.items()
        if len(slip) > 3 and slip not in known and slip not in _NO_SLIPS
    }
