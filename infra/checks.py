"""Asking the documents without a conversation: questions tried out, checks, replays."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment


class Checks(Construct):
    """The queue of runs and their batches, and the function that asks.

    The API invokes the same function while somebody waits, which no queue holds up.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
        drafting: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        # One try more than the worker makes: on the last it writes down that it gave up.
        self.jobs = WorkQueue(self, "Jobs", visibility=cdk.Duration.seconds(960), attempts=4)
        self.worker = PythonFunction(
            self,
            "Checks",
            deployment=deployment,
            layers=layers,
            handler="checks.handler.handler",
            description="Frontdesk: tries questions out, runs checks, replays past questions",
            timeout=cdk.Duration.seconds(900),
            memory=cdk.Size.mebibytes(1024),
            environment={
                **environment,
                **drafting,
                "FRONTDESK_CHECKS_QUEUE_URL": self.jobs.queue.queue_url,
            },
        )
        # Customers' questions come first: they share the providers' limits with these.
        self.jobs.feed(self.worker, at_once=2)
