"""What needs no documents: greetings, thanks, goodbyes, "are you a bot?".

Conservative on purpose. Every word of a message has to be small talk; one word of content and it
is a question. English first; the commonest forms of some other languages.
"""

import re
import unicodedata
from collections.abc import Iterable

from frontdesk.answers.text import fold

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LONGEST = 12  # words; nobody greets for longer

# In each set: whole messages, or parts of one, with accents folded and punctuation gone.
_GREETINGS = """
hello|hi|hey|hiya|howdy|yo|hello there|hi there|hey there|good morning|good afternoon|good evening
|good day|greetings|morning|evening|how are you|how are you doing|how are you today|how is it going
|how's it going|what's up|whats up|nice to meet you|is anyone there|anyone there|anybody there
|is anybody there|are you there|can you help me|can you help|i need help|i have a question
|i've got a question|can i ask a question|can i ask you something|help|help me|test|testing
|hallo|guten tag|guten morgen|guten abend|servus|moin|gruss gott|bonjour|bonsoir|salut|coucou
|hola|buenos dias|buenas tardes|buenas noches|buenas|ciao|buongiorno|buonasera|salve|ola|oi|bom dia
|boa tarde|boa noite|hoi|goedemorgen|goedemiddag|goedenavond|goedendag|hej|hei|god morgon|czesc
|dzien dobry|merhaba|selam|привет|здравствуйте|добрый день|你好|您好|こんにちは|안녕하세요
|مرحبا|नमस्ते
"""
_THANKS = """
thanks|thank you|thank you very much|thank you so much|thanks a lot|thanks so much|many thanks|thx
|thnx|tnx|ty|tysm|cheers|much appreciated|i appreciate it|appreciate it|appreciated
|thanks for your help|thank you for your help|thanks for the help|thank you for the help
|thanks for helping|thanks for helping me|that helps|that helped|that was helpful|very helpful
|that's helpful|that's great|that's perfect|great|perfect|awesome|amazing|excellent|wonderful|cool
|nice|super|brilliant|lovely|got it|understood|makes sense|that's all|that is all|that's it
|all good|all clear|no that's all|you're the best|you are the best|good bot|no thanks
|no thank you|it works|it works now
|that worked|works now|problem solved|solved
|danke|danke schon|vielen dank|danke sehr|dankeschon|besten dank|merci|merci beaucoup|gracias
|muchas gracias|grazie|grazie mille|obrigado|obrigada|muito obrigado|muito obrigada|dank je|dank u
|dank je wel|dank u wel|bedankt|tack|tack sa mycket|takk|tak|dziekuje|dzieki|tesekkurler
|tesekkur ederim|спасибо|большое спасибо|谢谢|多谢|ありがとう|ありがとうございます|감사합니다
|شكرا|شكرا جزيلا|धन्यवाद|शुक्रिया|बहुत धन्यवाद|dekuji|diky|moc dekuji|dekuju|mange tak
|tak skal du have
|tusen takk|takk skal du ha|mange takk|tack sa mycket|stort tack|tusen tack|kiitos|kiitoksia
|paljon kiitoksia
|kiitos paljon|ευχαριστω|ευχαριστω πολυ|σας ευχαριστω|koszonom|koszi|koszonom szepen|nagyon koszonom
|multumesc|multumesc mult|mersi|mersi mult|va multumesc|дякую|дуже дякую|щиро дякую|благодарю
|спасибо большое
|dziekuje bardzo|dzieki wielkie|bardzo dziekuje|cok tesekkurler|sagol|sag ol|sagolun
|cok tesekkur ederim
|고맙습니다|정말 감사합니다|감사해요|고마워요|谢谢你|谢谢您|非常感谢|感谢|謝謝|多謝
|ありがとうございました
|どうもありがとう|どうも|どうもありがとうございます|助かりました
|herzlichen dank|tausend dank|ich danke ihnen
|danke dir|danke ihnen|danke vielmals|merci bien|merci a vous|je vous remercie|merci pour votre aide
|mil gracias|gracias por su ayuda|gracias por tu ayuda|gracias por la ayuda|danke fur die hilfe
|danke fur ihre hilfe|vielen dank fur die hilfe|vielen dank fur ihre hilfe|ti ringrazio|la ringrazio
|grazie dell'aiuto|grazie per l'aiuto|obrigado pela ajuda|obrigada pela ajuda|valeu|hartelijk dank
|heel erg bedankt|bedankt voor de hulp|dank|super danke|perfekt|perfetto|perfecto|perfeito|parfait
"""
_GOODBYES = """
bye|bye bye|goodbye|good bye|see you|see ya|see you later|cya|take care|have a nice day
|have a good day|have a great day|have a nice evening|good night|farewell|until next time|later
|tschuss|tschuess|auf wiedersehen|bis bald|au revoir|a bientot|adios|hasta luego|arrivederci|tchau
|adeus|tot ziens|doei|hej da|ha det|do widzenia|пока|до свидания|再见|さようなら|مع السلامة
|schonen tag
|schonen tag noch|einen schonen tag|einen schonen tag noch|bis dann|ciao|bonne journee|bonne soiree
|buen dia|que tenga un buen dia|buona giornata|a presto|ate logo|bom dia para voce|fijne dag
|fijne dag nog
|dag|na shledanou|nashle|farvel|ha en god dag|nakemiin|hei hei|αντιο|γεια σας|viszlat|viszontlatasra
|la revedere|o zi buna|до побачення|бувайте|hoscakal|hoscakalin|iyi gunler|gorusuruz
|안녕히 계세요|拜拜
|また|失礼します|अलविदा
"""
_BOT = """
are you a bot|are you a robot|are you a human|are you human|are you a person|are you a real person
|are you real|are you an ai|are you ai|are you a machine|are you a chatbot|are you a computer
|are you a human or a bot|are you a bot or a human|are you a real human|are you chatgpt
|is this a bot|is this a robot|is this an ai|is this a real person|is this a human|is this ai
|am i talking to a bot|am i talking to a human|am i talking to a person|am i talking to a robot
|am i talking to a real person|am i talking to an ai|am i speaking to a human
|am i speaking to a person|am i chatting with a bot|am i chatting with a human
|am i chatting with a real person|who are you|what are you|what's your name|what is your name
|who am i talking to|who am i speaking to|who am i chatting with
|bist du ein bot|bist du ein mensch|sind sie ein bot|sind sie ein mensch|wer bist du
|es tu un robot|etes vous un robot|tu es un robot|eres un bot|eres un robot|eres humano
|sei un bot|sei un robot|voce e um robo|ben je een bot|ben je een mens
"""
# Said along with small talk, and saying nothing.
_FILLERS = """
please|ok|okay|k|alright|right|yes|yeah|yep|yup|no|nope|sure|oh|ah|well|so|and|but|again|there|all
|everyone|team|folks|guys|sir|madam|mate|friend|dear|bot|very|much|really|just|now|today|for now
|then|have|a|nice|day|you|too|wow|hm|hmm|um|haha|lol|mr|ms|yes please
|nee|nein|ja|oui|si|non|nao|sim|da|и|und|et|y|e|kk|okey|oki|okidoki|ok then|fine|i see|aha|mhm|hmmm
|uh|uhm|alles klar|d'accord|vale|va bene|d accord|gut|bien|bueno|bene|bom|goed|prima|tamam|хорошо
|ладно|好的|好|はい|네|حسنا|ठीक है
"""


def _phrases(listed: str) -> frozenset[str]:
    folded = (" ".join(_WORD.findall(fold(phrase))) for phrase in listed.split("|"))
    return frozenset(phrase for phrase in folded if phrase)


_KINDS = {
    "bot": _phrases(_BOT),
    "goodbye": _phrases(_GOODBYES),
    "thanks": _phrases(_THANKS),
    "greeting": _phrases(_GREETINGS),
    "filler": _phrases(_FILLERS),
}
_NO = frozenset(["no", "nope", "nein", "non", "nao", "nee", "but", "again", "yes", "yeah"])
_EMOJI_THANKS = re.compile(r"[👍🙏❤😊🎉👏💯😀🙂]")
_EMOJI_GREETING = re.compile(r"👋")


def small_talk(
    text: str, *, assistant: str, organization: str, names: Iterable[str] = ()
) -> str | None:
    """A kind reply to `text` if it is nothing but small talk, else None.

    Whom it may address: the assistant, the organisation and those of `names`.

    Where a message is of two kinds, the reply is to the one that asks most: whether a bot is
    speaking, then goodbye, thanks, greeting. Words of assent alone ("ok", "yes") answer a question
    of ours, so they are no small talk.
    """
    said = _WORD.findall(fold(text))
    named = _names((assistant, organization, *names))
    kinds = _kinds(said, named) if said else _emoji_kinds(text)
    if kinds is None:
        return None
    if "bot" in kinds:
        return (
            f"I'm {assistant}, the AI assistant of {organization}. I answer from our documents and "
            "show you where each answer comes from."
        )
    if "goodbye" in kinds:
        return "Goodbye, and come back any time."
    if "thanks" in kinds:
        return "You're welcome! Is there anything else I can help you with?"
    if "greeting" in kinds:
        return f"Hello! I'm {assistant} from {organization}. What can I help you with?"
    return None


def is_parting(text: str, *, names: Iterable[str] = ()) -> bool:
    """Whether `text` is nothing but thanks, a goodbye or an "ok", to one of `names`, or an emoji.

    To whom was helped that is the end. "No" is none of it, and neither is a greeting.
    """
    said = _WORD.findall(fold(text))
    if not said:
        return any(unicodedata.category(character) == "So" for character in text)
    kinds = _kinds(said, _names(names))
    if kinds is None or not kinds <= {"thanks", "goodbye", "filler"}:
        return False
    return "?" not in text and (bool(kinds & {"thanks", "goodbye"}) or _NO.isdisjoint(said))


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in _WORD.findall(fold(name)))


def is_assent(text: str) -> bool:
    """Whether `text` asks nothing and says little: "ok", "yes", "hm", "..." or an emoji."""
    return _kinds(_WORD.findall(fold(text))) in (frozenset(), frozenset({"filler"}))


def _emoji_kinds(text: str) -> frozenset[str] | None:
    if _EMOJI_GREETING.search(text):
        return frozenset(("greeting",))
    return frozenset(("thanks",)) if _EMOJI_THANKS.search(text) else None


def _kinds(said: list[str], names: frozenset[str] = frozenset()) -> frozenset[str] | None:
    """The kinds of small talk that `said` is made of, or None if any word of it is none.

    One of `names` says nothing by itself.

    Takes the longest known phrase each time, so "thank you" is not two words.
    """
    if len(said) > _LONGEST:
        return None
    kinds: set[str] = set()
    position = 0
    while position < len(said):
        for end in range(len(said), position, -1):
            phrase = " ".join(said[position:end])
            kind = next((k for k, phrases in _KINDS.items() if phrase in phrases), None)
            if kind:
                kinds.add(kind)
                position = end
                break
        else:
            if said[position] not in names:
                return None
            kinds.add("filler")
            position += 1
    return frozenset(kinds)
