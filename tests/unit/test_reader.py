"""Files are read in a process that can be ended, and is when a file takes too much."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.errors import UnreadableDocument
from frontdesk.knowledge.minilm_tokens import MiniLmTokenizer
from ingest.reader import Reader
from ingest.reading import Reading, Task, read
from tests.unit.answer_desk import MODELS
from tests.unit.document_files import text_pdf

GUIDE = b"# Refunds\n\nA refund takes ten days.\n\n## Abroad\n\nThere it takes a month."


def task(filename: str = "a.md", *, finds_title: bool = False) -> Task:
    return Task("doc", "v1", filename, "Guide", "money", finds_title)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(tokenizer=MODELS / "minilm")
    yield reader
    reader.close()


def reading(reader: Reader, data: bytes, task: Task, seconds: float = 60) -> Reading:
    return reader.read(data, task, seconds_left=lambda: seconds, on_page=lambda _, __: None)


def test_a_file_is_read_as_it_is_in_one_process(reader: Reader) -> None:
    here = read(
        GUIDE,
        task(),
        count_tokens=MiniLmTokenizer(MODELS / "minilm").count_tokens,
        seconds_left=lambda: 60,
        on_page=lambda _, __: None,
    )
    assert reading(reader, GUIDE, task()) == here
    assert here.passages[0].category == "money"


def test_pages_and_titles_come_over(reader: Reader) -> None:
    found = reading(reader, text_pdf("First page.", "Second page."), task("a.pdf"))
    assert (found.pages, found.title) == (2, "Guide")
    page = b"<html><title>All of it</title><p>Some text.</p></html>"
    assert reading(reader, page, task("a.html", finds_title=True)).title == "All of it"


def test_the_reason_of_a_refusal_comes_over_and_the_next_file_is_read(reader: Reader) -> None:
    with pytest.raises(UnreadableDocument, match="0 bytes"):
        reading(reader, b"", task())
    assert reading(reader, GUIDE, task()).passages


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(reader: Reader) -> None:
    # markdown-it reads it at once, for a minute, and asks no clock.
    with pytest.raises(UnreadableDocument, match="took too long"):
        reading(reader, b"[a](" * 450_000, task(), seconds=1.5)
    assert reader._child is None
    assert reading(reader, GUIDE, task()).passages


def test_a_file_that_takes_too_much_memory_is_refused() -> None:
    small = Reader(memory=120 * 2**20)
    try:
        with pytest.raises(UnreadableDocument, match="too much memory"):
            reading(small, b"<b>x</b>" * 400_000, task("a.html"))
    finally:
        small.close()


def test_a_process_that_was_ended_meanwhile_is_started_again(reader: Reader) -> None:
    reading(reader, GUIDE, task())
    assert reader._child is not None
    os.kill(reader._child.process.pid, signal.SIGKILL)
    reader._child.process.wait()
    assert reading(reader, GUIDE, task()).passages


def test_the_process_goes_on_however_large_the_worker_is(reader: Reader) -> None:
    large = bytearray(500 * 2**20)
    large[:: 2**12] = b"x" * (len(large) // 2**12)
    reader.close()
    reading(reader, GUIDE, task())
    assert reader._child is not None


def test_the_process_has_no_credentials(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    reader.close()
    reading(reader, GUIDE, task())
    assert reader._child is not None
    environment = Path(f"/proc/{reader._child.process.pid}/environ")
    if sys.platform == "linux":
        assert b"AWS_" not in environment.read_bytes()
