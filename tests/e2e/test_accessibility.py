"""Every page against the rules of axe-core for WCAG 2.2 AA, light and dark, wide and narrow."""

import tarfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from frontdesk.entities import Citation, Customer, Handoff, Sentiment, Summary
from tests.e2e.conversation_items import ago, put_conversation, said
from tests.e2e.npm import npm_archive
from tests.e2e.team_site import TeamSite

pytestmark = pytest.mark.browser

_FOLDER = Path(__file__).parents[2] / ".local" / "axe"
_PACKAGE = "axe-core@4.14.1"
_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMS = ("auth.html", *(f"auth.html#{form}" for form in ("signup", "forgot", "verify=token")))
FORMS += ("auth.html#reset=token", "auth.html#invitation=token")
PUBLIC = ("index.html", "pricing.html", "404.html", "chat.html")
NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TEAM = ("dashboard.html", "documents.html", "billing.html")
LOOKS = ((1280, "light"), (1280, "dark"), (360, "light"), (360, "dark"))


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, brought once."""
    source = _FOLDER / f"{_PACKAGE}.js"
    if not source.exists():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        archive = npm_archive(_PACKAGE, _SHA512, _FOLDER)
        with tarfile.open(archive) as package:
            found = package.extractfile("package/axe.min.js")
            assert found
            source.write_bytes(found.read())
        archive.unlink()
    return source.read_text()


def faults(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page as it is."""
    page.evaluate(axe)
    found: list[Any] = page.evaluate(
        """async (rules) => {
          const { violations } = await axe.run(document, { runOnly: rules });
          return violations.map(({ id, nodes }) =>
            `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`);
        }""",
        _RULES,
    )
    return found


def a_conversation(team: TeamSite) -> str:
    """One that waits, with all that a thread can show. Returns its id."""
    cited = Citation(
        number=1, passage_id="p", document_id="d", title="Delivery", start=0, end=1, quote="Three"
    )
    messages = [
        said("customer", "Where is my parcel?", ago(days=2)),
        said("assistant", "Three days [1].", ago(days=1), kind="answer", confidence=0.4).model_copy(
            update={"citations": (cited,)}
        ),
        said("note", "Called the depot.", ago(hours=2), author="Ben"),
        said("agent", "We are looking for it.", ago(hours=1), author="Ben"),
        said(
            "customer",
            "Hello?",
            ago(minutes=5),
            sentiment=Sentiment(label="NEGATIVE", score=-0.8, confidence=0.9),
        ),
        said("system", "", ago(minutes=4), event="handed_off", detail="mood"),
    ]
    return put_conversation(
        team.deployment.table,
        team.deployment.one.organization_id,
        messages,
        status="waiting",
        priority="urgent",
        labels=("late parcel",),
        handoff=Handoff(reason="mood", at=ago(minutes=4)),
        customer=Customer(id="7", name="Mara", email="mara@example.org"),
        vouched_attributes={"plan": "pro"},
        summary=Summary(wants="Her parcel", tried=("Delivery times",), mood="angry"),
    )


def show(page: Page, address: str) -> None:
    """A page of the desk, once everything is there."""
    page.goto(address)
    expect(page.locator("#member")).to_have_text("Owner")
    expect(page.locator("main :is(h1, h2):visible").first).to_be_visible()
    expect(page.locator(".bones:visible")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_on_any_page(
    chromium: Browser, team: TeamSite, axe: str, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    wrong = {}
    for name in PUBLIC:
        page.goto(team.page(name))
        expect(page.locator("main")).to_be_visible()
        wrong[name] = faults(page, axe)
    for name in FORMS:
        page.goto(team.page(name))
        # Empty, so that each field says what it lacks.
        page.locator("[data-view]:visible [type=submit]").click()
        expect(page.locator("[data-view]:visible .error:visible").first).not_to_be_empty()
        wrong[name] = faults(page, axe)
    team.log_in(page, team.deployment.member("owner").email)
    for name in TEAM:
        show(page, team.page(name))
        wrong[name] = faults(page, axe)
    context.close()
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_in_any_state_of_the_inbox(
    chromium: Browser, team: TeamSite, axe: str, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.route_web_socket("wss://socket.example/**", lambda _: None)
    page = context.new_page()
    wrong = {}
    a_conversation(team)
    team.log_in(page, team.deployment.member("owner").email)
    show(page, team.page(f"conversations.html?q=nothing&open={NOWHERE}"))
    wrong["nothing found, and gone"] = faults(page, axe)
    show(page, team.page("conversations.html"))
    expect(page.locator(".row")).to_have_count(1)
    wrong["list"] = faults(page, axe)
    page.keyboard.press("j")
    expect(page.locator(".message")).to_have_count(5)
    wrong["thread"] = faults(page, axe)
    page.keyboard.press("n")
    page.keyboard.type("Called again.")
    page.locator(".thread-scroll").focus()
    page.keyboard.press("x")
    page.keyboard.press("p")
    expect(page.locator("[popover]:popover-open")).to_be_visible()
    wrong["a note, one picked, and a menu"] = faults(page, axe)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_be_visible()
    page.keyboard.press("c")
    wrong["customer and toast"] = faults(page, axe)
    for key, dialog in (("?", "keys"), ("Control+k", "palette"), ("l", "label-choices")):
        page.keyboard.press(key)
        expect(page.locator(f"dialog[open]:is(.{dialog}, :has(.{dialog}))")).to_be_visible()
        wrong[dialog] = faults(page, axe)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    show(page, team.page("conversations.html?mood=positive&label=late"))
    page.locator("[popovertarget=filters]").click()
    expect(page.locator("#filters select").first).to_be_focused()
    wrong["filters"] = faults(page, axe)
    context.close()
    assert {name: found for name, found in wrong.items() if found} == {}
