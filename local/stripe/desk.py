"""All of the stand-in behind its doors, which are the API and the pages."""

from frontdesk.billing.plans import CURRENCY, PLANS
from local.stripe.checkout import Checkout
from local.stripe.errors import StripeError
from local.stripe.objects import new, new_price
from local.stripe.payments import Payments
from local.stripe.state import State
from local.stripe.store import Store
from local.stripe.subscriptions import Subscriptions, period_end

_FURTHEST = 5 * 366 * 86_400
_SINCE = 1_767_225_600


class Desk:
    """What there is, what can be done with it, and what happens because time passes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.payments = Payments(state)
        self.subscriptions = Subscriptions(state, self.payments)
        self.checkout = Checkout(state, self.payments, self.subscriptions)

    def catch_up(self) -> None:
        """Do everything that is due by now, in its order, each at its own time."""
        now = self.state.clock.now()
        while due := self.state.store.next_due(now):
            with self.state.clock.held_at(due["_due"]):
                if due["object"] == "subscription":
                    self.subscriptions.happen(due)
                elif due["object"] == "invoice":
                    self.subscriptions.collect(due, present=False)
                else:
                    self.checkout.expire(due)

    def advance(self, seconds: int) -> None:
        """Put the clock forward. It never goes back. Raises StripeError."""
        if not 0 < seconds <= _FURTHEST:
            raise StripeError("The clock goes forward, by at most five years at a time.")
        self.catch_up()
        before = self.state.clock.offset
        self.state.clock.offset += seconds
        try:
            self.state.store.set("offset", str(self.state.clock.offset))
            self.catch_up()
        except BaseException:
            self.state.clock.offset = before
            raise

    def to_next_renewal(self) -> None:
        """Put the clock to when the next period ends. Raises StripeError when none does."""
        self.catch_up()
        subscriptions = self.state.store.all("subscription")
        ends = [period_end(each) for each in subscriptions if each["ended_at"] is None]
        if not ends:
            raise StripeError("No subscription is running.")
        self.advance(min(ends) - self.state.clock.now())


def stock(store: Store) -> None:
    """Have a product and a monthly price for every plan that is paid for, as they are now."""
    for plan in PLANS.values():
        if plan.monthly_price:
            product, price = f"prod_{plan.name}", f"price_{plan.name}_monthly"
            about = {"name": plan.title, "description": plan.summary}
            store.put(new("product", product, _SINCE, active=True, **about))
            store.put(new_price(price, product, CURRENCY, plan.monthly_price, _SINCE))
