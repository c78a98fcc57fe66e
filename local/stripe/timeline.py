"""What happens because time passes."""

from local.stripe.checkout import Checkout
from local.stripe.errors import StripeError
from local.stripe.state import State
from local.stripe.subscriptions import Subscriptions, period_end

_FURTHEST = 5 * 366 * 86_400


class Timeline:
    """Makes up for what was due, in its order, each at its own time."""

    def __init__(self, state: State, subscriptions: Subscriptions, checkout: Checkout) -> None:
        self._state = state
        self._subscriptions = subscriptions
        self._checkout = checkout

    def catch_up(self) -> None:
        """Do everything that is due by now."""
        now = self._state.clock.now()
        while due := self._state.store.next_due(now):
            with self._state.clock.held_at(due["_due"]):
                if due["object"] == "subscription":
                    self._subscriptions.happen(due)
                elif due["object"] == "invoice":
                    self._subscriptions.collect(due, present=False)
                else:
                    self._checkout.expire(due)

    def advance(self, seconds: int) -> None:
        """Put the clock forward. It never goes back. Raises StripeError."""
        if not 0 < seconds <= _FURTHEST:
            raise StripeError("The clock goes forward, by at most five years at a time.")
        self.catch_up()
        before = self._state.clock.offset
        self._state.clock.offset += seconds
        try:
            self._state.store.set("offset", str(self._state.clock.offset))
            self.catch_up()
        except BaseException:
            self._state.clock.offset = before
            raise

    def to_next_renewal(self) -> None:
        """Put the clock to when the next period ends. Raises StripeError when none does."""
        self.catch_up()
        ends = [
            period_end(each)
            for each in self._state.store.all("subscription")
            if each["ended_at"] is None
        ]
        if not ends:
            raise StripeError("No subscription is running.")
        self.advance(min(ends) - self._state.clock.now())
