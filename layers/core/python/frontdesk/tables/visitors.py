"""Visitors: who of a site's visitors is in which conversation, and what is known of them."""

import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.access.tokens import hash_token, new_token
from frontdesk.entities import Conversation, ConversationRef, Customer, VisitDetails
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import ConditionFailed, Delete, Item, Put, Table, Update
from frontdesk.tables.conversation_items import (
    conversation_key,
    customer_partition,
    led_by,
    visitor_key,
)
from frontdesk.tables.lifetimes import LASTING, Lifetimes, expiry

MOST_TOKENS = 20
"""Browsers of one customer that are remembered. The one before them gets another token."""

_DROPPED_AT_ONCE = 50
"""A transaction has room for a hundred writes."""

_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's conversation, and the token that the browser keeps for it."""

    token: str
    conversation: Conversation


class Visitors:
    """Leads visitors to their conversations.

    A visitor is known by the hash of a token, or of the identity that the site vouched for. A
    token leads to the conversation that it was made for, or to none any more; never to another.
    """

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._lifetimes = Lifetimes(table)

    def enter(
        self,
        organization_id: str,
        token: str | None,
        *,
        customer: Customer | None = None,
        retention_days: int = 365,
    ) -> Visit:
        """The conversation of who comes with `token`, and the token to come with next time.

        With a `customer` whom the site vouches for it is that customer's, on whatever device, and
        a token of another conversation leads nowhere from now on: who used this browser before may
        be somebody else. Without one it is the token's, unless a customer was vouched for there: a
        token alone does not open that. Who has no token that opens anything gets another one.
        Raises Conflict when the conversation is removed at this moment.
        """
        known = hash_token(token) if token else None
        item = self._table.get(visitor_key(organization_id, known)) if known else None
        led_to = item["conversation_id"] if item else None
        if customer is None:
            found = self._touched(organization_id, item, retention_days)
            if token and found and found.customer.id is None:
                return Visit(token, found)
            fresh = new_token("vt")
            return Visit(
                fresh,
                self._begin(organization_id, hash_token(fresh), retention_days=retention_days),
            )
        conversation = self._of_customer(organization_id, customer, retention_days)
        if token and led_to == conversation.id:
            return Visit(token, conversation)
        fresh = new_token("vt")
        retired = known if led_to else None
        return Visit(fresh, self._lead(hash_token(fresh), conversation, retired=retired))

    def open(
        self,
        organization_id: str,
        visitor: str,
        *,
        customer: Customer | None = None,
        retention_days: int = 365,
    ) -> Conversation:
        """The visitor's conversation, begun if there is none. Two callers at once get the same."""
        item = self._table.get(visitor_key(organization_id, visitor))
        found = self._touched(organization_id, item, retention_days)
        if found is not None:
            return found
        return self._begin(
            organization_id,
            visitor,
            customer=customer,
            instead_of=item["conversation_id"] if item else None,
            retention_days=retention_days,
        )

    def find(self, organization_id: str, visitor: str) -> ConversationRef:
        """Where the visitor's conversation lives. Raises NotFound."""
        item = self._table.get(visitor_key(organization_id, visitor))
        if item is None:
            raise NotFound("There is no such conversation.")
        return ConversationRef(
            organization_id=organization_id, conversation_id=item["conversation_id"]
        )

    def set_customer(self, conversation: Conversation, customer: Customer) -> Conversation:
        """Note what is known of the person, so that their conversations can be found by it.

        Raises NotFound, Conflict.
        """
        keys = led_by(conversation.ref, customer)
        for _ in range(_LOOKS):
            conversation = self._lifetimes.settle(conversation.ref)
            expires_at = conversation.expires_at
            before = led_by(conversation.ref, conversation.customer)
            try:
                self._table.transact(
                    Update(
                        conversation_key(conversation.ref),
                        "SET customer = :customer",
                        {"customer": customer.model_dump(exclude_none=True), "expires": expires_at},
                        condition=f"{LASTING} AND attribute_not_exists(erasing)",
                    ),
                    *(
                        Put(key, {"conversation_id": conversation.id, "expires_at": expires_at})
                        for key in keys
                    ),
                    *(Delete(key) for key in before if key not in keys),
                )
            except ConditionFailed:
                continue
            return conversation.model_copy(update={"customer": customer})
        raise Conflict("The conversation was changed just now. Try again.")

    def set_categories(self, conversation: Conversation, categories: Sequence[str]) -> None:
        """Note from which categories of documents to answer; none means all. Raises NotFound."""
        wanted = sorted(set(categories))
        if wanted == list(conversation.categories):
            return
        try:
            self._table.transact(
                Update(
                    conversation_key(conversation.ref),
                    "SET categories = :categories",
                    {"categories": wanted},
                    condition="attribute_exists(pk) AND attribute_not_exists(erasing)",
                )
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such conversation.") from failure

    def note_details(self, conversation: Conversation, details: VisitDetails) -> Conversation:
        """Note what a visit says of the customer. Returns the same object if it is known already.

        A page is another one when its address or title is. Raises NotFound.
        """
        page = conversation.page
        told = details.page
        if page and told and (page.url, page.title) == (told.url, told.title):
            details = details.model_copy(update={"page": None})
        changes = {
            name: value
            for name, value in details
            if value is not None and value != getattr(conversation, name)
        }
        if not changes:
            return conversation
        sets = details.model_dump(mode="json", include=set(changes), exclude_none=True)
        try:
            self._table.update(
                Update(
                    conversation_key(conversation.ref),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in sets),
                    sets,
                    names=tuple(sets),
                    condition="attribute_exists(pk) AND attribute_not_exists(erasing)",
                )
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such conversation.") from failure
        return conversation.model_copy(update=changes)

    def conversations_of(self, organization_id: str, known: str) -> list[ConversationRef]:
        """The conversations of a customer known by an id or an address."""
        items = self._table.query(customer_partition(organization_id, known))
        return [
            ConversationRef(
                organization_id=organization_id, conversation_id=item["conversation_id"]
            )
            for item in items
        ]

    def forget(self, conversation: Conversation) -> None:
        """Have nothing that led to a conversation lead anywhere any more. Safe to repeat.

        A customer who is back already has another conversation, and that stays.
        """
        for visitor in conversation.visitors:
            with contextlib.suppress(ConditionFailed):
                self._table.delete(
                    Delete(
                        visitor_key(conversation.organization_id, visitor),
                        "conversation_id = :here",
                        {"here": conversation.id},
                    )
                )

    def _of_customer(
        self, organization_id: str, customer: Customer, retention_days: int
    ) -> Conversation:
        """The conversation of a customer whom the site vouches for, with what it says of them.

        What the site says nothing of stays as the customer has told it.
        """
        visitor = identity_hash(str(customer.id))
        conversation = self.open(
            organization_id, visitor, customer=customer, retention_days=retention_days
        )
        before = conversation.customer
        merged = Customer(
            id=customer.id,
            email=customer.email or before.email,
            name=customer.name or before.name,
        )
        return conversation if merged == before else self.set_customer(conversation, merged)

    def _begin(
        self,
        organization_id: str,
        visitor: str,
        *,
        customer: Customer | None = None,
        instead_of: str | None = None,
        retention_days: int,
    ) -> Conversation:
        """A new conversation of a visitor's, who has none but `instead_of`, which is gone."""
        expires_at = expiry(retention_days)
        conversation = Conversation(
            id=new_id(),
            organization_id=organization_id,
            customer=customer or Customer(),
            visitors=(visitor,),
            retention_days=retention_days,
            expires_at=expires_at,
            items_expire_at=expires_at,
        )
        led = {"conversation_id": conversation.id, "expires_at": expires_at}
        try:
            self._table.transact(
                Put(
                    visitor_key(organization_id, visitor),
                    led,
                    # What has expired may be there for days more.
                    condition="attribute_not_exists(pk) OR conversation_id = :gone "
                    "OR expires_at <= :now",
                    values={"gone": instead_of or "-", "now": int(time.time())},
                ),
                Put(
                    conversation_key(conversation.ref),
                    {
                        "id": conversation.id,
                        "organization_id": organization_id,
                        "customer": conversation.customer.model_dump(exclude_none=True),
                        "unanswered": [],
                        "visitors": [visitor],
                        "retention_days": retention_days,
                        "expires_at": expires_at,
                        "items_expire_at": expires_at,
                        "gsi1pk": f"ORG#{organization_id}#VISITS",
                        "gsi1sk": conversation.id,
                    },
                ),
                *(Put(key, led) for key in led_by(conversation.ref, conversation.customer)),
            )
        except ConditionFailed as failure:
            # Another request was quicker.
            item = self._table.get(visitor_key(organization_id, visitor))
            found = self._read(organization_id, item["conversation_id"]) if item else None
            if found is None:
                raise Conflict("The conversation was removed just now. Try again.") from failure
            return found
        return conversation

    def _touched(
        self, organization_id: str, item: Item | None, retention_days: int
    ) -> Conversation | None:
        """The conversation, kept as long from now as the organisation wants; None if it is gone.

        `item` says where the visitor is led.
        """
        if item is None:
            return None
        ref = ConversationRef(
            organization_id=organization_id, conversation_id=item["conversation_id"]
        )
        try:
            return self._lifetimes.renew(ref, retention_days)
        except NotFound:
            return None

    def _lead(
        self, visitor: str, conversation: Conversation, *, retired: str | None
    ) -> Conversation:
        """Have a new token lead to a customer's conversation, and `retired` to none any more.

        Of many tokens the oldest go.
        """
        organization_id = conversation.organization_id
        for _ in range(_LOOKS):
            conversation = self._lifetimes.settle(conversation.ref)
            identity, *tokens = conversation.visitors
            dropped = tokens[: max(0, len(tokens) + 1 - MOST_TOKENS)][:_DROPPED_AT_ONCE]
            kept = (identity, *tokens[len(dropped) :], visitor)
            gone = dict.fromkeys([*dropped, *([retired] if retired else [])])
            try:
                self._table.transact(
                    Put(
                        visitor_key(organization_id, visitor),
                        {
                            "conversation_id": conversation.id,
                            "expires_at": conversation.expires_at,
                        },
                    ),
                    Update(
                        conversation_key(conversation.ref),
                        "SET visitors = :visitors",
                        {
                            "visitors": kept,
                            "before": conversation.visitors,
                            "expires": conversation.expires_at,
                        },
                        condition=f"visitors = :before AND {LASTING} "
                        "AND attribute_not_exists(erasing)",
                    ),
                    *(Delete(visitor_key(organization_id, each)) for each in gone),
                )
            except ConditionFailed:
                continue
            return conversation.model_copy(update={"visitors": kept})
        raise Conflict("The conversation was changed just now. Try again.")

    def _read(self, organization_id: str, conversation_id: str) -> Conversation | None:
        """The conversation; None if it is gone, or about to be."""
        ref = ConversationRef(organization_id=organization_id, conversation_id=conversation_id)
        item = self._table.get(conversation_key(ref))
        return None if item is None or item.get("erasing") else Conversation.model_validate(item)


def identity_hash(identity: str) -> str:
    """What a visitor is known by whose site vouches for `identity`."""
    return "id" + hashlib.sha256(identity.encode()).hexdigest()
