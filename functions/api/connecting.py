"""How a page opens its WebSocket."""

from pydantic import BaseModel

from frontdesk.tables.connections import CONNECT_TOKEN_SECONDS


class ConnectInfo(BaseModel):
    """Where to connect, once, within `expires_in` seconds."""

    url: str
    token: str
    expires_in: int = CONNECT_TOKEN_SECONDS
