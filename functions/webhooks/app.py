"""Receives Stripe's events: verified on the raw body, stored once, queued, acknowledged after."""

from collections.abc import Sequence

import stripe
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from frontdesk.billing.jobs import BillingQueue, EventJob
from frontdesk.errors import Unavailable
from frontdesk.observability import logger
from frontdesk.tables.events import Events
from webhooks.events import SOURCE, Event

_MAX_BODY_BYTES = 380 * 1024
"""Stripe's events are a few kilobytes, and an item of the table holds 400."""

_TOLERANCE_SECONDS = 300


def create_app(events: Events, queue: BillingQueue, secrets: Sequence[SecretStr]) -> FastAPI:
    """The app. `secrets` are the signing secrets in force: two during a rotation."""
    app = FastAPI(title="Frontdesk webhooks", openapi_url=None)

    @app.post("/api/payments/webhook")
    async def receive(request: Request) -> Response:
        if not secrets:
            logger.error("no webhook secret is set")
            return _answer(503)
        body = await request.body()
        if len(body) > _MAX_BODY_BYTES:
            return _answer(413)
        event_id = _verified_id(body, request.headers.get("stripe-signature", ""), secrets)
        if event_id is None:
            logger.warning("a webhook was refused")
            return _answer(400)
        try:
            waiting = events.add(SOURCE, event_id, body.decode())
            if waiting:
                queue.put(EventJob(event_id=event_id))
        except Unavailable:
            logger.exception("an event could not be kept; Stripe will send it again")
            return _answer(503)
        logger.info("event received", extra={"event": event_id, "waiting": waiting})
        return _answer(200)

    return app


def _answer(status: int) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(status_code=status, headers=headers)


def _verified_id(body: bytes, signature: str, secrets: Sequence[SecretStr]) -> str | None:
    """The event's id if one of the secrets signed it recently."""
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), signature, secret.get_secret_value(), tolerance=_TOLERANCE_SECONDS
            )
            return Event.model_validate_json(body).id
        except (stripe.SignatureVerificationError, ValueError):
            continue
    return None
