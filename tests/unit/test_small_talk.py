"""What is small talk, what is a question, and when a customer wants a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.small_talk import small_talk
from frontdesk.escalation.person_requests import asks_for_person


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
    assert isinstance(asks_for_person(text), bool)


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a human",
        "Can I speak with someone, please?",
        "agent",
        "Human please!",
        "connect me to your support team",
        "This is useless. Get me a manager!",
        "let me talk to a person, not a bot",
        "I need a real person",
        "Is there someone I can talk to?",
        "Do you have a live agent?",
        "Could you transfer me to an advisor about my invoice?",
        "I don't like this, but can I talk to a person?",
        "Ich möchte mit einem Menschen sprechen",
        "Je veux parler à un humain",
        "Quiero hablar con una persona",
        "Ik wil een medewerker spreken",
    ],
)
def test_a_wish_for_a_person_is_heard(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to talk to a person",
        "Do I have to talk to someone to close my account?",
        "How can my customers talk to an agent?",
        "How do I add an agent to my team?",
        "What is human resources?",
        "I made a transfer to someone yesterday",
        "How many people can use one account?",
        "Can the API get in touch with customers?",
        "The support team was great",
        "Which person is named on the invoice?",
        "Can I get a refund without talking to a person?",
    ],
)
def test_talking_about_people_is_no_wish_for_one(text: str) -> None:
    assert not asks_for_person(text)
