"""Sending frames to open sockets."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class Sockets(Protocol):
    """Sends text to a socket."""

    def send(self, connection_id: str, text: str) -> bool:
        """False if the socket is gone. What cannot be delivered is never an error: it is stored."""
        ...

    def close(self, connection_id: str) -> None:
        """End a socket. One that cannot be ended has to be forgotten: that is never an error."""
        ...


class ApiGatewaySockets:
    """Sockets held by an API Gateway WebSocket API."""

    def __init__(self, client: "ApiGatewayManagementApiClient") -> None:
        """`client` has the stage's management endpoint."""
        self._client = client

    def send(self, connection_id: str, text: str) -> bool:
        """Post one frame. A socket that does not take this one may take the next."""
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=text.encode())
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "GoneException":
                return False
            logger.warning("a frame could not be delivered", extra={"cause": code})
        except BotoCoreError as error:
            logger.warning("a frame could not be delivered", extra={"cause": type(error).__name__})
        return True

    def close(self, connection_id: str) -> None:
        """Have API Gateway hang up."""
        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except (ClientError, BotoCoreError) as error:
            logger.info("a socket was not closed", extra={"cause": type(error).__name__})
