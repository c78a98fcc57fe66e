"""The login page, with the real API behind it: logging in, signing up, and the links of mails."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from frontdesk.tables.tokens import Purpose, TokenGrant
from frontdesk.tables.users import reset_binding
from tests.e2e.team_site import TeamSite
from tests.unit.deployment import OPERATOR

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "ada@harbor.example", "a long sentence to remember"


@pytest.fixture
def signed_up(team: TeamSite) -> str:
    """The token of the link in the mail that somebody got who has just signed up."""
    answer = team.deployment.http.post(
        "/api/auth/signup",
        json={"organization": "Harbor", "name": "Ada", "email": EMAIL, "password": PASSWORD},
    )
    assert answer.status_code == 202
    return link(team, "verify")


def link(team: TeamSite, purpose: Purpose) -> str:
    users, tokens = team.deployment.services.users, team.deployment.services.tokens
    user = users.find(EMAIL)
    assert user
    binding = reset_binding(user) if purpose == "reset" else ""
    organization = user.organization_id
    return tokens.issue(
        TokenGrant(purpose=purpose, organization_id=organization, subject=user.id, binding=binding)
    )


def field(page: Page, label: str) -> Locator:
    return page.locator("form:visible").get_by_label(label, exact=True)


def fill(page: Page, **fields: str) -> None:
    labels = {"email": "E-mail address", "password": "Password", "name": "Your name"}
    for name, text in fields.items():
        field(page, labels.get(name, name)).fill(text)


def at(team: TeamSite, page: str) -> re.Pattern[str]:
    return re.compile(re.escape(team.page(page)) + "$")


def test_a_link_that_proves_an_address_asks_for_the_password_and_leads_on(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page(f"auth.html?next=billing.html%3Fplan%3Dpro#verify={signed_up}"))
    expect(page).to_have_url(at(team, "auth.html?next=billing.html%3Fplan%3Dpro"))
    fill(page, password="another sentence")
    page.get_by_role("button", name="Prove my address").click()
    expect(page.get_by_role("alert").filter(has_text="not the password")).to_be_visible()
    fill(page, password=PASSWORD)
    page.get_by_role("button", name="Prove my address").click()
    # The page takes the plan out of its address as soon as it has read it.
    expect(page.get_by_role("radio", name="Pro")).to_be_checked()


def test_a_login_lasts_over_pages_and_its_tokens_are_out_of_reach_of_scripts(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page(f"auth.html#verify={signed_up}"))
    fill(page, password=PASSWORD)
    page.get_by_role("button", name="Prove my address").click()
    expect(page).to_have_url(at(team, "dashboard.html"))
    page.goto(team.page("auth.html"))
    name = page.evaluate(
        """async () => {
          const { Session } = await import("./js/auth.js");
          const session = await Session.open();
          await session.resume();
          return session.member.user.name;
        }"""
    )
    assert name == "Ada"
    kept = page.evaluate(
        "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    )
    assert "rt_" not in kept
    assert "eyJ" not in kept


def test_two_tabs_that_refresh_at_once_do_not_end_the_login(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    """The API takes a refresh token that is used twice for a stolen one."""
    page.goto(team.page(f"auth.html#verify={signed_up}"))
    fill(page, password=PASSWORD)
    page.get_by_role("button", name="Prove my address").click()
    expect(page).to_have_url(at(team, "dashboard.html"))
    other = page.context.new_page()
    for each in (page, other):
        each.goto(team.page("auth.html"))
    begin = """() => { window.asked = import("./js/auth.js").then(async ({ Session }) => {
      const sessions = await Promise.all([1, 2, 3].map(() => Session.open()));
      const twice = sessions.concat(sessions);
      const answers = await Promise.all(twice.map((each) => each.call("GET", "/auth/me")));
      return answers.map(({ user }) => user.name);
    }); }"""
    for each in (page, other):
        each.evaluate(begin)
    for each in (page, other):
        assert each.evaluate("window.asked") == ["Ada"] * 6
    other.close()


def test_an_access_token_that_is_refused_is_refreshed_and_the_call_made_again(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page("auth.html"))
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=401, json={"detail": "This login has expired."})

    page.route("**/auth/me", refuse_once)
    name = page.evaluate(
        """async ([token, password]) => {
          const { Session } = await import("./js/auth.js");
          const session = await Session.open();
          await session.begin("verify", { token, password });
          return (await session.call("GET", "/auth/me")).user.name;
        }""",
        [signed_up, PASSWORD],
    )
    assert (name, len(refused)) == ("Ada", 1)


def test_logging_out_ends_the_login_for_all_tabs(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page("auth.html"))
    resumed = page.evaluate(
        """async ([token, password]) => {
          const { Session } = await import("./js/auth.js");
          const session = await Session.open();
          await session.begin("verify", { token, password });
          await session.logOut();
          return [await session.resume(), await (await Session.open()).resume(), document.cookie];
        }""",
        [signed_up, PASSWORD],
    )
    assert resumed == [False, False, ""]


def test_a_wrong_password_is_told_and_nothing_is_kept(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page("auth.html"))
    for password in ("short", "a long wrong sentence"):
        fill(page, email=EMAIL, password=password)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("form:visible > .error")).to_have_text(
            "Address and password do not belong together."
        )
    assert page.evaluate("document.cookie + Object.keys(localStorage)") == ""


def test_fields_that_are_wrong_are_named_beside_them_and_nothing_is_sent(
    page: Page, team: TeamSite
) -> None:
    page.goto(team.page("auth.html#signup"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    fill(page, email="ada", password="short", Organisation="Harbor")
    page.get_by_role("button", name="Create the account").click()
    name = field(page, "Your name")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#signup-email-error")).to_have_text("This is no e-mail address.")
    expect(page.locator("#signup-password-error")).to_have_text("It takes at least 10 characters.")
    assert "POST" not in sent
    fill(page, name="Ada")
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_a_sign_up_goes_where_it_wanted_to_after_the_link_in_the_mail(
    page: Page, team: TeamSite
) -> None:
    page.goto(team.page("auth.html?next=billing.html%3Fplan%3Dstarter#signup"))
    fill(page, Organisation="Harbor", name="Ada", email=EMAIL, password=PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_focused()
    tab = page.context.new_page()
    tab.goto(team.page(f"auth.html#verify={link(team, 'verify')}"))
    fill(tab, password=PASSWORD)
    tab.get_by_role("button", name="Prove my address").click()
    expect(tab.get_by_role("radio", name="Starter")).to_be_checked()
    tab.close()


def test_a_forgotten_password_is_replaced_by_way_of_the_mailbox(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    page.goto(team.page("auth.html"))
    fill(page, email=EMAIL)
    page.get_by_role("link", name="Forgot your password?").first.click()
    # The address is in the next form already.
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status").filter(has_text="a link is on its way")).to_be_visible()
    # A link in the same tab: the page is there already, only the fragment changes.
    page.goto(team.page(f"auth.html#reset={link(team, 'reset')}"))
    page.get_by_label("New password").fill("another sentence to remember")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    fill(page, password="another sentence to remember")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(at(team, "dashboard.html"))


def test_an_invitation_is_accepted_with_a_name_and_a_password(page: Page, team: TeamSite) -> None:
    services, organization = team.deployment.services, team.deployment.one.organization_id
    invitation = services.users.invite(organization, "grace@one.example", "agent", OPERATOR)
    token = services.tokens.issue(
        TokenGrant(purpose="invitation", organization_id=organization, subject=invitation.id)
    )
    page.goto(team.page(f"auth.html#invitation={token}"))
    fill(page, name="Grace", password="a third sentence to remember")
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(at(team, "dashboard.html"))
    joined = services.users.find("grace@one.example")
    assert joined
    assert (joined.name, joined.role) == ("Grace", "agent")


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example/x.html",
        "/\\evil.example",
        "javascript:alert(1)",
        "..//evil.html",
        "billing.html@evil.example",
        "billing.html#//evil.example",
        "auth.html?next=billing.html",
    ],
)
def test_nobody_is_sent_to_a_page_that_is_not_ours(
    page: Page, team: TeamSite, next_page: str
) -> None:
    page.goto(team.page("auth.html"))
    found = page.evaluate(
        """async (next) => (await import("./js/auth.js")).ownPage(next)""", next_page
    )
    assert found == "dashboard.html"


def test_a_page_of_ours_is_gone_to_with_all_that_its_address_says(
    page: Page, team: TeamSite
) -> None:
    pages = [
        "conversations.html?view=all&q=late+parcel%3F%20*now*&open=01J",
        "billing.html?plan=pro#change",
        "dashboard.html",
    ]
    page.goto(team.page("404.html"))
    found = page.evaluate(
        """async (pages) => {
          const { ownPage } = await import("./js/auth.js");
          return pages.map(ownPage);
        }""",
        pages,
    )
    assert found == pages


def test_a_password_is_shown_on_demand_and_the_keyboard_is_enough(
    page: Page, team: TeamSite, signed_up: str
) -> None:
    assert signed_up
    users = team.deployment.services.users
    user = users.find(EMAIL)
    assert user
    users.verify(user)
    page.goto(team.page("auth.html"))
    field(page, "E-mail address").focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    shown = field(page, "Password")
    expect(shown).to_have_attribute("type", "text")
    shown.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(at(team, "dashboard.html"))
