"""Messages are found by their words."""

import random
from typing import Any

import pytest

from frontdesk.entities import ConversationRef, Message
from frontdesk.errors import InvalidRequest
from frontdesk.ids import new_id, time_of
from frontdesk.tables.client import Put, Table
from frontdesk.tables.lifetimes import Lifetimes
from frontdesk.tables.message_words import MOST_WORDS, MessageWords, word_keys
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.privacy import Privacy
from tests.unit.deployment import UNLIMITED, Deployment, is_problem
from tests.unit.test_inbox import ADA, Desk

MANY_WORDS = " ".join(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(300))


@pytest.fixture
def desk(table: Table) -> Desk:
    return Desk(table)


def find(desk: Desk, text: str, *, organization: str = "org", limit: int = 2) -> list[str]:
    """The texts of all messages that are found, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = MessageWords(desk.table).find(organization, text, cursor=cursor, limit=limit)
        found += [each.message.text for each in page.messages]
        cursor = page.cursor
        if cursor is None:
            return found


def stored_words(desk: Desk, organization: str = "org") -> list[tuple[str, str]]:
    pages = desk.table._client.get_paginator("scan").paginate(TableName="frontdesk")
    keys = [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
    return [key for key in keys if key[0].startswith(f"ORG#{organization}#WORDS#")]


@pytest.mark.parametrize("seed", range(2))
def test_what_is_found_is_what_reading_every_message_would_find(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    spoken = [
        "refund",
        "refunds",
        "reference",
        "parcel",
        "party",
        "late",
        "lamp",
        "lost",
        "invoice",
        "inbox",
        "café",
    ]
    refs = [desk.asked(chance.choice(spoken)) for _ in range(5)]
    for _ in range(25):
        text = " ".join(chance.choices(spoken, k=chance.randint(1, 4)))
        act = chance.choice(["say", "note", "reply"])
        if act == "say":
            desk.say(chance.choice(refs), text)
        elif act == "note":
            desk.inbox.note(chance.choice(refs), ADA, text, new_id())
        else:
            desk.inbox.reply(chance.choice(refs), ADA, text, new_id())
        for ref in refs:
            while desk.conversations.get(ref).unanswered:
                desk.answer(ref)
    messages = sorted(
        (m for ref in refs for m in desk.conversations.recent_messages(ref, 200)),
        key=lambda each: each.id,
        reverse=True,
    )
    for _ in range(20):
        *whole, last = chance.choices(spoken, k=chance.randint(1, 3))
        last = last[: chance.randint(1, len(last))]
        expected = []
        for message in messages:
            said = message.text.casefold().replace("é", "e").rstrip(".").split()
            plain = [word.replace("é", "e") for word in (*whole, last)]
            begins = any(word.startswith(plain[-1]) for word in said)
            if message.role != "system" and set(plain[:-1]) <= set(said) and begins:
                expected.append(message.text)
        assert find(desk, " ".join([*whole, last]), limit=chance.randint(1, 9)) == expected


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ("Die Größe passt nicht", "GROSSE"),
        ("Le café est fermé", "cafe ferme"),
        ("Le cafe\u0301 est ferme\u0301", "café fermé"),
        ("Order HB-48213 is lost", "hb-48213"),
        ("Order HB-48213 is lost", "4821"),
        ("Write to mia@example.org", "mia@example"),
        ("我想退款，谢谢", "退款"),
        ("ＦＵＬＬ width", "full"),
        ("it's Ada's", "ada's"),
        ("the theft of the parcel", "the"),
        (f"{MANY_WORDS} 7731", "7731"),
    ],
)
def test_words_are_found_however_they_are_typed(desk: Desk, said: str, sought: str) -> None:
    desk.asked(said)
    desk.asked("Something else")
    assert find(desk, sought) == [said]
    assert find(desk, sought, organization="other") == []


@pytest.mark.parametrize("sought", ["", " ", "!?", "\u200b"])
def test_nothing_to_look_for_is_said_to_be_nothing(desk: Desk, sought: str) -> None:
    with pytest.raises(InvalidRequest):
        find(desk, sought)


def test_the_words_of_a_conversation_go_with_it(desk: Desk) -> None:
    ref, other = desk.asked("My parcel is lost"), desk.asked("My parcel is here")
    desk.answer(ref)
    desk.inbox.note(ref, ADA, "Parcel found in the warehouse", new_id())
    desk.inbox.reply(ref, ADA, "Your parcel comes tomorrow", new_id())
    assert len(find(desk, "parcel")) == 4
    Privacy(desk.table).erase(ref)
    assert find(desk, "parcel") == ["My parcel is here"]
    last = desk.conversations.recent_messages(other, 1)[0].id
    assert {key[1].rpartition("#")[2] for key in stored_words(desk)} == {last}


def test_words_never_outlive_their_conversation(desk: Desk) -> None:
    ref = desk.asked("My parcel is lost")
    before = desk.conversations.get(ref).expires_at
    Lifetimes(desk.table).shorten(ref, 7)
    until = desk.conversations.get(ref).expires_at
    assert until < before
    items = [desk.table.get(key) for key in stored_words(desk)]
    assert {item["expires_at"] for item in items if item} == {until}
    Lifetimes(desk.table).renew(ref, 365)
    assert find(desk, "parcel") == ["My parcel is lost"]


def test_a_long_answer_to_many_messages_fits_one_transaction(desk: Desk) -> None:
    ref = desk.asked(*(f"Question {number}" for number in range(20)))
    conversation = desk.conversations.acquire_lease(ref, "worker")
    assert conversation is not None
    asked = [desk.conversations.message(ref, each) for each in conversation.unanswered]
    text = MANY_WORDS
    replies = []
    for kind in ("answer", "small_talk", "small_talk", "small_talk"):
        identifier = new_id()
        said = {"role": "assistant", "text": text, "at": time_of(identifier), "kind": kind}
        replies.append(Message.model_validate({"id": identifier, **said}))
    desk.conversations.store_outcome(conversation, "worker", Outcome(asked, replies))
    assert find(desk, "wordaa")[0] == text


def test_a_search_costs_the_same_however_many_messages_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two words that are often said, but never together, and one that is rare."""
    monkeypatch.setattr("frontdesk.tables.message_words._QUERIES", 8)
    puts = []
    for number in range(600):
        identifier = new_id()
        message = {"id": identifier, "role": "customer", "text": ["parcel", "refund"][number % 2]}
        puts += [
            Put(key, {"conversation_id": "c", "expires_at": 9**11})
            for key in word_keys("org", message)
        ]
    desk.table.put_many(puts)
    ref = desk.asked("parcel with a refund and a zebra")
    calls: list[str] = []
    events = desk.table._client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    page = MessageWords(desk.table).find("org", "zebra parcel", cursor=None, limit=5)
    assert [each.ref for each in page.messages] == [ref]
    assert len(calls) <= 3
    calls.clear()
    page = MessageWords(desk.table).find("org", "parcel refund z", cursor=None, limit=5)
    assert ([each.ref for each in page.messages], page.cursor is None) == ([ref], False)
    assert len(calls) <= 9
    assert find(desk, "parcel refund zebra") == ["parcel with a refund and a zebra"]


def test_many_words_that_begin_alike_are_said_to_be_too_many(desk: Desk) -> None:
    for number in range(20):
        desk.asked(f"pa{chr(97 + number)}x")
    few = MessageWords(desk.table).find("org", "pa", cursor=None, limit=50)
    assert (len(few.messages), few.partial) == (16, True)
    one = MessageWords(desk.table).find("org", "pab", cursor=None, limit=50)
    assert (len(one.messages), one.partial) == (1, False)


def test_a_message_keeps_no_more_words_than_are_paid_for() -> None:
    text = " ".join(f"word{number}" for number in range(500))
    message = {"id": new_id(), "role": "customer", "text": text}
    assert len(set(word_keys("org", message))) == MOST_WORDS
    assert word_keys("org", {**message, "role": "system"}) == []


def test_the_team_searches_all_that_was_said_and_gets_the_place(table: Table) -> None:
    deployment = Deployment(table, rates=UNLIMITED)
    ref = deployment.asked(deployment.one, f"{'Long ago it began. ' * 20}The zebra is lost.")
    deployment.asked(deployment.two, "Our zebra is well.")

    def search(**query: Any) -> Any:
        return deployment.http.get(
            "/api/conversations/search", params=query, headers=deployment.one.headers("viewer")
        )

    [found] = search(text="Zebra lo").json()["messages"]
    assert found["conversation"]["id"] == ref.conversation_id
    assert found["snippet"].startswith("…")
    assert found["snippet"].endswith("The zebra is lost.")
    assert search(text="zebra well").json() == {"messages": [], "cursor": None, "partial": False}
    assert is_problem(search(), 422)
    assert is_problem(search(text="!"), 400)
    assert is_problem(search(text="zebra", cursor="x" * 26), 400)


def test_hostile_texts_are_stored_and_found(desk: Desk) -> None:
    ref: ConversationRef = desk.asked("#~ 7Z#zebra ~~ zebra#" + "\u0301" * 900 + " " + "z" * 3_000)
    [text] = [each.text for each in desk.conversations.recent_messages(ref, 1)]
    for sought in ("zebra", "z", "zzzz", "7z#zebra"):
        assert find(desk, sought) == [text]
