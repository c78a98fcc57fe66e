"""From an upload to passages that answer, whatever goes wrong on the way."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from frontdesk.entities import Document, Organization
from frontdesk.errors import EmbedderUnavailable, NotFound, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.knowledge.jobs import KnowledgeJob, SweepJob
from frontdesk.knowledge.ports import Vector
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.client import Table
from frontdesk.tables.documents import Documents, Superseded, object_key
from frontdesk.tables.organizations import Organizations
from ingest.files import Files
from ingest.pipeline import Pipeline, Upload
from ingest.reading import read
from ingest.tokens import estimate_tokens
from tests.aws import aws_client

BUCKET = "documents"


class LetterCounts:
    """An embedder for tests: how often each letter occurs. Breaks when told to."""

    dimensions = 26

    def __init__(self) -> None:
        self.broken_after: int | None = None

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self.broken_after is not None:
            if self.broken_after == 0:
                raise EmbedderUnavailable("down")
            self.broken_after -= 1
        return [self._unit(text.lower()) for text in texts]

    def _unit(self, text: str) -> Vector:
        counts = [text.count(chr(97 + n)) + 0.01 for n in range(26)]
        length = sum(count * count for count in counts) ** 0.5
        return [count / length for count in counts]


class Later:
    """The queue of jobs: they wait in the workshop."""

    def __init__(self, workshop: "Workshop") -> None:
        self.workshop = workshop

    def put(self, job: KnowledgeJob, *, delay: int = 0) -> None:
        self.workshop.queued.append((job, delay))


class Workshop:
    """An organisation, its bucket and its ingest worker."""

    def __init__(self, table: Table, folder: Path) -> None:
        self.organizations = Organizations(table)
        self.documents = Documents(table)
        self.organization = Organization(id=new_id(), name="Harbor")
        self.organizations.create(self.organization)
        self.s3 = aws_client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.changes: list[str] = []
        self.queued: list[tuple[KnowledgeJob, int]] = []
        self.index = SqliteIndex(folder / "index.sqlite")
        self.embedder = LetterCounts()
        self.pipeline = Pipeline(
            documents=self.documents,
            files=Files(self.s3, BUCKET),
            index=self.index,
            embedder=self.embedder,
            jobs=Later(self),
            read=functools.partial(read, count_tokens=estimate_tokens),
            changed=self.changes.append,
        )

    def sweep(self) -> None:
        """Do what was put off."""
        while self.queued:
            job, delay = self.queued.pop()
            assert isinstance(job, SweepJob)
            assert delay >= 900
            self.pipeline.sweep(job)

    def hidden(self) -> frozenset[str]:
        return self.organizations.get_with_hidden_versions(self.organization.id)[1]

    def announce(self, filename: str = "guide.md", category: str | None = None) -> Document:
        now = datetime.now(UTC)
        document = Document(
            id=new_id(),
            organization_id=self.organization.id,
            title="Guide",
            filename=filename,
            category=category,
            size=1,
            pending_version=new_id(),
            created_at=now,
            updated_at=now,
        )
        self.documents.create(document)
        return document

    def renew(self, document: Document) -> Document:
        current = self.documents.get(self.organization.id, document.id)
        return self.documents.begin_version(
            current, version=new_id(), filename=current.filename, size=1
        )

    def put(self, document: Document, content: str | bytes) -> Upload:
        upload = Upload(self.organization.id, document.id, document.pending_version)
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket=BUCKET, Key=upload.key, Body=body)
        return upload

    def ingest(self, upload: Upload) -> Document:
        self.pipeline.ingest(upload, seconds_left=lambda: 60.0)
        return self.documents.get(self.organization.id, upload.document_id)

    def found(self, text: str, **filters: frozenset[str]) -> list[str]:
        """The texts that search brings up, as the answer worker would."""
        _, hidden = self.organizations.get_with_hidden_versions(self.organization.id)
        [vector] = self.embedder.embed([text])
        candidates = self.index.search(
            self.organization.id,
            text=text,
            vector=vector,
            limit=50,
            hidden_versions=hidden,
            **filters,
        )
        return sorted(candidate.passage.text for candidate in candidates)

    def keys(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET)
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture
def workshop(table: Table, tmp_path: Path) -> Iterator[Workshop]:
    workshop = Workshop(table, tmp_path)
    yield workshop
    workshop.index.close()


LONG = "\n\n".join(f"## Part {n}\n\n" + f"Sentence {n} about sails. " * 60 for n in range(80))


def test_an_upload_becomes_passages_that_answer(workshop: Workshop) -> None:
    document = workshop.announce()
    upload = workshop.put(document, "# Guide\n\nThe mast is ten metres high.")
    ready = workshop.ingest(upload)
    assert (ready.status, ready.version, ready.passages) == ("ready", upload.version, 1)
    assert workshop.found("mast") == ["The mast is ten metres high."]
    [passage] = workshop.documents.passages(workshop.organization.id, ready.id, upload.version)
    assert passage.text == "The mast is ten metres high."


def test_passages_carry_the_category_and_the_language_of_their_document(
    workshop: Workshop,
) -> None:
    document = workshop.announce(category="Boats")
    workshop.ingest(workshop.put(document, "Der Mast ist zehn Meter hoch, und das Boot ist alt."))
    assert workshop.found("Mast", categories=frozenset({"Boats"})) != []
    assert workshop.found("Mast", categories=frozenset({"Cars"})) == []
    assert workshop.found("Mast", languages=frozenset({"de"})) != []
    assert workshop.found("Mast", languages=frozenset({"en"})) == []


def test_ingesting_twice_changes_nothing(workshop: Workshop) -> None:
    upload = workshop.put(workshop.announce(), "The mast is ten metres high.")
    first = workshop.ingest(upload)
    assert workshop.ingest(upload) == first
    assert len(workshop.found("mast")) == 1


def test_a_half_done_version_does_not_answer_and_the_old_one_does(workshop: Workshop) -> None:
    document = workshop.announce()
    workshop.ingest(workshop.put(document, "The old mast is ten metres high."))
    upload = workshop.put(workshop.renew(document), LONG)
    workshop.embedder.broken_after = 1
    with pytest.raises(EmbedderUnavailable):
        workshop.ingest(upload)
    workshop.embedder.broken_after = None
    assert workshop.found("mast sails") == ["The old mast is ten metres high."]
    half = workshop.documents.get(workshop.organization.id, document.id)
    assert half.status == "embedding"
    assert half.progress is not None
    assert half.progress.done > 0
    ready = workshop.ingest(upload)
    assert ready.status == "ready"
    assert "The old mast is ten metres high." not in workshop.found("mast sails")
    assert ready.retired_versions == ()


def test_what_was_replaced_leaves_nothing_behind(workshop: Workshop) -> None:
    document = workshop.announce()
    old = workshop.put(document, "The old mast is ten metres high.")
    workshop.ingest(old)
    new = workshop.put(workshop.renew(document), "The new mast is ten metres high.")
    workshop.ingest(new)
    assert workshop.keys() == [new.key]
    organization_id = workshop.organization.id
    assert workshop.documents.passages(organization_id, document.id, old.version) == []
    assert workshop.hidden() == {old.version}
    workshop.sweep()
    assert workshop.hidden() == frozenset()
    assert workshop.found("mast") == ["The new mast is ten metres high."]


def test_an_older_upload_that_comes_late_does_not_win(workshop: Workshop) -> None:
    document = workshop.announce()
    older = workshop.put(document, "The older mast.")
    newer = workshop.put(workshop.renew(document), "The newer mast.")
    workshop.ingest(newer)
    ready = workshop.ingest(older)
    assert ready.version == newer.version
    assert workshop.found("mast") == ["The newer mast."]
    assert workshop.keys() == [newer.key]


def test_a_second_delivery_does_not_remove_what_the_first_one_published(
    workshop: Workshop,
) -> None:
    document = workshop.announce()
    upload = workshop.put(document, "The mast is ten metres high.")
    before = workshop.documents.get(workshop.organization.id, document.id)
    workshop.ingest(upload)
    workshop.renew(document)
    with pytest.raises(Superseded):
        workshop.pipeline._replace(before, upload, lambda: 60.0)
    workshop.pipeline._remove_unless_live(upload)
    assert workshop.found("mast") == ["The mast is ten metres high."]
    assert workshop.keys() == [upload.key]


def test_a_version_is_published_once(workshop: Workshop) -> None:
    document = workshop.announce()
    workshop.ingest(workshop.put(document, "The old mast."))
    upload = workshop.put(workshop.renew(document), "The new mast.")
    before = workshop.documents.get(workshop.organization.id, document.id)
    workshop.ingest(upload)
    with pytest.raises(Superseded):
        workshop.documents.publish(before, upload.version, pages=None, passages=1)
    with pytest.raises(Superseded):
        workshop.documents.set_status(
            workshop.organization.id, document.id, upload.version, "embedding"
        )
    assert workshop.documents.get(workshop.organization.id, document.id).status == "ready"


@pytest.mark.parametrize(
    ("filename", "content"),
    [("guide.md", b""), ("guide.pdf", b"%PDF-1.7\nno"), ("guide.txt", bytes(range(256)) * 9)],
)
def test_a_file_that_cannot_be_read_fails_with_a_reason(
    workshop: Workshop, filename: str, content: bytes
) -> None:
    failed = workshop.ingest(workshop.put(workshop.announce(filename), content))
    assert failed.status == "failed"
    assert failed.error
    assert failed.version is None


def test_an_upload_that_kept_breaking_ends_as_failed_and_can_be_tried_again(
    workshop: Workshop,
) -> None:
    document = workshop.announce()
    upload = workshop.put(document, "The mast is ten metres high.")
    workshop.pipeline.give_up(upload)
    failed = workshop.documents.get(workshop.organization.id, document.id)
    assert failed.status == "failed"
    again = workshop.put(workshop.renew(document), "The mast is ten metres high.")
    assert workshop.ingest(again).status == "ready"
    workshop.pipeline.give_up(again)
    assert workshop.documents.get(workshop.organization.id, document.id).status == "ready"


def test_a_deleted_document_is_gone_everywhere(workshop: Workshop) -> None:
    document = workshop.announce()
    upload = workshop.put(document, "The mast is ten metres high.")
    ready = workshop.ingest(upload)
    workshop.documents.mark_deleting(ready)
    assert workshop.found("mast") == []
    for _ in range(2):
        workshop.pipeline.clean_up(workshop.organization.id, document.id)
    with pytest.raises(NotFound):
        workshop.documents.get(workshop.organization.id, document.id)
    assert workshop.keys() == []
    workshop.sweep()
    assert workshop.hidden() == frozenset()


def test_what_a_late_worker_writes_of_a_deleted_document_is_never_found(
    workshop: Workshop,
) -> None:
    document = workshop.announce()
    upload = workshop.put(document, LONG)
    embed = workshop.embedder.embed

    def delete_meanwhile(texts: Sequence[str]) -> list[Vector]:
        workshop.embedder.embed = embed  # type: ignore[method-assign]
        current = workshop.documents.get(workshop.organization.id, document.id)
        workshop.documents.mark_deleting(current)
        workshop.pipeline.clean_up(workshop.organization.id, document.id)
        return embed(texts)

    workshop.embedder.embed = delete_meanwhile  # type: ignore[method-assign]
    remove = workshop.pipeline.index.delete_version
    # The late worker dies before it notices.
    workshop.index.delete_version = lambda *_: None  # type: ignore[method-assign]
    workshop.pipeline.ingest(upload, seconds_left=lambda: 60.0)
    workshop.index.delete_version = remove  # type: ignore[method-assign]
    left = workshop.index.search(
        workshop.organization.id, text="sails", vector=embed(["sails"])[0], limit=5
    )
    assert left
    assert workshop.found("sails") == []
    workshop.sweep()
    assert workshop.hidden() == frozenset()
    assert workshop.found("sails") == []


@pytest.mark.slow
def test_many_versions_are_forgotten_a_part_at_a_time(workshop: Workshop) -> None:
    document = workshop.announce()
    for _ in range(100):
        document = workshop.renew(document)
    assert len(workshop.hidden()) == 101
    workshop.ingest(workshop.put(document, "The mast."))
    assert len(workshop.hidden()) == 100
    workshop.sweep()
    assert workshop.hidden() == frozenset()
    assert workshop.documents.get(workshop.organization.id, document.id).retired_versions == ()
    assert workshop.found("mast") == ["The mast."]


def test_an_upload_for_a_document_that_is_gone_is_removed(workshop: Workshop) -> None:
    stray = Upload(workshop.organization.id, new_id(), new_id())
    workshop.s3.put_object(Bucket=BUCKET, Key=stray.key, Body=b"stray")
    workshop.pipeline.ingest(stray, seconds_left=lambda: 60.0)
    assert workshop.keys() == []


def test_an_object_key_names_organization_document_and_version() -> None:
    assert object_key("org", "doc", "v1") == "documents/org/doc/v1"


def test_who_waits_for_changes_is_told_when_other_passages_answer(workshop: Workshop) -> None:
    upload = workshop.put(workshop.announce(), "# One\n\nText.")
    workshop.ingest(upload)
    assert workshop.changes == [workshop.organization.id]
    broken = workshop.put(workshop.renew(workshop.documents.get(*upload_ids(upload))), b"")
    workshop.ingest(broken)
    assert len(workshop.changes) == 1
    workshop.documents.mark_deleting(workshop.documents.get(*upload_ids(upload)))
    workshop.pipeline.delete(*upload_ids(upload))
    assert len(workshop.changes) == 2


def test_a_change_that_could_not_be_told_is_told_when_the_upload_comes_again(
    workshop: Workshop,
) -> None:
    upload = workshop.put(workshop.announce(), "# One\n\nText.")

    def down(_: str) -> None:
        raise StoreUnavailable("down")

    with pytest.raises(StoreUnavailable):
        replace(workshop.pipeline, changed=down).ingest(upload, seconds_left=lambda: 60.0)
    assert workshop.changes == []
    workshop.ingest(upload)
    assert workshop.changes == [workshop.organization.id]


def upload_ids(upload: Upload) -> tuple[str, str]:
    return upload.organization_id, upload.document_id
