"""When a customer wants a person, in many languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.escalation.person_requests import LANGUAGES, asks_for_person


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


WISHES = {
    "ar": "أريد التحدث مع موظف من فضلك",
    "cs": "Chci mluvit s člověkem.",
    "da": "Jeg vil gerne tale med et menneske",
    "de": "Kann ich bitte mit einem Mitarbeiter sprechen?",
    "el": "Θέλω να μιλήσω με άνθρωπο",
    "en": "Could I speak to somebody, please?",
    "es": "Necesito hablar con alguien de verdad",
    "fi": "Haluan puhua ihmisen kanssa",
    "fr": "Je voudrais parler à quelqu’un",
    "hi": "मुझे किसी इंसान से बात करनी है",
    "hu": "Élő emberrel szeretnék beszélni",
    "it": "Vorrei parlare con un operatore",
    "ja": "担当者と話したいです",
    "ko": "상담원 연결해 주세요",
    "nl": "Ik wil graag een medewerker spreken",
    "no": "Kan jeg få snakke med noen?",
    "pl": "Chcę porozmawiać z konsultantem",
    "pt": "Quero falar com um atendente",
    "ro": "Vreau să vorbesc cu un operator",
    "ru": "Хочу поговорить с человеком",
    "sv": "Jag vill prata med en människa",
    "tr": "Müşteri temsilcisi ile görüşmek istiyorum",
    "uk": "Хочу поговорити з оператором",
    "zh": "我要转人工客服",
}


def test_every_language_has_a_wish_here() -> None:
    assert set(LANGUAGES) == set(WISHES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_is_heard_in(language: str) -> None:
    assert asks_for_person(WISHES[language])


@pytest.mark.parametrize(
    "text",
    [
        "Ich möchte nicht mit einem Mitarbeiter sprechen",
        "Je ne veux pas parler à quelqu'un",
        "No quiero hablar con alguien",
        "Где мой заказ?",
        "注文はどこですか",
        "Wie lange dauert die Lieferung?",
    ],
)
def test_no_wish_is_heard_where_there_is_none(text: str) -> None:
    assert not asks_for_person(text)


@given(st.text())
def test_any_text_is_looked_at_without_failing(text: str) -> None:
    assert isinstance(asks_for_person(text), bool)
