"""What the routers work with, and the credentials they accept."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Header, Request

from api.problems import Unauthorized
from api.uploads import Uploads
from frontdesk.access.tokens import hash_token
from frontdesk.entities import ConversationRef
from frontdesk.errors import NotFound
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.documents import Documents
from frontdesk.tables.keys import Keys
from frontdesk.tables.limits import Limits
from frontdesk.tables.organizations import Organizations


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a route may use. Built once, in `handler`; a test hands in its own."""

    organizations: Organizations
    keys: Keys
    conversations: Conversations
    connections: Connections
    documents: Documents
    limits: Limits
    uploads: Uploads
    websocket_url: str
    sessions_per_minute: int


def services(request: Request) -> Services:
    """The services of the app that serves this request."""
    found: Services = request.app.state.services
    return found


AnyServices = Annotated[Services, Depends(services)]


def client_address(request: Request) -> str:
    """The address of the browser.

    CloudFront appends it to X-Forwarded-For, and API Gateway appends CloudFront's own after it;
    what stands further left is the client's to make up. Without CloudFront there is one entry.
    """
    chain = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
    try:
        return str(ip_address(chain[-2]))
    except (IndexError, ValueError):
        return request.client.host if request.client else "unknown"


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send your key as Authorization: Bearer ….")
    return token.strip()


def team(services: AnyServices, authorization: Annotated[str | None, Header()] = None) -> str:
    """The organisation whose team key the request carries."""
    grant = services.keys.find(_bearer(authorization), "team")
    if grant is None:
        raise Unauthorized("The key is not known, or it has been revoked.")
    return grant.organization_id


def visitor(
    services: AnyServices,
    authorization: Annotated[str | None, Header()] = None,
    x_frontdesk_key: Annotated[str | None, Header()] = None,
) -> ConversationRef:
    """The conversation of the visitor whose token the request carries."""
    grant = services.keys.find(x_frontdesk_key or "", "widget")
    if grant is None:
        raise Unauthorized("The widget key is not known, or it has been revoked.")
    try:
        return services.conversations.find_visitor(
            grant.organization_id, hash_token(_bearer(authorization))
        )
    except NotFound as error:
        raise Unauthorized("The visitor token is not known.") from error


Team = Annotated[str, Depends(team)]
Visitor = Annotated[ConversationRef, Depends(visitor)]
