"""Entry point of the API function."""

import functools
from typing import Any

from botocore.config import Config
from mangum import Mangum

from api.app import create_app
from api.services import Services
from api.uploads import Uploads
from frontdesk.aws import create_client
from frontdesk.settings import ApiSettings
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.documents import Documents
from frontdesk.tables.keys import Keys
from frontdesk.tables.limits import Limits
from frontdesk.tables.organizations import Organizations

_PRESIGNING = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
"""Forms must name the bucket's regional address: a browser's upload does not survive a redirect."""


@functools.cache
def _wire() -> Mangum:
    settings = ApiSettings.read()
    table = Table(create_client("dynamodb"), settings.table)
    services = Services(
        organizations=Organizations(table),
        keys=Keys(table),
        conversations=Conversations(table),
        connections=Connections(table),
        documents=Documents(table),
        limits=Limits(table),
        uploads=Uploads(
            create_client("s3", config=_PRESIGNING),
            create_client("sqs"),
            bucket=settings.documents_bucket,
            ingest_queue_url=settings.ingest_queue_url,
        ),
        websocket_url=settings.websocket_url,
        sessions_per_minute=settings.sessions_per_minute,
    )
    return Mangum(create_app(services), lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Mangum's own
    """Entry point of the HTTP API."""
    return _wire()(event, context)
