"""Runs of the checks: what passes, what got better or worse, and that each counts once."""

import time
from typing import Any

import pytest

from frontdesk.checks.changes import DocumentChanges
from frontdesk.checks.jobs import BatchJob, DueJob, RunJob
from frontdesk.errors import IndexUnavailable, StoreUnavailable
from frontdesk.ids import new_id
from tests.unit.answer_desk import BrokenIndex, Script
from tests.unit.check_desk import GUIDE, REFUND, CheckDesk
from tests.unit.deployment import is_problem

TUNGSTEN = "What is the boiling point of tungsten?"


def counts(report: Any) -> dict[str, int]:
    names = ("total", "done", "passed", "failed", "error", "better", "worse")
    return {name: report[name] for name in names if report[name]}


def test_a_report_says_what_passed_and_why_the_rest_did_not(check_desk: CheckDesk) -> None:
    right = check_desk.keep()
    wrong = check_desk.keep(phrases=["3 days"])
    check_desk.keep(TUNGSTEN, unanswered=True)
    report = check_desk.run()
    assert report["status"] == "finished"
    assert report["finished_at"]
    assert report["trigger"] == "team"
    assert counts(report) == {"total": 3, "done": 3, "passed": 2, "failed": 1}
    results = {each["check_id"]: each for each in report["results"]}
    assert results[right]["verdict"] == "passed"
    assert "5 to 10 working days" in results[right]["answer"]["text"]
    [cited] = results[right]["answer"]["citations"]
    assert (cited["document_id"], cited["page"]) == (check_desk.guide.id, 1)
    assert results[right]["answer"]["confidence"] > 0
    assert results[wrong]["misses"] == [{"what": "phrase", "expected": "3 days", "page": None}]
    assert {each["change"] for each in report["results"]} == {"new"}


def test_a_changed_document_makes_the_report_say_worse_and_then_better(
    check_desk: CheckDesk,
) -> None:
    check_desk.keep(phrases=["5 to 10 working days"])
    check_desk.keep(TUNGSTEN, unanswered=True)
    first = check_desk.run()
    check_desk.publish(GUIDE[0].replace("10", "30"), *GUIDE[1:], replaces=check_desk.guide)
    worse = check_desk.run()
    assert worse["compared_with"] == first["id"]
    assert counts(worse) == {"total": 2, "done": 2, "passed": 1, "failed": 1, "worse": 1}
    [result] = check_desk.report(worse["id"], only="worse")["results"]
    assert (result["before"], result["verdict"], result["change"]) == ("passed", "failed", "worse")
    assert "30 working days" in result["answer"]["text"]
    check_desk.publish(*GUIDE, replaces=check_desk.guide)
    better = check_desk.run()
    assert counts(better) == {"total": 2, "done": 2, "passed": 2, "better": 1}
    assert better["compared_with"] == worse["id"]


def test_a_check_that_was_changed_is_compared_with_nothing(check_desk: CheckDesk) -> None:
    check_id = check_desk.keep(phrases=["3 days"])
    check_desk.run()
    body = {"question": REFUND, "expected": {"phrases": ["10 working days"]}}
    check_desk.call("PUT", f"/checks/{check_id}", body)
    report = check_desk.run()
    assert counts(report) == {"total": 1, "done": 1, "passed": 1}
    assert report["results"][0]["change"] == "new"


def test_what_is_disabled_is_not_asked(check_desk: CheckDesk) -> None:
    check_id = check_desk.keep()
    body = {"question": REFUND, "expected": {"unanswered": True}, "enabled": False}
    check_desk.call("PUT", f"/checks/{check_id}", body)
    report = check_desk.run()
    assert (report["status"], report["total"], report["results"]) == ("finished", 0, [])


def test_without_questions_there_is_nothing_to_run(check_desk: CheckDesk) -> None:
    assert is_problem(check_desk.call("POST", "/checks/runs"), 409)


def test_a_run_is_asked_in_batches(check_desk: CheckDesk) -> None:
    for number in range(21):
        check_desk.keep(f"{REFUND} ({number})")
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    assert check_desk.report(run_id)["status"] == "queued"
    jobs = check_desk.work()
    assert [type(job) for job in jobs] == [RunJob, BatchJob, BatchJob, BatchJob]
    page = check_desk.report(run_id, limit=20)
    assert counts(page) == {"total": 21, "done": 21, "passed": 21}
    rest = check_desk.report(run_id, limit=20, cursor=page["cursor"])
    seen = [each["check_id"] for each in [*page["results"], *rest["results"]]]
    assert len(set(seen)) == len(seen) == 21
    assert rest["cursor"] is None


def test_everything_delivered_twice_counts_once(check_desk: CheckDesk) -> None:
    for number in range(11):
        check_desk.keep(f"{REFUND} ({number})")
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    queue = check_desk.deployment.check_queue
    queue.jobs *= 2
    for job in check_desk.work():
        check_desk.worker.work(job, tries=2)
    queue.jobs.clear()
    assert counts(check_desk.report(run_id)) == {"total": 11, "done": 11, "passed": 11}


def test_a_batch_that_broke_off_goes_on_where_it_was(check_desk: CheckDesk) -> None:
    for number in range(3):
        check_desk.keep(f"{REFUND} ({number})")
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    queue = check_desk.deployment.check_queue
    check_desk.worker.work(queue.jobs.pop()[0], tries=1)
    [(batch, _)] = queue.jobs

    class BreaksOff:
        searches = 0

        def search(self, *arguments: Any, **named: Any) -> Any:
            self.searches += 1
            if self.searches == 2:
                raise IndexUnavailable("down")
            return check_desk.index.search(*arguments, **named)

    index = BreaksOff()
    worker = check_desk.new_worker(index)
    with pytest.raises(IndexUnavailable):
        worker.work(batch, tries=1)
    halfway = check_desk.report(run_id)
    assert (halfway["status"], halfway["done"]) == ("running", 1)
    worker.work(batch, tries=2)
    assert index.searches == 4
    assert counts(check_desk.report(run_id)) == {"total": 3, "done": 3, "passed": 3}


def test_what_cannot_be_asked_does_not_keep_a_run_from_ending(check_desk: CheckDesk) -> None:
    check_desk.keep()
    check_desk.run()
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    queue = check_desk.deployment.check_queue
    check_desk.worker.work(queue.jobs.pop()[0], tries=1)
    [(batch, _)] = queue.jobs
    worker = check_desk.new_worker(BrokenIndex())
    for tries in (1, 2, 3):
        with pytest.raises(IndexUnavailable):
            worker.work(batch, tries=tries)
    worker.work(batch, tries=4)
    report = check_desk.report(run_id)
    assert report["status"] == "finished"
    assert counts(report) == {"total": 1, "done": 1, "error": 1}
    [result] = report["results"]
    assert (result["verdict"], result["answer"], result["change"]) == ("error", None, "new")


def test_a_run_that_cannot_be_planned_fails(check_desk: CheckDesk) -> None:
    check_desk.keep()
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    check_desk.work(tries=4)
    assert check_desk.report(run_id)["status"] == "failed"


def test_a_run_that_could_not_be_queued_is_a_problem_and_fails(check_desk: CheckDesk) -> None:
    check_desk.keep()
    check_desk.deployment.check_queue.is_down = True
    assert is_problem(check_desk.call("POST", "/checks/runs"), 503)
    [run] = check_desk.call("GET", "/checks/runs").json()["runs"]
    assert run["status"] == "failed"


def test_a_check_removed_while_it_is_run_is_reported_all_the_same(check_desk: CheckDesk) -> None:
    check_id = check_desk.keep()
    run_id = check_desk.call("POST", "/checks/runs").json()["id"]
    queue = check_desk.deployment.check_queue
    check_desk.worker.work(queue.jobs.pop()[0], tries=1)
    check_desk.call("DELETE", f"/checks/{check_id}")
    check_desk.work()
    assert counts(check_desk.report(run_id)) == {"total": 1, "done": 1, "passed": 1}


def test_runs_are_listed_newest_first(check_desk: CheckDesk) -> None:
    check_desk.keep()
    ids = [check_desk.run()["id"] for _ in range(3)]
    page = check_desk.call("GET", "/checks/runs?limit=2").json()
    assert [each["id"] for each in page["runs"]] == [ids[2], ids[1]]
    rest = check_desk.call("GET", f"/checks/runs?cursor={page['cursor']}").json()
    assert [each["id"] for each in rest["runs"]] == [ids[0]]
    assert is_problem(check_desk.call("GET", f"/checks/replays/{ids[0]}"), 404)


def test_a_language_model_is_asked_as_it_is_for_customers(check_desk: CheckDesk) -> None:
    model = Script("A refund takes 5 to ", "10 working days [1].")
    check_desk.models.append(model)
    check_desk.keep(phrases=["5 to 10 working days"])
    report = check_desk.run()
    assert report["results"][0]["verdict"] == "passed"
    assert report["results"][0]["answer"]["model"] == "main"
    assert model.prompts[0].question == REFUND


class Changes:
    """Documents that change, with a short memory of what is due."""

    def __init__(self, desk: CheckDesk) -> None:
        self.desk = desk
        self.queue = desk.deployment.check_queue
        self.changes = DocumentChanges(
            desk.services.checks, self.queue, desk.services.standings, delay=60
        )

    def note(self) -> None:
        self.changes.note(self.desk.organization_id)

    def runs(self) -> list[Any]:
        found: list[Any] = self.desk.call("GET", "/checks/runs").json()["runs"]
        return found


@pytest.fixture
def changes(check_desk: CheckDesk) -> Changes:
    return Changes(check_desk)


def test_many_changes_within_a_minute_give_one_run(changes: Changes) -> None:
    changes.desk.keep()
    for _ in range(5):
        changes.note()
    [(job, delay)] = changes.queue.jobs
    assert (type(job), delay) == (DueJob, 60)
    changes.desk.work()
    [run] = changes.runs()
    assert (run["trigger"], run["status"], run["passed"]) == ("documents", "finished", 1)


def test_a_change_after_the_run_began_gives_another(changes: Changes) -> None:
    changes.desk.keep()
    changes.note()
    changes.desk.worker.work(changes.queue.jobs.pop()[0], tries=1)
    [(batch, _)] = changes.queue.jobs
    changes.note()
    assert len(changes.queue.jobs) == 2
    assert changes.queue.jobs[0][0] == batch
    changes.desk.work()
    assert [run["status"] for run in changes.runs()] == ["finished", "finished"]


def test_while_a_run_is_under_way_the_next_one_waits(changes: Changes) -> None:
    changes.desk.keep()
    run_id = changes.desk.call("POST", "/checks/runs").json()["id"]
    changes.desk.worker.work(changes.queue.jobs.pop()[0], tries=1)
    [(batch, _)] = changes.queue.jobs
    changes.queue.jobs.clear()
    changes.note()
    changes.desk.worker.work(changes.queue.jobs.pop()[0], tries=1)
    [(waiting, delay)] = changes.queue.jobs
    assert (type(waiting), delay) == (DueJob, 30)
    changes.desk.worker.work(batch, tries=1)
    changes.desk.work()
    assert [run["status"] for run in changes.runs()] == ["finished", "finished"]
    assert changes.runs()[0]["compared_with"] == run_id


def test_without_questions_a_change_costs_no_message(changes: Changes) -> None:
    changes.note()
    assert changes.queue.jobs == []


def test_questions_that_are_all_disabled_give_no_run(changes: Changes) -> None:
    check_id = changes.desk.keep()
    body = {"question": REFUND, "expected": {"unanswered": True}, "enabled": False}
    changes.desk.call("PUT", f"/checks/{check_id}", body)
    changes.note()
    changes.desk.work()
    assert changes.runs() == []


def test_a_due_run_that_is_delivered_twice_is_one_run(changes: Changes) -> None:
    changes.desk.keep()
    changes.note()
    changes.queue.jobs *= 2
    changes.desk.work()
    [run] = changes.runs()
    assert (run["done"], run["passed"]) == (1, 1)


def test_a_change_that_could_not_be_queued_can_be_noted_again(changes: Changes) -> None:
    changes.desk.keep()
    changes.queue.is_down = True
    with pytest.raises(StoreUnavailable):
        changes.note()
    changes.queue.is_down = False
    changes.note()
    assert len(changes.queue.jobs) == 1


def test_a_run_that_was_lost_does_not_keep_later_changes_waiting(
    changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes.desk.keep()
    changes.note()
    [(lost, _)] = changes.queue.jobs
    changes.queue.jobs.clear()
    later = time.time() + 61
    with monkeypatch.context() as patch:
        patch.setattr("frontdesk.tables.checks.time.time", lambda: later)
        changes.note()
    assert len(changes.queue.jobs) == 1
    # It comes after all: the later one covers it.
    changes.desk.worker.work(lost, tries=1)
    changes.desk.work()
    assert len(changes.runs()) == 1


@pytest.mark.usefixtures("young_minute")
def test_the_limit_on_runs_is_a_clear_problem(check_desk: CheckDesk) -> None:
    check_desk.keep()
    answers = [check_desk.call("POST", "/checks/runs") for _ in range(31)]
    assert is_problem(answers[-1], 429)
    assert {answer.status_code for answer in answers[:-1]} == {202}


def test_a_run_nobody_knows_does_not_exist(check_desk: CheckDesk) -> None:
    for path in (new_id(), "x"):
        assert is_problem(check_desk.call("GET", f"/checks/runs/{path}"), 404)
