"""The documents page on the whole stack: what a team does with its documents."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from reportlab.pdfgen.canvas import Canvas

from local.seed import OWNER_EMAIL

if TYPE_CHECKING:
    from local.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

READY_MS = 60_000


def markdown(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def pdf(name: str, draw: Callable[[Canvas], object]) -> FilePayload:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return {"name": name, "mimeType": "application/pdf", "buffer": buffer.getvalue()}


def row(page: Page, title: str) -> Locator:
    return page.locator(".document").filter(has=page.get_by_text(title, exact=True))


def delete(page: Page, title: str) -> None:
    row(page, title).get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, title)).to_have_count(0, timeout=READY_MS)


@pytest.fixture
def desk(page: Page, stack: "Stack") -> Page:
    """The page, as the owner of the sample organisation sees it."""
    assert stack.sample is not None
    page.goto(f"{stack.site_url}/documents.html")
    page.get_by_label("E-mail address").locator("visible=true").fill(OWNER_EMAIL)
    page.locator("#login-password").fill(stack.sample.owner_password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
    return page


def test_the_sample_documents_are_ready_with_their_pages_and_passages(desk: Page) -> None:
    ready = desk.locator('.document[data-status="ready"]')
    expect(ready.nth(5)).to_be_visible()
    numbers = [each for each in ready.locator(".figure").all_inner_texts() if each != "–"]
    assert all(int(number) > 0 for number in numbers)


def test_an_uploaded_document_becomes_ready_answers_and_goes_again(
    desk: Page, stack: "Stack"
) -> None:
    text = (
        "# Zephyr lamps\n\n## Warranty\n\nA Zephyr lamp has a warranty of 37 months from purchase."
    )
    desk.set_input_files("#picker", markdown("zephyr-lamps.md", text))
    title = "Zephyr lamps"
    expect(row(desk, title).locator(".label")).to_have_text("Ready", timeout=READY_MS)

    row(desk, title).get_by_role("button", name="Show the passages").click()
    expect(desk.get_by_role("dialog", name=title)).to_contain_text("37 months")
    desk.get_by_role("button", name="Close").click()

    visitor = desk.context.new_page()
    visitor.goto(f"{stack.site_url}/chat.html")
    visitor.locator(".launcher").click()
    visitor.get_by_label("Your message").fill("What warranty does a Zephyr lamp have?")
    visitor.get_by_label("Your message").press("Enter")
    expect(visitor.locator(".source").first).to_contain_text(title, timeout=READY_MS)
    expect(visitor.locator('.message[data-role="assistant"] .text')).to_contain_text("37 months")
    visitor.close()

    delete(desk, title)


def test_several_files_at_once_each_get_their_own_outcome(desk: Page) -> None:
    blank = pdf("empty-scan.pdf", lambda canvas: canvas.rect(100, 100, 200, 200))
    guide = pdf("porter-guide.pdf", lambda canvas: canvas.drawString(72, 720, "Porters wear red."))
    photo: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
    fake: FilePayload = {"name": "fake.pdf", "mimeType": "application/pdf", "buffer": b"hello"}
    nothing = markdown("nothing.md", "")
    desk.set_input_files("#picker", [blank, guide, photo, fake, nothing])
    refused = desk.locator("#refused li")
    expect(refused).to_have_count(3)
    expect(refused.nth(0)).to_contain_text("photo.png: this kind of file can’t be read")
    expect(refused.nth(1)).to_contain_text("fake.pdf: it ends in .pdf, but what is in it is no PDF")
    expect(refused.nth(2)).to_contain_text("nothing.md: the file is empty")
    expect(row(desk, "Porter guide").locator(".label")).to_have_text("Ready", timeout=READY_MS)
    failed = row(desk, "Empty scan")
    expect(failed.locator(".label")).to_have_text("Failed", timeout=READY_MS)
    assert len(failed.locator(".reason").inner_text()) > 20
    delete(desk, "Porter guide")
    delete(desk, "Empty scan")


def test_a_file_can_be_dropped_anywhere_and_replaced_by_a_newer_one(desk: Page) -> None:
    desk.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["# Kites\\n\\nKites are blue."], "kites.md"));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(row(desk, "Kites").locator(".label")).to_have_text("Ready", timeout=READY_MS)
    with desk.expect_file_chooser() as chooser:
        row(desk, "Kites").get_by_role("button", name="Upload a new version").click()
    chooser.value.set_files(markdown("kites.md", "# Kites\n\nKites are green now."))
    expect(row(desk, "Kites").locator(".label")).not_to_have_text("Ready")
    expect(row(desk, "Kites").locator(".label")).to_have_text("Ready", timeout=READY_MS)
    row(desk, "Kites").get_by_role("button", name="Show the passages").click()
    passages = desk.get_by_role("dialog", name="Kites")
    expect(passages).to_contain_text("green")
    expect(passages).not_to_contain_text("blue")
    desk.keyboard.press("Escape")
    row(desk, "Kites").get_by_role("button", name="Read and index again").click()
    expect(row(desk, "Kites").locator(".label")).to_have_text("Ready", timeout=READY_MS)
    delete(desk, "Kites")


def test_when_nothing_is_in_work_nothing_is_asked(desk: Page) -> None:
    expect(row(desk, "Troubleshooting")).to_be_visible()
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.wait_for_timeout(3_500)
    # The plan's limits are asked for once, and may come late.
    assert [url for url in asked if "/documents" in url] == []


def test_deleting_asks_first_and_keeping_changes_nothing(desk: Page) -> None:
    row(desk, "Troubleshooting").get_by_role("button", name="Delete").click()
    dialog = desk.get_by_role("dialog", name="Delete this document?")
    expect(dialog).to_contain_text("Troubleshooting")
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row(desk, "Troubleshooting").locator(".label")).to_have_text("Ready")
