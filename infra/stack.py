"""Frontdesk, put together: the units, what each may do, and what others need to know of them."""

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from infra import chat
from infra.billing import WEBHOOK_PATH, Billing
from infra.chat import Chat
from infra.checks import Checks
from infra.firewall import Firewall
from infra.functions import Layers, PythonFunction
from infra.http_api import HttpApi
from infra.ingestion import Ingestion
from infra.mail import Mail
from infra.observability import Observability
from infra.settings import Deployment
from infra.storage import DOCUMENTS_PREFIX, FILES_PREFIX, INCOMING_PREFIX, INDEXES, Storage
from infra.upkeep import Upkeep
from infra.website import Website

_TABLE_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
"""What `frontdesk.tables` calls. There is no Scan."""


class FrontdeskStack(cdk.Stack):
    """One deployment."""

    def __init__(
        self, scope: Construct, *, deployment: Deployment, firewall_arn: str | None = None
    ) -> None:
        """`firewall_arn` is a web ACL made elsewhere; in us-east-1 the stack makes its own."""
        super().__init__(
            scope,
            deployment.stack_name,
            env=cdk.Environment(account=deployment.account, region=deployment.region),
            description="Frontdesk: AI customer support",
            termination_protection=deployment.deletion_protection,
            cross_region_references=firewall_arn is not None,
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        self._deployment = deployment
        self._compose(firewall_arn)
        self._grant()
        self._outputs()
        cdk.Tags.of(self).add("frontdesk:stage", deployment.stage)

    def _compose(self, firewall_arn: str | None) -> None:
        deployment = self._deployment
        layers = Layers(self, "Layers", deployment=deployment)
        self.storage = Storage(self, "Storage", deployment=deployment)
        environment = {
            "FRONTDESK_TABLE": self.storage.table.table_name,
            "FRONTDESK_BILLING": deployment.billing,
        }
        secret = {"FRONTDESK_SECRET": self.storage.secret.secret_arn}
        knowledge = {
            **secret,
            "FRONTDESK_INDEX": deployment.index,
            "FRONTDESK_EMBEDDER": deployment.embedder,
            "FRONTDESK_MODELS": deployment.models,
        }
        if deployment.openai_base_url:
            knowledge["FRONTDESK_OPENAI_BASE_URL"] = deployment.openai_base_url
        drafting = {
            **knowledge,
            "FRONTDESK_MODEL": deployment.model,
            "FRONTDESK_FALLBACK_MODEL": deployment.fallback_model,
            "FRONTDESK_MODEL_PRICES": deployment.model_prices,
            "FRONTDESK_PROMPT_TOKENS": str(deployment.prompt_tokens),
            "FRONTDESK_RERANKER": deployment.reranker,
        }
        stripe = {
            **secret,
            "FRONTDESK_STRIPE_PRICES": deployment.stripe_prices,
            "FRONTDESK_STRIPE_TAX": str(deployment.stripe_tax).lower(),
        }
        if deployment.stripe_api_base:
            stripe["FRONTDESK_STRIPE_API_BASE"] = deployment.stripe_api_base
        self.sentiment = PythonFunction(
            self,
            "Sentiment",
            deployment=deployment,
            layers=layers,
            handler="sentiment.handler.handler",
            description="Frontdesk: the mood of a message",
            timeout=cdk.Duration.seconds(15),
            memory=cdk.Size.mebibytes(1024),
            environment={"FRONTDESK_MODELS": deployment.models},
            models=["sentiment"],
        )
        self.chat = Chat(
            self,
            "Chat",
            deployment=deployment,
            layers=layers,
            environment=environment,
            drafting=drafting,
            sentiment=self.sentiment,
        )
        self.checks = Checks(
            self,
            "Checks",
            deployment=deployment,
            layers=layers,
            environment=environment,
            drafting=drafting,
        )
        self.ingestion = Ingestion(
            self,
            "Ingestion",
            deployment=deployment,
            layers=layers,
            environment={
                **environment,
                **_checks_delay(deployment),
                "FRONTDESK_CHECKS_QUEUE_URL": self.checks.jobs.queue.queue_url,
            },
            knowledge=knowledge,
            documents_bucket=self.storage.documents.bucket_name,
        )
        self.storage.announce_uploads(self.ingestion.jobs.queue)
        self.http_api = HttpApi(self, "Http", deployment=deployment)
        if firewall_arn is None and not deployment.emulated:
            firewall_arn = Firewall(self, "Firewall").arn
        self.website = Website(
            self,
            "Website",
            deployment=deployment,
            http_api=self.http_api,
            chat_api=self.chat,
            uploads_to=self.storage.upload_addresses,
            pictures_from=self.storage.file_addresses,
            access_logs=self.storage.access_logs,
            firewall_arn=firewall_arn,
        )
        self.storage.allow_uploads_from(
            "*" if deployment.emulated else f"https://{self.website.host}",
            *deployment.upload_origins,
        )
        self.mail = Mail(
            self,
            "Mail",
            deployment=deployment,
            layers=layers,
            environment=environment,
            secret=self.storage.secret,
            site_url=self.site_url,
            api_url=self.api_url,
        )
        self.chat.answer.function.add_environment(
            "FRONTDESK_MAIL_QUEUE_URL", self.mail.jobs.queue.queue_url
        )
        self.api = PythonFunction(
            self,
            "Api",
            deployment=deployment,
            layers=layers,
            handler="api.handler.handler",
            description="Frontdesk: the HTTP API",
            timeout=cdk.Duration.seconds(29),
            memory=cdk.Size.mebibytes(512),
            environment={
                **environment,
                **_limits(deployment),
                **stripe,
                "FRONTDESK_SITE_URL": self.site_url,
                "FRONTDESK_SIGNING_SECRET": self.storage.signing_keys.secret_arn,
                "FRONTDESK_MAIL_QUEUE_URL": self.mail.jobs.queue.queue_url,
                "FRONTDESK_CHECKS_QUEUE_URL": self.checks.jobs.queue.queue_url,
                "FRONTDESK_CHECKS_FUNCTION": self.checks.worker.function.function_name,
                "FRONTDESK_CONNECTIONS_URL": self.chat.connections_url,
                "FRONTDESK_EDGE_TOKEN": self.http_api.edge_token,
                "FRONTDESK_DOCUMENTS_BUCKET": self.storage.documents.bucket_name,
                "FRONTDESK_FILES_BUCKET": self.storage.files.bucket_name,
                "FRONTDESK_INGEST_QUEUE_URL": self.ingestion.jobs.queue.queue_url,
                "FRONTDESK_WEBSOCKET_URL": self.websocket_url,
            },
        )
        self.billing = Billing(
            self,
            "Billing",
            deployment=deployment,
            layers=layers,
            environment=environment,
            stripe=stripe,
            mail_queue_url=self.mail.jobs.queue.queue_url,
        )
        self.upkeep = Upkeep(
            self,
            "Upkeep",
            deployment=deployment,
            layers=layers,
            environment={
                **environment,
                "FRONTDESK_BILLING_QUEUE_URL": self.billing.jobs.queue.queue_url,
                "FRONTDESK_FILES_BUCKET": self.storage.files.bucket_name,
                "FRONTDESK_MAIL_QUEUE_URL": self.mail.jobs.queue.queue_url,
            },
        )
        self.http_api.route("/api/{proxy+}", apigateway.HttpMethod.ANY, self.api)
        self.http_api.route(WEBHOOK_PATH, apigateway.HttpMethod.POST, self.billing.webhooks)
        self._observe()

    def _observe(self) -> None:
        Observability(
            self,
            "Observability",
            deployment=self._deployment,
            functions={
                "Gateway": self.chat.gateway,
                "Answer": self.chat.answer,
                "Api": self.api,
                "Webhooks": self.billing.webhooks,
                "Billing": self.billing.worker,
                "Checks": self.checks.worker,
                "Ingest": self.ingestion.worker,
                "Sentiment": self.sentiment,
                "Mail": self.mail.worker,
                "Upkeep": self.upkeep.worker,
            },
            queues={
                "Turns": self.chat.turns,
                "Billing": self.billing.jobs,
                "Checks": self.checks.jobs,
                "Ingestion": self.ingestion.jobs,
                "Mail": self.mail.jobs,
            },
            answer=self.chat.answer,
        )

    def _grant(self) -> None:
        table, secret = self.storage.table, self.storage.secret
        chat_gateway, answer, ingest = self.chat.gateway, self.chat.answer, self.ingestion.worker
        checks, checks_queue = self.checks.worker, self.checks.jobs.queue
        indexes = [f"{table.table_arn}/index/{index}" for index in INDEXES]
        for function in (
            *(chat_gateway, answer, ingest, self.api, self.billing.webhooks),
            *(checks, self.mail.worker, self.upkeep.worker, self.billing.worker),
        ):
            function.allow(*_TABLE_ACTIONS, on=[table.table_arn, *indexes])
        billing = self.billing
        for function in (answer, checks, ingest, self.api, billing.webhooks, billing.worker):
            function.allow("secretsmanager:GetSecretValue", on=[secret.secret_arn])
        chat_gateway.allow("sqs:SendMessage", on=[self.chat.turns.queue.queue_arn])
        self.api.allow(
            "sqs:SendMessage",
            on=[self.ingestion.jobs.queue.queue_arn, self.mail.jobs.queue.queue_arn],
        )
        self.api.allow("secretsmanager:GetSecretValue", on=[self.storage.signing_keys.secret_arn])
        for function in (answer, billing.worker, self.upkeep.worker):
            function.allow("sqs:SendMessage", on=[self.mail.jobs.queue.queue_arn])
        for function in (billing.webhooks, self.upkeep.worker):
            function.allow("sqs:SendMessage", on=[billing.jobs.queue.queue_arn])
        ingest.allow("sqs:SendMessage", on=[self.ingestion.jobs.queue.queue_arn])
        for function in (self.api, checks, ingest):
            function.allow("sqs:SendMessage", on=[checks_queue.queue_arn])
        answer.allow("lambda:InvokeFunction", on=[self.sentiment.function.function_arn])
        self.api.allow("lambda:InvokeFunction", on=[checks.function.function_arn])
        for function in (chat_gateway, answer, self.api):
            function.allow(
                "execute-api:ManageConnections",
                on=self.chat.connections_arns,
                because="Connections come and go; their ids are not known beforehand.",
            )
        documents = self.storage.documents.arn_for_objects(f"{DOCUMENTS_PREFIX}*")
        reason = "Customers upload documents; their keys are not known beforehand."
        self.api.allow("s3:GetObject", "s3:PutObject", on=[documents], because=reason)
        ingest.allow(
            "s3:DeleteObject", "s3:GetObject", "s3:PutObject", on=[documents], because=reason
        )
        files = self.storage.files
        reason = "Customers and teams send each other files; their keys are not known beforehand."
        objects = [files.arn_for_objects(f"{each}*") for each in (INCOMING_PREFIX, FILES_PREFIX)]
        self.api.allow(
            "s3:DeleteObject", "s3:GetObject", "s3:PutObject", on=objects, because=reason
        )
        self.upkeep.worker.allow("s3:DeleteObject", on=objects, because=reason)
        for function in (self.api, self.upkeep.worker):
            function.allow("s3:ListBucket", on=[files.bucket_arn])
        for function in (self.api, ingest):
            # Without it S3 answers 403 and not 404 for an object that is gone.
            function.allow("s3:ListBucket", on=[self.storage.documents.bucket_arn])

    @property
    def websocket_url(self) -> str:
        """Where widgets connect."""
        if self._deployment.emulated:
            return self.chat.url
        return f"wss://{self.website.host}/{chat.STAGE}"

    @property
    def site_url(self) -> str:
        """Where the pages are."""
        if self._deployment.endpoint:
            return f"{self._deployment.endpoint}/site"
        return f"https://{self.website.host}"

    @property
    def api_url(self) -> str:
        """Where the HTTP API is for those who follow a link."""
        address = self.http_api.url if self._deployment.emulated else self.site_url
        return f"{address}/api"

    def _outputs(self) -> None:
        storage, website = self.storage, self.website
        values = {
            "HttpApiId": self.http_api.api.api_id,
            "HttpUrl": self.http_api.url,
            "WebSocketApiId": self.chat.api.api_id,
            "WebSocketUrl": self.websocket_url,
            "DocumentsBucket": storage.documents.bucket_name,
            "FilesBucket": storage.files.bucket_name,
            "SiteBucket": website.bucket.bucket_name,
            "DistributionId": website.distribution.distribution_id,
            "DistributionDomain": website.distribution.distribution_domain_name,
            "TableName": storage.table.table_name,
            "SecretArn": storage.secret.secret_arn,
            "SigningSecretArn": storage.signing_keys.secret_arn,
            "TurnsQueueUrl": self.chat.turns.queue.queue_url,
            "TurnsDlqUrl": self.chat.turns.dead_letters.queue_url,
            "IngestQueueUrl": self.ingestion.jobs.queue.queue_url,
            "IngestDlqUrl": self.ingestion.jobs.dead_letters.queue_url,
            "ChecksQueueUrl": self.checks.jobs.queue.queue_url,
            "ChecksDlqUrl": self.checks.jobs.dead_letters.queue_url,
            "BillingQueueUrl": self.billing.jobs.queue.queue_url,
            "BillingDlqUrl": self.billing.jobs.dead_letters.queue_url,
            "MailFrom": self._deployment.mail_from,
            "MailQueueUrl": self.mail.jobs.queue.queue_url,
            "MailDlqUrl": self.mail.jobs.dead_letters.queue_url,
            "ChatGatewayFunction": self.chat.gateway.function.function_name,
            "ChatAnswerFunction": self.chat.answer.function.function_name,
            "ApiFunction": self.api.function.function_name,
            "WebhooksFunction": self.billing.webhooks.function.function_name,
            "BillingFunction": self.billing.worker.function.function_name,
            "ChecksFunction": self.checks.worker.function.function_name,
            "IngestFunction": self.ingestion.worker.function.function_name,
            "SentimentFunction": self.sentiment.function.function_name,
            "MailFunction": self.mail.worker.function.function_name,
            "UpkeepFunction": self.upkeep.worker.function.function_name,
        }
        if self._deployment.emulated:
            self._fix_api_ids()
        else:
            values["SiteUrl"] = self.site_url
        for name, value in values.items():
            cdk.CfnOutput(self, name, value=value)

    def _fix_api_ids(self) -> None:
        """MiniStack takes an API's id from this tag, so that addresses outlive a fresh deploy."""
        ids = {self.http_api.api: "fd000001", self.chat.api: "fd000002"}
        for api, identifier in ids.items():
            cdk.Tags.of(api).add(
                "ms-custom-id", identifier, include_resource_types=["AWS::ApiGatewayV2::Api"]
            )


def _limits(deployment: Deployment) -> dict[str, str]:
    """On one machine everyone has the same address, so limits per address must be high."""
    if not deployment.emulated:
        return {}
    return {"FRONTDESK_SESSIONS_PER_MINUTE": "6000", "FRONTDESK_LOGINS_PER_MINUTE": "600"}


def _checks_delay(deployment: Deployment) -> dict[str, str]:
    """On one machine nobody changes many documents, and somebody waits for the report."""
    return {"FRONTDESK_CHECKS_DELAY": "3"} if deployment.emulated else {}
