"""How the widget puts an answer together from frames: docs/PROTOCOL.md, the real module."""

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from frontdesk.ids import new_id
from tests.e2e.chat_stand_in import Frame, answer

pytestmark = pytest.mark.browser

Play = Callable[[Sequence[Frame]], dict[str, Any]]

# Frames of the server, and {"say": text, "id": …} for the customer.
_PLAY = """async (steps) => {
  const { Conversation } = await import("/widget/conversation.js");
  const chat = new Conversation();
  for (const step of steps) {
    if (step.say) chat.say(step.say, step.id ? { id: step.id } : {});
    else if (step.fail) chat.fail(step.fail, "no");
    else chat.apply(step);
  }
  const lines = chat.items().map(({ role, text, streaming, pending, failed }) => (
    { role, text, streaming, pending, failed }));
  return {
    lines,
    texts: lines.map(({ text }) => text),
    answering: chat.answering,
    last: chat.lastId(),
    unsent: chat.unacknowledged().map(({ id }) => id),
  };
}"""


@pytest.fixture
def play(modules: Page) -> Play:
    """What the conversation has become after some steps."""

    def run(steps: Sequence[Frame]) -> dict[str, Any]:
        found: dict[str, Any] = modules.evaluate(_PLAY, list(steps))
        return found

    return run


def piece(first: int, last: int, text: str, message_id: str = "01A") -> Frame:
    return {"type": "delta", "message_id": message_id, "from": first, "n": last, "text": text}


def said(client_id: str, message_id: str, text: str = "Hello") -> Frame:
    return {
        "id": message_id,
        "client_id": client_id,
        "role": "customer",
        "text": text,
        "at": "2026-11-23T10:00:00.000Z",
    }


def test_pieces_in_order_are_appended(play: Play) -> None:
    found = play([piece(1, 1, "It "), piece(2, 3, "takes three "), piece(4, 4, "days.")])
    assert found["texts"] == ["It takes three days."]
    assert found["lines"][0]["streaming"]


def test_a_piece_that_comes_twice_counts_once(play: Play) -> None:
    found = play([piece(1, 1, "a"), piece(2, 2, "b"), piece(2, 2, "b"), piece(3, 3, "c")])
    assert found["texts"] == ["abc"]


def test_after_a_gap_nothing_wrong_is_shown(play: Play) -> None:
    found = play([piece(1, 1, "a"), piece(3, 3, "c"), piece(4, 4, "d")])
    assert found["texts"] == ["a"]


def test_a_piece_that_was_late_closes_the_gap(play: Play) -> None:
    found = play([piece(1, 1, "a"), piece(3, 3, "c"), piece(2, 2, "b"), piece(4, 4, "d")])
    assert found["texts"] == ["abcd"]


def test_a_catch_up_brings_the_answer_so_far(play: Play) -> None:
    found = play([piece(1, 1, "a"), piece(1, 4, "abcd"), piece(5, 5, "e")])
    assert found["texts"] == ["abcde"]


def test_pieces_that_overtake_the_catch_up_are_kept(play: Play) -> None:
    found = play([piece(5, 5, "e"), piece(1, 4, "abcd"), piece(6, 6, "f")])
    assert found["texts"] == ["abcdef"]


def test_a_catch_up_that_is_older_than_what_is_held_takes_nothing_away(play: Play) -> None:
    found = play([piece(1, 1, "a"), piece(2, 2, "b"), piece(1, 1, "a"), piece(3, 3, "c")])
    assert found["texts"] == ["abc"]


def test_an_answer_that_is_begun_again_replaces_what_was_shown(play: Play) -> None:
    found = play([piece(1, 2, "Perhaps it "), piece(1, 1, "It "), piece(2, 2, "takes")])
    assert found["texts"] == ["It takes"]


def test_in_whatever_order_pieces_come_the_text_is_right_or_a_beginning_of_it(play: Play) -> None:
    pieces = [piece(n, n, letter) for n, letter in enumerate("abcde", start=1)]
    for order in itertools.permutations(pieces):
        [text] = play(order)["texts"] or [""]
        assert text == "abcde"
    chance = random.Random(7)
    for _ in range(50):
        kept = [each for each in pieces if chance.random() < 0.7] * 2
        chance.shuffle(kept)
        [text] = play(kept)["texts"] or [""]
        assert "abcde".startswith(text)


def test_done_replaces_what_was_streamed(play: Play) -> None:
    done = answer("It takes three days. [1]")
    found = play([piece(1, 1, "It tak", done["id"]), {"type": "done", "message": done}])
    assert found["texts"] == ["It takes three days. [1]"]
    assert not found["lines"][0]["streaming"]
    assert not found["answering"]


def test_done_twice_is_one_answer_and_late_pieces_do_not_open_it_again(play: Play) -> None:
    done = answer("Whole")
    frame = {"type": "done", "message": done}
    found = play([frame, frame, piece(1, 1, "Who", done["id"])])
    assert found["texts"] == ["Whole"]
    assert not found["answering"]


def test_a_withdrawn_answer_goes_and_its_late_pieces_do_not_bring_it_back(play: Play) -> None:
    first, second = new_id(), answer("The right one")
    found = play(
        [
            piece(1, 1, "The wrong one", first),
            {"type": "done", "message": second, "withdrawn_id": first},
            piece(1, 2, "The wrong one again", first),
        ]
    )
    assert found["texts"] == ["The right one"]


def test_an_answer_given_up_by_a_worker_that_died_makes_room_for_the_next(play: Play) -> None:
    first, second = new_id(), answer("Whole")
    found = play([piece(1, 1, "Ha", first), {"type": "done", "message": second}])
    assert found["texts"] == ["Whole"]
    assert not found["answering"]


def test_an_acknowledged_message_is_shown_once_when_the_history_brings_it_too(play: Play) -> None:
    client, stored = new_id(), new_id()
    found = play(
        [
            {"say": "Hello", "id": client},
            {"type": "ack", "id": client, "message_id": stored},
            {
                "type": "resumed",
                "status": "open",
                "messages": [said(client, stored)],
                "answering": True,
            },
        ]
    )
    assert found["texts"] == ["Hello"]
    assert found["unsent"] == []
    assert found["answering"]


def test_history_acknowledges_a_message_whose_acknowledgement_was_lost(play: Play) -> None:
    client, stored = new_id(), new_id()
    found = play(
        [
            {"say": "Hello", "id": client},
            {
                "type": "resumed",
                "status": "open",
                "messages": [said(client, stored)],
                "answering": False,
            },
            {"type": "ack", "id": client, "message_id": stored},
        ]
    )
    assert found["texts"] == ["Hello"]
    assert found["unsent"] == []
    assert not found["answering"]


def test_a_message_said_during_an_answer_still_waits_for_one(play: Play) -> None:
    client, being_written = new_id(), answer("The first answer")
    found = play(
        [
            piece(1, 1, "The", being_written["id"]),
            {"say": "And also", "id": client},
            {"type": "ack", "id": client, "message_id": new_id()},
            {"type": "done", "message": being_written},
        ]
    )
    assert found["texts"] == ["The first answer", "And also"]
    assert found["answering"]


def test_resuming_never_skips_an_answer_older_than_what_was_said_meanwhile(play: Play) -> None:
    before, client, later = answer("Before"), new_id(), new_id()
    found = play(
        [
            {"type": "done", "message": before},
            {
                "type": "resumed",
                "status": "open",
                "messages": [said(client, later)],
                "answering": True,
            },
        ]
    )
    assert found["last"] == before["id"]


def test_a_refused_message_is_not_sent_again_by_itself_and_keeps_its_place(play: Play) -> None:
    refused, fine = new_id(), new_id()
    found = play(
        [
            {"say": "bad", "id": refused},
            {"fail": refused},
            {"say": "good", "id": fine},
            {"type": "ack", "id": fine, "message_id": new_id()},
        ]
    )
    assert found["texts"] == ["bad", "good"]
    assert found["lines"][0]["failed"] == "no"
    assert found["unsent"] == []


def test_feedback_is_shown_as_noted(modules: Page) -> None:
    done = answer("Whole")
    helpful = modules.evaluate(
        """async (done) => {
          const { Conversation } = await import("/widget/conversation.js");
          const chat = new Conversation();
          chat.apply({ type: "done", message: done });
          chat.apply({ type: "noted", message_id: done.id, helpful: false });
          return chat.items()[0].message.helpful;
        }""",
        done,
    )
    assert helpful is False


def test_ids_are_ulids_of_now(modules: Page) -> None:
    from frontdesk.ids import is_ulid, time_of

    made: list[str] = modules.evaluate(
        """async () => {
          const { ulid } = await import("/widget/ulid.js");
          return Array.from({ length: 50 }, () => ulid(1763884800123));
        }"""
    )
    assert len(set(made)) == 50
    assert all(is_ulid(each) for each in made)
    assert {time_of(each).timestamp() for each in made} == {1763884800.123}


def test_what_a_person_of_the_team_writes_ends_the_assistants_draft(play: Play) -> None:
    person = {
        "id": "01C",
        "role": "agent",
        "author": "Ada",
        "text": "I take care of it.",
        "at": "2026-11-23T10:00:00.000Z",
    }
    joined = {**person, "id": "01B", "role": "system", "text": "Ada has joined."}
    found = play(
        [
            piece(1, 1, "It takes", "01A"),
            {"type": "posted", "message": joined},
            {"type": "posted", "message": person},
            {"type": "posted", "message": person},
        ]
    )
    assert found["texts"] == ["Ada has joined.", "I take care of it."]
    assert not found["answering"]


def test_what_is_said_in_another_window_is_shown_before_its_answer(play: Play) -> None:
    client, mine = new_id(), new_id()
    other, echo = said(client, new_id(), "Said there"), said(mine, new_id(), "Said here")
    posted = {"type": "posted", "message": other, "status": "open"}
    done = answer("The answer", reply_to=[client])
    found = play([posted, piece(1, 1, "The", done["id"])])
    assert found["texts"] == ["Said there", "The"]
    assert found["answering"]
    # Late and repeated, it begins nothing anew.
    found = play([posted, {"type": "done", "message": done}, posted])
    assert found["texts"] == ["Said there", "The answer"]
    assert not found["answering"]
    # One's own is known by its client_id, whether its acknowledgement came before or after.
    own = {"type": "posted", "message": echo, "status": "open"}
    ack = {"type": "ack", "id": mine, "message_id": echo["id"]}
    for steps in ([ack, own], [own, ack], [own]):
        found = play([{"say": "Said here", "id": mine}, *steps])
        assert found["texts"] == ["Said here"]
        assert found["unsent"] == []
        assert found["answering"]
