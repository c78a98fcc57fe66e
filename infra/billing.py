"""Payments: the address that Stripe calls."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.settings import Deployment

WEBHOOK_PATH = "/api/payments/webhook"


class Billing(Construct):
    """The function that takes Stripe's events."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.webhooks = PythonFunction(
            self,
            "Webhooks",
            deployment=deployment,
            layers=layers,
            handler="webhooks.handler.handler",
            description="Frontdesk: takes Stripe's events",
            timeout=cdk.Duration.seconds(10),
            memory=cdk.Size.mebibytes(512),
            environment=environment,
        )
