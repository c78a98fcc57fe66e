"""Subscribing, and managing what is subscribed to: on Stripe's pages, never on ours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from frontdesk.billing.ports import (
    CancelFlow,
    CheckoutDone,
    CheckoutOrder,
    CustomerGone,
    PaymentPages,
    PlanFlow,
)
from frontdesk.billing.prices import Prices
from frontdesk.billing.standing import Account, Standing, is_live
from frontdesk.entities import Organization, PaidPlan, Subscription, User
from frontdesk.errors import Conflict, PaymentsUnavailable
from frontdesk.tables.accounts import AccountChanged, Accounts

_OVER = frozenset({"canceled", "incomplete_expired"})
_PAGE = "billing.html"


@dataclass(frozen=True, slots=True)
class Payments:
    """What it needs. `pages` opens Stripe, whose SDK takes a third of a second to import."""

    accounts: Accounts
    prices: Prices
    pages: Callable[[], PaymentPages]
    site_url: str

    def begin_checkout(
        self, standing: Standing, organization: Organization, user: User, plan: PaidPlan
    ) -> str:
        """The address of a page to subscribe to `plan` on.

        There is one open page for an organisation: an earlier one leads nowhere from now on, so
        nobody subscribes twice. Raises Conflict, PaymentsUnavailable.
        """
        account = standing.account
        if _live(account):
            raise Conflict("You have a subscription already. Change its plan instead.")
        price_id = self._price_of(plan)
        try:
            return self._open_checkout(account, organization, user, price_id)
        except CustomerGone:
            # Deleted at Stripe, and the event that says so is still under way.
            self.accounts.unlink_customer(organization.id, account.customer_id or "-")
        again = self.accounts.read(organization.id, standing.at)
        try:
            return self._open_checkout(again, organization, user, price_id)
        except CustomerGone as error:
            raise PaymentsUnavailable("a customer is gone as soon as it is made") from error

    def open_portal(
        self, standing: Standing, *, plan: PaidPlan | None = None, cancel: bool = False
    ) -> str:
        """The address of a page to manage payment on, or to confirm one change on.

        Raises Conflict, PaymentsUnavailable.
        """
        account = standing.account
        if account.customer_id is None:
            raise Conflict("There is nothing to manage yet: nothing was paid for.")
        flow: PlanFlow | CancelFlow | None = None
        if cancel:
            flow = CancelFlow(_live_subscription(account).id)
        elif plan is not None:
            flow = self._plan_flow(_live_subscription(account), plan)
        try:
            return self.pages().create_portal(
                account.customer_id, return_url=self._back("portal"), flow=flow
            )
        except CustomerGone as error:
            raise Conflict("What was paid for is gone at Stripe. Subscribe anew.") from error

    def _open_checkout(
        self, account: Account, organization: Organization, user: User, price_id: str
    ) -> str:
        pages = self.pages()
        customer_id = account.customer_id or self._make_customer(account, organization, user)
        if account.open_checkout is not None:
            try:
                pages.close_checkout(account.open_checkout)
            except CheckoutDone as done:
                if not _is_over(account, done.subscription_id):
                    raise
        checkout = pages.create_checkout(
            CheckoutOrder(
                organization_id=organization.id,
                customer_id=customer_id,
                price_id=price_id,
                success_url=f"{self._back('done')}&session={{CHECKOUT_SESSION_ID}}",
                cancel_url=self._back("cancelled"),
                attempt=account.open_checkout or "",
            )
        )
        self.accounts.put_open_checkout(
            organization.id, checkout.session_id, before=account.open_checkout
        )
        return checkout.url

    def _make_customer(self, account: Account, organization: Organization, user: User) -> str:
        """A customer for the organisation, or the one that somebody else was faster to make.

        Then the other one stays at Stripe, where nothing comes of it.
        """
        made = self.pages().create_customer(
            organization.id,
            name=organization.name,
            email=user.email,
            after=account.previous_customer,
        )
        try:
            self.accounts.link_customer(organization.id, made)
        except AccountChanged:
            theirs = self.accounts.read(organization.id, datetime.now(UTC)).customer_id
            if theirs is None:
                raise
            return theirs
        return made

    def _plan_flow(self, subscription: Subscription, plan: PaidPlan) -> PlanFlow:
        price_id = self._price_of(plan)
        found = self.pages().subscription(subscription.id)
        items = () if found is None else found.items.data
        item = next((each for each in items if each.price.id == subscription.price_id), None)
        if item is None:
            raise Conflict("The subscription has changed at Stripe just now. Look again.")
        if item.price.id == price_id:
            raise Conflict("This is your plan already.")
        return PlanFlow(subscription.id, item.id, price_id)

    def _price_of(self, plan: PaidPlan) -> str:
        price_id = self.prices.sold(plan)
        if price_id is None:
            raise PaymentsUnavailable(f"no price is set for the plan {plan}")
        return price_id

    def _back(self, checkout: str) -> str:
        return f"{self.site_url}/{_PAGE}?checkout={checkout}"


def _live(account: Account) -> list[Subscription]:
    return [each for each in account.subscriptions if is_live(each)]


def _is_over(account: Account, subscription_id: str | None) -> bool:
    """Whether a subscription has ended, so far as we were told."""
    return any(
        each.id == subscription_id and each.status in _OVER for each in account.subscriptions
    )


def _live_subscription(account: Account) -> Subscription:
    live = _live(account)
    if not live:
        raise Conflict("You have no subscription to change.")
    return max(live, key=lambda each: each.created_at)
