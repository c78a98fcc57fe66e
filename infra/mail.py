"""Mail: a queue of what is to be written, and the function that writes and sends it."""

from collections.abc import Mapping
from email.utils import parseaddr

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.functions import Layers, PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment


class Mail(Construct):
    """The queue of mails and its worker, which sends through Amazon SES or a server.

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
        secret: secretsmanager.Secret,
        site_url: str,
        api_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        # With the waits in between (mail.handler) eight tries take some three hours.
        self.jobs = WorkQueue(self, "Jobs", visibility=cdk.Duration.seconds(60), attempts=8)
        variables = {
            **environment,
            "FRONTDESK_MAILER": deployment.mailer,
            "FRONTDESK_MAIL_FROM": deployment.mail_from,
            "FRONTDESK_MAIL_QUEUE_URL": self.jobs.queue.queue_url,
            "FRONTDESK_SITE_URL": site_url,
            "FRONTDESK_API_URL": api_url,
        }
        feedback: ses.ConfigurationSet | None = None
        if deployment.mailer != "ses":
            variables["FRONTDESK_SECRET"] = secret.secret_arn
        elif not deployment.emulated:
            feedback = self._feedback()
            variables["FRONTDESK_SES_CONFIGURATION_SET"] = feedback.configuration_set_name
        self.worker = PythonFunction(
            self,
            "Mail",
            deployment=deployment,
            layers=layers,
            handler="mail.handler.handler",
            description="Frontdesk: writes and sends mail",
            timeout=cdk.Duration.seconds(30),
            memory=cdk.Size.mebibytes(512),
            environment=variables,
        )
        self.jobs.feed(self.worker, at_once=5)
        if deployment.mailer != "ses":
            self.worker.allow("secretsmanager:GetSecretValue", on=[secret.secret_arn])
            return
        address = parseaddr(deployment.mail_from)[1]
        resources = [("identity", address), ("identity", address.rpartition("@")[2])]
        if feedback is not None:
            resources.append(("configuration-set", feedback.configuration_set_name))
        self.worker.allow(
            "ses:SendEmail",
            on=[
                cdk.Stack.of(self).format_arn(service="ses", resource=kind, resource_name=name)
                for kind, name in resources
            ],
        )

    def _feedback(self) -> ses.ConfigurationSet:
        """What comes back for good, and what is called spam, goes into the queue of mails.

        SES can write to an encrypted topic only with a key that it may use.
        """
        stack = cdk.Stack.of(self)
        service = iam.ServicePrincipal(
            "ses.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
        )
        key = kms.Key(
            self,
            "FeedbackKey",
            description="Frontdesk: encrypts what comes back of mails",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
            )
        )
        topic = sns.Topic(self, "Feedback", master_key=key, enforce_ssl=True)
        topic.add_subscription(
            subscriptions.SqsSubscription(
                self.jobs.queue,
                raw_message_delivery=True,
                dead_letter_queue=self.jobs.dead_letters,
            )
        )
        sending = ses.ConfigurationSet(
            self,
            "Sending",
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        destination = sending.add_event_destination(
            "FeedbackDestination",
            destination=ses.EventDestination.sns_topic(topic),
            events=[ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT],
        )
        policy = topic.node.find_child("Policy")
        destination.node.add_dependency(policy)
        return sending
