"""When the API fails or the socket drops: what somebody is told, and that nothing is lost."""

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from frontdesk.entities import User
from tests.e2e.team_site import TeamSite, replies, waiting
from tests.unit.deployment import PASSWORD

if TYPE_CHECKING:
    from fastapi import FastAPI

pytestmark = pytest.mark.browser

# Beside each other only what is said in other words.
SENTENCES = {
    0: "The server can’t be reached right now. Nothing is lost",
    403: "Your role doesn’t include this",
    500: "Something on our side did not work. Try again in a moment.",
    409: "It was changed meanwhile: The reason.",
    413: "That is too large.",
    503: "Something on our side did not work. Try again in a moment.",
    422: "This can’t be saved as it is: The reason.",
    429: "That was a lot at once. Try again in 20 seconds.",
}


@pytest.fixture
def user(team: TeamSite) -> User:
    return team.deployment.member("admin", name="Ada", email="ada@one.example")


@pytest.fixture
def conversation(team: TeamSite) -> str:
    return waiting(team, "Sam")


@pytest.fixture
def inbox(page: Page, team: TeamSite, user: User, conversation: str) -> Page:
    """The inbox with the conversation open."""
    team.log_in(page, user.email)
    page.goto(team.page(f"conversations.html?view=all&open={conversation}"))
    expect(page.locator(".thread-who")).to_have_text("Sam")
    expect(page.locator(".row-who")).to_have_text("Sam")
    return page


class Trouble:
    """Has calls of the API fail, each in the way that was named last."""

    def __init__(self) -> None:
        self.status = 0
        self.calls: list[str] = []

    def __call__(self, route: Route) -> None:
        self.calls.append(route.request.method)
        if self.status == 0:
            route.abort()
        else:
            headers = {"Retry-After": "20"} if self.status == 429 else {}
            detail = {"status": self.status, "detail": "The reason."}
            route.fulfill(status=self.status, json=detail, headers=headers)


def test_a_list_that_cannot_be_read_says_what_to_do_and_is_asked_for_again(inbox: Page) -> None:
    trouble = Trouble()
    inbox.route("**/api/conversations?*", trouble)
    inbox.evaluate("sessionStorage.clear()")
    inbox.reload()
    told = inbox.locator(".list-state .trouble")
    for trouble.status, sentence in SENTENCES.items():
        if trouble.status:
            told.get_by_role("button", name="Try again").click()
        expect(told).to_contain_text(sentence)
    inbox.unroute("**/api/conversations?*")
    told.get_by_role("button", name="Try again").click()
    expect(inbox.locator(".row-who")).to_have_text("Sam")
    expect(told).to_have_count(0)


def test_what_could_not_be_done_is_told_taken_back_and_not_done_twice(
    inbox: Page, team: TeamSite, conversation: str
) -> None:
    trouble = Trouble()
    inbox.route("**/resolve", trouble)
    inbox.route("**/replies", trouble)
    toast, unsent = inbox.locator(".toast"), inbox.locator(".message[data-failed]")
    field = inbox.locator(".composer textarea")
    field.fill("It is on its way.")
    for trouble.status, sentence in SENTENCES.items():
        trouble.calls.clear()
        inbox.locator('.thread-pane [data-act="priority"]').focus()
        inbox.locator('.primary-acts [data-act="resolve"]').click()
        expect(toast).to_contain_text(sentence)
        assert len(trouble.calls) == 1
        inbox.locator(".row").click()
        expect(inbox.locator(".standing")).to_contain_text("Waiting for a person")
        expect(field).to_have_value("It is on its way.")
    trouble.status = 500
    inbox.locator(".send").click()
    expect(unsent).to_contain_text("It is on its way.")
    inbox.reload()
    expect(unsent).to_contain_text("It is on its way.")
    inbox.unroute("**/replies")
    unsent.get_by_role("button", name="Send again").click()
    expect(inbox.locator(".standing")).to_contain_text("With you")
    expect(inbox.locator(".pending")).to_have_count(0)
    assert replies(team, conversation) == ["It is on its way."]


def test_a_login_that_ends_while_somebody_writes_leads_back_to_what_they_wrote(
    inbox: Page, team: TeamSite, user: User, conversation: str
) -> None:
    inbox.locator(".composer textarea").fill("It is on its way.")
    team.deployment.services.sessions.end_all(user)
    inbox.locator(".send").click()
    inbox.locator("#login-email").fill(user.email)
    inbox.locator("#login-password").fill(PASSWORD)
    inbox.get_by_role("button", name="Log in").click()
    expect(inbox.locator(".thread-who")).to_have_text("Sam")
    unsent = inbox.locator(".message[data-failed]")
    expect(unsent).to_contain_text("It is on its way.")
    unsent.get_by_role("button", name="Send again").click()
    expect(inbox.locator(".standing")).to_contain_text("With you")
    expect(inbox.locator(".pending")).to_have_count(0)
    assert replies(team, conversation) == ["It is on its way."]


def test_what_happens_while_there_is_no_socket_is_caught_up_with(
    page: Page, context: BrowserContext, team: TeamSite, user: User, conversation: str
) -> None:
    sockets: list[WebSocketRoute] = []
    held: list[Route] = []

    def note(socket: WebSocketRoute) -> None:
        sockets.append(socket)

    def hold(route: Route) -> None:
        held.append(route)

    context.route_web_socket("wss://socket.example/**", note)
    page.route("**/conversations/connect", hold)
    team.log_in(page, user.email)
    page.goto(team.page("conversations.html?view=all"))
    names, down = page.locator(".row-who"), page.get_by_text("Live updates are interrupted.")
    expect(names).to_have_text(["Sam"])
    # Between the first look and the first connection.
    waiting(team, "Mara")
    assert len(held) == 1
    # What is held goes on.
    page.unroute("**/conversations/connect")
    expect(names).to_have_count(2)
    page.route("**/conversations/connect", lambda route: route.abort())
    sockets[0].close()
    expect(down).to_be_visible()
    waiting(team, "Jo")
    page.unroute("**/conversations/connect")
    expect(names).to_have_count(3)
    expect(down).to_be_hidden()


def test_a_page_that_is_left_while_its_login_is_refreshed_ends_no_login(
    page: Page, team: TeamSite, user: User, conversation: str
) -> None:
    """The API takes a refresh token that is used twice for a stolen one."""
    begun, go_on = threading.Event(), threading.Event()
    api = team.deployment.app

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/auth/refresh"):
            first = not begun.is_set()
            begun.set()
            if first:
                go_on.wait(60)
        await api(scope, receive, send)

    team.log_in(page, user.email)
    team.deployment.app = cast("FastAPI", slow)
    page.goto(team.page("dashboard.html"))
    assert begun.wait(60)
    page.goto(team.page(f"conversations.html?open={conversation}"), wait_until="commit")
    other = page.context.new_page()
    other.goto(team.page("dashboard.html"), wait_until="commit")
    go_on.set()
    expect(page.locator(".thread-who")).to_have_text("Sam")
    expect(other.get_by_role("heading", name="Overview")).to_be_visible()
    other.close()
