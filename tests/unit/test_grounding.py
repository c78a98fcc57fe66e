"""Does an answer say only what its sources say?"""

import pytest

from frontdesk.answers.grounding import Grounding, Meaning, grounding
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage

BILLING = Passage(
    "d",
    "v",
    0,
    "Refunds are paid by Harbor within five working days. An import of 1,200 cards takes 2.50 "
    "minutes. Support in Hamburg is open from 9:30 to 17:00.",
    "Billing guide",
)
PLANS = Passage("e", "w", 0, "Pro costs €20 per member and month.", "Prices")
GERMAN = Passage(
    "g", "x", 0, "Rückerstattungen dauern fünf Werktage und kommen auf die Karte.", "Hilfe"
)


def check(answer: str, question: str = "") -> Grounding:
    return grounding(answer, [BILLING, PLANS, GERMAN], question=question)


@pytest.mark.parametrize(
    "answer",
    [
        "Harbor pays refunds within 5 working days [1].",
        "Importing 1200 cards takes 2.5 minutes [1].",
        "Support is open between 9:30 and 17:00 [1].",
        "Pro is €20 a month per member [2].",
        "1. Refunds are paid within five days.\n2. Pro costs €20. [1][2]",
        "Refunds take five working days. [1] Let me know if you need anything else!",
        "Step 1: refunds are paid within five working days [1].",
    ],
)
def test_what_the_sources_say_is_supported(answer: str) -> None:
    assert check(answer).unsupported == ()
    assert check(answer).score > 0.7


@pytest.mark.parametrize(
    "answer",
    [
        "Refunds are paid within seven working days, or 7 at most [1].",
        "Pro costs €25 per member and month [2].",
        "Refunds are paid by Stripe within five working days [1].",
        "Support in Berlin is open from 9:30 to 17:00 [1].",
        "Zebras sleep standing up because lions hunt at night [1].",
    ],
)
def test_invented_numbers_names_and_subjects_are_not(answer: str) -> None:
    assert len(check(answer).unsupported) == 1
    assert check(answer).score < 0.2


def test_a_number_counts_only_in_the_source_that_is_cited() -> None:
    assert check("Pro costs €20 per member and month [2].").unsupported == ()
    assert check("Pro costs €20 per member and month [1].").unsupported


def test_one_invention_outweighs_what_is_right() -> None:
    right = "Refunds are paid within five working days [1]. Pro costs €20 per member [2]."
    assert check(f"{right} Express costs €99 [2].").score < 0.2 < check(right).score


def test_what_the_customer_said_may_be_repeated() -> None:
    answer = "For your order 48151, refunds are paid within five working days, Mr Miller [1]."
    assert check(answer).unsupported
    assert not check(answer, question="I'm Mr Miller. Where is the refund of 48151?").unsupported


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "Do I get 100 % back, and is a refund legally binding?",
            "You get 100 % back, a refund is legally binding [1].",
        ),
        ("Is it 900 dollars?", "Refunds of 900 dollars are paid within five working days [1]."),
        ("Is it two days?", "Refunds are paid by Harbor within two working days [1]."),
        ("Are refunds guaranteed?", "Refunds are guaranteed within five working days [1]."),
        ("Is Pro free?", "Pro is free per member and month [2]."),
        ("By Zelle?", "Refunds are paid by Zelle within five working days [1]."),
        (
            "Is my contract void, and the fee waived?",
            "Your contract is void and the fee waived within five working days [1].",
        ),
    ],
)
def test_what_is_asked_is_not_true_because_it_is_asked(question: str, answer: str) -> None:
    assert check(answer, question=question).unsupported


@pytest.mark.parametrize("polite", ["Sorry", "Thank you", "Let me know"])
def test_courtesy_covers_nothing_but_itself(polite: str) -> None:
    assert check(f"{polite}, zebras sleep standing up because of lions [1].").unsupported


def test_an_answer_in_another_language_is_judged_by_its_numbers() -> None:
    assert not check(
        "Pro kostet 20 € pro Mitglied und Monat und wird monatlich bezahlt [2]."
    ).unsupported
    assert check(
        "Pro kostet 25 € pro Mitglied und Monat und wird monatlich bezahlt [2]."
    ).unsupported


def test_german_nouns_are_not_names() -> None:
    answer = "Die Rückerstattungen kommen in fünf Werktagen auf die Karte [3]."
    assert not check(answer).unsupported


def test_courtesies_alone_state_nothing() -> None:
    assert check("I'm sorry, I don't know. Would you like anything else?") == Grounding(1.0, ())


PARAPHRASES = [
    "The money goes back onto the same card that was used for the purchase [1].",
    (
        "Once three attempts have failed you can only view the workspace until you enter another "
        "card [1]."
    ),
]
INVENTIONS = [
    "Every plan is free and all refunds are sent twice by wire transfer [1].",
    "A refund comes in gold to the address you name [1].",
    "Invitations can be extended by the administrator in the settings [1].",
    "Calendars can be printed as a poster [1].",
]
TERMS = Passage(
    "d",
    "v",
    0,
    "Refunds are paid back to the card you paid with. You can invite people to a team. If a "
    "payment fails, we try again. After the third failure the workspace becomes read-only until a "
    "new card is added.",
    "Terms",
)


@pytest.mark.parametrize("said", PARAPHRASES)
def test_what_is_said_in_other_words_is_supported_by_its_meaning(
    said: str, embedder: MiniLmEmbedder
) -> None:
    assert grounding(said, [TERMS]).score == 0.0
    assert grounding(said, [TERMS], meaning=Meaning(embedder, 0.75)).score > 0.5


@pytest.mark.parametrize("said", INVENTIONS)
def test_what_is_invented_has_no_meaning_in_common(said: str, embedder: MiniLmEmbedder) -> None:
    found = grounding(said, [TERMS], meaning=Meaning(embedder, 0.75))
    assert found.unsupported


def test_meaning_does_not_excuse_another_number(embedder: MiniLmEmbedder) -> None:
    said = "After the fourth failure, 4, you can only view the workspace [1]."
    assert grounding(said, [TERMS], meaning=Meaning(embedder, 0.75)).unsupported
