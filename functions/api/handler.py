"""Entry point of the API function."""

import functools
from functools import partial
from typing import Any

from botocore.config import Config
from mangum import Mangum

from api.access_tokens import SigningKeys, load_signing_secrets
from api.app import create_app
from api.payments import Payments
from api.playground import LambdaPlayground
from api.services import Rates, Services
from api.uploads import Uploads
from frontdesk.aws import create_client
from frontdesk.billing.ports import PaymentPages
from frontdesk.billing.prices import Prices
from frontdesk.checks.jobs import SqsCheckQueue
from frontdesk.errors import PaymentsUnavailable
from frontdesk.file_store import FileStore
from frontdesk.mail.jobs import SqsMailQueue
from frontdesk.realtime.sockets import ApiGatewaySockets
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import ApiSettings
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table

_PRESIGNING = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
"""Forms must name the bucket's regional address: a browser's upload does not survive a redirect."""

_POSTING = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
"""A frame that is late is worth little: what it tells is stored."""


PLAYING_SECONDS = 24
"""An answer that is tried out has to come before this function's own time is over."""

_PLAYING = Config(
    connect_timeout=1, read_timeout=PLAYING_SECONDS, retries={"total_max_attempts": 1}
)


@functools.cache
def _wire() -> Mangum:
    settings = ApiSettings.read()
    sqs = create_client("sqs")
    sockets = create_client(
        "apigatewaymanagementapi", endpoint_url=settings.connections_url, config=_POSTING
    )
    table = Table(create_client("dynamodb"), settings.table)
    s3 = create_client("s3", config=_PRESIGNING)
    services = Services.on(
        table,
        check_queue=SqsCheckQueue(sqs, settings.checks_queue_url),
        file_store=FileStore(s3, settings.files_bucket),
        mail=SqsMailQueue(sqs, settings.mail_queue_url),
        playground=LambdaPlayground(
            create_client("lambda", config=_PLAYING), settings.checks_function
        ),
        signing_keys=SigningKeys(partial(load_signing_secrets, settings.signing_secret)),
        sockets=ApiGatewaySockets(sockets),
        uploads=Uploads(
            s3,
            sqs,
            bucket=settings.documents_bucket,
            ingest_queue_url=settings.ingest_queue_url,
        ),
        websocket_url=settings.websocket_url,
        payments=_payments(settings, table) if settings.billed else None,
        bcrypt_cost=settings.bcrypt_cost,
        edge_token=settings.edge_token,
        rates=Rates(
            sessions=settings.sessions_per_minute,
            logins=settings.logins_per_minute,
            requests=settings.requests_per_minute,
            organization_requests=settings.organization_requests_per_minute,
        ),
    )
    return Mangum(create_app(services), lifespan="off")


def _payments(settings: ApiSettings, table: Table) -> Payments:
    @functools.cache
    def open_stripe() -> PaymentPages:
        # Stripe's SDK takes a third of a second to import, and few requests need it.
        from frontdesk.billing.stripe_gateway import StripeGateway  # noqa: PLC0415

        key = read_provider_keys(settings.secret).stripe_secret_key
        if key is None:
            raise PaymentsUnavailable("no Stripe key is set")
        return StripeGateway(key, api_base=settings.stripe_api_base, tax=settings.stripe_tax)

    prices = Prices.of(settings.stripe_prices)
    return Payments(Accounts(table), prices, open_stripe, settings.site_url)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Mangum's own
    """Entry point of the HTTP API."""
    return _wire()(event, context)
