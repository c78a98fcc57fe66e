"""The sample organisation's documents: built from their sources, and answering its questions."""

import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.knowledge.ports import Passage
from ingest.extract import extract
from ingest.passages import split
from ingest.tokens import estimate_tokens
from local.sample import build_pdfs

SAMPLE = Path(build_pdfs.__file__).parent
QUESTIONS: dict[str, Any] = json.loads((SAMPLE / "questions.json").read_text("utf-8"))


def passages(name: str) -> list[Passage]:
    path = SAMPLE / "documents" / name
    document = extract(path.read_bytes(), filename=name)
    return split(
        document,
        document_id=name,
        version="v",
        title=document.title or path.stem,
        count_tokens=estimate_tokens,
    )


@pytest.mark.parametrize("source", sorted(build_pdfs.SOURCES.glob("*.md")), ids=lambda p: p.stem)
def test_building_a_pdf_again_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "built.pdf"
    build_pdfs.build(source, target)
    kept = SAMPLE / "documents" / f"{source.stem}.pdf"
    assert target.read_bytes() == kept.read_bytes(), "run python local/sample/build_pdfs.py"


@pytest.mark.parametrize("entry", QUESTIONS["answered"], ids=lambda entry: entry["question"])
def test_each_question_is_answered_on_the_page_that_is_named(entry: dict[str, Any]) -> None:
    found = [passage for passage in passages(entry["document"]) if entry["answer"] in passage.text]
    assert found
    page = entry["page"]
    assert any(
        passage.page == passage.last_page == page
        or (page is not None and (passage.page or 0) <= page <= (passage.last_page or 0))
        for passage in found
    )


def test_every_section_of_the_sources_heads_a_passage_or_stands_in_one() -> None:
    for source in build_pdfs.SOURCES.glob("*.md"):
        found = passages(f"{source.stem}.pdf")
        shown = "\n".join("\n".join((*passage.headings, passage.text)) for passage in found)
        for line in source.read_text("utf-8").splitlines():
            if line.startswith("#"):
                assert line.lstrip("# ") in shown.splitlines()


def test_nothing_of_the_page_furniture_gets_into_passages() -> None:
    for source in build_pdfs.SOURCES.glob("*.md"):
        for passage in passages(f"{source.stem}.pdf")[1:]:
            assert "Edition" not in passage.text
            assert "\u00ad" not in passage.text
            assert ". . ." not in passage.text
            assert "Page " not in passage.text
