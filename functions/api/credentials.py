"""Who sends a request, and what they may do.

The organisation always comes out of the credential. Nothing else in a request can name one.
"""

import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.access_tokens import read_access_token
from api.identity import read_identity
from api.problems import Unauthorized
from api.services import AnyServices, Services
from frontdesk.access.roles import Permission, allows
from frontdesk.access.tokens import hash_token
from frontdesk.entities import Actor, Conversation, ConversationRef, Customer, Role
from frontdesk.errors import NotFound, Refused
from frontdesk.tables.limits import Allowance, limit_of_organization

EDGE_HEADER = "X-Frontdesk-Edge"
_TEAM_KEY = "sk_"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts for an organisation: a logged-in member of its team, or one of its team keys.

    `family_id` names the login; a key has none.
    """

    organization_id: str
    actor: Actor
    role: Role
    family_id: str | None = None


def principal(
    services: AnyServices,
    response: Response,
    authorization: Annotated[str | None, Header(description="Bearer and a token")] = None,
) -> Principal:
    """The principal whose access token or team key the request carries. Uses up its limits."""
    token = bearer(authorization)
    if token.startswith(_TEAM_KEY):
        found = _of_key(services, token)
        noting = services.pool.submit(_use, services, found)
    else:
        login = read_access_token(services.signing_keys, token)
        actor = Actor(type="user", id=login.user_id, name="")
        found = Principal(login.organization_id, actor, "viewer", login.family_id)
        noting = services.pool.submit(_use, services, found)
        user = services.sessions.user_of(login.organization_id, login.user_id, login.family_id)
        if user is None:
            raise Unauthorized("This login has ended. Log in again.")
        actor = Actor(type="user", id=user.id, name=user.name)
        found = Principal(user.organization_id, actor, user.role, login.family_id)
    _tell_allowance(response, noting.result())
    return found


AnyPrincipal = Annotated[Principal, Depends(principal)]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The dependency of a route that asks for a permission; tests and OpenAPI read it off."""

    permission: Permission

    async def __call__(self, principal: AnyPrincipal) -> Principal:
        """The principal, if their role holds the permission. Raises Refused."""
        self.check(principal)
        return principal

    def check(self, principal: Principal) -> None:
        """Raises Refused, if their role does not hold the permission."""
        if not allows(principal.role, self.permission):
            raise Refused(f"The role {principal.role} does not allow this ({self.permission}).")


@dataclass(frozen=True, slots=True)
class VisitorAccess:
    """The one conversation that a visitor may open, and the customer the site vouches for."""

    conversation: ConversationRef
    customer: Customer | None


def visitor(
    services: AnyServices,
    response: Response,
    authorization: Annotated[str | None, Header(description="Bearer and a visitor token")] = None,
    x_frontdesk_key: Annotated[str | None, Header(description="The widget key")] = None,
    x_frontdesk_identity: Annotated[
        str | None, Header(description="The identity, where the site vouches for the visitor")
    ] = None,
) -> VisitorAccess:
    """The conversation of the visitor whose token the request carries.

    That of an identified customer opens with their identity only, whoever has the token.
    """
    grant = services.keys.find(x_frontdesk_key or "", "widget")
    if grant is None:
        raise Unauthorized("The widget key is not known, or it has been revoked.")
    token = hash_token(bearer(authorization))
    allowance = services.limits.use(
        limit_of_organization(
            grant.organization_id, "visitor", subject=token, most=services.rates.sessions
        )
    )
    _tell_allowance(response, allowance)
    try:
        conversation = services.conversations.get(
            services.visitors.find(grant.organization_id, token)
        )
    except NotFound as error:
        raise Unauthorized("The visitor token is not known.") from error
    customer = _vouched_for(services, conversation, x_frontdesk_identity)
    return VisitorAccess(conversation.ref, customer)


Visitor = Annotated[VisitorAccess, Depends(visitor)]


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header. Raises Unauthorized."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send your token as Authorization: Bearer ….")
    return token.strip()


def client_address(request: Request) -> str:
    """The address of the browser.

    CloudFront appends it to X-Forwarded-For, and API Gateway appends CloudFront's own after it;
    what stands further left is the client's to make up. That it was CloudFront shows in a header
    which only the two of us know. Anybody else is who API Gateway says.
    """
    expected: str = request.app.state.services.edge_token
    sent = request.headers.get(EDGE_HEADER, "")
    if expected and secrets.compare_digest(sent.encode(), expected.encode()):
        chain = request.headers.get("x-forwarded-for", "").split(",")
        try:
            return str(ip_address(chain[-2].strip()))
        except (IndexError, ValueError):
            pass
    return request.client.host if request.client else "unknown"


def _vouched_for(
    services: Services, conversation: Conversation, identity: str | None
) -> Customer | None:
    """The customer of a conversation, if it is one whom the site vouches for.

    Raises Unauthorized unless `identity` is the one that the conversation opens with.
    """
    organization_id = conversation.organization_id
    customer = (
        read_identity(identity, services.organizations.identity_secrets(organization_id)).customer
        if identity is not None
        else None
    )
    if conversation.customer.id != (customer.id if customer else None):
        raise Unauthorized("Send the identity of the customer whose conversation this is.")
    if customer is None and services.organizations.get(organization_id).identity_required:
        raise Unauthorized("This organisation serves only visitors whom its site vouches for.")
    return customer


def _of_key(services: Services, token: str) -> Principal:
    grant = services.keys.find(token, "team")
    if grant is None:
        raise Unauthorized("The key is not known, or it has been revoked.")
    actor = Actor(type="key", id=grant.id, name=grant.name)
    return Principal(grant.organization_id, actor, grant.role)


def _use(services: Services, principal: Principal) -> Allowance:
    """Use one of the organisation's requests and one of the principal's own."""
    services.limits.use(
        limit_of_organization(
            principal.organization_id, "requests", most=services.rates.organization_requests
        )
    )
    return services.limits.use(
        limit_of_organization(
            principal.organization_id,
            "requests",
            subject=principal.actor.id,
            most=services.rates.requests,
        )
    )


def _tell_allowance(response: Response, allowance: Allowance) -> None:
    """The header fields of draft-ietf-httpapi-ratelimit-headers, up to its version 06."""
    response.headers["RateLimit-Limit"] = str(allowance.limit)
    response.headers["RateLimit-Remaining"] = str(allowance.remaining)
    response.headers["RateLimit-Reset"] = str(allowance.reset)
