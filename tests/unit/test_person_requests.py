"""When a customer wants a person, in many languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.escalation.person_requests import LANGUAGES, asks_for_person

DATA = Path(__file__).parents[1] / "data"
_LINES = [
    line.split("\t") for line in (DATA / "person-requests.tsv").read_text("utf-8").splitlines()[1:]
]


@pytest.mark.parametrize("language", sorted({language for language, _, _ in _LINES}))
def test_a_wish_for_a_person_is_told_from_talk_about_people(language: str) -> None:
    lines = [(kind, text) for of, kind, text in _LINES if of == language]
    wrong = [text for kind, text in lines if asks_for_person(text) is not (kind == "heard")]
    assert not wrong


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


@given(st.text())
def test_any_text_is_looked_at_without_failing(text: str) -> None:
    assert isinstance(asks_for_person(text), bool)
