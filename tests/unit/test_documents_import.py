"""A document from an address: asked for, fetched, ingested, fetched again, and deleted."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from frontdesk.entities import Document
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.knowledge.jobs import KNOWLEDGE_JOB, FetchJob, SqsJobQueue
from frontdesk.knowledge.sqlite_index import SqliteIndex
from ingest.files import Files
from ingest.importing import Importer
from ingest.pipeline import Pipeline, Upload
from ingest.reading import read
from ingest.tokens import estimate_tokens
from tests.unit.deployment import Deployment, is_problem
from tests.unit.test_ingest_pipeline import LetterCounts
from tests.unit.web_stand_in import Web, serving

URL = "https://docs.example/help/refunds"
PAGE = b"<html><title>All about refunds</title><h1>Refunds</h1><p>A refund takes ten days.</p>"


class Desk:
    """The API, the ingest worker behind its queue, and a web to import from."""

    def __init__(self, deployment: Deployment, web: Web, folder: Path) -> None:
        self.deployment = deployment
        self.web = web
        self.index = SqliteIndex(folder / "index.sqlite")
        self.pipeline = Pipeline(
            documents=deployment.services.documents,
            files=Files(deployment.s3, "documents"),
            index=self.index,
            embedder=LetterCounts(),
            jobs=SqsJobQueue(deployment.sqs, deployment.queue),
            read=functools.partial(read, count_tokens=estimate_tokens),
            changed=lambda _: None,
        )
        self.importer = Importer(self.pipeline, web.fetcher(), deployment.services.standings)

    def post(self, path: str, body: Any = None, role: Any = "admin") -> Any:
        return self.deployment.http.post(path, json=body, headers=self.deployment.one.headers(role))

    def ask(self, url: str = URL, **more: str) -> dict[str, Any]:
        answer = self.post("/api/documents/import", {"url": url, **more})
        assert answer.status_code == 202, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def job(self) -> FetchJob:
        [message] = self.deployment.sqs.receive_message(
            QueueUrl=self.deployment.queue, MaxNumberOfMessages=10
        )["Messages"]
        self.deployment.sqs.delete_message(
            QueueUrl=self.deployment.queue, ReceiptHandle=message["ReceiptHandle"]
        )
        job = KNOWLEDGE_JOB.validate_python(json.loads(message["Body"]))
        assert isinstance(job, FetchJob)
        return job

    def work(self) -> Document:
        """Do what is queued, and what S3's notice of the file then asks for."""
        job = self.job()
        self.importer.run(job)
        for key in self.keys():
            upload = Upload(*key.split("/")[1:])
            self.pipeline.ingest(upload, seconds_left=lambda: 60.0)
        return self.document(job.document_id)

    def document(self, document_id: str) -> Document:
        return self.deployment.services.documents.get(
            self.deployment.one.organization_id, document_id
        )

    def keys(self) -> list[str]:
        listed = self.deployment.s3.list_objects_v2(Bucket="documents")
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture
def desk(deployment: Deployment, tmp_path: Path) -> Iterator[Desk]:
    with TemporaryDirectory() as folder, serving(Path(folder)) as web:
        web.page("docs.example/help/refunds", PAGE)
        yield Desk(deployment, web, tmp_path)


def test_a_page_is_asked_for_fetched_and_answers(desk: Desk) -> None:
    asked = desk.ask(category="Payments")
    assert (asked["status"], asked["source_url"], asked["answering"]) == ("fetching", URL, False)
    ready = desk.work()
    assert (ready.status, ready.title, ready.category) == ("ready", "All about refunds", "Payments")
    assert (ready.filename, ready.size) == ("refunds.html", len(PAGE))
    [passage] = desk.pipeline.documents.passages(
        ready.organization_id, ready.id, ready.version or ""
    )
    assert (passage.title, passage.text) == ("All about refunds", "A refund takes ten days.")
    [entry] = [
        each
        for each in desk.deployment.services.audit.page(
            ready.organization_id, before=None, limit=50
        )[0]
        if each.action.startswith("documents.")
    ]
    assert (entry.action, entry.target) == ("documents.import", ready.id)


def test_the_title_that_the_team_gave_stays(desk: Desk) -> None:
    desk.ask(title="Money back")
    assert desk.work().title == "Money back"


def test_a_page_without_a_title_is_called_by_its_address(desk: Desk) -> None:
    desk.web.page("docs.example/help/refunds", b"A refund takes ten days.", "text/plain")
    desk.ask()
    assert desk.work().title == "docs.example/help/refunds"


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"url": ""}, {"url": 5}, {"url": "docs.example"}, {"url": "ftp://docs.example/"}),
        *({"url": "https://user:hunter2@docs.example/"}, {"url": "https://docs.example:8443/"}),
        *({"url": "https://docs.example/" + "a" * 2_000}, {"url": "https://docs.example/\u0000"}),
        *({"url": URL, "title": ""}, {"url": URL, "title": "a\u0000"}, {"url": URL, "more": 1}),
    ],
)
def test_what_is_no_address_is_a_clear_problem(desk: Desk, body: Any) -> None:
    answer = desk.post("/api/documents/import", body)
    assert is_problem(answer, 400) or is_problem(answer, 422)
    assert "hunter2" not in answer.text


def test_an_internal_address_fails_with_a_reason_that_tells_nothing(desk: Desk) -> None:
    desk.web.names["there.internal"] = ["10.0.0.1"]
    reasons = set()
    for host in ("there.internal", "nowhere.internal"):
        desk.ask(f"https://{host}/")
        failed = desk.work()
        assert failed.status == "failed"
        reasons.add(failed.error)
    assert len(reasons) == 1
    assert desk.web.dialled == []
    assert desk.keys() == []


def test_a_failed_import_can_be_tried_again(desk: Desk) -> None:
    document = desk.ask("https://docs.example/later")
    assert desk.work().error == "There is no page at this address."
    desk.web.page("docs.example/later", PAGE)
    again = desk.post(f"/api/documents/{document['id']}/reindex")
    assert (again.status_code, again.json()["status"]) == (202, "fetching")
    assert desk.work().status == "ready"


def test_reindexing_fetches_again_and_the_old_page_answers_meanwhile(desk: Desk) -> None:
    document = desk.ask()
    desk.work()
    desk.web.page("docs.example/help/refunds", PAGE.replace(b"ten", b"two"))
    answering = desk.post(f"/api/documents/{document['id']}/reindex").json()
    assert (answering["status"], answering["answering"]) == ("fetching", True)
    ready = desk.work()
    [passage] = desk.pipeline.documents.passages(
        ready.organization_id, ready.id, ready.version or ""
    )
    assert passage.text == "A refund takes two days."


def test_an_upload_in_place_of_a_page_ends_the_importing(desk: Desk) -> None:
    document = desk.ask()
    desk.work()
    upload = {"filename": "refunds.md", "content_type": "text/markdown", "size": 9}
    answer = desk.post(f"/api/documents/{document['id']}/versions", upload)
    assert answer.json()["document"]["source_url"] is None


def test_a_job_that_runs_twice_changes_nothing(desk: Desk) -> None:
    desk.ask()
    job = desk.job()
    for _ in range(2):
        desk.importer.run(job)
        [key] = desk.keys()
        desk.pipeline.ingest(Upload(*key.split("/")[1:]), seconds_left=lambda: 60.0)
    before = desk.document(job.document_id)
    desk.importer.run(job)
    assert desk.document(job.document_id) == before
    assert len(desk.web.requests) == 1


@pytest.mark.parametrize("when", ["before", "during", "between"])
def test_what_is_deleted_while_it_is_fetched_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    headers = desk.deployment.one.team
    document = desk.ask()
    job = desk.job()
    path = f"/api/documents/{document['id']}"

    def delete() -> None:
        assert desk.deployment.http.delete(path, headers=headers).status_code == 202
        desk.pipeline.clean_up(desk.deployment.one.organization_id, document["id"])

    match when:
        case "before":
            delete()
        case "during":
            desk.web.answer("docs.example/help/refunds", delete_then_send(delete))
        case _:
            put = desk.pipeline.files.put

            def delete_then_put(_: Files, key: str, data: bytes) -> None:
                delete()
                put(key, data)

            monkeypatch.setattr(Files, "put", delete_then_put)
    desk.importer.run(job)
    assert desk.keys() == []
    assert desk.deployment.http.get(path, headers=headers).status_code == 404


def delete_then_send(delete: Any) -> Any:
    def answer(request: Any) -> None:
        delete()
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(PAGE)))
        request.end_headers()
        request.wfile.write(PAGE)

    return answer


def test_a_store_that_fails_is_tried_again_and_not_the_page_s_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = desk.ask()
    job = desk.job()

    def fail(*_: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(Files, "put", fail)
    with pytest.raises(StoreUnavailable):
        desk.importer.run(job)
    assert desk.document(document["id"]).status == "fetching"
    desk.pipeline.give_up(Upload(job.organization_id, job.document_id, job.version))
    assert desk.document(document["id"]).status == "failed"


def test_a_job_for_a_document_that_is_not_there_does_nothing(desk: Desk) -> None:
    job = FetchJob(
        organization_id=desk.deployment.one.organization_id, document_id=new_id(), version=new_id()
    )
    desk.importer.run(job)
    assert desk.web.dialled == []


def test_what_is_done_to_documents_is_in_the_audit_log(desk: Desk) -> None:
    headers = desk.deployment.one.team
    document = desk.ask()
    desk.work()
    path = f"/api/documents/{document['id']}"
    upload = {"filename": "refunds.md", "content_type": "text/markdown", "size": 9}
    desk.post("/api/documents", upload)
    desk.post(f"{path}/reindex")
    desk.post(f"{path}/versions", upload)
    for _ in range(2):
        desk.deployment.http.delete(path, headers=headers)
    entries = desk.deployment.services.audit.page(
        desk.deployment.one.organization_id, before=None, limit=50, action="documents."
    )[0]
    assert sorted(each.action for each in entries) == [
        *("documents.create", "documents.delete", "documents.import"),
        *("documents.reindex", "documents.replace"),
    ]
    assert {each.actor.type for each in entries} == {"key"}
