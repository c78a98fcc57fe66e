"""When a person is needed, how urgently, and what everybody is told then."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import pytest

from frontdesk.business_hours import is_open, next_opening
from frontdesk.entities import (
    STAKES,
    BusinessHours,
    Citation,
    EscalationRules,
    Message,
    OpenHours,
    Organization,
    Priority,
    Sentiment,
    Stake,
    TicketCategory,
)
from frontdesk.escalation.announcement import announce_handoff
from frontdesk.escalation.categories import category_of
from frontdesk.escalation.repetition import times_asked
from frontdesk.escalation.rules import (
    situation,
    wanted_by_answers,
    wanted_by_mood,
    wanted_by_words,
)
from frontdesk.escalation.stakes import at_stake
from frontdesk.escalation.summary import summarize
from frontdesk.escalation.urgency import judge
from frontdesk.ids import new_id

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULES = EscalationRules()


def feeling(score: float, **emotions: float) -> Sentiment:
    label = "NEGATIVE" if score <= -0.3 else "POSITIVE" if score >= 0.3 else "NEUTRAL"
    return Sentiment.model_validate(
        {"label": label, "score": score, "confidence": 0.9, "emotions": emotions}
    )


def said(text: str, mood: float | Sentiment | None = None) -> Message:
    sentiment = feeling(mood) if isinstance(mood, float) else mood
    return Message(id=new_id(), role="customer", text=text, at=AT, sentiment=sentiment)


def replied(kind: str, text: str = "Yes.", **more: object) -> Message:
    return Message.model_validate(
        {"id": new_id(), "role": "assistant", "text": text, "at": AT, "kind": kind, **more}
    )


def happened(event: str) -> Message:
    return Message.model_validate(
        {"id": new_id(), "role": "system", "text": "", "at": AT, "event": event}
    )


def kinds(text: str, stakes: Sequence[Stake] = STAKES) -> list[str]:
    return [stake.kind for stake in at_stake([text], stakes)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I was CHARGED TWICE for order 12", "payment"),
        ("I want my money back.", "payment"),
        ("My account was hacked!", "security"),
        ("please cancel my subscription", "cancellation"),
        ("You will hear from my lawyers", "legal"),
        ("The charger caught fire last night", "safety"),
        ("Ich möchte kündigen", "cancellation"),
    ],
)
def test_what_is_at_stake_is_seen(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "Where is your office?",
        "Do you have a fireplace?",
        "Can I use the hackathon discount?",
        "What does a lawyers' licence cost for suing? No, I mean issuing.",
    ],
)
def test_ordinary_words_put_nothing_at_stake(text: str) -> None:
    assert kinds(text) == []


def test_an_organisation_has_its_own_words() -> None:
    stakes = (Stake(kind="safety", words=("gluten*", "Erdnuß"), hand_off=True),)
    assert kinds("Is it gluten-free?", stakes) == ["safety"]
    assert kinds("ERDNUSS oder Erdnuß", stakes) == ["safety"]
    assert kinds("I like nuts", stakes) == []


def priority(*scores: float, text: str = "") -> Priority:
    return judge([feeling(score) for score in scores], at_stake([text], STAKES)).priority


def test_a_plain_question_is_of_medium_priority() -> None:
    assert priority(0.0) == "medium"
    assert judge([], ()).priority == "medium"
    assert judge([None, None], ()).priority == "medium"


def test_kind_words_make_it_low_and_two_complaints_high() -> None:
    assert priority(0.9, 0.9) == "low"
    assert priority(-0.9) == "medium"
    assert priority(-0.9, -0.9) == "high"


def test_what_is_at_stake_counts_less_while_the_customer_is_calm() -> None:
    assert priority(0.0, text="How long does a refund take?") == "medium"
    assert priority(-0.5, text="Where is my refund?") == "high"
    assert priority(0.0, text="How do I cancel my plan and see you in court?") == "high"
    assert priority(-0.9, -0.9, text="Where is my refund?") == "urgent"
    assert priority(-0.4, text="my lawyer will call") == "urgent"


def test_anger_is_seen_at_once_and_a_calm_complaint_is_not_anger() -> None:
    assert judge([feeling(-0.9, anger=0.8)], ()).priority == "high"
    assert judge([feeling(-0.9, disappointment=0.8)], ()).priority == "medium"


def test_a_mood_falls_when_it_goes_down_step_by_step() -> None:
    assert judge([feeling(s) for s in (0.2, -0.1, -0.4)], ()).falling
    assert not judge([feeling(s) for s in (0.2, 0.3, -0.4)], ()).falling
    assert not judge([feeling(s) for s in (0.9, 0.5, 0.1)], ()).falling
    assert not judge([feeling(s) for s in (-0.4, -0.9)], ()).falling


def test_the_same_question_in_other_words_is_the_same_question() -> None:
    earlier = ["Where is my parcel?", "where's my parcel", "Do you ship to Norway?"]
    assert times_asked("Where is my parcel??", earlier) == 3
    assert times_asked("Can I change my address?", earlier) == 1
    assert times_asked("???", ["!!!"]) == 1


def test_a_wish_for_a_person_goes_before_everything() -> None:
    now = situation(RULES, [said("Let me talk to a person, I was hacked!")], [])
    assert wanted_by_words(now) == "asked"
    button = said("Ik wil een mens").model_copy(update={"wants_person": True})
    assert wanted_by_words(situation(RULES, [button], [])) == "asked"


def test_words_that_an_organisation_does_not_leave_to_the_assistant_call_a_person() -> None:
    assert wanted_by_words(situation(RULES, [said("My account was hacked")], [])) == "stake"
    assert wanted_by_words(situation(RULES, [said("I want a refund")], [])) is None


def test_a_question_asked_often_enough_calls_a_person() -> None:
    asked = "Where is my parcel?"
    history = [said(asked), replied("answer"), said(asked), replied("answer")]
    assert wanted_by_words(situation(RULES, [said(asked)], history)) == "repeated"
    assert wanted_by_words(situation(RULES, [said(asked)], history[:2])) is None
    eager = RULES.model_copy(update={"asked_times": 2})
    assert wanted_by_words(situation(eager, [said(asked)], history[:2])) == "repeated"


def test_what_was_dealt_with_does_not_count_again() -> None:
    asked = "Where is my parcel?"
    for event in ("handed_back", "resolved", "reopened"):
        history = [said(asked, -0.9), said(asked, -0.9), replied("unknown"), happened(event)]
        now = situation(RULES, [said(asked, -0.5)], history)
        assert wanted_by_words(now) is None
        assert wanted_by_mood(now) is None
        assert wanted_by_answers(now, known=False) is None


def test_two_answers_in_a_row_that_are_not_known_call_a_person() -> None:
    now = situation(RULES, [said("And to Mars?")], [said("To Venus?"), replied("unknown")])
    assert wanted_by_answers(now, known=False) == "unanswered"
    assert wanted_by_answers(now, known=True) is None
    between = [*now.history, said("To Oslo?"), replied("answer")]
    assert wanted_by_answers(situation(RULES, now.messages, between), known=False) is None


def test_a_bad_mood_calls_a_person_and_one_calm_complaint_does_not() -> None:
    assert wanted_by_mood(situation(RULES, [said("It is late", -0.95)], [])) is None
    before = [said("It is late", -0.9)]
    assert wanted_by_mood(situation(RULES, [said("Still nothing", -0.9)], before)) == "mood"
    angry = said("Liars!", feeling(-0.95, anger=0.9))
    assert wanted_by_mood(situation(RULES, [angry], [])) == "mood"


def test_a_falling_mood_calls_a_person() -> None:
    before = [said("Hello", 0.3), said("I see", 0.0)]
    assert wanted_by_mood(situation(RULES, [said("Hm, no", -0.4)], before)) == "falling_mood"


def test_without_a_reading_the_mood_calls_nobody() -> None:
    before = [said("x", -0.9), said("y", -0.9)]
    assert wanted_by_mood(situation(RULES, [said("z")], before)) is None


def test_every_rule_can_be_turned_off() -> None:
    off = EscalationRules(
        asks_for_person=False,
        mood_below=None,
        falling_mood=False,
        asked_times=None,
        unanswered_twice=False,
        at_stake=(),
    )
    text = "I want to talk to a person, my account was hacked!"
    history = [said(text, 0.5), replied("unknown"), said(text, -0.2), replied("unknown")]
    now = situation(off, [said(text, feeling(-0.99, anger=0.9))], history)
    assert wanted_by_words(now) is None
    assert wanted_by_mood(now) is None
    assert wanted_by_answers(now, known=False) is None


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I was charged twice and want a refund", "billing"),
        ("Please send me the invoice again", "billing"),
        ("I can't log in, my password is not accepted", "account"),
        ("How do I reset my password?", "account"),
        ("Please cancel my subscription", "cancellation"),
        ("Ich möchte meinen Vertrag kündigen", "cancellation"),
        ("This is unacceptable, I want to complain", "complaint"),
        ("The parcel arrived broken", "problem"),
        ("I get an error when I open the page", "problem"),
        ("Which colours are there?", "question"),
        ("Hello", "other"),
        ("", "other"),
    ],
)
def test_a_ticket_gets_the_category_of_its_text(text: str, category: TicketCategory) -> None:
    assert category_of([text], at_stake([text], STAKES)) == category


def test_a_summary_says_what_is_wanted_what_was_tried_and_the_mood() -> None:
    citation = Citation(
        number=1, passage_id="p", document_id="d", title="Delivery", page=2, quote="q"
    )
    messages = [
        said("Where is my parcel?", -0.2),
        replied("answer", "Parcels take 3 days [1]. More.", citations=[citation], helpful=False),
        said("That was a week ago!", feeling(-0.9, annoyance=0.7)),
        replied("unknown"),
    ]
    summary = summarize(messages, judge([each.sentiment for each in messages[::2]], ()))
    assert summary.wants == "Where is my parcel?\nLast: That was a week ago!"
    assert summary.tried[0].startswith("Parcels take 3 days")
    assert "(Delivery, page 2)" in summary.tried[0]
    assert "unhelpful" in summary.tried[0]
    assert summary.tried[1] == "The documents had no answer."
    assert summary.mood == "Unhappy (-0.5); annoyance."


def test_a_summary_of_a_novel_is_short() -> None:
    summary = summarize([said("word " * 900)], judge([], ()))
    assert len(summary.wants) == 200
    assert summary.mood == "Not measured."


@pytest.mark.parametrize(
    ("zone", "clocks"),
    [
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("Etc/GMT+5", "UTC-5"),
        ("Etc/GMT-14", "UTC+14"),
        ("UTC", "UTC"),
        ("Factory", "UTC"),
    ],
)
def test_a_time_is_told_by_the_clocks_of_a_place_or_by_its_distance_from_utc(
    zone: str, clocks: str
) -> None:
    hours = BusinessHours(
        timezone=zone, hours=(OpenHours(day="wed", since=time(9), until=time(17)),)
    )
    harbor = HARBOR.model_copy(update={"business_hours": hours})
    told = announce_handoff(harbor, "asked", MONDAY_NOON, somebody_is_here=False, reachable=False)
    assert f" at 09:00 {clocks}. " in told.text


HARBOR = Organization(
    id="org",
    name="Harbor",
    business_hours=BusinessHours(
        timezone="Europe/Berlin",
        hours=(
            OpenHours(day="mon", since=time(9), until=time(17)),
            OpenHours(day="tue", since=time(9), until=time(17)),
            OpenHours(day="fri", since=time(9), until=time(12)),
        ),
    ),
)
MONDAY_NOON, MONDAY_NIGHT = AT, AT.replace(hour=20)
TUESDAY_NIGHT, MONDAY_DAWN = AT.replace(day=24, hour=20), AT.replace(hour=5)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (MONDAY_NIGHT, "They are back tomorrow at 09:00 Berlin time."),
        (TUESDAY_NIGHT, "They are back on Friday at 09:00 Berlin time."),
        (MONDAY_DAWN, "They are back today at 09:00 Berlin time."),
    ],
)
def test_outside_the_hours_the_customer_is_told_when_people_are_back(
    now: datetime, words: str
) -> None:
    told = announce_handoff(HARBOR, "asked", now, somebody_is_here=False, reachable=False)
    assert words in told.text
    assert told.asks_for_address
    assert "leave your address" in told.text


def test_within_the_hours_the_customer_is_told_who_comes() -> None:
    here = announce_handoff(HARBOR, "asked", MONDAY_NOON, somebody_is_here=True, reachable=False)
    assert "Somebody is here" in here.text
    assert not here.asks_for_address
    away = announce_handoff(HARBOR, "mood", MONDAY_NOON, somebody_is_here=False, reachable=True)
    assert away.text.startswith("I'm sorry about the trouble.")
    assert "you get the answer by mail" in away.text
    assert not away.asks_for_address


def test_an_organisations_own_words_stand_in_for_the_form() -> None:
    hours = HARBOR.business_hours.model_copy(update={"outside": "message", "message": "Call us."})
    organization = HARBOR.model_copy(update={"business_hours": hours})
    told = announce_handoff(
        organization, "asked", MONDAY_NIGHT, somebody_is_here=False, reachable=False
    )
    assert told.text.endswith("Call us.")
    assert not told.asks_for_address


def test_without_hours_people_are_always_expected() -> None:
    assert is_open(BusinessHours(), AT)
    assert next_opening(BusinessHours(), AT) is None


def test_the_next_opening_is_found_a_week_ahead() -> None:
    hours = BusinessHours(hours=(OpenHours(day="mon", since=time(9), until=time(10)),))
    assert next_opening(hours, AT) == AT.replace(day=30, hour=9)


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (-0.04, "Calm (0.0)."),
        (0.04, "Calm (0.0)."),
        (-0.52, "Unhappy (-0.3)."),
        (-0.48, "Calm (-0.2)."),
        (0.52, "Happy (+0.3)."),
    ],
)
def test_the_word_for_a_mood_goes_with_the_number_beside_it(score: float, shown: str) -> None:
    messages = [said("So.", score)]
    summary = summarize(messages, judge([each.sentiment for each in messages], ()))
    assert summary.mood == shown
