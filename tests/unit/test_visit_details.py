"""The page, browser, language and attributes of a customer: what is noted, and who sees it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.entities import ConversationRef
from frontdesk.visit_details import (
    ATTRIBUTES_LENGTH,
    MOST_ATTRIBUTES,
    attributes_of,
    browser_of,
    language_of,
    page_of,
)
from tests.unit.deployment import OPERATOR, ORIGIN, Deployment
from tests.unit.test_identity import SECRET, identity
from tests.unit.test_team_sockets import Office, office

__all__ = ["office"]

NOW = datetime.now(UTC)
HERE = {"url": "https://shop.example/cart?step=2", "title": "Your cart"}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example/cart?step=2#pay", "https://shop.example/cart?step=2"),
        ("https://sam:secret@shop.example:8443/", "https://shop.example:8443/"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
        ("https://shop.example/?q=" + "x" * 600, "https://shop.example/"),
        ("https://shop.example/" + "x" * 600, None),
        ("javascript:alert(1)", None),
        ("data:text/html,hello", None),
        ("https://", None),
        ("https://[", None),
        ("https://shop.example/\u202ecart", None),
        ("https://shop.example/a b", None),
        ("", None),
    ],
)
def test_a_page_is_a_web_address_without_secrets(url: str, kept: str | None) -> None:
    page = page_of(url, " A\npage\x00 ", NOW)
    assert (page and page.url) == kept
    assert page is None or page.title == "A page"


def test_attributes_that_cannot_be_shown_are_left_out() -> None:
    given = {
        "plan": " pro ",
        "seats": 12,
        "trial": False,
        "spent": 9.5,
        "": "nameless",
        "blank": "\u200b",
        "list": [1],
        "none": None,
        "huge": 10**30,
        "nan": float("nan"),
        "half": "\ud800",
        "long": "x" * 300,
    }
    assert attributes_of(given) == {
        "plan": "pro",
        "seats": 12,
        "trial": False,
        "spent": 9.5,
        "long": "x" * 200,
    }
    assert len(attributes_of({str(number): number for number in range(99)})) == MOST_ATTRIBUTES
    many = attributes_of({f"a{number}": "x" * 200 for number in range(20)})
    assert sum(len(name) + len(str(text)) for name, text in many.items()) <= ATTRIBUTES_LENGTH


@pytest.mark.parametrize(
    ("tag", "kept"),
    [("de-AT", "de-AT"), ("en", "en"), ("", None), ("<b>", None), ("e" * 99, None)],
)
def test_a_language_is_a_tag(tag: str, kept: str | None) -> None:
    assert language_of(tag) == kept


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140 on Windows",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
                "Gecko) Version/18.5 Safari/605.1.15"
            ),
            "Safari 18 on macOS",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) CriOS/138.0.7204.33 Mobile/15E148 Safari/604.1"
            ),
            "Chrome 138 on iOS",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
                "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet 28 on Android",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
            ),
            "Edge 138 on Windows",
        ),
        (
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/138.0.0.0 Safari/537.36"
            ),
            "Chrome 138 on ChromeOS",
        ),
        ("Firefox/<script>", "Firefox"),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_a_browser_is_told_in_a_few_words(user_agent: str, shown: str | None) -> None:
    assert browser_of(user_agent) == shown


def seen(deployment: Deployment, opened: Any) -> Any:
    """What the team sees of the conversation, in which its customer says something."""
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=opened["conversation"]["id"],
    )
    conversations = deployment.services.conversations
    if conversations.get(ref).started_at is None:
        conversations.accept(ref, client_id="1" * 26, text="Help", per_minute=10)
    path = f"/api/conversations/{ref.conversation_id}"
    return deployment.http.get(path, headers=deployment.one.headers("viewer")).json()


def test_the_team_sees_where_the_customer_is_and_what_is_vouched_for(
    deployment: Deployment,
) -> None:
    organization_id = deployment.one.organization_id
    deployment.services.organizations.put_identity_secret(organization_id, SECRET, OPERATOR)
    deployment.http.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    signed = identity(attributes={"plan": "business", "since": 2021, "tags": ["a"]})
    opened = deployment.session(
        deployment.one.widget_key,
        identity=signed,
        page={**HERE, "url": "https://sam:secret@shop.example/cart#pay"},
        language="de-AT",
        attributes={"plan": "free", "cart": 3},
    ).json()
    found = seen(deployment, opened)
    assert found["page"]["url"] == "https://shop.example/cart"
    assert (found["page"]["title"], found["language"]) == ("Your cart", "de-AT")
    assert found["browser"] == "Firefox 140 on Linux"
    assert found["attributes"] == [
        {"name": "plan", "value": "business", "vouched": True},
        {"name": "since", "value": 2021, "vouched": True},
        {"name": "cart", "value": 3, "vouched": False},
    ]


def test_a_visit_that_says_nothing_changes_nothing_and_one_that_says_more_replaces(
    deployment: Deployment,
) -> None:
    key = deployment.one.widget_key
    opened = deployment.session(key, page=HERE, language="fr", attributes={"plan": "pro"}).json()
    before = seen(deployment, opened)
    deployment.session(key, visitor=opened["visitor"], page=HERE)
    assert seen(deployment, opened) == before
    deployment.session(
        key,
        visitor=opened["visitor"],
        page={"url": ORIGIN, "title": ""},
        attributes={"trial": True},
    )
    after = seen(deployment, opened)
    assert (after["page"]["url"], after["page"]["title"]) == (ORIGIN, None)
    assert [each["name"] for each in after["attributes"]] == ["trial"]


@pytest.mark.parametrize(
    "body",
    [
        {"page": {"url": "javascript:alert(1)"}, "language": "<b>", "attributes": {"a": [1]}},
        {"attributes": "plan=pro"},
        {"attributes": {"\ud800": "\ud800", "x" * 99: "y" * 9_999}},
        {"page": {"url": "https://x.example/" + "x" * 9_999, "title": "\x00" * 999}},
    ],
)
def test_nothing_that_a_page_says_of_its_visitor_keeps_them_out(
    deployment: Deployment, body: dict[str, Any]
) -> None:
    answer = deployment.http.post(
        "/api/widget/session",
        content=json.dumps({"key": deployment.one.widget_key, **body}),
        headers={"Origin": ORIGIN, "Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    assert seen(deployment, answer.json())["page"] is None


def test_all_of_it_is_in_an_export_and_goes_with_the_conversation(deployment: Deployment) -> None:
    opened = deployment.session(
        deployment.one.widget_key, page=HERE, language="fr", attributes={"plan": "WATERMARK"}
    ).json()
    body = {"conversation_id": seen(deployment, opened)["id"]}
    headers = deployment.one.headers("admin")
    exported = deployment.http.post("/api/privacy/export", json=body, headers=headers)
    [record] = exported.json()["conversations"]
    assert record["conversation"]["page"]["url"] == HERE["url"]
    assert record["conversation"]["attributes"] == {"plan": "WATERMARK"}
    deployment.http.post("/api/privacy/erase", json=body, headers=headers)
    pages = deployment.table._client.get_paginator("scan").paginate(TableName="frontdesk")
    left = json.dumps([page["Items"] for page in pages], default=str)
    assert "WATERMARK" not in left
    assert "shop.example/cart" not in left


def test_who_watches_sees_the_customer_go_to_another_page(office: Office) -> None:
    for identifier in ("one", "two"):
        office.agent(identifier)
    office.watch("one")
    office.sockets.frames.clear()
    for _ in range(2):
        office.send("widget", action="page", **HERE)
    [shown] = office.seen("one", "conversation")
    assert shown["conversation"]["page"]["url"] == HERE["url"]
    assert office.seen("two", "conversation") == []


def test_who_changes_pages_without_end_is_noted_only_so_often(office: Office) -> None:
    office.agent("one")
    office.watch("one")
    office.sockets.frames.clear()
    for number in range(30):
        office.send("widget", action="page", url=f"https://shop.example/{number}")
    assert len(office.seen("one", "conversation")) == 20


def test_another_page_is_noted_in_the_session_that_begins_on_it(office: Office) -> None:
    deployment = office.deployment
    opened = deployment.session(deployment.one.widget_key, page=HERE).json()
    seen(deployment, opened)
    office.agent("one")
    conversation_id = opened["conversation"]["id"]
    office.send("one", action="watch", conversation_id=conversation_id)
    office.sockets.frames.clear()
    deployment.session(
        deployment.one.widget_key, visitor=opened["visitor"], page={"url": f"{ORIGIN}/help"}
    )
    [shown] = office.seen("one", "conversation")
    assert shown["conversation"]["page"]["url"] == f"{ORIGIN}/help"
