"""The WebSocket API's handler: connect, disconnect, and every frame."""

import functools
import json
from typing import Any

from pydantic import ValidationError

from chat.jobs import SqsTurnQueue
from chat.routes import Gateway, problem, reply_body
from frontdesk.aws import create_client
from frontdesk.errors import FrontdeskError, NotFound, Refused, Unavailable
from frontdesk.observability import logger
from frontdesk.realtime.frames import FRAME_BYTES, INCOMING, ErrorFrame
from frontdesk.settings import GatewaySettings
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations


@functools.cache
def _wire() -> tuple[Connections, Gateway]:
    settings = GatewaySettings.read()
    table = Table(create_client("dynamodb"), settings.table)
    gateway = Gateway(
        conversations=Conversations(table),
        turns=SqsTurnQueue(create_client("sqs"), settings.turns_queue_url),
        messages_per_minute=settings.messages_per_minute,
        organization_messages_per_minute=settings.organization_messages_per_minute,
    )
    return Connections(table), gateway


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the WebSocket API."""
    connections, gateway = _wire()
    request = event["requestContext"]
    connection_id = request["connectionId"]
    match request["eventType"]:
        case "CONNECT":
            return _connect(connections, connection_id, event)
        case "DISCONNECT":
            connection = connections.find(connection_id)
            if connection:
                connections.close(connection)
            return {"statusCode": 200}
    return _frame(connections, gateway, connection_id, event.get("body") or "")


def _connect(
    connections: Connections, connection_id: str, event: dict[str, Any]
) -> dict[str, object]:
    token = (event.get("queryStringParameters") or {}).get("token") or ""
    try:
        connection = connections.spend_token(token, connection_id)
        connections.open(connection)
    except Refused:
        logger.info("connection refused")
        return {"statusCode": 403}
    except Unavailable:
        logger.exception("connection failed")
        return {"statusCode": 503}
    logger.info("connected", extra={"conversation": connection.conversation.conversation_id})
    return {"statusCode": 200}


def _frame(
    connections: Connections, gateway: Gateway, connection_id: str, body: str
) -> dict[str, object]:
    try:
        if len(body.encode("utf-8", "replace")) > FRAME_BYTES:
            return reply_body(ErrorFrame(code="too_large", message="A frame holds at most 32 KB."))
        frame = INCOMING.validate_json(body)
        connection = connections.find(connection_id)
        if connection is None:
            raise NotFound("This connection is not known. Please connect again.")
        reply = gateway.handle(connection, frame)
        logger.info(
            "frame",
            extra={"action": frame.action, "conversation": connection.conversation.conversation_id},
        )
        return reply_body(reply)
    except ValidationError as error:
        logger.info("invalid frame")
        return reply_body(ErrorFrame(code="invalid", message=_explain(error), id=_frame_id(body)))
    except FrontdeskError as error:
        logger.warning("frame not carried out", extra={"cause": type(error).__name__})
        return reply_body(problem(error, _frame_id(body)))


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
