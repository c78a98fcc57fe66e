"""The widget as people meet it: keyboard, screen reader, small screens, strict pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from frontdesk.ids import new_id
from tests.e2e.chat_stand_in import CITATION, ChatStandIn, answer
from tests.e2e.site_server import SiteServer, serving

pytestmark = pytest.mark.browser

PASSAGE = {
    **CITATION,
    "text": "Refunds go back to the card.\n\nYour bank\nneeds three days. Then it is there.",
}


@pytest.fixture
def chat(request: pytest.FixtureRequest, page: Page, site: SiteServer) -> Iterator[ChatStandIn]:
    """The widget on a page with a strict policy, as it is published unless a test says else."""
    stand_in = ChatStandIn(page)
    page.route("https://api.test/api/widget/messages/**", _passage)
    page.goto(f"{site.url}{getattr(request, 'param', '/published')}/host.html")
    page.locator(".launcher").wait_for()
    yield stand_in
    page.evaluate("window.Frontdesk?.shutdown()")


def _passage(route: Route) -> None:
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    if route.request.method == "OPTIONS":
        route.fulfill(status=204, headers=headers)
    elif route.request.headers.get("authorization") != "Bearer vt_" + "v" * 32:
        route.fulfill(status=401, headers=headers, json={"detail": "Whose?"})
    else:
        route.fulfill(status=200, headers=headers, json=PASSAGE)


def say(page: Page, text: str) -> None:
    box = page.get_by_label("Your message")
    box.fill(text)
    box.press("Enter")


@pytest.mark.parametrize("chat", ["", "/published"], indirect=True)
def test_a_question_is_answered_with_its_source(page: Page, chat: ChatStandIn) -> None:
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_text("Hello! Ask me anything.")).to_be_visible()
    say(page, "How long do refunds take?")
    chat.until(lambda: len(chat.sent("message")) == 1)
    assert chat.sent("message")[0]["text"] == "How long do refunds take?"
    whole = answer("Your bank needs **three days**. [1]", citations=[CITATION])
    chat.stream(whole["id"], "Your bank needs ", "**three days**.")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    chat.say(type="citations", message_id=whole["id"], citations=[CITATION])
    chat.say(type="done", message=whole)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("strong")).to_have_text("three days")
    mark = page.locator(".cite")
    expect(mark).to_have_accessible_name("Source 1: Billing guide")
    mark.click()
    sheet = page.get_by_role("dialog", name="Billing guide")
    expect(sheet).to_contain_text("Refunds › How long it takes")
    expect(sheet).to_contain_text("Page 3")
    expect(sheet).to_contain_text("Refunds go back to the card.")
    expect(sheet.locator("mark")).to_have_text("Your bank\nneeds three days.", use_inner_text=True)


def test_escape_closes_the_source_then_the_panel_and_gives_the_focus_back(
    page: Page, chat: ChatStandIn
) -> None:
    chat.history = [answer("Yes. [1]", citations=[CITATION])]
    launcher = page.locator(".launcher")
    launcher.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    chip = page.locator(".source")
    chip.press("Enter")
    expect(page.get_by_role("button", name="Back to the conversation")).to_be_focused()
    expect(page.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chip).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")


def test_a_source_that_cannot_be_opened_shows_what_was_cited(page: Page, chat: ChatStandIn) -> None:
    page.unroute("https://api.test/api/widget/messages/**")
    page.route("https://api.test/api/widget/messages/**", lambda route: route.abort())
    chat.history = [answer("Yes. [1]", citations=[CITATION])]
    page.locator(".launcher").click()
    page.locator(".source").click()
    expect(page.locator(".passage")).to_contain_text("can't be opened right now")
    expect(page.locator("mark")).to_have_text("Your bank needs three days.")


def test_a_screen_reader_hears_the_answer_once_and_whole(page: Page, chat: ChatStandIn) -> None:
    page.locator(".launcher").click()
    say(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    status = page.get_by_role("status")
    expect(status).to_have_text("Robin is writing")
    page.evaluate(
        """() => {
          const root = document.querySelector("#frontdesk").shadowRoot;
          const status = root.querySelector("[role=status]");
          window.heard = [];
          new MutationObserver(() => window.heard.push(status.textContent))
            .observe(status, { childList: true });
        }"""
    )
    whole = answer("It takes **three** days. [1]", citations=[CITATION])
    chat.stream(whole["id"], "It takes ", "**three**", " days.")
    expect(page.locator(".message .text").last).to_have_text("It takes three days.")
    chat.say(type="done", message=whole)
    expect(status).to_have_text("Robin: It takes three days.")
    assert [each.strip() for each in page.evaluate("window.heard")] == [
        "Robin: It takes three days."
    ]
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")


def test_stop_asks_once_and_what_is_written_stays(page: Page, chat: ChatStandIn) -> None:
    page.locator(".launcher").click()
    say(page, "Tell me all")
    chat.until(lambda: len(chat.sent("message")) == 1)
    message_id = new_id()
    chat.stream(message_id, "Once upon ", "a time")
    page.get_by_role("button", name="Stop").click()
    chat.until(lambda: len(chat.sent("stop")) == 1)
    expect(page.get_by_role("button", name="Stopping…")).to_be_disabled()
    chat.say(type="done", message=answer("Once upon a time", id=message_id, stopped=True))
    expect(page.get_by_text("Once upon a time", exact=True)).to_be_visible()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_an_answer_can_be_judged_and_judged_again(page: Page, chat: ChatStandIn) -> None:
    done = answer("Yes.")
    chat.history = [done]
    page.locator(".launcher").click()
    yes = page.get_by_role("button", name="Helpful", exact=True)
    no = page.get_by_role("button", name="Not helpful")
    yes.click()
    chat.until(lambda: len(chat.sent("feedback")) == 1)
    assert chat.sent("feedback")[0] == {
        "action": "feedback",
        "message_id": done["id"],
        "helpful": True,
    }
    chat.say(type="noted", message_id=done["id"], helpful=True)
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Thanks for telling us")).to_be_visible()
    no.click()
    chat.until(lambda: len(chat.sent("feedback")) == 2)
    expect(no).to_have_attribute("aria-pressed", "true")
    expect(yes).to_have_attribute("aria-pressed", "false")
    expect(no).to_be_focused()


def test_suggestions_are_asked_and_a_person_is_asked_for(page: Page, chat: ChatStandIn) -> None:
    actions = [{"type": "ask", "text": "And then?"}, {"type": "person", "text": "Talk to a person"}]
    chat.history = [answer("Yes.", suggested_actions=actions)]
    page.locator(".launcher").click()
    page.get_by_role("button", name="And then?").click()
    chat.until(lambda: len(chat.sent("message")) == 1)
    expect(page.get_by_role("button", name="And then?")).to_have_count(0)
    chat.say(type="done", message=answer("No.", suggested_actions=actions))
    page.get_by_role("button", name="Talk to a person").click()
    chat.until(lambda: len(chat.sent("message")) == 2)
    said = [frame["text"] for frame in chat.sent("message")]
    assert said == ["And then?", "I'd like to talk to a person"]


def test_a_suggested_link_opens_elsewhere_and_nothing_but_a_link_is_one(
    page: Page, chat: ChatStandIn
) -> None:
    urls = ["https://harbor.example/training", "mailto:a@b.example", "javascript:alert(1)", None]
    actions = [{"type": "link", "text": f"Link {n}", "url": url} for n, url in enumerate(urls)]
    chat.history = [answer("Yes.", suggested_actions=actions)]
    page.locator(".launcher").click()
    links = page.locator(".actions a")
    expect(links).to_have_text(["Link 0", "Link 1"])
    expect(links.first).to_have_attribute("href", "https://harbor.example/training")
    expect(links.first).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator(".actions")).not_to_contain_text("Link 2")


def test_the_page_says_which_documents_are_about_it(page: Page, chat: ChatStandIn) -> None:
    page.evaluate(
        "Frontdesk.shutdown();"
        "Frontdesk.boot({key: 'pk_test', api: 'https://api.test/api',"
        " categories: 'Money, , Boats '})"
    )
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sessions) == 1)
    assert chat.sessions[0]["categories"] == ["Money", "Boats"]


def test_enter_sends_and_shift_enter_does_not(page: Page, chat: ChatStandIn) -> None:
    page.locator(".launcher").click()
    box = page.get_by_label("Your message")
    box.press("Enter")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    assert chat.sent("message") == []
    box.press("Enter")
    chat.until(lambda: len(chat.sent("message")) == 1)
    assert chat.sent("message")[0]["text"] == "one\ntwo"
    expect(box).to_have_value("")


def test_enter_and_escape_are_the_input_methods_while_it_composes(
    page: Page, chat: ChatStandIn
) -> None:
    """Safari ends the composition before the key that ended it, which tells by its code alone."""
    page.locator(".launcher").click()
    box = page.get_by_label("Your message")
    box.fill("パスワード")
    for how in ("isComposing: true", "keyCode: 229"):
        for key in ("Enter", "Escape"):
            box.evaluate(
                f"""(box) => box.dispatchEvent(new KeyboardEvent("keydown", {{
                  key: "{key}", {how}, bubbles: true, cancelable: true, composed: true }}))"""
            )
    expect(box).to_have_value("パスワード")
    box.press("Enter")
    chat.until(lambda: len(chat.sent("message")) == 1)
    assert chat.sent("message")[0]["text"] == "パスワード"


def test_too_long_a_message_is_kept_and_not_sent(page: Page, chat: ChatStandIn) -> None:
    page.locator(".launcher").click()
    box = page.get_by_label("Your message")
    # The protocol counts characters, not UTF-16 units: each of these has two.
    box.fill("😀" * 4001)
    expect(page.get_by_text("1 characters too many")).to_be_visible()
    box.press("Enter")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    expect(page.locator(".message")).to_have_count(0)
    box.fill("😀" * 4000)
    box.press("Enter")
    chat.until(lambda: len(chat.sent("message")) == 1)


def test_loading_the_script_twice_is_harmless(page: Page, chat: ChatStandIn) -> None:
    page.evaluate(
        """() => new Promise((done) => {
          const again = document.createElement("script");
          again.dataset.key = "pk_test";
          again.onload = done;
          again.src = "widget/frontdesk.js";
          document.head.append(again);
        })"""
    )
    page.evaluate("Frontdesk.boot({ key: 'pk_other' })")
    expect(page.locator("#frontdesk")).to_have_count(1)
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sockets) == 1)
    assert chat.sessions == [{"key": "pk_test"}]


def test_the_widget_works_on_a_page_of_another_origin(page: Page, site: SiteServer) -> None:
    chat = ChatStandIn(page)
    script = f'data-key="pk_test" src="{site.published}/widget/frontdesk.js"'
    body = f"<!doctype html><title>Elsewhere</title><script async {script}></script>"
    with serving({"shop.html": body.encode()}) as elsewhere:
        # Without data-api, the API is where the script came from.
        page.route(
            f"{site.url}/api/widget/session",
            lambda route: route.fallback(url="https://api.test/api/widget/session"),
        )
        page.goto(f"{elsewhere.url}/shop.html")
        page.locator(".launcher").click()
        chat.until(lambda: len(chat.sockets) == 1)
        expect(page.locator(".greeting")).to_be_visible()


def test_the_page_hears_of_what_happens(page: Page, chat: ChatStandIn) -> None:
    page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["open", "close"]) Frontdesk.on(name, () => heard.push(name));
          const off = Frontdesk.on("message", ({ text }) => { heard.push(text); off(); });
        }"""
    )
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    page.evaluate("Frontdesk.close()")
    chat.say(type="done", message=answer("Yes."))
    expect(page.locator(".badge")).to_have_text("1")
    chat.say(type="done", message=answer("No."))
    expect(page.locator(".badge")).to_have_text("2")
    assert page.evaluate("heard") == ["open", "close", "Yes."]
    page.locator(".launcher").click()
    expect(page.locator(".badge")).to_be_hidden()


def test_on_a_narrow_screen_the_panel_fills_it_and_keeps_the_focus(
    page: Page, chat: ChatStandIn
) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sockets) == 1)
    page.wait_for_timeout(300)
    assert page.locator(".panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 700}
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") != "other"
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".launcher")).to_be_focused()


def test_at_320_pixels_nothing_has_to_be_scrolled_sideways(page: Page, chat: ChatStandIn) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    words = "Donaudampfschifffahrtsgesellschaftskapitän" * 4
    chat.history = [answer(f"{words} [1]\n\n```\n{words}\n```", citations=[CITATION])]
    page.locator(".launcher").click()
    log = page.get_by_role("log")
    expect(page.locator(".source")).to_be_visible()
    assert log.evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_from_right_to_left_everything_changes_sides(page: Page, chat: ChatStandIn) -> None:
    # Without motion the panel is where it belongs from the first frame on.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.locator(".launcher").click()
    box = page.locator(".panel").bounding_box()
    assert box is not None
    assert box["x"] == pytest.approx(20, abs=1)
    close = page.get_by_role("button", name="Close chat").bounding_box()
    assert close is not None
    assert close["x"] < box["x"] + 60


def test_every_organisations_colour_can_be_read(page: Page, chat: ChatStandIn) -> None:
    actions = [{"type": "ask", "text": "And then?"}]
    chat.history = [answer("Yes. [1]", citations=[CITATION], suggested_actions=actions)]
    page.locator(".launcher").click()
    page.locator(".action").wait_for()
    poor = {}
    steps = ("00", "55", "aa", "ff")
    for color in (f"#{r}{g}{b}" for r in steps for g in steps for b in steps):
        for scheme in ("light", "dark"):
            ratios: dict[str, float] = page.evaluate(_CONTRASTS, [color, scheme])
            poor.update({(color, scheme, name): r for name, r in ratios.items() if r < 4.5})
    assert poor == {}


# WCAG 2.2 contrast of text and background as painted, read back through a canvas.
_CONTRASTS = """([color, scheme]) => {
  const host = document.querySelector("#frontdesk");
  const root = host.shadowRoot;
  document.documentElement.style.colorScheme = scheme;
  host.style.setProperty("--fd-color", color);
  const send = root.querySelector(".send");
  send.disabled = false;
  send.style.transition = "none";
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const luminance = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return Object.fromEntries([".send", ".cite", ".action", ".avatar"].map((selector) => {
    const { color, backgroundColor } = getComputedStyle(root.querySelector(selector));
    const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b);
    return [selector, (light + 0.05) / (dark + 0.05)];
  }));
}"""
