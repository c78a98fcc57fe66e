"""Whether a question says by itself what it is about, or leans on what was said before it.

Told from its words alone: how it begins ("and …", "what about …"), whether any word names a
subject ("why?", "how long does it take?"), and whether a pronoun stands for something that the
question does not name. English first, then German; openings and function words of five more.
"""

from collections.abc import Sequence

from frontdesk.answers.text import STOP_WORDS, fold, language, words

_READ = 200  # words; what is longer has said by then what it is about
_FRAGMENT = 6  # words; what begins with a preposition and is no longer is no sentence


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# STOP_WORDS and the function words of six more languages.
FUNCTION_WORDS = STOP_WORDS | _set("""
    aber alle allem allen als am andere auf aus bei beim bin bis bist da damit dann das dass dein
    deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du
    durch ein eine einem einen einer eines er es etwas euch fur gegen gibt hab habe haben hat hatte
    ich ihm ihn ihnen ihr ihre ihrem ihren im in ins ist ja jede jeder kann kannst konnen konnte
    kein keine man mein meine meinem meinen meiner mich mir mit muss nach nein nicht noch nun nur ob
    oder ohne sein seine sich sie sind so soll uber um und uns unser unsere von vom vor wann warum
    was welche welcher welches wenn wer werden weshalb wie wieso wieviel wird wo wofur wozu wurde zu
    zum zur
    a au aux avec ca ce ces cela chez combien comment dans de des du elle en est et il ils je la le
    les leur ma mais mes moi mon ne nous on ou par pas peut peux pour pourquoi puis quand que quel
    quelle qui sa sans se ses son sont sur ta te tu un une vos votre vous y
    al como con cual cuando cuanto del donde el ella en eso esta este hay las lo los me mi mis no
    para pero por porque puedo se si sin sobre su sus tambien un una
    che chi ci come cosa da dal della di dove e gli ho il io le mio nel non o per perche posso
    quando quanto questo se si sono su tra uno
    ao as com do dos eles em eu isso mais meu minha na nao nos o os ou para pela pelo quais qual
    sem sua tem uma
    aan bij dat de een en er het hoe ik in is kan kunnen maar met mijn naar niet of om ook op te
    van voor waar waarom wanneer wat welke wie zijn""")

# Words that ask or comment, and verbs that say something of whatever was spoken of.
_LIGHT = _set("""
    actually again allowed already also altogether another anything apply available case cost
    costs count detail details different difference else ever everything example examples
    exactly expensive expire expires explain fast faster free get give go going got happen
    happened happens include included includes information instead last lasts later like long
    longer many maximum mean means minimum much necessary never need needed normal often ok okay
    option options order other others otherwise please possible possibly price quick quickly
    rather really regarding reversible say said show something soon start starts still stop sure
    take takes taken tell then thing things try understand useful usually valid want way well
    work works yes yet
    anders auch bitte brauche brauchen dauert dauern denn eigentlich erklaren funktioniert ganz geht
    genau gilt kostet kosten lange mehr moglich nochmal passiert teuer viel viele wirklich
    prend prix coute cuesta precio costa prezzo custa kost""")

_OPENINGS = tuple(
    tuple(phrase.split())
    for phrase in """
    and|or|but|plus|also|even|only|what about|how about|what if|what else|same for
    |und|oder|aber|was ist mit|wie ist es mit|wie ist es bei|wie sieht es mit|wie sieht es bei
    |et|mais|y|pero|maar""".split("|")  # noqa: SIM905 - as readable as a list of 25 lines
)
_FILLERS = _set(
    "ok okay alright so oh hm hmm then thanks thank you danke gut yes ja super great ah"
)
_SAYINGS = _FILLERS | _set(
    "no nope yeah yep yup sure right fine nein nee oui non si nao please bitte"
)

_PREPOSITIONS = _set("""
    about after at before by during for from in inside on outside over per since under until via
    with within without ab auf bei beim fur im mit nach ohne per seit vor wahrend zum zur
    avec chez pour sans con para sin con per senza com sem met voor zonder""")
_CLOSINGS = _set("then too also either though instead dann auch danach aussi tambien anche")
_SWITCHES = tuple(
    f" {adjective} {noun} "
    for adjectives, nouns in (
        ("another other different new unrelated separate", "question topic thing subject matter"),
        ("something", "else"),
        ("andere neue", "frage"),
        ("etwas was", "anderes"),
        ("autre", "question chose"),
        ("otra", "pregunta cosa"),
        ("altra", "domanda cosa"),
    )
    for adjective in adjectives.split()
    for noun in nouns.split()
)
"""What announces that nothing of what went before matters now."""

_PERSONAL = _set("it its itself they them their theirs those these him his she")
_DEMONSTRATIVE = _set("that this these those there one ones same several both")
_GERMAN = _set(
    "dafur dagegen daran darauf daraus davon dazu danach dabei dadurch dort ihn ihm denen"
)
_GERMAN_IF_ALONE = _set("das es dies sie")
_GERMAN_FOR_SURE = _set("""
    bekomme bleibt dauert finde funktioniert geht gibt gilt ich kann kostet konnen mir muss passiert
    sind wann warum wie wieso wird wo""")
_ASKING = _set("""
    is are was were does do did can could will would should must may might has have had work works
    cost costs mean means happen happens take takes apply applies include includes count counts
    last lasts expire expires change changes too also then for if in on by with without from""")
_DETERMINERS = _set("a an the my our your another any some every each which what new")
_VERBS = _set("""
    am is are was were does do did can could will would should must may has have had
    ist sind war kann konnen hat haben wird est sont peut es son puede e sono""")
_CLAUSE = _set("to that if when until for before")
_BEING = _set("is are was were isn't aren't will should must")
_MOMENTS = _set("month week year day time moment morning evening weekend app chat website page")


def leans(question: str) -> bool:
    """Whether `question` can only be understood from what was said before it."""
    said = words(question)[:_READ]
    if not said or _switches(said):
        return False
    return (
        (_opens(said) and not _is_whole(said))
        or not telling(said)
        or (said[-1] in _CLOSINGS and len(telling(said)) <= 2)
        or _is_fragment(said)
        or _points_back(said)
        or _points_back_in_german(question)
    )


def merely_says_yes(question: str) -> bool:
    """Whether `question` is assent or denial, and asks nothing."""
    return _SAYINGS.issuperset(words(question))


def asks_the_same(question: str) -> bool:
    """Whether `question`, which leans, asks what was asked before, about something else.

    "And on weekends?" and "why?" do. "Does it include support?" asks something of its own.
    """
    said = words(question)
    return not telling(said) or not _VERBS.intersection(said)


def _switches(said: Sequence[str]) -> bool:
    line = f" {' '.join(said)} "
    return any(phrase in line for phrase in _SWITCHES)


def _opens(said: Sequence[str]) -> bool:
    """Whether `said` begins with words that join it to what went before."""
    start = 0
    while start < len(said) and said[start] in _FILLERS:
        start += 1
    return any(tuple(said[start : start + len(phrase)]) == phrase for phrase in _OPENINGS)


def telling(said: Sequence[str]) -> list[str]:
    """Those of `said`, which are words as `answers.text.words` gives them, that name a subject."""
    return [word for word in said if word not in FUNCTION_WORDS and word not in _LIGHT]


def _points_back(said: Sequence[str]) -> bool:
    """Whether a pronoun stands for something that `said` itself does not name."""
    for place, word in enumerate(said):
        after = said[place + 1 :]
        if word in _PERSONAL and not _named_before(said[:place]):
            if word == "it" and _foretells(after):
                continue
            if word in ("these", "those") and after and after[0] in _MOMENTS:
                continue
            return True
        if word in _DEMONSTRATIVE and _stands_alone(said, place):
            return True
    return False


def _is_whole(said: Sequence[str]) -> bool:
    """Whether a question that begins with "and" would be one without: "and how do I pay?"."""
    enough = 1 if "how" in said or "where" in said else 2
    return len(telling(said)) > enough and bool(_VERBS.intersection(said))


def _is_fragment(said: Sequence[str]) -> bool:
    """Whether `said` is a bare "on weekends?": a preposition, what it governs, and no verb."""
    return said[0] in _PREPOSITIONS and len(said) <= _FRAGMENT and not _VERBS.intersection(said)


def _foretells(after: Sequence[str]) -> bool:
    """Whether "it" stands for what comes after: "is it possible to …", "does it cost to …"."""
    for place, word in enumerate(after[:4]):
        if word in _CLAUSE:
            return len([w for w in after[place + 1 :] if w not in FUNCTION_WORDS]) > 1
    return False


def _named_before(said: Sequence[str]) -> bool:
    for place, word in enumerate(said):
        if word in FUNCTION_WORDS or word in _LIGHT:
            continue
        if word.endswith("s") or _DETERMINERS.intersection(said[max(0, place - 2) : place]):
            return True
    return "who" in said or len(telling(said)) > 1


def _stands_alone(said: Sequence[str], place: int) -> bool:
    """Whether the demonstrative at `place` has no noun with it and joins no clause."""
    word, after = said[place], said[place + 1 :]
    before = said[place - 1] if place else ""
    if word == "there" and _BEING.intersection((before, *after[:1])):
        return False
    if len(telling(said[:place])) > 2 or (word == "same" and before != "the"):
        return False
    if not after:
        return True
    if word == "that" and before and not before.isdigit() and before not in FUNCTION_WORDS:
        return False  # "a client that is new", "make sure that the …"
    return place > 0 and after[0] in _ASKING


def _points_back_in_german(question: str) -> bool:
    """The same for German, where a capital tells "Sie", the customer's host, from "sie"."""
    raw = question.split()
    said = [fold(word).strip(".,;:!?…\"'()") for word in raw]
    german = language(question) == "de" or bool(_GERMAN_FOR_SURE.intersection(said))
    for place, word in enumerate(said):
        if word in _GERMAN:
            return True
        if not german or word not in _GERMAN_IF_ALONE or raw[place][0].isupper() or not place:
            continue
        if word == "es" and (said[place - 1] == "gibt" or "moglich" in said):
            continue
        following = raw[place + 1] if place + 1 < len(raw) else ""
        # Nouns have capitals: "das Passwort" is no pronoun. Neither is "die neue Karte".
        if not following[:1].isupper() and not any(
            w[:1].isupper() for w in raw[place + 2 : place + 3]
        ):
            return True
    return False
