"""Upkeep: what has to happen although nobody asks for it."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.settings import Deployment


class Upkeep(Construct):
    """A function that is called every hour."""

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
        self.worker = PythonFunction(
            self,
            "Upkeep",
            deployment=deployment,
            layers=layers,
            handler="upkeep.handler.handler",
            description="Frontdesk: retention, silent conversations, overdue renewals",
            timeout=cdk.Duration.minutes(5),
            memory=cdk.Size.mebibytes(512),
            environment=environment,
        )
        events.Rule(
            self,
            "Hourly",
            schedule=events.Schedule.rate(cdk.Duration.hours(1)),
            targets=[targets.LambdaFunction(self.worker.function)],
        )
