"""The pages in the reader's language: each kind of page is looked at once, in German."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.team_site import TeamSite

pytestmark = pytest.mark.browser

GERMAN = 'Object.defineProperty(navigator, "languages", { get: () => ["de-DE", "en"] })'


@pytest.fixture
def german(page: Page) -> Page:
    page.add_init_script(GERMAN)
    return page


@pytest.mark.parametrize(
    ("name", "heading", "also"),
    [
        ("index.html", "Antworten aus Ihren Dokumenten.", "29 $ im Monat"),
        ("pricing.html", "Ein fester Preis", "30 Tage lang bleiben Gespräche erhalten"),
        ("auth.html#signup", "Registrieren", "E-Mail-Adresse"),
        ("404.html", "Diese Seite gibt es nicht", "Zu Ihrem Arbeitsplatz"),
    ],
)
def test_a_page_that_anybody_may_see_is_in_the_readers_language(
    german: Page, team: TeamSite, name: str, heading: str, also: str
) -> None:
    german.goto(team.page(name))
    expect(german.locator("h1:visible")).to_contain_text(heading)
    expect(german.locator("main")).to_contain_text(also)
    expect(german.locator("html")).to_have_attribute("lang", "de")
    expect(german.get_by_role("link", name="Tarife und Preise").first).to_be_visible()


def test_pages_of_the_desk_are_in_the_readers_language_whichever_one_comes_first(
    german: Page, team: TeamSite
) -> None:
    team.log_in(german, team.deployment.member("owner").email)
    german.goto(team.page("billing.html"))
    expect(german.get_by_role("heading", name="Was Sie nutzen")).to_be_visible()
    expect(german.locator('[data-measure="answers"]')).to_contain_text("Antworten in diesem Monat")
    german.get_by_role("link", name="Dokumente").first.click()
    expect(german.locator("#dropzone")).to_contain_text("Dateien hier ablegen oder auswählen")
    expect(german.locator("#empty")).to_contain_text("Noch nichts")


def test_the_overview_says_what_failed_and_what_to_do_about_it(
    german: Page, team: TeamSite
) -> None:
    organizations, one = team.deployment.services.organizations, team.deployment.one
    organizations.note_failure(organizations.get(one.organization_id), "answer")
    organizations.note_returned_mail(one.organization_id, "customer")
    team.log_in(german, team.deployment.member("owner").email)
    german.goto(team.page("dashboard.html"))
    lines = german.locator(".health-line")
    expect(lines.filter(has_text="Assistent konnte")).to_have_attribute("data-tone", "bad")
    expect(lines.filter(has_text="Mail an einen Kunden")).to_have_attribute("data-tone", "warm")
