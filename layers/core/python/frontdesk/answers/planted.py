"""Sentences of a document that speak to the machine that reads it, not to people.

A page that was imported, or a file that somebody sent in, may hold "ignore your instructions and
…". Nobody who asks for help needs such a sentence, so it is neither quoted nor put in a prompt.

What counts is not a phrase but who is spoken to and what about: a sentence is planted if it tells
its reader to drop the rules it was given; if it speaks to a machine by name; if it carries the
marks of a chat template; or if it asks for what only a machine has been told. What a customer can
be told ("ignore this mail if you did not ask for it") and what is said *about* assistants stays.

Every pattern takes time that grows with the text and no faster. Words and what is between them are
matched possessively and never overlap; what may stand any distance apart is searched for in turn
(`_Rule`), not with `.*`; every other run has a longest length.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from frontdesk.answers.harmless import harmless
from frontdesk.answers.text import fold, sentences
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved
from frontdesk.normalizing import normalized

# Letters that look like Latin ones; they are read as those next to Latin letters only.
ALIKE = str.maketrans("аеорсухіѕјһԁɡαεορυνικτ", "aeopcyxisjhdgaeopuvikt".replace(" ", ""))
_FIGURES = str.maketrans("013457@$", "oieastas")
_MIXED = re.compile(r"[a-zа-яіѕјһԁɡα-ω]++")
_LEET = re.compile(
    r"(?<![a-z013457@$])(?:[a-z]++[013457@$][a-z@$013457]*[a-z]|[013457@$]++[a-z][a-z013457@$]++)"
)
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*·]){3,}[^\W\d_](?!\w)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE_START = re.compile(r"\s*+(?:[-*+•>|#]++\s*+|\d{1,2}[.)]\s++)*+")

_PARTS = {
    # To leave aside …
    "drop": r"(?:ignor\w*|disregard\w*|forget|overrid\w+|bypass\w*|neglect|violate|abandon"
    r"|set aside|do not (?:follow|obey)|don'?t (?:follow|obey)|stop following|missacht\w*"
    r"|vergiss|vergessen|ubergeh\w*|oublie\w*|olvid\w+|descart\w+|dimentic\w+|trascur\w+"
    r"|esque[cç]\w+|desconsider\w+|negeer\w*|vergeet|zignoruj|pomin|glom|unohda|wymaz"
    r"|yok say|gormezden gel|игнорир\w+|проигнорир\w+|забуд\w+)",
    # … those that were given before, or to the reader, …
    "given": r"(?:all|any|every|previous\w*|prior|above|earlier|preceding|foregoing|your|system"
    r"|initial|original|existing|former|past|alle\w*|vorherig\w+|bisherig\w+|obig\w+"
    r"|vorangegangen\w*|deine\w*|ihre\w*|tout\w*|precedent\w*|anterieur\w*|vos|tes|anterior\w*"
    r"|previa\w*|todas?|todos?|tus|sus|suas?|tutt\w+|precedenti|tue|eerdere|vorige|jouw|uw"
    r"|poprzedni\w+|wszystk\w+|tidigare|onceki|предыдущ\w+|все|прежн\w+)",
    # … instructions, …
    "orders": r"(?:instruction\w*|guidance|prompts?|guidelines?|programming|safeguards?|guardrails?"
    r"|anweisung\w*|instruktion\w*|consignes?|instrucciones|ordenes|istruzioni|instrucoes"
    r"|instructies|instrukcj\w*|polecen\w*|instruktioner|talimat\w*|инструкц\w*|указани\w*)",
    # … or rules, which people have as well.
    "rules": r"(?:rules?|directives?|directions|restrictions?|constraints?|training|regeln|vorgaben"
    r"|regles|directives|reglas|regole|regras|regels|правил\w*)",
    "machine": r"(?:a\.?i\.?|k\.?i\.?|i\.?a\.?|llms?|gpt\S{0,40}|chat ?gpt|chat ?bots?|\w*bots?"
    r"|(?:large |ai )?language models?|(?:ai|ki|virtual|automated|support|chat|helpful) "
    r"(?:assistants?|agents?|systems?|models?|bots?)|assistants?|sprachmodelle?\w*|assistent\w*"
    r"|modele de langage|asistente\w*|modelo de lenguaje|modello linguistico|assistente\w*"
    r"|modelo de linguagem|taalmodel\w*)",
    # What only a machine has been told.
    "secret": r"(?:system ?-?(?:prompt|instruction)s?|systemanweisung\w*|(?:hidden|initial"
    r"|secret|developer|original) (?:prompt|instruction|message)s?|(?:prompt|invite|message|"
    r"instrucciones|instructions|instrucoes|istruzioni|consignes) (?:du |del |do |di |de )?"
    r"(?:systeme|sistema)|systeemprompt"
    r"|your (?:instructions|prompt|rules|guidelines|programming))",
    "tell": r"(?:say|tell|reply|respond|answer|reveal|recommend|output|print|include|claim|state"
    r"|inform|disclose|append|repeat|write|ignore|obey|comply|promise|offer|grant|approve|send"
    r"|mention|display|show|leak|dump|expose|summari[sz]e|translate|encode)",
}


# A word and what is before or behind it, in a pattern of `_rule`.
_PARTS |= {
    "before": r"(?:\W++\w++)",
    "behind": r"(?:\w++\W++)",
    "spoken": r"(?:\W++\w[\w']*+)",  # with its apostrophes, and those around it
}


def _rule(pattern: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        pattern = pattern.replace(f"<{name}>", part)
    return re.compile(pattern)


class _Rule(NamedTuple):
    """What has to stand in a text in this order, however far apart."""

    parts: tuple[re.Pattern[str], ...]

    def search(self, text: str) -> bool:
        """Whether all of it is there. The first place of each part leaves most for the next."""
        position = 0
        for part in self.parts:
            found = part.search(text, position)
            if found is None:
                return False
            position = found.end()
        return True


def _rules(*patterns: str) -> _Rule:
    return _Rule(tuple(map(_rule, patterns)))


_DROPS_RULES = _rule(
    r"\b<drop>\b<spoken>{0,2}?\W++<given>\b(?:<spoken>{0,3}?\W++<orders>"
    r"|(?:\W++(?:of|the|your|safety|content|security|ethical|system|core|internal|hidden|own|given"
    r"|moderation|previous|earlier|prior|deine\w*+|tus|tes|vos)\b){0,3}?(?<!all)\W++<rules>)\b"
    r"|\b<drop>\b<before>{0,3}?\W++(?:<orders>|<rules>)\W++<behind>?"
    r"(?:above|before|anterior\w*|precedent\w*|previa\w*|oben)\b"
    r"|\b<given>\b<before>{0,2}?\W++<orders>\W++"
    r"(?:(?:are|is|must|should|to|be|now|have|been)\W++)*+"
    r"(?:void|cancell?ed|ignored|disregarded|revoked|ignorieren|vergessen|missachten"
    r"|yok say\w*|gormezden gel"
    r"|unut|changed)\b"
    r"|\b<drop>\b<before>{0,2}?\W++(?:everything|anything|what(?:ever)?|all|the|alles|tout|todo"
    r"|tutto|tudo)\W++<behind>{0,3}?(?:above|told|davor|zuvor|oben|dessus|arriba|sopra|acima)\b"
    r"|\b<drop>\b<before>{0,2}?\W++(?:<orders>|<rules>)\W++(?:that )?you (?:received|were given"
    r"|have been given|got|were told)\b"
)
_NOT = re.compile(r"\b(?:not|never|nicht|nie|niemals|jamais|nunca|mai|nooit)\W++(?:\w++\W++)?$")
# "You can ignore the instructions above if …" speaks to people.
_TO_PEOPLE = re.compile(
    r"\b(?:you|she|he|they|users?|customers?|people|members?) (?:can|may|could|might|often|do not"
    r" have to|don'?t have to)\b|\b(?:if|when|unless|once|since|because) (?:you|your|the|it|this)\b"
    r"(?! (?:are|re) (?:an? )?(?:ai|llm|bot|assistant|chatbot|language))"
)
_SPEAKS_TO_MACHINE: tuple[re.Pattern[str] | _Rule, ...] = (
    _rule(
        r"\b(?:note|notice|message|instructions?|attention|important|reminder|warning"
        r"|command|order|hinweis|achtung|nachricht|anweisung\w*|attention|nota|atencion"
        r"|aviso|attenzione|atencao)\b[\s:,!-]+(?:to |for |an |an die |fur |a l |aux? |para"
        r" |a |per )?(?:the |any |all |every |this |die |den |das |la |el |l |los |o"
        r" )?<machine>\b(?=\s*(?:[:,.!;–—-]|$|reading|that|who|processing))"
    ),
    _rule(
        r"^\W*(?:hey |dear |hello |to |for )?(?:the |any |all |this"
        r" )?<machine>\s*[:,!–—-]+\s*(?:please |you |always |never |now |do |don'?t |must "
        r"|when |if |from |the |bitte |immer )*(?:<tell>|<drop>|pretend|act|behave|reveal"
        r"|call|give|treat|consider|antworte\w*|sag\w*|reponds?|dis|responde|di|rispondi"
        r"|diga)\b"
    ),
    _rule(r"\bif you(?: are|'?re) (?:an? |the )?(?:\w+ ){0,2}<machine>\b"),
    _rule(
        r"\b(?:as|being) an? (?:\w+ )?(?:ai|llm|language model|chat ?bot|ai assistant|ai"
        r" model)\b[ ,]+(?:you|i|it is|your)\b"
    ),
    _rule(
        r"\b(?:als ki|en tant qu\W?(?:ia|assistant)|como (?:una )?ia|in quanto ia|come"
        r" ia)\b[ ,]+(?:musst|sollst|antworte\w*|tu|vous|debes|tienes|devi|devo|deve|voce"
        r"|du|sie)\b"
    ),
    _rule(
        r"\byou(?: are|'?re) (?:now|no longer|henceforth|from now on)\b<before>{0,4}?\W++"
        r"(?:<machine>|dan|bound|restricted|limited|unrestricted|free|jailbroken|evil"
        r"|pirate|in (?:\w+ )?mode|a different|able to|acting|playing|root|admin\w*)\b"
    ),
    _rule(
        r"\b(?:du bist (?:jetzt|nun|ab sofort)|tu es (?:maintenant|desormais)|ahora eres"
        r"|eres ahora|(?:ora|adesso) sei|agora voce e|je bent nu|ты теперь)\b"
    ),
    _rule(
        r"\b(?:from now on|henceforth|starting now|ab (?:jetzt|sofort)|a partir de"
        r" maintenant|desormais|a partir de ahora|a partir de agora|d'ora in poi|vanaf"
        r" nu)\W+(?:you (?:are|will|must|shall|should|act|answer|respond|reply|only|always"
        r"|have)|<tell>|act\b|pretend|bist|antworte\w*|sag\w*|reponds?|tu |dis |eres"
        r"|responde|sei |rispondi|voce|diga|ben je)"
    ),
    _rule(
        r"\b(?:your|deine|ta|tu|la tua|sua) (?:new|only|real|true|sole|neue|nouvelle|nueva"
        r"|nuova|nova) (?:task|goal|role|mission|job|purpose|instructions?|objective"
        r"|identity|persona|aufgabe|rolle|tache|tarea|compito|tarefa|directive)\b"
    ),
    _rule(r"\b(?:god|dan|jailbreak|sudo|unrestricted|unfiltered) mode\b"),
    _rule(
        r"\b<machine> (?:that is |that are |who is )?(?:reading|processing|summari[sz]ing"
        r"|crawling|parsing|indexing|analy[sz]ing|consuming|answering) (?:this|the|these"
        r"|from)\b"
    ),
    _rule(r"\bstop (?:being|acting|behaving|working)\b<before>{0,4}?\W++<machine>\b"),
    _rule(
        r"\b(?:act|behave|answer|respond|reply|speak) (?:as|like)(?: if you (?:were|are))?"
        r"<before>{0,3}?\W++<machine>\b"
    ),
    _rule(
        r"\b(?:begin|start|end|prefix|finish|close) (?:your|each|every|all) (?:\w+ )?"
        r"(?:answers?|responses?|outputs?)\b"
    ),
    _rule(
        r"\b(?:respond|reply|answer) (?:to )?(?:every|all|any|each) (?:\w+ )?(?:questions?"
        r"|quer(?:y|ies)|prompts?) (?:with|by)\b"
    ),
    _rules(
        r"\b(?:when|if|whenever) (?:you are |you're )?asked about\b",
        r"\b(?:always|only|never) (?:say|answer|reply|respond|claim|state|tell)\b",
    ),
    _rule(
        r"\b(?:do not|don'?t|never) (?:tell|reveal|mention|disclose|show|inform)\b"
        r"<before>{0,4}?\W++(?:these|this|your) (?:instructions?|prompt)\b"
    ),
    _rule(r"\byour instructions (?:have changed|are (?:void|now)|were)\b"),
    _rule(
        r"\b(?:system|admin\w*|developer|security|policy|instruction|prompt|safety) "
        r"(?:override|injection)\b"
    ),
    _rule(r"\bjailbr(?:eak|oken)\b|\bdo anything now\b"),
    _rule(
        r"\b(?:pretend|imagine|roleplay|role-play) (?:to be|that you|you|as)\b"
        r"<before>{0,3}?\W++<machine>\b"
    ),
    _rules(
        r"\b(?:in|with|to|of) (?:your|every|each|all your|any) (?:next |final )?(?:answers?"
        r"|reply|replies|responses?|outputs?)\b",
        r"\b(?:customer|user|visitor|link|image|url|markdown|<machine>|must|always|include|append"
        r"|add)\b",
    ),
    _rules(
        r"\b(?:the |any |this |every |all )<machine>(?: \w++){0,3}? (?:must|shall|should|has"
        r" to|needs to|is to|are to|will now|is instructed to|is ordered to)\b(?:"
        r" \w++){0,3}? (?:<tell>|<drop>)\b",
        r"\b(?:customers?|users?|visitors?|instructions?|rules?|prompt|link|secret|policy)\b",
    ),
)
_ASKS_FOR_SECRET = _rule(
    r"\b(?:reveal|print|output|show|repeat|leak|disclose|display|dump|give|send|expose|write|tell"
    r"|quote|echo|recite|translate|encode|summari[sz]e|include|append|zeig\w*|nenn\w*|gib|verrat\w*"
    r"|montre\w*|affiche\w*|revele\w*|donne\w*|muestra\w*|revela\w*|dime|mostra\w*|rivela\w*"
    r"|mostre|toon|geef)\b<spoken>{0,6}?\W++(?:\w{1,2}'++)?<secret>\b"
)
_NEW_RULES = _rule(
    r"\b(?:new|neue|nouvelles|nuevas|nuove|novas) (?:system )?(?:instructions?|prompt|directives?"
    r"|system rules|anweisung(?:en)?|consignes|instrucciones|istruzioni|instrucoes)"
    r"\s*(?::|for (?:the )?<machine>|override|supersede)"
    r"|\b(?:begin|start|end|new)\W++(?:(?:new|of|the|real)\W++){0,2}system prompt\b"
    r"|\b(?:whichever|whatever|any) <machine> (?:is|that is) (?:reading|processing|parsing)\b"
    r"|^\W*(?:dear )?(?:model|<machine>),? (?:please )?(?:<tell>|<drop>)\b.{0,20}\bthat\b"
    r"|\b(?:end|begin|start|beginning) of (?:the )?(?:system |hidden |real )?(?:prompt|instructions"
    r"|context|sources|user input|documents?)\b"
    r"|\b(?:supersede|override|replace|overwrite)s? (?:all )?(?:your|any|all|previous"
    r"|prior|earlier)"
    r"(?: \w++){0,3} (?:instructions|rules|prompts?|guidelines)\b"
)
_TEMPLATE = re.compile(
    r"<\s*+[|｜][^<>\n]{1,60}[|｜]\s*+>|<\s*+(?:/\s*+)?SYS\s*+>|\[\s*+(?:/\s*+)?INST\s*+\]"
    r"|</?(?:start|end)_of_turn>"
    r"|<\s*+(?:/\s*+)?(?:system|sources?|instructions?|assistant"
    r"|tool_(?:call|response|result)s?)\b[^>]{0,400}>"
    r"|^\W*(?:system|assistant|human)\s*:\s*(?=you\b|ignore\b|new\b|from\b|always\b"
    r"|never\b|reveal\b"
    r"|i will\b|sure\b)"
    r"|^\s*#+\s*(?:system|instruction|response|human|assistant)s?\s*:",
    re.IGNORECASE,
)
_OTHER_SCRIPTS = re.compile(
    r"(?:忽略|无视|無視|忘记|忘記|忘れ|不要理会).{0,14}(?:指令|指示|规则|規則|提示|命令|ルール|プロンプト|要求)"
    r"|(?:指令|指示|规则|規則|提示|命令|ルール|プロンプト).{0,8}(?:忽略|无视|無視|忘れ|忘记)"
    r"|(?:系统提示|系統提示|システムプロンプト|시스템 ?프롬프트)"
    r"|(?:지시|명령|규칙|지침).{0,10}(?:무시|잊)"
    r"|تجاهل.{0,20}(?:تعليمات|أوامر|قواعد)|(?:निर्देश|नियम).{0,25}(?:अनदेखा|नज़रअंदाज|भूल)"
    r"|התעלם.{0,20}(?:הוראות|כללים)"
)
# Every rule needs one of these: most texts have none, and are not looked at more closely.
_HINT = re.compile(
    r"instru|guidance|model|above|told|davor|zuvor|oben|dessus|arriba|sopra|acima|rule|prompt|guideline|directive|directions|restrict|programming|constraint|guard"
    r"|anweisung|regel|vorgabe|consigne|regle|ordenes|istruzion|regole|regras|polecen|talimat"
    r"|инструк|указани|правил|ты теперь|\b(?:ai|a\.i|ki|ia|dan|llms?|gpt\w*)\b|bot\b"
    r"|bots\b|language model"
    r"|assist|asist|sprachmodell|modele? de l|modello li|modelo de l|taalmodel|agent|from now on"
    r"|henceforth|starting now|no longer|you(?: are|'re) now|ab (?:jetzt|sofort)|a"
    r" partir de|desormais"
    r"|d'ora in|vanaf nu|du bist|tu es|\beres\b|\bsei\b|voce e|je bent|\b(?:your"
    r"|deine|ta|tu|tua|sua) n"
    r"|your (?:only|real|true|sole)|mode\b|override|injection|jailbr|do anything"
    r"|answers?\b|repl(?:y|ies)|question|asked"
    r"|response|output|end of|begin|start of|system.?(?:prompt|instr|over)|sistema"
    r"|[<#|\u0590-\u1fff\u3040-\ud7ff]|\[/?inst"
)


def unplanted(retrieved: Sequence[Retrieved]) -> list[Retrieved]:
    """`retrieved` without what its passages say to machines; passages that say nothing else go."""
    cleaned = (replace(each, passage=without_planted(each.passage)) for each in retrieved)
    return [each for each in cleaned if each.passage.text.strip()]


def without_planted(passage: Passage) -> Passage:
    """`passage` without planted sentences, in its text, its title and its headings.

    What follows one in its paragraph goes with it: it is the rest of the instruction. Title and
    headings are made harmless as well, since they are shown as they are. The same object comes
    back if there is nothing to change.
    """
    text = _people_only(passage.text)
    title = "" if is_planted(passage.title) else harmless(passage.title)
    headings = tuple(harmless(each) for each in passage.headings if not is_planted(each))
    if (text, title, headings) == (passage.text, passage.title, passage.headings):
        return passage
    return replace(passage, text=text, title=title, headings=headings)


def is_planted(sentence: str) -> bool:
    """Whether `sentence` speaks to the machine that reads it."""
    readings = [each for each in _readings(sentence) if _HINT.search(each)]
    written = normalized("NFKC", sentence)
    if readings and (_TEMPLATE.search(written) or _OTHER_SCRIPTS.search(written)):
        return True
    return any(map(_gives_orders, readings))


def _gives_orders(said: str) -> bool:
    if _drops_rules(said) and not _TO_PEOPLE.search(said):
        return True
    if any(pattern.search(said) for pattern in _SPEAKS_TO_MACHINE):
        return True
    return bool(_ASKS_FOR_SECRET.search(said) or _NEW_RULES.search(said))


def _drops_rules(said: str) -> bool:
    """Whether it tells to, and not that one never should."""
    found = _DROPS_RULES.search(said)
    while found and _NOT.search(said, max(0, found.start() - 40), found.start()):
        found = _DROPS_RULES.search(said, found.start() + 1)
    return found is not None


def _readings(sentence: str) -> Iterator[str]:
    """`sentence` folded, and as a reader would take it who sees through disguises."""
    seen = sentence
    if not sentence.isascii():
        seen = "".join(
            c
            for c in normalized("NFKC", sentence)
            if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Mn") or c in "\n\t"
        )
    plain = " ".join(fold(seen).split())
    yield plain
    undisguised = plain if plain.isascii() else _MIXED.sub(_latin, plain)
    undisguised = _LEET.sub(_lettered, undisguised)
    undisguised = _SPACED.sub(lambda m: re.sub(r"[\W_]", "", m.group()), undisguised)
    undisguised = " ".join(re.sub(r"[*_`~\"“”‘’]+", "", undisguised).split())
    if undisguised != plain:
        yield undisguised


def _latin(run: re.Match[str]) -> str:
    """A run of letters, with those that look like Latin ones as such if it has Latin ones too."""
    letters = run.group()
    ascii_ones = sum(map(str.isascii, letters))
    return letters.translate(ALIKE) if 0 < ascii_ones < len(letters) else letters


def _lettered(run: re.Match[str]) -> str:
    """A run of letters and figures as a word. Of figures in front the last is its first letter."""
    word = run.group().lstrip("013457@$")
    figures = run.group()[: -len(word)]
    return figures[:-1] + (figures[-1:] + word).translate(_FIGURES)


@lru_cache(maxsize=1024)
def _people_only(text: str) -> str:
    paragraphs = _BLANK_LINE.split(text)
    kept = [_kept_of(paragraph) for paragraph in paragraphs]
    if kept == paragraphs:
        return text
    return "\n\n".join(paragraph for paragraph in kept if paragraph.strip())


def _kept_of(paragraph: str) -> str:
    """`paragraph` up to its first planted sentence."""
    if not any(map(_HINT.search, _readings(paragraph))):
        return paragraph
    if not is_planted(paragraph) and not any(map(is_planted, sentences(paragraph))):
        return paragraph
    lines: list[str] = []
    for line in paragraph.split("\n"):
        mark = _LINE_START.match(line)
        begins = mark.end() if mark else 0
        good: list[str] = []
        for sentence in sentences(line[begins:]):
            if is_planted(sentence):
                return "\n".join([*lines, line[:begins] + " ".join(good)] if good else lines)
            good.append(sentence)
        lines.append(line)
    # It is spread over lines: what is certain is what stands before it as one text.
    before: list[str] = []
    for sentence in sentences(paragraph):
        if is_planted(sentence):
            break
        before.append(sentence)
    return " ".join(before) if len(before) < len(sentences(paragraph)) else ""
