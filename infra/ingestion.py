"""Documents become passages: uploads and jobs are queued, one function works them off."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment


class Ingestion(Construct):
    """The queue of uploads and jobs, and the function that works them off."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
        knowledge: Mapping[str, str],
        documents_bucket: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.jobs = WorkQueue(self, "Jobs", visibility=cdk.Duration.seconds(960), attempts=3)
        self.worker = PythonFunction(
            self,
            "Ingest",
            deployment=deployment,
            layers=layers,
            handler="ingest.handler.handler",
            description="Frontdesk: turns documents into searchable passages",
            timeout=cdk.Duration.seconds(900),
            memory=cdk.Size.mebibytes(2048),
            environment={
                **environment,
                **knowledge,
                "FRONTDESK_DOCUMENTS_BUCKET": documents_bucket,
                "FRONTDESK_INGEST_QUEUE_URL": self.jobs.queue.queue_url,
                "FRONTDESK_INGESTIONS_PER_ORGANIZATION": str(
                    deployment.ingestions_per_organization
                ),
            },
        )
        self.jobs.feed(self.worker, at_once=deployment.ingestions_at_once)
