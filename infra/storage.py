"""The table, the documents bucket and the secrets."""

import json

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.nag import acknowledge
from infra.settings import Deployment

_KEYS = ("openai_api_key", "pinecone_api_key", "stripe_webhook_secret")

INDEXES = {
    "gsi1": "gsi1sk",
    "gsi2": "gsi1sk",
    "gsi3": "gsi1sk",
    "gsi4": "gsi4sk",
    "gsi5": "gsi1sk",
}
"""The lists of `frontdesk.tables`, and what sorts each."""

DOCUMENTS_PREFIX = "documents/"
"""Where uploads land; only they start an ingestion."""


INCOMING_PREFIX, FILES_PREFIX = "incoming/", "files/"
"""Where files of conversations are uploaded, and where they are kept."""


class Storage(Construct):
    """Everything that keeps state."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        protect = deployment.deletion_protection
        self._removal = cdk.RemovalPolicy.RETAIN if protect else cdk.RemovalPolicy.DESTROY
        self.table = self._table(deployment)
        self.access_logs = None if deployment.emulated else self._access_logs()
        self._documents_name = (
            f"{deployment.stack_name}-documents-{cdk.Aws.ACCOUNT_ID}-{deployment.region}"
        )
        self._region = deployment.region
        self.documents = self._documents()
        self._files_name = f"{deployment.stack_name}-files-{cdk.Aws.ACCOUNT_ID}-{deployment.region}"
        self.files = self._files()
        self.secret = self._secret()
        self.signing_keys = self._signing_keys()

    def _table(self, deployment: Deployment) -> dynamodb.Table:
        text = dynamodb.AttributeType.STRING
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=text),
            sort_key=dynamodb.Attribute(name="sk", type=text),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=deployment.deletion_protection,
            removal_policy=self._removal,
        )
        for index, sorted_by in INDEXES.items():
            table.add_global_secondary_index(
                index_name=index,
                partition_key=dynamodb.Attribute(name=f"{index}pk", type=text),
                sort_key=dynamodb.Attribute(name=sorted_by, type=text),
                projection_type=dynamodb.ProjectionType.ALL,
            )
        return table

    def _access_logs(self) -> s3.Bucket:
        """One bucket for the access logs of the others and of CloudFront.

        CloudFront's standard logs are written with an ACL, so ownership stays with the writer.
        """
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(90))],
            removal_policy=self._removal,
        )
        acknowledge(bucket, {"AwsSolutions-S1": "It holds the access logs; logging itself loops."})
        return bucket

    def _documents(self) -> s3.Bucket:
        """Versioned, so that a document overwritten or deleted by mistake is there for 30 days.

        It has a name of our choosing because the pages' security policy names it, and the bucket
        names the pages' address: by reference they would wait for each other.
        """
        return s3.Bucket(
            self,
            "Documents",
            bucket_name=self._documents_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="documents/" if self.access_logs else None,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                    noncurrent_version_expiration=cdk.Duration.days(30),
                    expired_object_delete_marker=True,
                )
            ],
            removal_policy=self._removal,
        )

    def _files(self) -> s3.Bucket:
        """Files of conversations. Not versioned: what is erased is gone.

        Anybody's page may post: the widget is on pages of our customers, and what may be uploaded
        stands in the form that was signed.
        """
        return s3.Bucket(
            self,
            "Files",
            bucket_name=self._files_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="files/" if self.access_logs else None,
            cors=[
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST],
                    allowed_origins=["*"],
                    allowed_headers=["*"],
                    max_age=3600,
                )
            ],
            lifecycle_rules=[
                s3.LifecycleRule(
                    prefix=INCOMING_PREFIX,
                    expiration=cdk.Duration.days(1),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                )
            ],
            removal_policy=self._removal,
        )

    def _secret(self) -> secretsmanager.Secret:
        """Empty until an operator writes the keys (docs/DEPLOY.md).

        The template must not change: CloudFormation would generate the secret anew and wipe the
        keys in it. It insists on generating something, which nobody uses.
        """
        secret = secretsmanager.Secret(
            self,
            "ProviderKeys",
            description="Frontdesk: keys of OpenAI, Pinecone and Stripe, as one JSON object",
            generate_secret_string=_generated(dict.fromkeys(_KEYS, ""), "generated"),
            removal_policy=self._removal,
        )
        reason = "The keys belong to other companies, whose consoles rotate them."
        acknowledge(secret, {"AwsSolutions-SMG4": reason})
        return secret

    def _signing_keys(self) -> secretsmanager.Secret:
        """What signs access tokens: random from the start, rotated with `make rotate-key`.

        The template must not change: CloudFormation would generate the secret anew and log
        everyone out.
        """
        secret = secretsmanager.Secret(
            self,
            "SigningKeys",
            description="Frontdesk: the keys that sign access tokens, current and previous",
            generate_secret_string=_generated({"previous": ""}, "current"),
            removal_policy=self._removal,
        )
        reason = "An operator rotates them with one command; a leaked key is the reason to."
        acknowledge(secret, {"AwsSolutions-SMG4": reason})
        return secret

    @property
    def upload_addresses(self) -> tuple[str, ...]:
        """The origins that a presigned POST may name."""
        return self._addresses(self._documents_name) + self._addresses(self._files_name)

    @property
    def file_addresses(self) -> tuple[str, ...]:
        """The origins that the link of a conversation's file may name."""
        return self._addresses(self._files_name)

    def _addresses(self, bucket_name: str) -> tuple[str, ...]:
        hosts = ("s3.amazonaws.com", f"s3.{self._region}.amazonaws.com")
        return tuple(f"https://{bucket_name}.{host}" for host in hosts)

    def allow_uploads_from(self, *origins: str) -> None:
        """Let pages of these origins post files with a presigned POST."""
        self.documents.add_cors_rule(
            allowed_methods=[s3.HttpMethods.POST],
            allowed_origins=list(origins),
            allowed_headers=["*"],
            max_age=3600,
        )

    def announce_uploads(self, queue: sqs.Queue) -> None:
        """Send every new object under DOCUMENTS_PREFIX to `queue`.

        Set on the bucket itself. The CDK's own notifications come with a custom resource, that is
        with one more function and role, because they name the bucket in the queue's policy; that
        policy can name the account instead.
        """
        stack = cdk.Stack.of(self)
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )
        bucket = self.documents.node.default_child
        assert isinstance(bucket, s3.CfnBucket)  # noqa: S101 - what an s3.Bucket is made of
        rule = s3.CfnBucket.FilterRuleProperty(name="prefix", value=DOCUMENTS_PREFIX)
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    queue=queue.queue_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])
                    ),
                )
            ]
        )
        policy = queue.node.try_find_child("Policy")
        if policy is not None:  # S3 tries the queue when the bucket is made
            bucket.node.add_dependency(policy)


def _generated(fields: dict[str, str], random: str) -> secretsmanager.SecretStringGenerator:
    """A JSON object of `fields` and of 64 random letters and digits under the name `random`."""
    return secretsmanager.SecretStringGenerator(
        secret_string_template=json.dumps(fields),
        generate_string_key=random,
        password_length=64,
        # MiniStack ignores ExcludePunctuation.
        exclude_characters="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    )
