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
# Languages in which a few phrases say it. Written as people write them, compared folded.
_PHRASES_OF: dict[str, str] = {
    "ar": "التحدث مع شخص|التحدث إلى شخص|التحدث مع موظف|التحدث إلى موظف|اتحدث مع انسان"
    "|أتحدث مع شخص|موظف خدمة العملاء",
    "cs": "mluvit s člověkem|mluvit s operátorem|mluvit s někým|živým člověkem|spojte mě s",
    "da": "tale med et menneske|tale med en medarbejder|tale med en person|tale med nogen",
    "de": "echten Menschen|einen Menschen sprechen|einen Mitarbeiter sprechen"
    "|menschlichen Mitarbeiter"
    "|mit Ihrem Support sprechen|zu einem Mitarbeiter|an einen Mitarbeiter",
    "el": "μιλήσω με άνθρωπο|μιλήσω με κάποιον|μιλήσω με εκπρόσωπο|με έναν άνθρωπο",
    "es": "persona real|agente humano|hablar con alguien|hablar con un agente|con un humano"
    "|pásame con|páseme con",
    "fi": "puhua ihmiselle|puhua ihmisen kanssa|puhua jonkun kanssa|asiakaspalvelijalle"
    "|asiakaspalvelijan kanssa|oikean ihmisen",
    "fr": "un vrai humain|une vraie personne|parler à quelqu'un|conseiller humain|agent humain"
    "|parler à un agent|à un être humain",
    "hi": "इंसान से बात|व्यक्ति से बात|एजेंट से बात|किसी से बात|आदमी से बात",
    "hu": "élő emberrel|ügyintézővel|egy emberrel|valakivel beszélni|munkatárssal beszélni",
    "it": "persona reale|persona vera|operatore umano|parlare con qualcuno|con un essere umano",
    "ja": "人と話したい|担当者と話|オペレーターと|オペレーターにつな|オペレーターに繋"
    "|担当者につな|担当者に繋|人間と話|有人対応",
    "ko": "상담원|상담사|사람과 이야기|사람과 대화|사람이랑",
    "nl": "echt persoon|echte persoon|een medewerker spreken|met een mens|met iemand praten"
    "|met iemand spreken|echt mens",
    "no": "snakke med et menneske|snakke med en person|snakke med noen|snakke med en ekte"
    "|snakke med kundeservice",
    "pl": "porozmawiać z człowiekiem|porozmawiać z konsultantem|rozmawiać z człowiekiem"
    "|rozmawiać z konsultantem|połącz mnie z|połączyć z konsultantem|żywym człowiekiem",
    "pt": "pessoa real|atendente humano|falar com alguém|falar com um atendente"
    "|falar com um humano|ser humano de verdade",
    "ro": "vorbesc cu o persoană|vorbesc cu un operator|vorbesc cu un om|vorbesc cu cineva"
    "|vorbi cu un operator|vorbi cu o persoană",
    "ru": "поговорить с человеком|поговорить с оператором|говорить с человеком"
    "|живым человеком|живой человек|позовите оператора|соедините с оператором"
    "|переключите на оператора|связаться с оператором|нужен оператор|хочу оператора",
    "sv": "prata med en människa|prata med någon|prata med en person|prata med kundtjänst"
    "|tala med en människa|tala med någon|riktig människa",
    "tr": "bir insanla|temsilciyle|temsilciye bağla|müşteri temsilcisi|canlı destek"
    "|yetkiliyle görüş|biriyle konuş|biriyle görüş",
    "uk": "поговорити з людиною|поговорити з оператором|живою людиною|з'єднайте з оператором"
    "|покличте оператора",
    "zh": "人工客服|转人工|轉人工|真人客服|找人工|转接人工|人工服务|人工服務|跟真人|和真人|找真人",
}
LANGUAGES = ("en", *_PHRASES_OF)
"""Languages a wish for a person is heard in. In others there is the button."""

_PHRASES = re.compile(
    "|".join(re.escape(fold(p)) for listed in _PHRASES_OF.values() for p in listed.split("|"))
)
_DENIED_ELSEWHERE = re.compile(
    r"\b(?:nicht|kein\w*|ohne|pas|sans|sin|no\s+quiero|non|senza|nao|sem|niet|geen|zonder|nie|bez"
    r"|inte|utan|ikke|uden|uten|en\s+halua|не|без|nu\s+vreau|nem|nechci|istemiyorum)\b[^.!?]{0,30}$"
)
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
        matches = (pattern.search(said) for pattern in (*_ASKS, _PHRASES))
        if any(match and not _is_denied(said[: match.start()]) for match in matches):
            return True
    return False


def _is_denied(before: str) -> bool:
    return any(pattern.search(before) for pattern in (_DENIED, _DENIED_ELSEWHERE))
