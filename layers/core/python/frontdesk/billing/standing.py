"""How an organisation stands: its plan, and what it has used of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontdesk.billing.plans import GRACE, PLANS, UNBILLED, Feature, Plan, rank
from frontdesk.entities import PlanGrant, Subscription

WARNING_LEVELS = (80, 100)
"""Per cent of a month's answers at which the team is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is stored about an organisation's use and payment.

    `answers` are those of the present month. `previous_customer` is one that was deleted at Stripe;
    `open_checkout` the last Checkout Session that was begun. `warned` names the warnings of this
    month that were sent.
    """

    organization_id: str
    customer_id: str | None = None
    previous_customer: str | None = None
    subscriptions: tuple[Subscription, ...] = ()
    grant: PlanGrant | None = None
    open_checkout: str | None = None
    answers: int = 0
    documents: int = 0
    stored_bytes: int = 0
    warned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """An organisation's account in the light of its plan, at a moment."""

    account: Account
    plan: Plan
    at: datetime

    @property
    def exhausted(self) -> bool:
        """Whether this month's answers are used up."""
        return self.plan.answers is not None and self.account.answers >= self.plan.answers

    @property
    def level(self) -> int | None:
        """The highest of WARNING_LEVELS that has been reached."""
        return self._level(self.account.answers)

    def warning_due(self, more: int = 0) -> int | None:
        """The level to tell the team of, or that may have to be told after `more` answers.

        One that was told of once in a month is not told again, but that of another plan is.
        """
        level = self._level(self.account.answers + more)
        told = level is None or self.warning(level) in self.account.warned
        return None if told else level

    def warning(self, level: int) -> str:
        """What a warning is noted as."""
        return f"{self.plan.name}#{level}"

    def _level(self, answers: int) -> int | None:
        most = self.plan.answers
        if most is None:
            return None
        return max((each for each in WARNING_LEVELS if answers * 100 >= most * each), default=None)

    def retention_days(self, wanted: int) -> int:
        """How long conversations are kept where the organisation wants them kept so many days."""
        return min(wanted, self.plan.retention_days)

    def has(self, feature: Feature) -> bool:
        """Whether the plan has a feature."""
        return feature in self.plan.features

    @property
    def subscription(self) -> Subscription | None:
        """The subscription that counts: one that is paid for, or else the newest."""
        return main_subscription(self.account.subscriptions, self.at)


def standing_of(account: Account, at: datetime, *, billed: bool) -> Standing:
    """The standing at `at`. In a deployment that bills nobody, everybody has everything."""
    return Standing(account, plan_of(account, at) if billed else UNBILLED, at)


def plan_of(account: Account, at: datetime) -> Plan:
    """The largest plan that is paid for or given at `at`, or Free."""
    names = [each.plan for each in account.subscriptions if entitles(each, at)]
    grant = account.grant
    if grant is not None and (grant.until is None or grant.until > at):
        names.append(grant.plan)
    return PLANS[max(names, key=rank, default="free")]


def entitles(subscription: Subscription, at: datetime) -> bool:
    """Whether a subscription gives its plan: paid, on trial, or owed for no longer than GRACE.

    One that should have been renewed GRACE ago and was not, so far as we were told, gives nothing.
    """
    if subscription.status in {"active", "trialing"}:
        return at < subscription.period_end + GRACE
    since = subscription.past_due_since
    return subscription.status == "past_due" and (since is None or at < since + GRACE)


def is_live(subscription: Subscription) -> bool:
    """Whether it goes on at Stripe, paid for or not: then it is changed, and no other is begun."""
    return subscription.status in {"active", "trialing", "past_due", "unpaid", "paused"}


def main_subscription(subscriptions: Sequence[Subscription], at: datetime) -> Subscription | None:
    """The one to show: the largest that entitles, or one that is not over, or the newest."""
    return max(
        subscriptions,
        key=lambda each: (
            entitles(each, at),
            each.status not in {"canceled", "incomplete_expired"},
            rank(each.plan) if entitles(each, at) else 0,
            each.created_at,
            each.id,
        ),
        default=None,
    )
