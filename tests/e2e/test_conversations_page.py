"""The inbox in a browser, with the real API behind it."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, WebSocketRoute, expect
from ulid import ULID

from frontdesk.entities import (
    CannedReply,
    Customer,
    PlanGrant,
    Role,
    Summary,
    User,
    WebPage,
)
from frontdesk.ids import new_id
from frontdesk.mail.jobs import TranscriptMail
from frontdesk.tables.accounts import Accounts
from tests.e2e.conversation_items import ago, put_conversation, said
from tests.e2e.team_site import TeamSite, replies, stored, waiting
from tests.e2e.until import until
from tests.unit.deployment import OPERATOR, PASSWORD

pytestmark = pytest.mark.browser

WIDER = """(width) => document.documentElement.scrollWidth <= width ? [] : [
  ...document.querySelectorAll("main *")].filter((node) =>
    node.getBoundingClientRect().right > width + 1).map((node) => node.className || node.tagName)"""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOSTILE_TEXTS = (
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)//",
    "\u202egnp.exe\u2066",
    "w" * 4_000,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 40,
)

Enter = Callable[..., User]


@pytest.fixture
def enter(page: Page, team: TeamSite) -> Enter:
    """Logs a new member of the first organisation in, who then is on the page they wanted."""

    def log_in(
        wanted: str = "conversations.html", role: Role = "admin", look: str = ".list-pane"
    ) -> User:
        user = member(team, role)
        page.goto(team.page(wanted))
        page.locator("#login-email").fill(user.email)
        page.locator("#login-password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator(look).first).to_be_visible()
        return user

    return log_in


@pytest.fixture
def sockets(context: BrowserContext) -> list[WebSocketRoute]:
    """The sockets of the team's pages, to say something on."""
    opened: list[WebSocketRoute] = []

    def note(socket: WebSocketRoute) -> None:
        opened.append(socket)

    context.route_web_socket("wss://socket.example/**", note)
    return opened


def member(team: TeamSite, role: Role = "admin", name: str = "Ada") -> User:
    return team.deployment.member(
        role,
        name=name,
        email=f"{name.lower()}@one.example",
        member_id=str(ULID.from_timestamp(ago(days=90).timestamp())),
    )


def test_the_link_in_a_mail_opens_the_conversation_and_back_leads_to_the_list(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    waiting(team, "Mara", minutes=30)
    wanted = waiting(
        team, "Sam", "My card was charged twice", summary=Summary(wants="Money back", mood="upset")
    )
    enter(f"conversations.html#{wanted}")
    expect(page.locator(".thread-who")).to_have_text("Sam")
    expect(page.locator(".handoff")).to_contain_text("Money back")
    expect(page).to_have_url(team.page(f"conversations.html?view=all&open={wanted}"))
    page.locator(".row", has_text="Mara").click()
    expect(page.locator(".thread-who")).to_have_text("Mara")
    page.go_back()
    expect(page.locator(".thread-who")).to_have_text("Sam")


def test_who_waits_longest_is_first_answered_and_the_next_opens(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    waiting(team, "Sam", minutes=5)
    longest = waiting(team, "Mara", minutes=50)
    user = enter()
    expect(page.locator(".row-who")).to_have_text(["Mara", "Sam"])
    expect(page.locator(".view", has_text="Waiting")).to_have_text("Waiting2")
    page.keyboard.press("j")
    expect(page.locator(".thread-who")).to_have_text("Mara")
    page.keyboard.press("r")
    page.keyboard.type("It is on its way.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".standing")).to_contain_text("With you")
    until(page, lambda: replies(team, longest) == ["It is on its way."])
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".thread-who")).to_have_text("Sam")
    expect(page.locator(".toast")).to_contain_text("Resolved: Mara")
    until(page, lambda: stored(team, longest)["status"] == "resolved")
    page.keyboard.press("z")
    expect(page.locator(".thread-who")).to_have_text("Mara")
    page.locator(".view", has_text="Mine").click()
    expect(page.locator(".row-who")).to_have_text(["Mara"])
    until(page, lambda: stored(team, longest)["assignee"] == user.id)
    assert stored(team, longest)["status"] == "human"


def test_the_first_screen_takes_two_questions_to_the_api(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    waiting(team, "Sam")
    # What the page before asks for has come.
    enter("billing.html", look=".place .badge")
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.method == "GET":
            asked.append(request.url)

    page.on("request", note)
    with page.expect_request("**/api/team"):
        page.get_by_role("link", name="Conversations").click()
    expect(page.locator(".row-who")).to_have_text(["Sam"])
    expect(page.locator(".view", has_text="Waiting")).to_have_text("Waiting1")
    paths = [url.partition("/$default/api")[2] for url in asked]
    first = [path for path in paths[: paths.index("/team")] if path]
    assert first == [
        "/conversations?view=waiting&sort=waiting_longest&limit=50",
        "/conversations/counts",
    ]


def test_a_half_written_reply_survives_a_reload_and_a_cut_network_and_is_sent_once(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    wanted = waiting(team, "Sam")
    enter(f"conversations.html?open={wanted}")
    field = page.locator(".composer textarea")
    field.fill("It is on")
    page.reload()
    expect(field).to_have_value("It is on")
    field.press_sequentially(" its way.")
    # The server gets it, and its answer is lost on the way, each time.
    lost: list[Any] = []

    def lose(route: Route) -> None:
        lost.append(json.loads(route.request.post_data or "")["id"])
        route.fetch()
        route.abort()

    page.route("**/replies", lose)
    page.locator(".send").click()
    expect(page.locator(".message[data-failed]")).to_contain_text("It is on its way.")
    expect(page.locator(".toast")).to_contain_text("Nothing is lost")
    page.reload()
    page.unroute("**/replies")
    expect(page.locator(".message", has_text="It is on its way.")).to_have_count(1)
    expect(page.locator(".pending")).to_have_count(0)
    assert len(set(lost)) == 1
    assert replies(team, wanted) == ["It is on its way."]
    expect(field).to_have_value("")


def test_new_messages_do_not_move_what_one_reads(
    page: Page, team: TeamSite, enter: Enter, sockets: list[WebSocketRoute]
) -> None:
    wanted = waiting(team, "Sam", *(f"Line {i}\nand more" for i in range(40)))
    enter(f"conversations.html?open={wanted}")
    scroller = page.locator(".thread-scroll")
    expect(page.locator(".message").last).to_be_in_viewport()
    scroller.evaluate("node => { node.scrollTop = 300; }")
    expect(page.locator(".below")).to_have_text("To the end")
    place = page.locator(".message").nth(5).bounding_box()
    for i in range(3):
        message = said("customer", f"Hello {i}?", ago(seconds=-i - 1)).model_dump(mode="json")
        sent = {"type": "message", "conversation_id": wanted, "message": message}
        sockets[0].send(json.dumps(sent))
    expect(page.locator(".below")).to_have_text("3 new below")
    assert page.locator(".message").nth(5).bounding_box() == place
    page.locator(".below").click()
    expect(page.get_by_text("Hello 2?")).to_be_in_viewport()
    expect(page.locator(".below")).to_be_hidden()


def test_who_else_is_there_is_said_and_what_they_do_shows_at_once(
    page: Page, team: TeamSite, enter: Enter, sockets: list[WebSocketRoute]
) -> None:
    ben = member(team, "agent", "Ben")
    wanted = waiting(team, "Sam")
    enter(f"conversations.html?view=all&open={wanted}")
    expect(page.locator(".thread-who")).to_have_text("Sam")
    agents = [{"id": ben.id, "name": "Ben", "replying": True}]
    sockets[0].send(json.dumps({"type": "watchers", "conversation_id": wanted, "agents": agents}))
    expect(page.locator(".composer-notice")).to_have_text("Ben is replying right now.")
    expect(page.locator(".row-meta")).to_contain_text("Ben is replying")
    entry = {**stored(team, wanted), "status": "human", "assignee": ben.id}
    entry = {k: v for k, v in entry.items() if k not in ("messages", "unread", "unread_messages")}
    page.locator(".composer textarea").fill("My own words")
    sockets[0].send(json.dumps({"type": "conversation", "conversation": entry}))
    expect(page.locator(".standing")).to_contain_text("With Ben")
    expect(page.locator(".composer textarea")).to_have_value("My own words")


def test_hostile_text_in_every_field_stays_text(page: Page, team: TeamSite, enter: Enter) -> None:
    enter()
    for text in HOSTILE_TEXTS:
        short = text[:40]
        wanted = waiting(
            team,
            text[:100],
            text,
            labels=(short,),
            language="x-" + "<b>",
            browser=short,
            page=WebPage(url="javascript:alert(1)", title=text[:200], at=ago(minutes=1)),
            attributes={short: text[:200]},
            customer=Customer(name=text[:100], email=f"{short}@x.example"),
            summary=Summary(wants=text[:200], tried=(text[:200],), mood=short),
        )
        for width, side, shown in ((1280, "", ".thread-pane"), (360, "&side=1", ".customer-pane")):
            page.set_viewport_size({"width": width, "height": 740})
            page.goto(team.page(f"conversations.html?view=all&open={wanted}{side}"))
            expect(page.locator(shown)).to_contain_text(short)
            assert page.evaluate(WIDER, width) == []
        expect(page.locator(".thread-who")).to_have_text(text[:100])
        expect(page.locator(".summary dd").first).to_have_text(text[:200])
        assert page.locator("main img, main a[href^=javascript]").count() == 0
    page.goto(team.page("dashboard.html"))
    expect(page.locator(".waiting-who")).to_have_count(len(HOSTILE_TEXTS))
    assert page.evaluate(WIDER, 360) == []
    assert page.locator("main img").count() == 0


def test_an_answer_is_drafted_then_all_is_mailed_exported_and_erased(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization_id = team.deployment.one.organization_id
    Accounts(team.deployment.table).grant(organization_id, PlanGrant(plan="business"), OPERATOR)
    wanted = waiting(team, "Sam", customer=Customer(name="Sam", email="sam@x.example"))
    enter(f"conversations.html?open={wanted}")
    field, toast = page.locator(".composer textarea"), page.locator(".toast")
    field.fill("Hello Sam,")
    page.get_by_role("button", name="Draft an answer").click()
    # The stand-in for the documents answers with the question.
    expect(field).to_have_value("Hello Sam,\n\nWhere is my parcel?")
    assert replies(team, wanted) == []

    def choose(name: str) -> None:
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name=name).click()

    choose("Mail transcript to the customer")
    expect(toast).to_contain_text("The transcript is on its way")
    (job,) = team.deployment.mail.jobs
    assert isinstance(job, TranscriptMail)
    assert job.conversation_id == wanted
    with page.expect_download() as download:
        choose("Export the customer’s data")
    assert "Where is my parcel?" in download.value.path().read_text()
    choose("Erase for good…")
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(toast).to_contain_text("Erased")
    expect(page.locator(".row")).to_have_count(0)
    assert stored(team, wanted)["status"] == 404
    assert "Hello Sam" not in page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    )


def test_a_viewer_reads_and_has_nothing_to_act_with(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    wanted = waiting(team, "Sam")
    enter(f"conversations.html?open={wanted}", role="viewer")
    expect(page.get_by_text("Where is my parcel?").last).to_be_visible()
    expect(page.locator(".composer")).to_be_hidden()
    assert page.locator("[data-act]").count() == 0
    page.keyboard.press("e")
    page.keyboard.press("t")
    assert stored(team, wanted)["status"] == "waiting"


def test_a_canned_reply_is_filled_in_and_a_note_stays_with_the_team(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization_id = team.deployment.one.organization_id
    reply = CannedReply(id=new_id(), shortcut="late", text="Hello {{customer.name|there}}, sorry.")
    team.deployment.services.canned_replies.add(organization_id, reply)
    wanted = waiting(team, "Sam")
    enter(f"conversations.html?open={wanted}")
    expect(page.locator(".thread-who")).to_have_text("Sam")
    page.keyboard.press("r")
    page.keyboard.type("/la")
    expect(page.locator(".canned-reply")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_have_value("Hello Sam, sorry.")
    page.locator('.kind[data-kind="note"]').click()
    expect(page.locator(".composer textarea")).to_have_value("")
    page.keyboard.type("Be kind.")
    page.keyboard.press("Control+Enter")
    expect(page.locator('.message[data-role="note"]')).to_contain_text("Only the team sees this")
    expect(page.locator(".pending")).to_have_count(0)
    assert replies(team, wanted) == []
    assert stored(team, wanted)["messages"][-1]["text"] == "Be kind."


def test_several_are_picked_changed_together_and_changed_back(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    both = [waiting(team, name, minutes=i + 5) for i, name in enumerate(("Sam", "Mara"))]
    enter()
    for name in ("Sam", "Mara"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    bar = page.get_by_role("toolbar", name="What to do with those selected")
    expect(bar).to_contain_text("2 selected")
    page.keyboard.press("p")
    page.get_by_role("menuitemradio", name="Urgent").click()
    expect(page.locator(".toast")).to_contain_text("2 conversations: Urgent")
    expect(page.locator(".row-meta", has_text="Urgent")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row-meta", has_text="Urgent")).to_have_count(0)
    until(page, lambda: all(stored(team, each)["priority"] == "medium" for each in both))


def test_a_search_finds_words_in_messages_and_the_address_keeps_it(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    waiting(team, "Sam", "Where is it?", "A parcel.", "I waited long. The parcel, I mean.")
    waiting(team, "Mara", "My card was charged twice")
    enter()
    page.keyboard.press("/")
    page.keyboard.type("parc")
    expect(page.locator(".row-who")).to_have_text(["Sam"])
    expect(page.locator(".row-preview")).to_have_text("I waited long. The parcel, I mean.")
    expect(page.locator(".row mark")).to_have_text(["parcel"])
    expect(page).to_have_url(team.page("conversations.html?q=parc"))
    page.keyboard.press("Escape")
    expect(page.locator(".row-who")).to_have_count(2)


def test_a_search_stays_within_the_filters_says_who_wrote_and_begins_at_the_top(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    for number in range(30):
        waiting(team, f"Customer {number}", "My card was charged twice")
    waiting(team, "Sam", "The parcel is late", priority="urgent")
    put_conversation(
        team.deployment.table,
        team.deployment.one.organization_id,
        [
            said("customer", "Hello", ago(minutes=5)),
            said("assistant", f"{'We know. ' * 20}The **parcel** left <b>.", ago(minutes=4)),
        ],
        customer=Customer(name="Mara"),
    )
    enter()
    expect(page.locator(".row-who")).to_have_count(31)
    page.locator(".list-scroll").evaluate("(list) => { list.scrollTop = 900; }")
    page.keyboard.press("/")
    page.keyboard.type("card")
    expect(page.locator(".row mark").first).to_have_text("card")
    expect(page.locator(".list-scroll")).to_have_js_property("scrollTop", 0)
    page.get_by_role("searchbox", name="Search all messages").fill("parcel")
    expect(page.locator(".row-who")).to_have_text(["Mara", "Sam"])
    mara = page.locator(".row", has_text="Mara")
    expect(mara.locator(".row-preview")).to_have_text(
        "Assistant: …know. We know. The parcel left <b>."
    )
    expect(page.locator(".row-subject mark")).to_have_text(["parcel"])
    page.goto(team.page("conversations.html?q=parcel&priority=urgent"))
    expect(page.locator(".row-who")).to_have_text(["Sam"])
    page.get_by_role("button", name="Remove filter Priority: Urgent").click()
    expect(page.locator(".row-who")).to_have_text(["Mara", "Sam"])
    page.goto(team.page("conversations.html?q=parcel&priority=low"))
    expect(page.get_by_role("button", name="Remove filter Priority: Low priority")).to_be_visible()
    expect(page.locator(".list-state")).to_contain_text("Nothing fits")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_never_scrolls_sideways_and_shows_one_pane_on_a_phone(
    page: Page, team: TeamSite, enter: Enter, width: int
) -> None:
    wanted = waiting(team, "Sam " * 40, "word" * 200, labels=("a" * 40, "b" * 40))
    page.set_viewport_size({"width": width, "height": 740})
    enter()
    for address, panes in (
        ("conversations.html", ".list-pane"),
        (f"conversations.html?open={wanted}", ".thread-pane"),
        (f"conversations.html?open={wanted}&side=1", ".customer-pane"),
    ):
        page.goto(team.page(address))
        expect(page.locator(panes)).to_be_visible()
        expect(page.locator(".rows li")).to_have_count(1)
        shown = page.locator(".list-pane:visible, .thread-pane:visible, .customer-pane:visible")
        if width == 360:
            expect(shown).to_have_count(1)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(WIDER, width) == []


def test_who_looks_elsewhere_is_called_if_they_want_it(
    page: Page,
    context: BrowserContext,
    team: TeamSite,
    enter: Enter,
    sockets: list[WebSocketRoute],
) -> None:
    context.grant_permissions(["notifications"])
    page.add_init_script("""
      window.away = false;
      Object.defineProperty(document, "hidden", { get: () => window.away });
      window.called = [];
      window.Notification = class extends Notification {
        constructor(title, options) { super(title, options); window.called.push(title); }
      };
    """)
    wanted = waiting(team, "Sam")
    enter()
    expect(page.locator(".row-who")).to_have_text(["Sam"])
    bell = page.get_by_role("button", name="Call me when somebody waits")

    def hand_off() -> None:
        frame = {"type": "handed_off", "conversation": stored(team, wanted), "reason": "asked"}
        sockets[0].send(json.dumps(frame))
        # Frames come in their order: who sees the next one has heard this one.
        name = f"Ben {new_id()}"
        agents = [{"id": "ben", "name": name, "replying": True}]
        watched = {"type": "watchers", "conversation_id": wanted, "agents": agents}
        sockets[0].send(json.dumps(watched))
        expect(page.locator(".row-meta")).to_contain_text(name)

    def away(yes: bool) -> None:
        page.evaluate("(yes) => { window.away = yes; }", yes)

    away(True)
    hand_off()
    away(False)
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    hand_off()
    away(True)
    hand_off()
    page.wait_for_function("called.length")
    assert page.evaluate("called") == ["Sam wants a person"]


class Bucket:
    """The store of files as a browser reaches it: what it takes and gives lies in the API's."""

    def __init__(self, page: Page, team: TeamSite) -> None:
        self.s3 = team.deployment.s3
        self.keys: list[str] = []
        page.route("**/api/conversations/*/files", self._announce)
        page.route(re.compile(r"https://[^/]*amazonaws\.com/"), self._serve)

    def _announce(self, route: Route) -> None:
        answer = route.fetch()
        self.keys.append(answer.json()["upload"]["fields"]["key"])
        route.fulfill(response=answer)

    def _serve(self, route: Route) -> None:
        if route.request.method == "POST":
            self.s3.put_object(Bucket="files", Key=self.keys[-1], Body=PNG)
            route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})
            return
        key = "/".join(urlsplit(route.request.url).path.split("/")[-4:])
        kept = self.s3.get_object(Bucket="files", Key=key)
        route.fulfill(body=kept["Body"].read(), content_type=kept["ContentType"])


def test_a_picture_is_kept_in_the_draft_sent_without_a_word_and_shown(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    wanted = waiting(team, "Sam")
    Bucket(page, team)
    enter(f"conversations.html?open={wanted}")
    chosen = page.locator(".composer input[type=file]")
    chosen.set_input_files(
        {"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    )
    expect(page.locator(".toast")).to_contain_text("run.exe can’t be sent")
    chosen.set_input_files({"name": "label.png", "mimeType": "image/png", "buffer": PNG})
    expect(page.locator(".attachment")).to_contain_text("label.png")
    expect(page.locator(".attachment progress")).to_have_count(0)
    page.reload()
    expect(page.locator(".attachment")).to_contain_text("label.png")
    with page.expect_response("**/replies") as sent:
        page.locator(".send").click()
    assert sent.value.status == 201
    expect(page.locator(".attachment")).to_have_count(0)
    picture = page.locator(".message[data-role=agent] .file-preview img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 1)
    [file] = stored(team, wanted)["messages"][-1]["attachments"]
    assert (file["name"], file["size"]) == ("label.png", len(PNG))
    page.locator(".file").click()
    expect(page.locator(".picture-dialog img")).to_have_js_property("naturalWidth", 1)


FOCUS = """() => {
  const { activeElement: held } = document;
  return held === document.body || !held.checkVisibility()
    ? "lost" : held.closest(".list-pane, .thread-pane, .customer-pane, .toast")?.classList[0];
}"""


@pytest.mark.parametrize("width", [1280, 360])
def test_who_works_with_the_keyboard_never_loses_the_focus(
    page: Page, team: TeamSite, enter: Enter, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for minutes, name in enumerate(("Sam", "Mara", "Kim"), start=1):
        waiting(team, name, minutes=minutes)
    enter("conversations.html?priority=medium")
    expect(page.locator(".row-who")).to_have_text(["Kim", "Mara", "Sam"])
    page.locator(".chip").press("Enter")
    expect(page.locator(".chip")).to_have_count(0)
    held = [page.evaluate(FOCUS)]
    page.locator(".row").first.press("Enter")
    expect(page.locator(".thread-who")).to_have_text("Kim")
    held.append(page.evaluate(FOCUS))
    page.keyboard.press("e")
    expect(page.locator(".thread-who")).to_have_text("Mara")
    expect(page.locator(".row-who")).to_have_text(["Mara", "Sam"])
    held.append(page.evaluate(FOCUS))
    page.locator(".toast .undo").press("Enter")
    expect(page.locator(".toast")).to_have_count(0)
    held.append(page.evaluate(FOCUS))
    page.keyboard.press("c")
    expect(page.locator(".customer-body h2")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".inbox")).to_have_attribute("data-pane", "list")
    held.append(page.evaluate(FOCUS))
    page.locator(".pick").first.press("Space")
    page.locator(".picked-bar .chip").press("Enter")
    held.append(page.evaluate(FOCUS))
    there = "list-pane" if width == 1280 else "thread-pane"
    assert held == ["list-pane", there, there, there, "list-pane", "list-pane"]
