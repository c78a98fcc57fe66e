"""Two of a team in one conversation, each in a browser, with the API and its frames between."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from chat import gateway
from frontdesk.ids import new_id
from tests.e2e.team_site import TeamSite, stored, waiting
from tests.unit.chat_routes import routes_on
from tests.unit.test_gateway import ListedTurns

pytestmark = pytest.mark.browser

Work = Callable[[str], Page]


class Wire:
    """What the API says on sockets, passed on to the pages when a test says so."""

    def __init__(self, team: TeamSite) -> None:
        self.sockets = team.deployment.sockets
        self.routes = routes_on(team.deployment.table, ListedTurns(), self.sockets)
        self.open: dict[str, WebSocketRoute] = {}
        self.passed = 0
        self.held = False

    def connect(self, socket: WebSocketRoute) -> None:
        identifier = new_id()
        token = parse_qs(urlsplit(socket.url).query)["token"][0]
        event = {"queryStringParameters": {"token": token}}
        assert gateway._connect(self.routes.connections, identifier, event)["statusCode"] == 200
        self.open[identifier] = socket
        socket.on_message(lambda text: self._said(identifier, str(text)))

    def _said(self, identifier: str, text: str) -> None:
        gateway._frame(self.routes, identifier, text)
        if not self.held:
            self.pass_on()

    def pass_on(self) -> None:
        """Deliver what was sent so far, and what is said from now on."""
        self.held = False
        while self.passed < len(self.sockets.frames):
            to, text = self.sockets.frames[self.passed]
            self.passed += 1
            self.open[to].send(text)


@pytest.fixture
def wire(team: TeamSite) -> Wire:
    return Wire(team)


@pytest.fixture
def conversation(team: TeamSite) -> str:
    return waiting(team, "Sam")


@pytest.fixture
def work(chromium: Browser, team: TeamSite, wire: Wire, conversation: str) -> Iterator[Work]:
    """Lets somebody of the team open the conversation in a browser of their own."""
    contexts: list[BrowserContext] = []

    def opened(name: str, heard: Callable[[WebSocketRoute], None] = wire.connect) -> Page:
        user = team.deployment.member("agent", name=name, email=f"{name.lower()}@one.example")
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(60_000)
        contexts.append(context)
        context.route_web_socket("wss://socket.example/**", heard)
        page = context.new_page()
        team.log_in(page, user.email)
        page.goto(team.page(f"conversations.html?view=all&open={conversation}"))
        expect(page.locator(".thread-who")).to_have_text("Sam")
        return page

    yield opened
    for context in contexts:
        context.close()


def act(page: Page, route: str, button: str) -> None:
    """Press a button, and go on when the API has done what it stands for."""
    with page.expect_response(lambda answer: answer.url.endswith(route)) as answer:
        page.locator(f".thread-pane {button}").click()
    assert answer.value.ok


def test_who_acts_second_sees_what_the_first_has_done_and_keeps_what_they_wrote(
    team: TeamSite, wire: Wire, work: Work, conversation: str
) -> None:
    ada, ben = work("Ada"), work("Ben")
    expect(ada.locator(".row-meta")).to_contain_text("Ben is here")
    field = ada.locator(".composer textarea")
    field.fill("It left yesterday.")

    act(ben, "/take-over", '[data-act="take"]')
    wire.pass_on()
    expect(ada.locator(".standing")).to_contain_text("With Ben")
    expect(ada.locator(".event").last).to_contain_text("Ben took over")
    expect(ada.locator(".composer-notice")).to_have_text("It is Ben who answers here.")
    expect(field).to_have_value("It left yesterday.")

    # Both answer before either has heard of the other.
    wire.held = True
    ben.locator(".composer textarea").fill("Let me look.")
    act(ben, "/replies", ".send")
    act(ada, "/replies", ".send")
    wire.pass_on()
    for page in (ada, ben):
        answers = page.locator('.message[data-role="agent"] .said')
        expect(answers).to_have_text(["Let me look.", "It left yesterday."])
        expect(page.locator(".standing")).to_contain_text("With Ben" if page is ada else "With you")

    # Both resolve it, one of them in the middle of a sentence.
    wire.held = True
    field.fill("Tomorrow it is")
    act(ben, "/resolve", '[data-act="resolve"]')
    act(ada, "/resolve", '[data-act="resolve"]')
    wire.pass_on()
    ada.locator(".view", has_text="Resolved").click()
    ada.locator(".row").click()
    expect(ada.locator(".event")).to_have_count(2)
    expect(ada.locator(".event").last).to_contain_text("Ben resolved it")
    expect(ada.locator(".composer-notice")).to_have_text("A reply opens it again.")
    expect(field).to_have_value("Tomorrow it is")
    events = [each["event"] for each in stored(team, conversation)["messages"] if each["event"]]
    assert events == ["taken_over", "resolved"]


def test_without_live_updates_who_acts_second_is_shown_how_things_stand(
    team: TeamSite, work: Callable[..., Page], conversation: str
) -> None:
    ada = work("Ada", lambda socket: socket.close())
    ben = work("Ben", lambda socket: socket.close())
    act(ben, "/take-over", '[data-act="take"]')
    # She believes that it waits: her reply goes out, and the conversation stays his.
    ada.locator(".composer textarea").fill("It left yesterday.")
    act(ada, "/replies", ".send")
    expect(ada.locator(".event")).to_contain_text(["Ben took over"])
    expect(ada.locator(".standing")).to_contain_text("With Ben")
    expect(ada.locator('.message[data-role="agent"] .said')).to_have_text(["It left yesterday."])
    assert stored(team, conversation)["assignee"] != ada.evaluate(
        "JSON.parse(sessionStorage.getItem('frontdesk:me')).user.id"
    )
