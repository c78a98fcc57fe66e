"""Visitors: who of a site's visitors is in which conversation, and what is known of them."""

import hashlib
import time
from collections.abc import Sequence

from frontdesk.entities import Conversation, ConversationRef, Customer
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import ConditionFailed, Delete, Key, Put, Table, Update
from frontdesk.tables.conversation_items import conversation_key

_DAY = 86_400


class Visitors:
    """Leads visitors to their conversations.

    A visitor is known by the hash of a token, or of the identity that the site vouched for.
    """

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def open(
        self,
        organization_id: str,
        visitor: str,
        *,
        customer: Customer | None = None,
        retention_days: int = 365,
    ) -> Conversation:
        """The visitor's conversation, begun if there is none. Two callers at once get the same.

        With a `customer` whom the site vouches for it is that customer's conversation, on whatever
        device, and `visitor` from now on leads to it too.
        """
        key = identity_hash(customer.id) if customer and customer.id else visitor
        conversation = self._open(organization_id, key, retention_days)
        if key != visitor:
            self._lead(organization_id, visitor, conversation, retention_days)
        if customer is not None and customer != conversation.customer:
            return self.set_customer(conversation, customer)
        return conversation

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

        Raises NotFound.
        """
        expires_at = _expiry(conversation.retention_days)
        keys = led_by(conversation.ref, customer)
        outdated = [
            each for each in led_by(conversation.ref, conversation.customer) if each not in keys
        ]
        try:
            self._table.transact(
                Update(
                    conversation_key(conversation.ref),
                    "SET customer = :customer",
                    {"customer": customer.model_dump(exclude_none=True)},
                    condition="attribute_exists(pk) AND attribute_not_exists(erasing)",
                ),
                *(
                    Put(key, {"conversation_id": conversation.id, "expires_at": expires_at})
                    for key in keys
                ),
                *(Delete(key) for key in outdated),
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such conversation.") from failure
        return conversation.model_copy(update={"customer": customer})

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

    def conversations_of(self, organization_id: str, known: str) -> list[ConversationRef]:
        """The conversations of a customer known by an id or an address."""
        items = self._table.query(customer_partition(organization_id, known))
        return [
            ConversationRef(
                organization_id=organization_id, conversation_id=item["conversation_id"]
            )
            for item in items
        ]

    def _open(self, organization_id: str, visitor: str, retention_days: int) -> Conversation:
        item = self._table.get(visitor_key(organization_id, visitor))
        if item is not None:
            found = self._touched(
                ConversationRef(
                    organization_id=organization_id, conversation_id=item["conversation_id"]
                ),
                visitor,
                retention_days,
                expires_at=item.get("expires_at", 0),
            )
            if found is not None:
                return found
        conversation = Conversation(
            id=new_id(),
            organization_id=organization_id,
            visitors=(visitor,),
            retention_days=retention_days,
        )
        expires_at = _expiry(retention_days)
        try:
            self._table.transact(
                Put(
                    visitor_key(organization_id, visitor),
                    {"conversation_id": conversation.id, "expires_at": expires_at},
                    condition="attribute_not_exists(pk) OR conversation_id = :gone",
                    values={"gone": item["conversation_id"] if item else "-"},
                ),
                Put(
                    conversation_key(conversation.ref),
                    {
                        "id": conversation.id,
                        "organization_id": organization_id,
                        "unanswered": [],
                        "visitors": [visitor],
                        "retention_days": retention_days,
                        "expires_at": expires_at,
                    },
                ),
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
        self, ref: ConversationRef, visitor: str, retention_days: int, *, expires_at: int
    ) -> Conversation | None:
        """The conversation, kept as long from now as the organisation wants; None if it is gone."""
        found = self._read(ref.organization_id, ref.conversation_id)
        wanted = _expiry(retention_days)
        changed = found is not None and found.retention_days != retention_days
        if found is None or (wanted - expires_at < _DAY and not changed):
            return found
        try:
            self._table.transact(
                Update(
                    conversation_key(ref),
                    "SET retention_days = :days, expires_at = :expires",
                    {"days": retention_days, "expires": wanted},
                    condition="attribute_exists(pk)",
                ),
                Update(
                    visitor_key(ref.organization_id, visitor),
                    "SET expires_at = :expires",
                    {"expires": wanted},
                    condition="attribute_exists(pk)",
                ),
            )
        except ConditionFailed:
            return None
        return found.model_copy(update={"retention_days": retention_days})

    def _lead(
        self, organization_id: str, visitor: str, conversation: Conversation, retention_days: int
    ) -> None:
        if visitor in conversation.visitors:
            return
        self._table.transact(
            Put(
                visitor_key(organization_id, visitor),
                {"conversation_id": conversation.id, "expires_at": _expiry(retention_days)},
            ),
            Update(
                conversation_key(conversation.ref),
                "SET visitors = list_append(visitors, :visitor)",
                {"visitor": [visitor]},
                condition="attribute_exists(pk)",
            ),
        )

    def _read(self, organization_id: str, conversation_id: str) -> Conversation | None:
        ref = ConversationRef(organization_id=organization_id, conversation_id=conversation_id)
        item = self._table.get(conversation_key(ref))
        return Conversation.model_validate(item) if item else None


def identity_hash(identity: str) -> str:
    """What a visitor is known by whose site vouches for `identity`."""
    return "id" + hashlib.sha256(identity.encode()).hexdigest()


def led_by(ref: ConversationRef, customer: Customer) -> list[Key]:
    """Where it is stored that the id and the address of a customer lead to a conversation."""
    known = [each for each in (customer.id, customer.email) if each]
    keys = ((customer_partition(ref.organization_id, each), _led_to(ref)) for each in known)
    return list(dict.fromkeys(keys))


def customer_partition(organization_id: str, known: str) -> str:
    """The partition that lists the conversations of a customer known by an id or an address."""
    hashed = hashlib.sha256(known.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
    return f"ORG#{organization_id}#CUSTOMER#{hashed}"


def _led_to(ref: ConversationRef) -> str:
    return f"CONV#{ref.conversation_id}"


def visitor_key(organization_id: str, visitor: str) -> tuple[str, str]:
    """Where it is stored to which conversation a visitor belongs."""
    return f"ORG#{organization_id}#VISITOR#{visitor}", "VISITOR"


def _expiry(retention_days: int) -> int:
    return int(time.time()) + retention_days * _DAY
