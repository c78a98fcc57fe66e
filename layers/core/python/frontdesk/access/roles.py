"""Who may do what: the one table."""

from collections.abc import Mapping
from typing import Literal

from frontdesk.entities import Role

Permission = Literal[
    "organization:read",
    "organization:write",
    "team:read",
    "team:write",
    "keys:read",
    "keys:write",
    "identity:write",
    "documents:read",
    "documents:write",
    "checks:read",
    "checks:write",
    "playground:use",
    "conversations:read",
    "conversations:write",
    "conversations:export",
    "replies:read",
    "replies:write",
    "tickets:read",
    "tickets:write",
    "analytics:read",
    "gaps:read",
    "gaps:write",
    "audit:read",
    "privacy:write",
    "billing:read",
    "billing:write",
]

_EVERYONE: frozenset[Role] = frozenset({"owner", "admin", "agent", "viewer"})
_AGENTS: frozenset[Role] = frozenset({"owner", "admin", "agent"})
_ADMINS: frozenset[Role] = frozenset({"owner", "admin"})
_OWNERS: frozenset[Role] = frozenset({"owner"})

ROLES: Mapping[Permission, frozenset[Role]] = {
    "organization:read": _EVERYONE,
    "organization:write": _ADMINS,
    "team:read": _EVERYONE,
    "team:write": _ADMINS,
    "keys:read": _ADMINS,
    "keys:write": _ADMINS,
    "identity:write": _ADMINS,
    "documents:read": _EVERYONE,
    "documents:write": _ADMINS,
    "checks:read": _EVERYONE,
    "checks:write": _ADMINS,
    "playground:use": _AGENTS,
    "conversations:read": _EVERYONE,
    "conversations:write": _AGENTS,
    "conversations:export": _ADMINS,
    "replies:read": _EVERYONE,
    "replies:write": _AGENTS,
    "tickets:read": _EVERYONE,
    "tickets:write": _AGENTS,
    "analytics:read": _EVERYONE,
    "gaps:read": _EVERYONE,
    "gaps:write": _ADMINS,
    "audit:read": _ADMINS,
    "privacy:write": _ADMINS,
    "billing:read": _ADMINS,
    "billing:write": _OWNERS,
}
"""Which roles hold each permission. That only an owner makes owners is decided where it is done."""


def allows(role: Role, permission: Permission) -> bool:
    """Whether someone of this role may do it."""
    return role in ROLES[permission]
