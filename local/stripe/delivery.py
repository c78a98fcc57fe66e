"""Events on their way: signed, posted side by side, and again until they are taken."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
from stripe import WebhookSignature

from local.stripe.desk import Desk
from local.stripe.store import Object

DELAYS = (1, 5, 30, 120, 300, 600, 1_800, *[3_600] * 12)
"""Seconds between one attempt and the next. Stripe waits longer, for up to three days."""

_AT_ONCE = 2
_SECONDS = 30.0
"""Few at once, and patient: on a laptop each that waits is a worker of its own that has to start,
and one that is given up comes again while the first is still starting."""
_LOOK_SECONDS = 1.0


class Deliveries:
    """Delivers in the background. Like Stripe's, events come in no order, and may come twice."""

    def __init__(self, desk: Desk, delays: Sequence[float] = DELAYS) -> None:
        self._desk = desk
        self._state = desk.state
        self._delays = delays
        self._changed = threading.Condition()
        self._ended = False
        self._under_way: set[str] = set()
        self._http = httpx.Client(
            timeout=_SECONDS, trust_env=False, limits=httpx.Limits(max_connections=_AT_ONCE)
        )
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="stripe-delivery")
        self._thread = threading.Thread(target=self._run, name="stripe-deliveries", daemon=True)
        desk.state.wake_deliveries = self.wake

    def start(self) -> None:
        """Begin, with what an earlier process could not deliver."""
        self._thread.start()

    def close(self) -> None:
        """End. What is not delivered stays to be."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join()
        self._workers.shutdown(cancel_futures=True)
        self._http.close()

    def wake(self) -> None:
        """Look at once whether there is something to deliver."""
        with self._changed:
            self._changed.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until nothing is to be delivered. False when that takes too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._under_way and not self._state.store.undelivered(),
                seconds,
            )

    def _run(self) -> None:
        with self._changed:
            while not self._ended:
                # Time passes also while nobody asks.
                with self._state.changing():
                    self._desk.catch_up()
                now, rest = self._state.wall(), _LOOK_SECONDS
                for event in self._state.store.undelivered():
                    if event["id"] in self._under_way:
                        continue
                    if event["_due"] > now:
                        rest = min(rest, event["_due"] - now)
                        break
                    self._under_way.add(event["id"])
                    self._workers.submit(self._deliver, event)
                self._changed.wait(max(rest, 0.01))

    def _deliver(self, event: Object) -> None:
        outcome, taken = self._post(event)
        attempts = event["_attempts"] + 1
        over = taken or attempts > len(self._delays)
        again = None if over else self._state.wall() + self._delays[attempts - 1]
        with self._changed:
            self._state.store.put(
                {**event, "_attempts": attempts, "_due": again, "_outcome": outcome}
            )
            self._under_way.discard(event["id"])
            self._changed.notify_all()

    def _post(self, event: Object) -> tuple[str, bool]:
        body = json.dumps(self._state.rendered(event), indent=2)
        # The receiver compares with its own clock, which nobody advances.
        signature = WebhookSignature.generate_signature_header(
            body, self._state.webhook_secret, int(self._state.wall())
        )
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        try:
            answer = self._http.post(self._state.webhook_url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.is_success
