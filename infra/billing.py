"""Payments: the address that Stripe calls, and the worker that does what its events ask for."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment

WEBHOOK_PATH = "/api/payments/webhook"


class Billing(Construct):
    """The function that takes Stripe's events, their queue, and the worker behind it.

    The worker tries for a day and more: what Stripe was once acknowledged it does not send again.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
        stripe: Mapping[str, str],
        mail_queue_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.jobs = WorkQueue(self, "Jobs", visibility=cdk.Duration.seconds(180), attempts=100)
        queue = {"FRONTDESK_BILLING_QUEUE_URL": self.jobs.queue.queue_url}
        self.webhooks = PythonFunction(
            self,
            "Webhooks",
            deployment=deployment,
            layers=layers,
            handler="webhooks.handler.handler",
            description="Frontdesk: takes Stripe's events",
            timeout=cdk.Duration.seconds(10),
            memory=cdk.Size.mebibytes(512),
            environment={
                **environment,
                **queue,
                "FRONTDESK_SECRET": stripe["FRONTDESK_SECRET"],
            },
        )
        self.worker = PythonFunction(
            self,
            "Worker",
            deployment=deployment,
            layers=layers,
            handler="webhooks.worker.handler",
            description="Frontdesk: does what Stripe's events ask for",
            timeout=cdk.Duration.seconds(120),
            memory=cdk.Size.mebibytes(512),
            environment={
                **environment,
                **queue,
                **stripe,
                "FRONTDESK_MAIL_QUEUE_URL": mail_queue_url,
            },
        )
        # On a laptop each worker that starts takes the processor from all the others.
        self.jobs.feed(self.worker, at_once=2 if deployment.emulated else 5)
