"""Objects and the events that tell of them, at the stand-in's time."""

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from local.stripe.clock import Clock
from local.stripe.errors import missing
from local.stripe.objects import new, new_id
from local.stripe.store import Object, Store

API_VERSION = "2026-10-28.endive"

_ADDRESSES = frozenset({"url", "hosted_invoice_url", "receipt_url"})


class State:
    """What there is. Everything that changes it does so within `changing`."""

    def __init__(self, store: Store, public_url: str) -> None:
        """`public_url` is where the stand-in is found, without a slash at its end."""
        self.store = store
        self.public_url = public_url
        self.wall = time.time
        self.clock = Clock(int(store.setting("offset") or 0))
        self.wake_deliveries: Callable[[], None] = lambda: None
        self.secret_key = self._secret("secret_key", "sk_test")
        self.webhook_secret = self._secret("webhook_secret", "whsec")

    def _secret(self, name: str, prefix: str) -> str:
        if not self.store.setting(name):
            self.store.set(name, new_id(prefix))
        return self.store.setting(name)

    @property
    def webhook_url(self) -> str:
        """Where events go, or nothing."""
        return self.store.setting("webhook_url")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that happens within, or nothing; then events leave. Never one within another."""
        try:
            with self.store.transaction():
                yield
        finally:
            self.wake_deliveries()

    def require(self, kind: str, identifier: str, param: str = "id") -> Object:
        """An object of a kind. Raises StripeError when there is none, or none any more."""
        found = self.store.find(identifier)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind.rpartition(".")[2], identifier, param)
        return found

    def create(self, thing: Object, event: str | None = None) -> Object:
        """Keep a new object and tell of it."""
        self.store.put(thing)
        if event:
            self.tell(event, thing)
        return thing

    def save(self, thing: Object, event: str | None = None) -> Object:
        """Keep a changed object. `event` tells of it, if there is anything to tell."""
        before = self.store.get(thing["id"])
        self.store.put(thing)
        changed = {
            name: before.get(name)
            for name in thing
            if not name.startswith("_") and before.get(name) != thing[name]
        }
        if event and changed:
            self.tell(event, thing, changed)
        return thing

    def tell(self, kind: str, thing: Object, previous: Mapping[str, Any] | None = None) -> None:
        """Make an event with the object as it is now, and plan its delivery."""
        data: Object = {"object": copy.deepcopy(thing)}
        if previous is not None:
            data["previous_attributes"] = dict(previous)
        about = {"type": kind, "data": data, "api_version": API_VERSION}
        event = new("event", new_id("evt"), self.clock.now(), pending_webhooks=1, **about)
        self.store.put(event)
        if self.webhook_url:
            self.deliver(event)

    def deliver(self, event: Object) -> None:
        """Plan the delivery of an event, again if it was delivered."""
        self.store.put({**event, "_attempts": 0, "_due": self.wall(), "_outcome": "waiting"})

    def rendered(self, thing: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
        """An object as it leaves: without what is ours, with whole addresses."""
        if isinstance(thing, list):
            return [self.rendered(part) for part in thing]
        if not isinstance(thing, dict):
            return thing
        # A list names its own path, as it is.
        addresses = _ADDRESSES if thing.get("object") != "list" else ()
        return {
            name: self.public_url + value
            if name in addresses and isinstance(value, str) and value.startswith("/")
            else self.rendered(value)
            for name, value in thing.items()
            if not name.startswith("_")
        }
