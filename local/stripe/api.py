"""The door of the API: who asks, for what, and whether they asked before."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.stripe.desk import Desk
from local.stripe.errors import StripeError
from local.stripe.methods import METHODS
from local.stripe.objects import new_id
from local.stripe.state import API_VERSION
from local.stripe.store import Object, Reply


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

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

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
                self._desk.catch_up()
                body = json.dumps(self._carry_out(call), indent=2)
                if key:
                    state.store.keep_reply(key, Reply(asked, body), state.wall())
            return Answer(HTTPStatus.OK, body, headers)
        except StripeError as error:
            return Answer(error.status, json.dumps(error.body, indent=2), headers)

    def _carry_out(self, call: Call) -> Object:
        for method in METHODS:
            match = method.path.fullmatch(call.path)
            if match and method.verb == call.verb:
                form = method.takes.read(call.pairs)
                found = method.call(self._desk, form, *match.groups())
                for path in form.expand:
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
        inner = thing.get(path[0]) if isinstance(thing, dict) else None
        if isinstance(inner, str):
            inner = thing[path[0]] = self._desk.state.store.find(inner)
        elif isinstance(thing, dict) and path[0] in thing and inner is None:
            return
        if inner is None:
            raise StripeError(f"This property cannot be expanded ({whole}).", param="expand")
        if len(path) > 1:
            self._expand(inner, path[1:], whole)


def _authenticate(headers: Mapping[str, str]) -> None:
    given = headers.get("authorization", "").removeprefix("Bearer ")
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
    return Answer(HTTPStatus.OK, before.body, {**headers, "Idempotent-Replayed": "true"})
