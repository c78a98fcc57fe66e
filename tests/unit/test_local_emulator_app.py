"""The door in front of MiniStack."""

import asyncio
from typing import Any

import pytest

from local.emulator_app import EmulatorApp


class Inside:
    """Stands for MiniStack: remembers what reached it."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        status = 403 if "nothing" in scope["path"] else 200
        await send({"type": "http.response.start", "status": status, "headers": []})


class Door:
    """Sends requests to an EmulatorApp."""

    def __init__(self, *, saves: bool = True) -> None:
        self.inside = Inside()
        self.touches = 0

        async def save() -> bool:
            return saves

        self.stripe = Inside()
        self._app = EmulatorApp(self.inside, stripe=self.stripe, save=save, touch=self._touch)

    def _touch(self) -> None:
        self.touches += 1

    def request(self, method: str, path: str, body: bytes = b"") -> Any:
        """The start of the response."""
        sent: list[Any] = []
        halves = [body[:2], body[2:]]

        async def receive() -> Any:
            part = halves.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(halves)}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "headers": [(b"Host", b"127.0.0.1:4566"), (b"accept", b"*/*")],
        }
        asyncio.run(self._app(scope, receive, send))
        return sent[0]

    def publish(self) -> None:
        assert self.request("PUT", "/_frontdesk/site", b"d1.cloudfront.localhost")["status"] == 204


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize(("path", "status"), [("/site/nothing", 404), ("/site/api/nothing", 403)])
def test_a_page_that_is_not_there_is_ours_and_an_answer_of_the_api_stays_its_own(
    door: Door, path: str, status: int
) -> None:
    door.publish()
    assert door.request("GET", path)["status"] == status
    assert [scope["path"] for scope in door.inside.scopes][1:] == ["/404.html"] * (status == 404)


@pytest.mark.parametrize("path", ["/site/chat.html", "/site/api/health", "/site/"])
def test_the_site_is_found_without_resolving_its_name(door: Door, path: str) -> None:
    door.publish()
    door.request("GET", path)
    (scope,) = door.inside.scopes
    assert scope["path"] == path.removeprefix("/site")
    assert scope["raw_path"] == scope["path"].encode()
    assert [value for name, value in scope["headers"] if name.lower() == b"host"] == [
        b"d1.cloudfront.localhost"
    ]
    assert (b"accept", b"*/*") in scope["headers"]


def test_the_site_without_a_slash_leads_to_the_site(door: Door) -> None:
    door.publish()
    answer = door.request("GET", "/site")
    assert answer["status"] == 308
    assert (b"location", b"/site/") in answer["headers"]


@pytest.mark.parametrize("path", ["/sites/x", "/bucket/site/x", "/"])
def test_everything_else_is_left_as_it_is(door: Door, path: str) -> None:
    door.publish()
    door.request("GET", path)
    (scope,) = door.inside.scopes
    assert scope["path"] == path
    assert (b"Host", b"127.0.0.1:4566") in scope["headers"]


def test_before_there_is_a_site_the_path_is_a_bucket_like_any_other(door: Door) -> None:
    door.request("GET", "/site/x")
    assert door.inside.scopes[0]["path"] == "/site/x"


def test_only_what_may_change_something_makes_a_save_due(door: Door) -> None:
    door.request("GET", "/bucket/key")
    door.request("POST", "/_frontdesk/save")
    assert door.touches == 0
    door.request("POST", "/")
    door.request("DELETE", "/bucket/key")
    assert door.touches == 2


@pytest.mark.parametrize(("saves", "status"), [(True, 204), (False, 500)])
def test_a_save_answers_with_how_it_went(*, saves: bool, status: int) -> None:
    assert Door(saves=saves).request("POST", "/_frontdesk/save")["status"] == status


def test_an_unknown_order_is_not_passed_on(door: Door) -> None:
    assert door.request("POST", "/_frontdesk/nothing")["status"] == 404
    assert not door.inside.scopes


def test_the_stand_in_of_stripe_is_asked_and_nothing_of_the_emulator_changes(door: Door) -> None:
    door.request("POST", "/_stripe/v1/customers")
    (scope,) = door.stripe.scopes
    assert (scope["root_path"], scope["path"]) == ("/_stripe", "/_stripe/v1/customers")
    assert not door.inside.scopes
    assert door.touches == 0
    door.request("GET", "/_stripes/v1/customers")
    assert len(door.stripe.scopes) == 1
