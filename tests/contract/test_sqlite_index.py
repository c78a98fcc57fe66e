"""What the SQLite index promises beyond the contract: one file, many processes, any size."""

import multiprocessing
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path

import pytest

from frontdesk.errors import IndexUnavailable
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex

_SPAWN = multiprocessing.get_context("spawn")
_IN_A_VERSION = 20


def vectors(count: int, *, dimensions: int = 16, seed: int = 1) -> list[list[float]]:
    numbers = random.Random(seed)
    return [[numbers.gauss(0, 1) for _ in range(dimensions)] for _ in range(count)]


def passages(version: str, count: int, *, text: str = "refunds") -> list[Passage]:
    return [Passage("doc", version, n, f"{text} {n}", "Guide") for n in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


def open_and_store(path: Path, organization_id: str, start: ProcessEvent) -> None:
    start.wait()
    index = SqliteIndex(path)
    for version in range(5):
        index.upsert(organization_id, passages(f"v{version}", 10), vectors(10))


def replace_versions(path: Path, done: ProcessEvent) -> None:
    """Ingest version after version, removing each when the next one is complete."""
    index = SqliteIndex(path)
    for version in range(1, 40):
        index.upsert("acme", passages(f"v{version}", _IN_A_VERSION), vectors(_IN_A_VERSION))
        index.delete_version("acme", "doc", f"v{version - 1}")
    done.set()


def test_processes_that_open_a_new_file_at_once_all_store_in_it(path: Path) -> None:
    start = _SPAWN.Event()
    workers = [
        _SPAWN.Process(target=open_and_store, args=(path, f"org{n}", start)) for n in range(5)
    ]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 5
    with closing(SqliteIndex(path)) as index:
        for n in range(5):
            found = index.search(f"org{n}", text="refunds", vector=[1.0] * 16, limit=100)
            assert len(found) == 50


def test_a_reader_sees_whole_versions_while_another_process_writes(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v0", _IN_A_VERSION), vectors(_IN_A_VERSION))
        done = _SPAWN.Event()
        writer = _SPAWN.Process(target=replace_versions, args=(path, done))
        writer.start()
        seen = set()
        deadline = time.monotonic() + 60
        while not done.is_set() and time.monotonic() < deadline:
            found = index.search("acme", text="refunds", vector=[1.0] * 16, limit=100)
            versions = [candidate.passage.version for candidate in found]
            assert {versions.count(version) for version in versions} == {_IN_A_VERSION}
            seen.update(versions)
        writer.join(60)
        assert writer.exitcode == 0
        assert len(seen) > 2
        found = index.search("acme", text="refunds", vector=[1.0] * 16, limit=100)
        assert {candidate.passage.version for candidate in found} == {"v39"}


def test_a_batch_that_cannot_be_stored_leaves_nothing_behind(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v1", 2), vectors(2))
        with pytest.raises(IndexUnavailable):
            index.upsert("acme", passages("v2", 2), [[1.0] * 16, [1.0] * 17])
        found = index.search("acme", text="refunds", vector=[1.0] * 16, limit=10)
        assert {candidate.passage.version for candidate in found} == {"v1"}


def test_another_number_of_dimensions_is_refused_with_the_reason(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v1", 2), vectors(2))
    with closing(SqliteIndex(path)) as index:
        with pytest.raises(IndexUnavailable, match="16 dimensions, and this one has 8"):
            index.upsert("globex", passages("v1", 2), vectors(2, dimensions=8))
        with pytest.raises(IndexUnavailable, match="embedder was changed"):
            index.search("acme", text="refunds", vector=[1.0] * 8, limit=3)


@pytest.mark.parametrize("dimensions", [1, 7, 8, 13, 384, 1536])
def test_vectors_of_any_length_keep_their_cosine(path: Path, dimensions: int) -> None:
    first, second = vectors(2, dimensions=dimensions)
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v1", 2), [first, [3 * value for value in second]])
        found = index.search("acme", text="", vector=second, limit=2)
    cosines = {candidate.passage.ordinal: candidate.cosine for candidate in found}
    assert cosines[1] == pytest.approx(1.0, abs=1e-6)
    assert cosines[0] is not None
    assert -1.0 <= cosines[0] <= 1.0


def test_a_vector_without_length_is_like_nothing_and_breaks_nothing(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v1", 1), [[0.0] * 16])
        (found,) = index.search("acme", text="refunds", vector=[1.0] * 16, limit=3)
    assert found.cosine == 0.0
    assert found.bm25 is not None


def test_a_file_that_is_no_database_is_an_index_that_is_unavailable(path: Path) -> None:
    path.write_bytes(b"certainly not a database, and long enough to be taken for one" * 100)
    with closing(SqliteIndex(path)) as index, pytest.raises(IndexUnavailable):
        index.search("acme", text="refunds", vector=[1.0] * 16, limit=3)


def test_a_folder_that_cannot_be_made_is_an_index_that_is_unavailable(path: Path) -> None:
    path.write_text("a file where a folder should be")
    index = SqliteIndex(path / "index.sqlite")
    with pytest.raises(IndexUnavailable):
        index.upsert("acme", passages("v1", 1), vectors(1))


def test_a_file_of_another_schema_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with closing(SqliteIndex(path)) as index, pytest.raises(IndexUnavailable, match="schema 99"):
        index.search("acme", text="refunds", vector=[1.0] * 16, limit=3)


def test_a_file_of_the_first_schema_is_brought_up_to_date(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", passages("v1", 3), vectors(3))
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE versions DROP COLUMN category")
        db.execute("ALTER TABLE versions DROP COLUMN language")
        db.execute("PRAGMA user_version = 1")
    with closing(SqliteIndex(path)) as index:
        newer = replace(passages("v2", 1)[0], category="Money", language="de")
        index.upsert("acme", [newer], vectors(1))
        found = index.search("acme", text="refunds", vector=[1.0] * 16, limit=10)
        assert len(found) == 4
        assert newer in [candidate.passage for candidate in found]
        assert {each.passage.category for each in found} == {None, "Money"}


def test_processes_that_bring_a_file_up_to_date_at_once_all_succeed(path: Path) -> None:
    test_a_file_of_the_first_schema_is_brought_up_to_date(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE versions DROP COLUMN category")
        db.execute("ALTER TABLE versions DROP COLUMN language")
        db.execute("PRAGMA user_version = 1")
    test_processes_that_open_a_new_file_at_once_all_store_in_it(path)


def test_ingesting_again_and_again_does_not_make_the_file_grow(path: Path) -> None:
    with closing(SqliteIndex(path)) as index:
        for version in range(60):
            index.upsert("acme", passages(f"v{version}", 50), vectors(50))
            if version:
                index.delete_version("acme", "doc", f"v{version - 1}")
    with closing(sqlite3.connect(path)) as db:
        ((pages,),) = db.execute("PRAGMA page_count")
        ((free,),) = db.execute("PRAGMA freelist_count")
        ((chunks,),) = db.execute("SELECT count(*) FROM signs_chunks")
    assert chunks <= 2
    assert (pages - free) * 4096 < 400_000


def test_a_closed_index_opens_again(path: Path) -> None:
    index = SqliteIndex(path)
    index.upsert("acme", passages("v1", 1), vectors(1))
    index.close()
    assert len(index.search("acme", text="refunds", vector=[1.0] * 16, limit=3)) == 1
    index.close()


def test_opening_it_does_not_import_numpy(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from frontdesk.knowledge.sqlite_index import SqliteIndex; "
        f"SqliteIndex(Path({str(path)!r})).search('acme', text='a', vector=[1.0], limit=1); "
        "sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


_LARGE = 9_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteIndex]:
    """Three segments of passages; each holds common words, and some a rare one."""
    stored = [
        Passage(
            f"d{n // 100}",
            f"v{n // 100}",
            n % 100,
            f"account order delivery {'zebra ' * (n % 3000 == 1234)}number{n}",
            "Guide",
        )
        for n in range(_LARGE)
    ]
    path = tmp_path_factory.mktemp("large") / "index.sqlite"
    with closing(SqliteIndex(path)) as index:
        index.upsert("acme", stored, vectors(_LARGE))
        yield index


@pytest.mark.slow
@pytest.mark.parametrize("ordinal", [0, 4095, 4096, 5000, 8999])
def test_the_nearest_passage_is_found_in_every_part_of_a_large_index(
    large: SqliteIndex, ordinal: int
) -> None:
    wanted = vectors(_LARGE)[ordinal]
    found = large.search("acme", text="", vector=wanted, limit=3)
    best = max(found, key=lambda candidate: candidate.cosine or 0.0)
    assert best.passage.text.endswith(f"number{ordinal}")
    assert best.cosine == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("hidden", [1, 8, 9, 80])
def test_hiding_versions_works_in_every_part_of_a_large_index(
    large: SqliteIndex, hidden: int
) -> None:
    versions = frozenset(f"v{89 - n}" for n in range(hidden))
    found = large.search(
        "acme",
        text="account zebra",
        vector=vectors(_LARGE)[8999],
        limit=20,
        hidden_versions=versions,
    )
    assert len([candidate for candidate in found if candidate.bm25 is not None]) == 20
    assert len(found) >= 20
    assert not versions & {candidate.passage.version for candidate in found}


def test_a_rare_word_among_common_ones_still_decides_in_a_large_index(large: SqliteIndex) -> None:
    text = "account order delivery zebra"
    found = large.search("acme", text=text, vector=[1.0] * 16, limit=3)
    matching = {c.passage.text: c.bm25 for c in found if c.bm25 is not None}
    assert len(matching) == 3
    assert all("zebra" in text for text in matching)


def test_a_question_of_common_words_alone_still_matches_in_a_large_index(
    large: SqliteIndex,
) -> None:
    found = large.search("acme", text="account order", vector=[1.0] * 16, limit=3)
    assert len([candidate for candidate in found if candidate.bm25 is not None]) == 3
