"""Mail: a queue of what is to be written, and the function that writes and sends it."""

from collections.abc import Mapping
from email.utils import parseaddr

import aws_cdk as cdk
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment


class Mail(Construct):
    """The queue of mails and its worker, which sends through Amazon SES.

    The sender's address or its domain has to be verified in SES (docs/DEPLOY.md).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
        site_url: str,
        api_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.jobs = WorkQueue(self, "Jobs", visibility=cdk.Duration.seconds(60), attempts=8)
        self.worker = PythonFunction(
            self,
            "Mail",
            deployment=deployment,
            layers=layers,
            handler="mail.handler.handler",
            description="Frontdesk: writes and sends mail",
            timeout=cdk.Duration.seconds(30),
            memory=cdk.Size.mebibytes(512),
            environment={
                **environment,
                "FRONTDESK_MAIL_FROM": deployment.mail_from,
                "FRONTDESK_SITE_URL": site_url,
                "FRONTDESK_API_URL": api_url,
                "FRONTDESK_MAIL_QUEUE_URL": self.jobs.queue.queue_url,
            },
        )
        self.jobs.feed(self.worker, at_once=5)
        address = parseaddr(deployment.mail_from)[1]
        self.worker.allow(
            "ses:SendEmail",
            on=[
                cdk.Stack.of(self).format_arn(
                    service="ses", resource="identity", resource_name=identity
                )
                for identity in (address, address.rpartition("@")[2])
            ],
        )
