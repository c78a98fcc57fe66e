"""Subscriptions: begun, changed, renewed, ended.

Simpler than Stripe's in two ways: all periods are months, and an invoice is finalized at once
instead of an hour later.
"""

from collections.abc import Mapping

from local.stripe.clock import DAY, period_after
from local.stripe.errors import CardDeclined, StripeError
from local.stripe.objects import Line, new_item, new_phase, new_schedule, new_subscription
from local.stripe.payments import Payments, subscription_of
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
        method: Object | None,
        *,
        trial_days: int = 0,
        percent_off: int = 0,
        metadata: Mapping[str, str],
    ) -> Object:
        """A new subscription, with its first invoice paid by a card whose holder is present."""
        now = self._state.clock.now()
        subscription = new_subscription(customer["id"], price["currency"], now)
        end = now + trial_days * DAY if trial_days else period_after(now, now)
        subscription.update(
            metadata=dict(metadata), default_payment_method=method["id"] if method else None
        )
        if trial_days:
            subscription.update(
                status="trialing", trial_start=now, trial_end=end, billing_cycle_anchor=end
            )
        item = new_item(subscription["id"], price, now, now, end)
        subscription["items"]["data"] = [item]
        self._plan(subscription)
        self._state.create(subscription, "customer.subscription.created")
        lines = [self._line(item, free=bool(trial_days))]
        invoice = self._payments.make(
            subscription, lines, "subscription_create", percent_off=percent_off
        )
        refused = self._payments.pay(invoice, method, present=True)
        if refused:
            raise refused
        if not trial_days:
            subscription["status"] = "active"
        return self._state.save(subscription, UPDATED)

    def cancel_at_period_end(self, subscription: Object, *, on: bool) -> Object:
        """End at the end of what is paid for, or no longer."""
        self._refuse_ended(subscription)
        if on and subscription["schedule"]:
            self.release(self._state.store.get(subscription["schedule"]))
            subscription["schedule"] = None
        subscription.update(
            cancel_at_period_end=on,
            cancel_at=period_end(subscription) if on else None,
            canceled_at=self._state.clock.now() if on else None,
        )
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if on else None
        self._plan(subscription)
        return self._state.save(subscription, UPDATED)

    def end(self, subscription: Object, reason: str) -> Object:
        """End now."""
        self._refuse_ended(subscription)
        now = self._state.clock.now()
        if subscription["schedule"]:
            schedule = self._state.store.get(subscription["schedule"])
            schedule.update(status="canceled", canceled_at=now, current_phase=None)
            self._state.save(schedule, "subscription_schedule.canceled")
        subscription.update(status="canceled", ended_at=now, schedule=None)
        subscription["canceled_at"] = subscription["canceled_at"] or now
        subscription["cancellation_details"]["reason"] = reason
        self._plan(subscription)
        self._state.save(subscription)
        self._payments.give_up(subscription["id"])
        self._state.tell("customer.subscription.deleted", subscription)
        return subscription

    def change_price(
        self, subscription: Object, item_id: str | None, price: Object, proration: str
    ) -> Object:
        """Another price for an item from now on, or one more item when `item_id` is None.

        What is left of the month is credited at the old price and charged at the new one: with
        `always_invoice` now, with `create_prorations` on the next invoice, with `none` never.
        """
        self._refuse_ended(subscription)
        if subscription["schedule"]:
            raise StripeError(
                "The subscription is managed by the subscription schedule "
                f"`{subscription['schedule']}`, and updating its items directly is not allowed."
            )
        if price["currency"] != subscription["currency"]:
            raise StripeError(
                f"The price specified only supports `{price['currency']}`. This doesn't match the "
                f"expected currency: `{subscription['currency']}`.",
                param="items",
            )
        now = self._state.clock.now()
        items = subscription["items"]["data"]
        lines: list[Line] = []
        if item_id is None:
            item = new_item(
                subscription["id"],
                price,
                now,
                items[0]["current_period_start"],
                period_end(subscription),
            )
            items.append(item)
        else:
            found = [each for each in items if each["id"] == item_id]
            if not found:
                raise StripeError(
                    f"No such subscription item: '{item_id}'",
                    code="resource_missing",
                    param="items",
                )
            (item,) = found
            lines.append(self._rest(item, now, sign=-1))
            item["price"] = price
        lines.append(self._rest(item, now, sign=1))
        if subscription["status"] == "trialing" or proration == "none":
            lines = []
        if proration == "create_prorations":
            subscription["_lines"] += [_kept(line) for line in lines]
            lines = []
        if not lines:
            return self._state.save(subscription, UPDATED)
        invoice = self._payments.make(subscription, lines, "subscription_update")
        self._state.save(subscription, UPDATED)
        self.collect(invoice, present=True)
        return self._state.store.get(subscription["id"])

    def due_for(self, subscription: Object, price: Object) -> int:
        """What changing the first item to `price` would cost today, in hundredths."""
        item, now = subscription["items"]["data"][0], self._state.clock.now()
        if subscription["status"] == "trialing":
            return 0
        after = {**item, "price": price}
        return self._rest(item, now, sign=-1).amount + self._rest(after, now, sign=1).amount

    def schedule_price(self, subscription: Object, price: Object) -> Object:
        """Another price from the next period on: the portal's `schedule_at_period_end`."""
        self._refuse_ended(subscription)
        if subscription["schedule"]:
            self.release(self._state.store.get(subscription["schedule"]))
            subscription = self._state.store.get(subscription["id"])
        item = subscription["items"]["data"][0]
        end = period_end(subscription)
        after = period_after(end, subscription["billing_cycle_anchor"])
        phases = [
            new_phase(item["price"]["id"], item["current_period_start"], end),
            new_phase(price["id"], end, after),
        ]
        return self.put_on_schedule(subscription, phases)

    def put_on_schedule(self, subscription: Object, phases: list[Object]) -> Object:
        """Give a subscription phases. Returns the schedule."""
        schedule = new_schedule(subscription, phases, self._state.clock.now())
        self._state.create(schedule, "subscription_schedule.created")
        subscription.update(
            schedule=schedule["id"], cancel_at_period_end=False, cancel_at=None, canceled_at=None
        )
        self._plan(subscription)
        self._state.save(subscription, UPDATED)
        return schedule

    def release(self, schedule: Object) -> Object:
        """Let the subscription go on as it is."""
        subscription = self._state.store.get(schedule["subscription"])
        schedule.update(
            status="released",
            released_at=self._state.clock.now(),
            released_subscription=subscription["id"],
            subscription=None,
            current_phase=None,
        )
        self._state.save(schedule, "subscription_schedule.released")
        subscription["schedule"] = None
        self._state.save(subscription, UPDATED)
        return schedule

    def collect(self, invoice: Object, *, present: bool) -> CardDeclined | None:
        """Try to have an open invoice paid, and let its subscription follow."""
        subscription = self._state.store.get(subscription_of(invoice))
        refused = self._payments.pay(
            invoice, self._payments.method_of(subscription), present=present
        )
        if subscription["ended_at"] is not None:
            return refused
        if refused is None:
            if subscription["status"] == "past_due" and not self._payments.open_invoices(
                subscription["id"]
            ):
                subscription["status"] = "active"
                self._state.save(subscription, UPDATED)
        elif invoice["next_payment_attempt"] is None:
            self.end(subscription, "payment_failed")
        elif subscription["status"] == "active":
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
        start = period_end(subscription)
        if subscription["schedule"]:
            self._next_phase(subscription, start)
        items = subscription["items"]["data"]
        for item in items:
            item["current_period_start"] = start
            item["current_period_end"] = period_after(start, subscription["billing_cycle_anchor"])
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        self._plan(subscription)
        kept = [self._restored(line) for line in subscription["_lines"]]
        subscription["_lines"] = []
        invoice = self._payments.make(
            subscription, [*kept, *(self._line(item) for item in items)], "subscription_cycle"
        )
        self._state.save(subscription, UPDATED)
        self.collect(invoice, present=False)

    def _next_phase(self, subscription: Object, now: int) -> None:
        schedule = self._state.store.get(subscription["schedule"])
        coming = [
            each for each in schedule["phases"] if each["start_date"] <= now < each["end_date"]
        ]
        if not coming:
            self.release(schedule)
            subscription["schedule"] = None
            return
        (phase,) = coming
        price = self._state.store.get(phase["items"][0]["price"])
        subscription["items"]["data"][0]["price"] = price
        schedule["current_phase"] = {
            "end_date": phase["end_date"],
            "start_date": phase["start_date"],
        }
        self._state.save(schedule, "subscription_schedule.updated")

    def _line(self, item: Object, *, free: bool = False) -> Line:
        price = item["price"]
        name = self._state.store.get(price["product"])["name"]
        return Line(
            description=f"Trial period for {name}" if free else f"1 × {name} (per month)",
            amount=0 if free else price["unit_amount"],
            price=price,
            start=item["current_period_start"],
            end=item["current_period_end"],
        )

    def _rest(self, item: Object, now: int, *, sign: int) -> Line:
        price, end = item["price"], item["current_period_end"]
        name = self._state.store.get(price["product"])["name"]
        share = (end - now) / (end - item["current_period_start"])
        return Line(
            description=f"{'Unused' if sign < 0 else 'Remaining'} time on {name}",
            amount=sign * round(price["unit_amount"] * share),
            price=price,
            start=now,
            end=end,
            proration=True,
        )

    def _restored(self, kept: Object) -> Line:
        return Line(**{**kept, "price": self._state.store.get(kept["price"])})

    def _plan(self, subscription: Object) -> None:
        """Work out when something happens to it next."""
        moments = [period_end(subscription)]
        if subscription["cancel_at"] is not None:
            moments.append(subscription["cancel_at"])
        if subscription["status"] == "trialing" and not subscription.get("_warned"):
            moments.append(subscription["trial_end"] - TRIAL_WARNING)
        subscription["_due"] = None if subscription["ended_at"] else min(moments)

    def _refuse_ended(self, subscription: Object) -> None:
        if subscription["ended_at"] is not None:
            raise StripeError(
                f"No such subscription: '{subscription['id']}'", code="resource_missing", param="id"
            )


def period_end(subscription: Object) -> int:
    """When what is paid for ends."""
    return int(subscription["items"]["data"][0]["current_period_end"])


def _kept(line: Line) -> Object:
    return {
        "description": line.description,
        "amount": line.amount,
        "price": line.price["id"],
        "start": line.start,
        "end": line.end,
        "proration": line.proration,
    }
