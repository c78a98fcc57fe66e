"""Questions tried out, kept and replayed, through API Gateway, SQS and Lambda."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.chat_client import ChatClient
from local.documents_client import DocumentsClient
from local.stack import Stack

pytestmark = pytest.mark.stack

NewVisitor = Callable[..., ChatClient]
QUESTION = "How many litres does the Borealis flask hold?"
TEXT = "# Borealis flask\n\nThe Borealis flask holds 3 litres.\n"


class Team:
    """The sample organisation's team, through the API."""

    def __init__(self, stack: Stack) -> None:
        assert stack.sample
        self._url = stack.api_url
        self._headers = {"Authorization": f"Bearer {stack.sample.team_key}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method, f"{self._url}{path}", json=body, headers=self._headers, timeout=60.0
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def wait(self, path: str, wanted: Callable[[Any], Any], seconds: float = 90) -> Any:
        """What `wanted` finds in the answer, once it finds something."""
        deadline = time.monotonic() + seconds
        while not (found := wanted(self.call("GET", path))):
            assert time.monotonic() < deadline, f"it did not come: {self.call('GET', path)}"
            time.sleep(0.25)
        return found

    def finished(self, kind: str, run_id: str) -> Any:
        """The report of a run, once it is complete."""
        return self.wait(
            f"/checks/{kind}/{run_id}", lambda run: run["status"] == "finished" and run
        )

    def finished_after(self, run_id: str) -> Any:
        """The report of a run that documents had made, once one is complete that is newer."""

        def newer(page: Any) -> Any:
            return next(
                (
                    run
                    for run in page["runs"]
                    if run["id"] > run_id
                    and (run["trigger"], run["status"]) == ("documents", "finished")
                ),
                None,
            )

        return self.call("GET", f"/checks/runs/{self.wait('/checks/runs', newer)['id']}")


@pytest.fixture
def team(stack: Stack) -> Team:
    return Team(stack)


def test_a_changed_document_is_noticed_by_the_question_that_is_kept(
    team: Team, documents: DocumentsClient, tmp_path: Path
) -> None:
    path = tmp_path / "borealis-flask.md"
    path.write_text(TEXT)
    document = documents.wait(documents.upload(path)["id"])
    check = team.call(
        "POST",
        "/checks",
        {
            "question": QUESTION,
            "expected": {"phrases": ["3 litres"], "sources": [{"document_id": document["id"]}]},
        },
    )
    first = team.finished("runs", team.call("POST", "/checks/runs")["id"])
    assert (first["passed"], first["failed"]) == (1, 0), first

    path.write_text(TEXT.replace("3 litres", "7 litres"))
    documents.upload(path, replaces=document["id"])
    worse = team.finished_after(first["id"])
    assert (worse["compared_with"], worse["worse"]) == (first["id"], 1), worse
    assert "7 litres" in worse["results"][0]["answer"]["text"]

    path.write_text(TEXT)
    documents.upload(path, replaces=document["id"])
    better = team.finished_after(worse["id"])
    assert (better["better"], better["passed"]) == (1, 1), better

    documents.delete(document["id"])
    gone = team.finished_after(better["id"])
    assert (gone["worse"], gone["results"][0]["answer"]["kind"]) == (1, "unknown"), gone
    team.call("DELETE", f"/checks/{check['id']}")


def test_a_question_that_is_tried_out_shows_how_its_answer_came_about(team: Team) -> None:
    before = team.call("GET", "/admin/stats")["today"]
    answer = team.call(
        "POST",
        "/playground/ask",
        {"question": "How long do refunds take?", "settings": {"passages": 2}},
    )
    assert answer["kind"] == "answer"
    assert answer["citations"]
    assert len(answer["passages"]) <= 2
    assert answer["passages"][0]["text"]
    assert answer["milliseconds"]["search"] > 0
    assert team.call("GET", "/admin/stats")["today"] == before


def test_a_conversation_of_before_is_asked_again(team: Team, new_visitor: NewVisitor) -> None:
    *_, last = new_visitor().ask("How long do refunds take?")
    assert last["message"]["kind"] == "answer"
    conversation = team.call("GET", "/conversations?limit=1")["conversations"][0]
    replay = team.call("POST", "/checks/replays", {"conversation_id": conversation["id"]})
    report = team.finished("replays", replay["id"])
    assert (report["total"], report["same"]) == (1, 1), report
    assert report["results"][0]["question"] == "How long do refunds take?"
