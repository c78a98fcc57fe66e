"""What is small talk, and what is a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.small_talk import is_parting, small_talk
from frontdesk.escalation.person_requests import LANGUAGES


def reply(text: str) -> str | None:
    return small_talk(text, assistant="Robin", organization="Harbor")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Hi!", "Hello"),
        ("hello, good morning :)", "Hello"),
        ("Bonjour", "Hello"),
        ("你好", "Hello"),
        ("Hi, can you help me?", "Hello"),
        ("👋", "Hello"),
        ("Thanks a lot!!", "welcome"),
        ("ok thank you so much", "welcome"),
        ("Danke schön", "welcome"),
        ("👍", "welcome"),
        ("thanks, bye", "Goodbye"),
        ("¡Adiós!", "Goodbye"),
        ("are you a bot?", "AI assistant of Harbor"),
        ("Hi, am I talking to a real person?", "AI assistant of Harbor"),
        ("Who are you?", "Robin"),
    ],
)
def test_small_talk_gets_a_kind_reply(text: str, part: str) -> None:
    assert part in (reply(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "Hi, how do I get a refund?",
        "thanks, but it still fails",
        "hello can you help me with my order",
        "ok",
        "yes",
        "no",
        "",
        "???",
        "bye bye birdie subscription",
        "What is a chatbot?",
        "Is this a bot licence or a user licence?",
        "cancel",
        "1234",
        "thank " * 13,
    ],
)
def test_a_message_with_content_is_no_small_talk(text: str) -> None:
    assert reply(text) is None


@given(st.sampled_from(["Hi", "Thanks", "Are you a bot", "Bye"]), st.text("qxzjk", min_size=4))
def test_one_unknown_word_makes_it_a_question(greeting: str, word: str) -> None:
    assert reply(f"{greeting} {word}") is None
    assert reply(f"{word}, {greeting}") is None


@given(st.text())
def test_any_text_is_looked_at_without_failing(text: str) -> None:
    assert isinstance(reply(text), str | None)


THANKS = {
    "ar": "شكرا جزيلا",
    "cs": "Děkuji!",
    "da": "Mange tak!",
    "de": "Vielen Dank für Ihre Hilfe!",
    "el": "Ευχαριστώ πολύ!",
    "en": "Thanks so much!!! 😊",
    "es": "¡Muchas gracias!",
    "fi": "Kiitos!",
    "fr": "Merci beaucoup, bonne journée !",
    "hi": "धन्यवाद",
    "hu": "Köszönöm szépen!",
    "it": "Grazie mille",
    "ja": "ありがとうございました。",
    "ko": "감사합니다!",
    "nl": "Dank je wel!",
    "no": "Tusen takk!",
    "pl": "Dziękuję bardzo!",
    "pt": "Muito obrigada!",
    "ro": "Mulțumesc mult!",
    "ru": "Большое спасибо!",
    "sv": "Tack så mycket!",
    "tr": "Çok teşekkürler!",
    "uk": "Дуже дякую!",
    "zh": "谢谢！",
}


def test_thanks_are_a_parting_in_every_language_that_is_heard() -> None:
    assert set(THANKS) == set(LANGUAGES)
    assert [language for language, text in THANKS.items() if not is_parting(text)] == []
    assert [language for language, text in THANKS.items() if not reply(text)] == []


@pytest.mark.parametrize(
    "text",
    ["Thanks, Robin!", "thank you Ada 🙏", "Bye!", "👍🏽", "❤️", "🎉🎉", "ok", "Great, that's all"],
)
def test_whoever_helped_may_be_thanked_by_name(text: str) -> None:
    assert is_parting(text, names=["Robin", "Ada Lovelace"])


@pytest.mark.parametrize(
    "text",
    [
        "thanks, but it still does not work",
        "Danke, aber es geht nicht",
        "thanks. How do I get a refund?",
        "ok?",
        "no",
        "Hello",
        "are you a bot?",
        "Thanks Grace",
        "?",
        "",
    ],
)
def test_what_goes_on_is_no_parting(text: str) -> None:
    assert not is_parting(text, names=["Robin"])
