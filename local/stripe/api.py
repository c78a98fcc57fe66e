"""The door of the API: who asks, for what, and whether they asked before."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.stripe.errors import StripeError
from local.stripe.forms import decode
from local.stripe.resources import METHODS, Desk
from local.stripe.state import API_VERSION, new_id
from local.stripe.store import Object, Reply
from local.stripe.timeline import Timeline

_INCLUDABLE = frozenset({"line_items", "payments"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `path` begins with /v1; names of headers are in lower case."""

    verb: str
    path: str
    pairs: Sequence[tuple[str, str]]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Api:
    """Answers calls."""

    def __init__(self, desk: Desk, timeline: Timeline) -> None:
        self._desk = desk
        self._timeline = timeline

    def answer(self, call: Call) -> Answer:
        """Carry out a call once, also when it comes again with its idempotency key."""
        headers = {"Request-Id": new_id("req"), "Stripe-Version": API_VERSION}
        key = call.headers.get("idempotency-key") if call.verb == "POST" else None
        if key:
            headers["Idempotency-Key"] = key
        asked = hashlib.sha256(
            repr((call.verb, call.path, sorted(call.pairs))).encode()
        ).hexdigest()
        state = self._desk.state
        try:
            _authenticate(call.headers)
            with state.changing():
                before = state.store.reply(key) if key else None
                if before is not None:
                    return _replayed(before, asked, str(key), headers)
                self._timeline.catch_up()
                body = json.dumps(self._carry_out(call), indent=2)
                if key:
                    state.store.keep_reply(key, Reply(asked, 200, body), state.wall())
            return Answer(HTTPStatus.OK, body, headers)
        except StripeError as error:
            body = json.dumps(error.body, indent=2)
            if key and error.kind == "card_error":
                state.store.keep_reply(key, Reply(asked, error.status, body), state.wall())
            return Answer(error.status, body, headers)

    def _carry_out(self, call: Call) -> Object:
        for method in METHODS:
            match = method.path.fullmatch(call.path)
            if match and method.verb == call.verb:
                params = decode(call.pairs, method.takes)
                found = method.call(self._desk, params, *match.groups())
                for path in params.texts("expand"):
                    self._expand(found, path.split("."), path)
                rendered: Object = self._desk.state.rendered(found)
                return rendered
        raise StripeError(
            f"Unrecognized request URL ({call.verb}: {call.path}). This stand-in knows only what "
            "Frontdesk uses.",
            status=HTTPStatus.NOT_FOUND,
        )

    def _expand(self, thing: Any, path: Sequence[str], whole: str) -> None:  # noqa: ANN401 - any part of a JSON document
        if isinstance(thing, list):
            for each in thing:
                self._expand(each, path, whole)
            return
        name = path[0]
        if name in _INCLUDABLE and f"_{name}" in thing:
            thing[name] = thing[f"_{name}"]
        if name not in thing:
            raise StripeError(f"This property cannot be expanded ({whole}).", param="expand")
        inner = thing[name]
        if isinstance(inner, str):
            found = self._desk.state.store.find(inner)
            if found is None:
                raise StripeError(f"This property cannot be expanded ({whole}).", param="expand")
            deleted = {"id": inner, "object": found["object"], "deleted": True}
            thing[name] = inner = deleted if found.get("deleted") else found
        if inner is not None and len(path) > 1:
            self._expand(inner, path[1:], whole)


def _authenticate(headers: Mapping[str, str]) -> None:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except ValueError:
            given = ""
    if not given:
        message = "You did not provide an API key."
        raise StripeError(message, status=HTTPStatus.UNAUTHORIZED)
    if not given.startswith("sk_test_"):
        message = f"Invalid API Key provided: {given[:8]}****. Only sk_test_ keys work here."
        raise StripeError(message, status=HTTPStatus.UNAUTHORIZED)
    version = headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise StripeError(f"This stand-in speaks {API_VERSION} only, not {version}.")


def _replayed(before: Reply, asked: str, key: str, headers: Mapping[str, str]) -> Answer:
    if before.request != asked:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    return Answer(before.status, before.body, {**headers, "Idempotent-Replayed": "true"})
