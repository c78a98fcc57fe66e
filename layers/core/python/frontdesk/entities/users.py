"""The people of a team."""

from datetime import datetime
from typing import Literal

from frontdesk.entities.base import Entity

Role = Literal["owner", "admin", "agent", "viewer"]
"""From the one who may do everything to the one who may only look."""


class User(Entity):
    """A member of an organisation's team. `email` is in lower case and unique in a deployment.

    `notices` is whether they want mail about what happens, beside what concerns their account.
    """

    id: str
    organization_id: str
    email: str
    name: str
    role: Role
    password_hash: str
    verified_at: datetime | None = None
    created_at: datetime
    last_login_at: datetime | None = None
    notices: bool = True


class Actor(Entity):
    """Who did something: a member of the team, a key, a customer, or Frontdesk itself."""

    type: Literal["user", "key", "customer", "system"]
    id: str
    name: str
