"""Subscriptions: begun, changed, renewed, ended.

Simpler than Stripe's in three ways: all periods are months, a subscription has one item, and an
invoice is finalized at once instead of an hour later.
"""

from collections.abc import Mapping

from local.stripe.clock import DAY, period_after
from local.stripe.errors import CardDeclined, StripeError, missing
from local.stripe.objects import Line, new_schedule, new_subscription
from local.stripe.payments import Payments, refusal, subscription_of
from local.stripe.state import State
from local.stripe.store import Object

UPDATED = "customer.subscription.updated"
TRIAL_WARNING = 3 * DAY
"""How long before its end a trial is said to end."""


class Subscriptions:
    """What customers have subscribed to."""

    def __init__(self, state: State, payments: Payments) -> None:
        self._state = state
        self._payments = payments

    def start(
        self,
        customer: Object,
        price: Object,
        method: Object,
        *,
        trial_days: int,
        metadata: Mapping[str, str],
    ) -> Object:
        """A new subscription, with its first invoice paid by a card whose holder is present."""
        now, trial = self._state.clock.now(), trial_days > 0
        end = now + trial_days * DAY if trial else period_after(now, now)
        subscription = new_subscription(customer["id"], price, now, end, trial=trial)
        subscription.update(metadata=dict(metadata), default_payment_method=method["id"])
        self._plan(subscription)
        self._state.create(subscription, "customer.subscription.created")
        line = self._line(subscription)
        invoice = self._payments.make(subscription, [line], "subscription_create")
        refused = self._payments.pay(invoice, method, present=True)
        if refused:
            raise refused
        if not trial:
            subscription["status"] = "active"
        return self._state.save(subscription, UPDATED)

    def cancel_at_period_end(self, subscription: Object, *, on: bool) -> None:
        """End at the end of what is paid for, or no longer."""
        _refuse_ended(subscription)
        if on:
            self._release(subscription)
        subscription.update(
            cancel_at_period_end=on,
            cancel_at=period_end(subscription) if on else None,
            canceled_at=self._state.clock.now() if on else None,
        )
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if on else None
        self._plan(subscription)
        self._state.save(subscription, UPDATED)

    def end(self, subscription: Object, reason: str) -> Object:
        """End now."""
        _refuse_ended(subscription)
        now = self._state.clock.now()
        self._release(subscription)
        subscription.update(status="canceled", ended_at=now)
        subscription["canceled_at"] = subscription["canceled_at"] or now
        subscription["cancellation_details"]["reason"] = reason
        self._plan(subscription)
        self._state.save(subscription)
        self._payments.give_up(subscription)
        self._state.tell("customer.subscription.deleted", subscription)
        return subscription

    def change_price(self, subscription: Object, price: Object) -> None:
        """Another price, as the portal does it: a larger one now, a smaller one next month.

        What is left of the month is credited at the old price and charged at the new one, at once.
        Raises CardDeclined, and StripeError.
        """
        _refuse_ended(subscription)
        trial, item = subscription["status"] == "trialing", item_of(subscription)
        upgrade = price["unit_amount"] >= item["price"]["unit_amount"]
        refused = refusal(self._payments.method_of(subscription), present=True) if upgrade else None
        if refused:
            raise refused
        if price["currency"] != subscription["currency"]:
            raise StripeError(f"The price specified only supports `{price['currency']}`.")
        self._release(subscription)
        subscription.update(cancel_at_period_end=False, cancel_at=None, canceled_at=None)
        if not upgrade and not trial:
            self._schedule(subscription, price)
            return
        lines = self._lines_for(subscription, price)
        item["price"] = price
        self._plan(subscription)
        if trial:
            self._state.save(subscription, UPDATED)
            return
        invoice = self._payments.make(subscription, lines, "subscription_update")
        self._state.save(subscription, UPDATED)
        self.collect(invoice, present=True)

    def due_for(self, subscription: Object, price: Object) -> int:
        """What changing to `price` would cost today, in hundredths."""
        if subscription["status"] == "trialing" or subscription["ended_at"] is not None:
            return 0
        return sum(line.amount for line in self._lines_for(subscription, price))

    def keep_price(self, subscription: Object) -> None:
        """Take back a change that was to come."""
        self._release(subscription)
        self._state.save(subscription, UPDATED)

    def collect(self, invoice: Object, *, present: bool) -> CardDeclined | None:
        """Try to have an open invoice paid, and let its subscription follow."""
        subscription = self._state.store.get(subscription_of(invoice))
        method = self._payments.method_of(subscription)
        refused = self._payments.pay(invoice, method, present=present)
        if subscription["ended_at"] is not None:
            return refused
        if refused is None:
            if not self._payments.open_invoices(subscription):
                subscription["status"] = "active"
                self._state.save(subscription, UPDATED)
        elif invoice["next_payment_attempt"] is None:
            self.end(subscription, "payment_failed")
        else:
            subscription["status"] = "past_due"
            self._state.save(subscription, UPDATED)
        return refused

    def happen(self, subscription: Object) -> None:
        """Do what is due now: say that a trial will end, end, or renew."""
        now = self._state.clock.now()
        if subscription["cancel_at"] is not None and subscription["cancel_at"] <= now:
            self.end(subscription, "cancellation_requested")
        elif period_end(subscription) <= now:
            self._renew(subscription)
        else:
            subscription["_warned"] = True
            self._plan(subscription)
            self._state.save(subscription)
            self._state.tell("customer.subscription.trial_will_end", subscription)

    def _renew(self, subscription: Object) -> None:
        item, start = item_of(subscription), period_end(subscription)
        if subscription["schedule"]:
            self._next_phase(subscription, start)
        item["current_period_start"] = start
        item["current_period_end"] = period_after(start, subscription["billing_cycle_anchor"])
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        self._plan(subscription)
        line = self._line(subscription)
        invoice = self._payments.make(subscription, [line], "subscription_cycle")
        self._state.save(subscription, UPDATED)
        self.collect(invoice, present=False)

    def _schedule(self, subscription: Object, price: Object) -> None:
        until = period_after(period_end(subscription), subscription["billing_cycle_anchor"])
        schedule = new_schedule(subscription, price, self._state.clock.now(), until)
        self._state.create(schedule, "subscription_schedule.created")
        subscription["schedule"] = schedule["id"]
        self._plan(subscription)
        self._state.save(subscription, UPDATED)

    def _release(self, subscription: Object) -> None:
        """Let a subscription go on as it is. It is not saved yet."""
        if not subscription["schedule"]:
            return
        schedule = self._state.store.get(subscription["schedule"])
        now = self._state.clock.now()
        schedule.update(status="released", released_at=now, subscription=None, current_phase=None)
        self._state.save(schedule, "subscription_schedule.released")
        subscription["schedule"] = None

    def _next_phase(self, subscription: Object, now: int) -> None:
        schedule = self._state.store.get(subscription["schedule"])
        last = schedule["phases"][-1]
        if last["end_date"] <= now:
            self._release(subscription)
            return
        item_of(subscription)["price"] = self._state.store.get(last["items"][0]["price"])
        schedule["current_phase"] = {name: last[name] for name in ("end_date", "start_date")}
        self._state.save(schedule, "subscription_schedule.updated")

    def _line(self, subscription: Object) -> Line:
        item = item_of(subscription)
        name = self._state.store.get(item["price"]["product"])["name"]
        period = item["current_period_start"], item["current_period_end"]
        if subscription["status"] == "trialing":
            return Line(f"Trial period for {name}", 0, *period)
        return Line(f"1 × {name} (per month)", item["price"]["unit_amount"], *period)

    def _lines_for(self, subscription: Object, price: Object) -> list[Line]:
        """What changing to `price` now takes and gives."""
        item, now = item_of(subscription), self._state.clock.now()
        start, end = item["current_period_start"], item["current_period_end"]
        lines = []
        for text, each, sign in (("Unused", item["price"], -1), ("Remaining", price, 1)):
            name = self._state.store.get(each["product"])["name"]
            amount = sign * round(each["unit_amount"] * (end - now) / (end - start))
            lines.append(Line(f"{text} time on {name}", amount, now, end))
        return lines

    def _plan(self, subscription: Object) -> None:
        """Work out when something happens to it next."""
        due = period_end(subscription)
        if subscription["status"] == "trialing" and not subscription.get("_warned"):
            due -= TRIAL_WARNING
        subscription["_due"] = None if subscription["ended_at"] else due


def item_of(subscription: Object) -> Object:
    """What is subscribed to."""
    (item,) = subscription["items"]["data"]
    found: Object = item
    return found


def period_end(subscription: Object) -> int:
    """When what is paid for ends."""
    return int(item_of(subscription)["current_period_end"])


def _refuse_ended(subscription: Object) -> None:
    if subscription["ended_at"] is not None:
        raise missing("subscription", subscription["id"])
