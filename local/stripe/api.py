"""The door of the API: who asks, for what, and whether they asked before."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from local.stripe.desk import Desk
from local.stripe.errors import StripeError
from local.stripe.methods import METHODS
from local.stripe.objects import new_id
from local.stripe.state import API_VERSION
from local.stripe.store import Object

Pairs = Sequence[tuple[str, str]]

_KEY_SECONDS = 86_400
"""How long an idempotency key is remembered."""


class Api:
    """Answers calls."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def answer(self, verb: str, path: str, pairs: Pairs, given: Mapping[str, str]) -> Response:
        """Carry out a call once, also when it comes again with its idempotency key.

        `path` is without /v1; `given` are the headers.
        """
        key = given.get("idempotency-key", "") if verb == "POST" else ""
        headers = {"Request-Id": new_id("req"), "Stripe-Version": API_VERSION}
        state, status = self._desk.state, HTTPStatus.OK
        try:
            _authenticate(given)
            with state.changing():
                self._desk.catch_up()
                asked = hashlib.sha256(repr((path, sorted(pairs))).encode()).hexdigest()
                body = self._replayed(key, asked) if key else None
                if body is not None:
                    headers["Idempotent-Replayed"] = "true"
                else:
                    body = json.dumps(self._carry_out(verb, path, pairs), indent=2)
                    if key:
                        reply = {"id": f"reply {key}", "object": "reply", "at": state.wall()}
                        state.store.put({**reply, "asked": asked, "body": body})
        except StripeError as error:
            status, body = error.status, json.dumps(error.body, indent=2)
        return Response(body, status, headers, "application/json")

    def _carry_out(self, verb: str, path: str, pairs: Pairs) -> Object:
        state = self._desk.state
        for method in METHODS:
            match = re.fullmatch(method.path, path)
            if match and method.verb == verb:
                form = method.takes.read(pairs)
                found = method.call(self._desk, form, *match.groups())
                for name in form.expand:
                    if not isinstance(found.get(name, 0), str | None):
                        message = f"This property cannot be expanded ({name})."
                        raise StripeError(message, param="expand")
                    found = {**found, name: state.store.find(found[name] or "")}
                rendered: Object = state.rendered(found)
                return rendered
        raise StripeError(
            f"Unrecognized request URL ({verb}: /v1/{path}). This stand-in knows only what "
            "Frontdesk uses.",
            status=HTTPStatus.NOT_FOUND,
        )

    def _replayed(self, key: str, asked: str) -> str | None:
        """What the request with this key was answered. Raises StripeError for another one."""
        before = self._desk.state.store.find(f"reply {key}")
        if before is None or before["at"] < self._desk.state.wall() - _KEY_SECONDS:
            return None
        if before["asked"] != asked:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
            )
        return str(before["body"])


def _authenticate(headers: Mapping[str, str]) -> None:
    given = headers.get("authorization", "").removeprefix("Bearer ")
    if not given.startswith("sk_test_"):
        message = f"Invalid API Key provided: {given[:8]}****. Only sk_test_ keys work here."
        raise StripeError(message, status=HTTPStatus.UNAUTHORIZED)
    version = headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise StripeError(f"This stand-in speaks {API_VERSION} only, not {version}.")
