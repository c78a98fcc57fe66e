"""What is small talk, and what is a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.small_talk import small_talk


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
