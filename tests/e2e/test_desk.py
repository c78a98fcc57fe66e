"""The desk with the real API behind it: its frame, its data, the overview and the first run."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from frontdesk.entities import Role
from frontdesk.ids import new_id
from tests.e2e.team_site import TeamSite
from tests.e2e.until import until
from tests.unit.deployment import PASSWORD

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"

Enter = Callable[..., None]


@pytest.fixture
def enter(page: Page, team: TeamSite) -> Enter:
    """Logs a new member of the first organisation in, who then is on the page they wanted."""

    def log_in(role: Role = "owner", wanted: str = "dashboard.html") -> None:
        user = team.deployment.member(role, name=f"Ada {role}")
        page.goto(team.page(wanted))
        page.locator("#login-email").fill(user.email)
        page.locator("#login-password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#member")).to_have_text(user.name)
        expect(page).to_have_url(team.page(wanted))

    return log_in


def leave_message(team: TeamSite, text: str, name: str) -> str:
    """Has a customer leave a message for the team. Returns the conversation."""
    deployment = team.deployment
    session = deployment.session(deployment.one.widget_key).json()
    answer = deployment.http.post(
        "/api/widget/messages",
        headers={
            "Authorization": f"Bearer {session['visitor']}",
            "X-Frontdesk-Key": deployment.one.widget_key,
        },
        json={"id": new_id(), "text": text, "email": "sam@example.org", "name": name},
    )
    assert answer.status_code == 201
    conversation: str = session["conversation"]["id"]
    return conversation


def step(page: Page, name: str) -> Any:
    return page.locator(f'.step[data-step="{name}"]')


def test_who_waits_is_seen_at_once_and_named_whatever_they_are_called(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    leave_message(team, "Where is my parcel?", "Sam")
    leave_message(team, HOSTILE, HOSTILE)
    enter()
    rows = page.locator(".waiting-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Sam")
    expect(rows.nth(1).locator(".waiting-who")).to_have_text(HOSTILE)
    expect(page).to_have_title("(2) Overview · Frontdesk")


@pytest.mark.parametrize(
    ("role", "pages", "sets_up"),
    [
        ("owner", ["Overview", "Conversations", "Documents", "Billing"], True),
        ("admin", ["Overview", "Conversations", "Documents", "Billing"], True),
        ("agent", ["Overview", "Conversations", "Documents"], False),
        ("viewer", ["Overview", "Conversations", "Documents"], False),
    ],
)
def test_each_role_sees_the_pages_and_parts_that_it_may(
    page: Page, enter: Enter, role: Role, pages: list[str], sets_up: bool
) -> None:
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    enter(role)
    expect(page.locator(".health-line").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    names = [re.sub(r"\d.*", "", each).strip() for each in page.locator(".place").all_inner_texts()]
    assert names == pages
    expect(page.locator(".first")).to_have_count(1 if sets_up else 0)
    assert refused == []


def test_going_to_another_page_keeps_session_and_frame_and_back_leads_back(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    page.evaluate("window.same = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Billing").click()
    expect(page.get_by_role("heading", name="Billing")).to_be_visible()
    expect(page).to_have_url(team.page("billing.html"))
    expect(page.locator('.place[aria-current="page"]')).to_have_text("Billing")
    expect(page.locator("main")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="Needs a person now")).to_be_visible()
    assert page.evaluate("window.same")
    assert [url for url in asked if "/auth/" in url or "connect" in url] == []


def test_the_last_view_is_shown_at_once_while_the_api_is_slow_and_is_gone_after_logout(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    leave_message(team, "Where is my parcel?", "Sam")
    enter()
    expect(page.locator(".waiting-row")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/**", hold)
    page.reload()
    expect(page.locator(".waiting-row")).to_contain_text("Sam")
    until(page, lambda: held)
    # Those that are held go on.
    page.unroute("**/api/**")
    page.locator("#account").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page).to_have_url(team.page("auth.html"))
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"


def test_a_new_organisation_ticks_its_list_off(page: Page, team: TeamSite, enter: Enter) -> None:
    enter()
    progress = page.locator(".first-head [role=status]")
    expect(progress).to_have_text("0 of 6 done")
    step(page, "ask").get_by_role("button").first.click()
    step(page, "look").get_by_role("button").first.click()
    page.get_by_label("Greeting").fill("Ahoy! What can we do?")
    expect(page.locator(".sketch-said")).to_have_text("Ahoy! What can we do?")
    step(page, "look").get_by_role("button", name="Save").click()
    expect(progress).to_have_text("1 of 6 done")
    organization = team.deployment.services.organizations.get(team.deployment.one.organization_id)
    assert organization.greeting == "Ahoy! What can we do?"

    step(page, "invite").get_by_role("button").first.click()
    page.get_by_label("E-mail address").fill("grace@one.example")
    step(page, "invite").get_by_role("button", name="Invite", exact=True).click()
    expect(progress).to_have_text("2 of 6 done")

    step(page, "embed").get_by_role("button").first.click()
    page.get_by_label("Address of your site").fill("not a site")
    page.get_by_role("button", name="Allow this site").click()
    expect(step(page, "embed").get_by_role("alert")).to_contain_text("no address of a site")
    page.get_by_label("Address of your site").fill("harbor.example/help")
    page.get_by_role("button", name="Allow this site").click()
    expect(step(page, "embed")).to_contain_text("harbor.example and www.harbor.example")
    code = page.get_by_label("Code to embed").input_value()
    found = re.search(r'data-key="(pk_[\w-]+)"', code)
    assert found

    step(page, "seen").get_by_role("button").first.click()
    expect(page.locator(".seen")).to_have_text("Waiting for the first visit…")
    answer = team.deployment.session(found[1], "https://harbor.example")
    assert answer.status_code == 200
    expect(page.locator(".seen")).to_have_text("Seen on harbor.example now")
    expect(progress).to_have_text("4 of 6 done")


def test_what_was_hidden_comes_back_with_undo(page: Page, enter: Enter) -> None:
    enter()
    page.get_by_role("button", name="Hide this list").click()
    expect(page.locator(".first")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".first")).to_be_visible()
    page.get_by_role("button", name="Hide this list").click()
    page.reload()
    expect(page.get_by_role("heading", name="Needs a person now")).to_be_visible()
    expect(page.locator(".first")).to_have_count(0)


def test_what_cannot_be_reached_says_what_to_do_and_tries_again(page: Page, enter: Enter) -> None:
    enter()
    page.evaluate("sessionStorage.clear()")
    page.route("**/api/gaps*", lambda route: route.fulfill(status=500, json={}))
    page.reload()
    trouble = page.locator(".gaps .trouble")
    expect(trouble).to_contain_text("Something on our side did not work.")
    page.unroute("**/api/gaps*")
    trouble.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing was asked in vain")).to_be_visible()


def test_theme_and_language_are_chosen_from_the_keyboard_and_kept(page: Page, enter: Enter) -> None:
    enter()
    page.locator("#account").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="As the system")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Log out")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#account")).to_be_focused()
    page.locator("#account").click()
    page.get_by_role("menuitemradio", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Übersicht")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_the_pages_are_behind_a_button_and_nothing_is_cut_off(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Open the menu").click()
    dialog = page.get_by_role("dialog", name="Pages")
    expect(dialog.get_by_role("link", name="Documents")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the menu")).to_be_focused()
    page.get_by_role("button", name="Open the menu").click()
    dialog.get_by_role("link", name="Documents").click()
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
    expect(dialog).to_be_hidden()


def test_all_tabs_share_one_socket_which_passes_on_and_catches_up(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    """The first tab has it; when it is closed the other one takes it, and asks what it missed."""
    sockets: list[WebSocketRoute] = []

    def note(socket: WebSocketRoute) -> None:
        sockets.append(socket)

    page.context.route_web_socket("wss://socket.example/**", note)
    enter()
    expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    other = page.context.new_page()
    other.goto(team.page("documents.html"))
    expect(other.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
    conversation = leave_message(team, "Where is my parcel?", "Sam")
    view = team.deployment.http.get(
        f"/api/conversations/{conversation}", headers=team.deployment.one.team
    ).json()
    sockets[0].send(json.dumps({"type": "conversation", "conversation": view}))
    for each in (page, other):
        expect(each).to_have_title(re.compile(r"^\(1\) "))
    assert len(sockets) == 1

    leave_message(team, "Where is mine?", "Jo")
    page.close()
    expect(other).to_have_title(re.compile(r"^\(2\) "))
    assert len(sockets) == 2

    leave_message(team, "And mine?", "Kim")
    sockets[1].close()
    expect(other).to_have_title(re.compile(r"^\(3\) "))
    expect(other.locator(".connection")).to_be_hidden()
    other.close()
