"""The WebSocket API's handler: connect, disconnect, and every frame."""

import functools
import json
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from pydantic import ValidationError

from chat.agents import AgentGateway
from chat.jobs import SqsTurnQueue
from chat.routes import Gateway, problem, reply_body
from frontdesk.aws import create_client
from frontdesk.entities import AgentConnection, Connection
from frontdesk.errors import FrontdeskError, NotFound, Refused, Unavailable
from frontdesk.observability import logger
from frontdesk.realtime.frames import FRAME_BYTES, INCOMING, ErrorFrame
from frontdesk.realtime.listeners import Listeners
from frontdesk.realtime.sockets import ApiGatewaySockets
from frontdesk.realtime.team import Team
from frontdesk.settings import GatewaySettings
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.limits import Limits
from frontdesk.tables.sessions import Sessions
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.visitors import Visitors

_POSTING = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
"""That somebody types, or looks, is worth nothing later."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The frames of customers and those of the team, and the sockets both come on."""

    connections: Connections
    customers: Gateway
    agents: AgentGateway


@functools.cache
def _wire() -> Routes:
    settings = GatewaySettings.read()
    table = Table(create_client("dynamodb"), settings.table)
    sockets = ApiGatewaySockets(
        create_client(
            "apigatewaymanagementapi", endpoint_url=settings.connections_url, config=_POSTING
        )
    )
    connections, conversations = Connections(table), Conversations(table)
    team = Team(
        connections=connections,
        conversations=conversations,
        tickets=Tickets(table),
        sockets=sockets,
    )
    customers = Gateway(
        conversations=conversations,
        visitors=Visitors(table),
        limits=Limits(table),
        team=team,
        turns=SqsTurnQueue(create_client("sqs"), settings.turns_queue_url),
        listeners=Listeners(connections, sockets),
        messages_per_minute=settings.messages_per_minute,
        organization_messages_per_minute=settings.organization_messages_per_minute,
    )
    agents = AgentGateway(
        connections=connections,
        conversations=conversations,
        sessions=Sessions(table),
        sockets=sockets,
        team=team,
    )
    return Routes(connections, customers, agents)


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the WebSocket API."""
    routes = _wire()
    request = event["requestContext"]
    connection_id = request["connectionId"]
    match request["eventType"]:
        case "CONNECT":
            return _connect(routes.connections, connection_id, event)
        case "DISCONNECT":
            return _disconnect(routes, connection_id)
    return _frame(routes, connection_id, event.get("body") or "")


def _connect(
    connections: Connections, connection_id: str, event: dict[str, Any]
) -> dict[str, object]:
    token = (event.get("queryStringParameters") or {}).get("token") or ""
    try:
        connection = connections.spend_token(token, connection_id)
        if isinstance(connection, AgentConnection):
            connections.open_agent(connection)
        else:
            connections.open(connection)
    except Refused:
        logger.info("connection refused")
        return {"statusCode": 403}
    except Unavailable:
        logger.exception("connection failed")
        return {"statusCode": 503}
    logger.info("connected", extra=_whose(connection))
    return {"statusCode": 200}


def _disconnect(routes: Routes, connection_id: str) -> dict[str, object]:
    match routes.connections.find(connection_id):
        case AgentConnection() as agent:
            routes.agents.close(agent)
        case Connection() as customer:
            routes.connections.close(customer)
    return {"statusCode": 200}


def _frame(routes: Routes, connection_id: str, body: str) -> dict[str, object]:
    try:
        if len(body.encode("utf-8", "replace")) > FRAME_BYTES:
            return reply_body(ErrorFrame(code="too_large", message="A frame holds at most 32 KB."))
        frame = INCOMING.validate_json(body)
        connection = routes.connections.find(connection_id)
        match connection:
            case None:
                raise NotFound("This connection is not known. Please connect again.")
            case AgentConnection():
                reply = routes.agents.handle(connection, frame)
            case Connection():
                if not routes.connections.admits(connection):
                    routes.customers.listeners.hang_up(connection)
                    raise NotFound("This connection is over. Please connect again.")
                reply = routes.customers.handle(connection, frame)
        logger.info("frame", extra={"action": frame.action, **_whose(connection)})
        return reply_body(reply)
    except ValidationError as error:
        logger.info("invalid frame")
        return reply_body(ErrorFrame(code="invalid", message=_explain(error), id=_frame_id(body)))
    except FrontdeskError as error:
        logger.warning("frame not carried out", extra={"cause": type(error).__name__})
        return reply_body(problem(error, _frame_id(body)))


def _whose(connection: Connection | AgentConnection) -> dict[str, str]:
    if isinstance(connection, AgentConnection):
        return {"organization": connection.organization_id, "agent": connection.agent.id}
    return {"conversation": connection.conversation.conversation_id}


def _frame_id(body: str) -> str | None:
    """The id of a frame that may be invalid otherwise, so that the client knows which it was."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    identifier = value.get("id") if isinstance(value, dict) else None
    # A lone surrogate could not be sent back.
    fits = isinstance(identifier, str) and len(identifier) <= 64 and identifier.isascii()
    return identifier if fits else None


def _explain(error: ValidationError) -> str:
    """The first thing wrong, without repeating what was sent."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    return f"{place}: {first['msg']}" if place else first["msg"]
