"""What organisations use and pay for: subscriptions, this month's answers, what is stored.

All of it lies in one partition, so that one query tells how an organisation stands. Months are
those of UTC.
"""

from datetime import UTC, datetime, timedelta

from frontdesk.billing.plans import Plan
from frontdesk.billing.standing import Account, Standing, standing_of
from frontdesk.entities import Actor, PlanGrant, Subscription
from frontdesk.errors import Conflict
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import (
    ConditionFailed,
    Delete,
    Item,
    Key,
    Operation,
    Put,
    Table,
    Update,
)

_MONTH_KEPT = timedelta(days=100)
"""Analytics remember longer; this is read with every question and stays small."""


class AccountChanged(Conflict):
    """Somebody else has written what was read before."""


class Accounts:
    """Reads and writes accounts."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def read(self, organization_id: str, at: datetime) -> Account:
        """The account, with the use of the month of `at`. One query."""
        month = month_of(at)
        values: dict[str, Item] = {}
        subscriptions: list[Subscription] = []
        answers = 0
        warned: set[str] = set()
        for item in self._table.query(_partition(organization_id)):
            match item["sk"].split("#"):
                case ["SUBSCRIPTION", _]:
                    subscriptions.append(Subscription.model_validate(item))
                case ["USAGE", counted, _] if counted == month:
                    answers += item["answers"]
                case ["WARNED", warned_in, *name] if warned_in == month:
                    warned.add("#".join(name))
                case [name]:
                    values[name] = item
        stored, customer = values.get("STORED", {}), values.get("CUSTOMER", {})
        grant = values.get("GRANT")
        return Account(
            organization_id=organization_id,
            customer_id=customer.get("customer_id"),
            previous_customer=customer.get("previous_customer"),
            open_checkout=customer.get("open_checkout"),
            subscriptions=tuple(subscriptions),
            grant=PlanGrant.model_validate(grant) if grant else None,
            answers=answers,
            documents=stored.get("documents", 0),
            stored_bytes=stored.get("bytes", 0),
            warned=frozenset(warned),
        )

    def organization_of(self, customer_id: str) -> str | None:
        """Whose customer at Stripe this is."""
        item = self._table.get(_customer_key(customer_id))
        return None if item is None else str(item["organization_id"])

    def link_customer(self, organization_id: str, customer_id: str) -> None:
        """Have a customer at Stripe stand for an organisation, for good. Safe to repeat.

        Raises AccountChanged when the organisation has another customer, or the customer another
        organisation.
        """
        try:
            self._table.transact(
                Update(
                    (_partition(organization_id), "CUSTOMER"),
                    "SET customer_id = :customer",
                    {"customer": customer_id},
                    condition="attribute_not_exists(customer_id) OR customer_id = :customer",
                ),
                Put(
                    _customer_key(customer_id),
                    {"organization_id": organization_id},
                    "attribute_not_exists(pk) OR organization_id = :organization",
                    {"organization": organization_id},
                ),
            )
        except ConditionFailed as failure:
            raise AccountChanged("The organisation has another customer at Stripe.") from failure

    def unlink_customer(self, organization_id: str, customer_id: str) -> None:
        """Forget a customer that was deleted at Stripe: the next checkout makes a new one.

        Whose it was stays known, for events that come late. Safe to repeat.
        """
        try:
            self._table.update(
                Update(
                    (_partition(organization_id), "CUSTOMER"),
                    "SET previous_customer = :customer REMOVE customer_id, open_checkout",
                    {"customer": customer_id},
                    condition="customer_id = :customer",
                )
            )
        except ConditionFailed:
            return

    def put_open_checkout(
        self, organization_id: str, session_id: str, *, before: str | None
    ) -> None:
        """Note the Checkout Session that is open now, in place of `before`.

        Raises AccountChanged when another one was begun meanwhile.
        """
        try:
            self._table.update(
                Update(
                    (_partition(organization_id), "CUSTOMER"),
                    "SET open_checkout = :session",
                    {"session": session_id, **({"before": before} if before else {})},
                    condition="open_checkout = :before OR open_checkout = :session"
                    if before
                    else "attribute_not_exists(open_checkout) OR open_checkout = :session",
                )
            )
        except ConditionFailed as failure:
            raise AccountChanged("Another checkout was begun just now.") from failure

    def subscription(self, organization_id: str, subscription_id: str) -> Subscription | None:
        """A subscription as it was last written."""
        item = self._table.get(_subscription_key(organization_id, subscription_id))
        return None if item is None else Subscription.model_validate(item)

    def put_subscription(
        self, organization_id: str, subscription: Subscription, *also: Operation
    ) -> None:
        """Write what was read at Stripe, in place of the version before `subscription.version`.

        `also` is written in the same transaction. Raises AccountChanged when that version is not
        the one that is stored: then what was read may be old, and has to be read again.
        """
        before = subscription.version - 1
        try:
            self._table.transact(
                Put(
                    _subscription_key(organization_id, subscription.id),
                    subscription.model_dump(mode="json", exclude_none=True),
                    "version = :before" if before else "attribute_not_exists(pk)",
                    {"before": before} if before else {},
                ),
                *also,
            )
        except ConditionFailed as failure:
            raise AccountChanged("The subscription was written just now.") from failure

    def grant(self, organization_id: str, grant: PlanGrant, by: Actor) -> None:
        """Give a plan without payment, in place of an earlier gift."""
        self._table.transact(
            Put((_partition(organization_id), "GRANT"), grant.model_dump(mode="json")),
            audit_put(organization_id, by, "billing.grant", detail={"plan": grant.plan}),
        )

    def withdraw_grant(self, organization_id: str, by: Actor) -> None:
        """Take a gift back. Safe to repeat."""
        self._table.transact(
            Delete((_partition(organization_id), "GRANT")),
            audit_put(organization_id, by, "billing.withdraw_grant"),
        )

    def note_warning(self, organization_id: str, at: datetime, name: str) -> None:
        """Note that a warning of this month has been sent. Safe to repeat."""
        self._table.put(
            Put(
                (_partition(organization_id), f"WARNED#{month_of(at)}#{name}"),
                {"expires_at": _forgotten(at)},
            )
        )


class Standings:
    """Tells how organisations stand. With `billed` off, everybody has everything."""

    def __init__(self, accounts: Accounts, *, billed: bool) -> None:
        """Reads `accounts`."""
        self._accounts = accounts
        self._billed = billed

    def note_warning(self, standing: Standing, level: int) -> None:
        """Note that the team has been told that `level` is reached. Safe to repeat."""
        self._accounts.note_warning(
            standing.account.organization_id, standing.at, standing.warning(level)
        )

    def of(self, organization_id: str, at: datetime | None = None) -> Standing:
        """How an organisation stands now, or stood at another moment of this month. One query."""
        at = at or datetime.now(UTC)
        account = self._accounts.read(organization_id, at)
        return standing_of(account, at, billed=self._billed)


def count_answers(organization_id: str, at: datetime, number: int, *, shard: int) -> Update:
    """The update that counts answers, for the transaction that stores them.

    Transactions on one item collide: they are spread over the shards that `counters` uses.
    """
    return Update(
        (_partition(organization_id), f"USAGE#{month_of(at)}#{shard}"),
        "ADD answers :number SET expires_at = :expires",
        {"number": number, "expires": _forgotten(at)},
    )


def store_more(
    organization_id: str, plan: Plan, *, documents: int = 0, stored_bytes: int = 0
) -> Update:
    """The update that counts what is added, for the transaction that stores it.

    Its condition fails where `plan` has no room for it.
    """
    conditions: list[str] = []
    values: dict[str, int] = {"documents": documents, "bytes": stored_bytes}
    if plan.documents is not None and documents > 0:
        conditions.append("(attribute_not_exists(#documents) OR #documents <= :documents_before)")
        values["documents_before"] = plan.documents - documents
    if plan.storage is not None and stored_bytes > 0:
        conditions.append("(attribute_not_exists(#bytes) OR #bytes <= :bytes_before)")
        values["bytes_before"] = plan.storage - stored_bytes
    return Update(
        (_partition(organization_id), "STORED"),
        "ADD #documents :documents, #bytes :bytes",
        values,
        names=("documents", "bytes"),
        condition=" AND ".join(conditions) or None,
    )


def store_less(organization_id: str, *, documents: int = 0, stored_bytes: int = 0) -> Update:
    """The update that counts what is removed, for the transaction that removes it."""
    return Update(
        (_partition(organization_id), "STORED"),
        "ADD #documents :documents, #bytes :bytes",
        {"documents": -documents, "bytes": -stored_bytes},
        names=("documents", "bytes"),
    )


def store_change(organization_id: str, plan: Plan, before: int, after: int) -> list[Update]:
    """The updates that count `after` bytes instead of `before`, if that is a change."""
    if after > before:
        return [store_more(organization_id, plan, stored_bytes=after - before)]
    if after < before:
        return [store_less(organization_id, stored_bytes=before - after)]
    return []


def stored(table: Table, organization_id: str) -> tuple[int, int]:
    """How many documents and bytes are counted."""
    item = table.get((_partition(organization_id), "STORED")) or {}
    return item.get("documents", 0), item.get("bytes", 0)


def month_of(at: datetime) -> str:
    """The month of UTC that `at` is in, as `2026-11`."""
    return f"{at.astimezone(UTC):%Y-%m}"


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#BILLING"


def _subscription_key(organization_id: str, subscription_id: str) -> Key:
    return _partition(organization_id), f"SUBSCRIPTION#{subscription_id}"


def _customer_key(customer_id: str) -> Key:
    return f"CUSTOMER#{customer_id}", "CUSTOMER"


def _forgotten(at: datetime) -> int:
    return int((at + _MONTH_KEPT).timestamp())
