"""Entry point of the webhook function."""

import functools
from typing import Any

from mangum import Mangum

from frontdesk.aws import create_client
from frontdesk.billing.jobs import SqsBillingQueue
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import WebhookSettings
from frontdesk.tables.client import Table
from frontdesk.tables.events import Events
from webhooks.app import create_app


@functools.cache
def _wire() -> Mangum:
    settings = WebhookSettings.read()
    keys = read_provider_keys(settings.secret)
    secrets = [
        secret
        for secret in (keys.stripe_webhook_secret, keys.stripe_webhook_secret_previous)
        if secret
    ]
    events = Events(Table(create_client("dynamodb"), settings.table))
    queue = SqsBillingQueue(create_client("sqs"), settings.billing_queue_url)
    return Mangum(create_app(events, queue, secrets), lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Mangum's own
    """Entry point of the HTTP API's webhook route."""
    return _wire()(event, context)
