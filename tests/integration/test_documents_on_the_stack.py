"""Documents through the API, S3, SQS and the ingest worker."""

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


def ask(visitor: ChatClient, text: str) -> dict[str, Any]:
    *_, last = visitor.ask(text)
    message: dict[str, Any] = last["message"]
    return message


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def depth(stack: Stack, queue: str) -> int:
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs[queue], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_a_document_answers_once_ready_gives_way_to_its_new_version_and_is_forgotten(
    stack: Stack, documents: DocumentsClient, new_visitor: NewVisitor, tmp_path: Path
) -> None:
    question = "How many litres does the Zephyr kettle hold?"
    assert ask(new_visitor(), question)["kind"] == "unknown"
    text = "# Zephyr kettle\n\nThe Zephyr kettle holds 3 litres.\n"
    path = write(tmp_path, "zephyr-kettle.md", text)
    document = documents.wait(documents.upload(path)["id"])
    assert (document["status"], document["passages"]) == ("ready", 1)
    answer = ask(new_visitor(), question)
    assert "3 litres" in answer["text"]
    assert answer["citations"][0]["document_id"] == document["id"]

    write(tmp_path, path.name, text.replace("3 litres", "7 litres"))
    documents.upload(path, replaces=document["id"])
    assert documents.get(document["id"])["answering"]
    assert documents.wait(document["id"])["status"] == "ready"
    answer = ask(new_visitor(), question)
    assert "7 litres" in answer["text"]
    assert "3 litres" not in answer["text"]

    documents.delete(document["id"])
    assert ask(new_visitor(), question)["kind"] == "unknown"
    wait_until_gone(documents, document["id"])
    listed = stack.client("s3").list_objects_v2(Bucket=stack.outputs["DocumentsBucket"])
    assert not [item for item in listed.get("Contents", []) if document["id"] in item["Key"]]


def wait_until_gone(documents: DocumentsClient, document_id: str) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        documents.wait(document_id, seconds=60, until=frozenset())


def test_a_failed_new_version_leaves_the_old_one_answering(
    documents: DocumentsClient, new_visitor: NewVisitor, tmp_path: Path
) -> None:
    path = write(tmp_path, "quark-lamp.txt", "The Quark lamp shines for 512 hours on one charge.\n")
    document = documents.wait(documents.upload(path)["id"])
    broken = write(tmp_path, "quark-lamp.pdf", b"%PDF-1.7\nnot really")
    documents.upload(broken, replaces=document["id"])
    document = documents.wait(document["id"])
    assert document["status"] == "failed"
    assert document["error"]
    assert document["answering"]
    answer = ask(new_visitor(), "How many hours does the Quark lamp shine on one charge?")
    assert "512" in answer["text"]
    documents.delete(document["id"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pdf", b""),
        ("empty.txt", b""),
        ("blank.md", b"\n\n   \n"),
        ("truncated.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(2000)),
        ("random.docx", bytes(range(256)) * 40),
        ("binary.txt", bytes(range(256)) * 40),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_a_reason(
    stack: Stack, documents: DocumentsClient, tmp_path: Path, name: str, content: bytes
) -> None:
    document = documents.wait(documents.upload(write(tmp_path, name, content))["id"], seconds=60)
    assert document["status"] == "failed"
    assert len(document["error"]) > 10
    assert "Traceback" not in document["error"]
    assert depth(stack, "IngestDlqUrl") == 0
    documents.delete(document["id"])


def test_a_document_can_be_ingested_again(documents: DocumentsClient, tmp_path: Path) -> None:
    path = write(tmp_path, "reindexed.md", "# Reindexed\n\nNothing changes here.\n")
    document = documents.wait(documents.upload(path)["id"])
    documents.reindex(document["id"])
    again = documents.wait(document["id"])
    assert (again["status"], again["passages"]) == ("ready", document["passages"])
    documents.delete(document["id"])


def test_an_upload_form_takes_only_what_was_announced(
    documents: DocumentsClient, stack: Stack
) -> None:
    expected = documents._call(
        "POST",
        "/documents",
        json={"filename": "small.txt", "content_type": "text/plain", "size": 5},
    )
    form = expected["upload"]
    another_key = form["fields"] | {"key": f"documents/{'0' * 26}/{'0' * 26}/{'0' * 26}"}
    another_type = form["fields"] | {"Content-Type": "text/html"}
    for fields in (another_key, another_type):
        refused = httpx.post(form["url"], data=fields, files={"file": ("small.txt", b"hello")})
        assert refused.status_code == 403
    documents.delete(expected["document"]["id"])
