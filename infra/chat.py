"""The chat: a WebSocket API, the gateway behind it, and the worker that answers."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway_v1
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.access_logs import WEBSOCKET_FIELDS, StageLogs
from infra.functions import Layers, PythonFunction
from infra.nag import acknowledge, managed_policy
from infra.queues import WorkQueue
from infra.settings import Deployment

STAGE = "prod"
"""The API's stage, which is the path of its address."""

_LOGGING_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"

ACTIONS = (
    *("message", "resume", "stop", "feedback", "ping", "typing", "seen", "page"),
    *("watch", "unwatch"),
)
"""The frames of docs/PROTOCOL.md."""


class Chat(Construct):
    """Customers' messages in, answers out."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        environment: Mapping[str, str],
        drafting: Mapping[str, str],
        sentiment: PythonFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self.turns = WorkQueue(self, "Turns", visibility=cdk.Duration.seconds(120), attempts=5)
        self.gateway = PythonFunction(
            self,
            "Gateway",
            deployment=deployment,
            layers=layers,
            handler="chat.gateway.handler",
            description="Frontdesk chat: stores what customers send and acknowledges it",
            timeout=cdk.Duration.seconds(10),
            memory=cdk.Size.mebibytes(512),
            environment={
                **environment,
                "FRONTDESK_TURNS_QUEUE_URL": self.turns.queue.queue_url,
            },
        )
        self.api = self._api()
        self.stage = self._stage()
        self.gateway.function.add_environment("FRONTDESK_CONNECTIONS_URL", self.connections_url)
        self.answer = PythonFunction(
            self,
            "Answer",
            deployment=deployment,
            layers=layers,
            handler="chat.answer.handler",
            description="Frontdesk chat: answers the conversations that wait",
            timeout=cdk.Duration.seconds(90),
            memory=cdk.Size.mebibytes(1024),
            environment={
                **environment,
                **drafting,
                "FRONTDESK_SENTIMENT_FUNCTION": sentiment.function.function_name,
                "FRONTDESK_CONNECTIONS_URL": self.connections_url,
                "FRONTDESK_TURNS_QUEUE_URL": self.turns.queue.queue_url,
            },
        )
        self.turns.feed(self.answer, at_once=deployment.answers_at_once)

    def _api(self) -> apigateway.WebSocketApi:
        integration = integrations.WebSocketLambdaIntegration("Gateway", self.gateway.function)
        # What the handler returns is the reply to the frame. MiniStack always sends it back and
        # does not know the resource that asks API Gateway to.
        replies = not self._deployment.emulated
        api = apigateway.WebSocketApi(
            self,
            "Api",
            description="Frontdesk chat",
            route_selection_expression="$request.body.action",
            connect_route_options=apigateway.WebSocketRouteOptions(integration=integration),
            disconnect_route_options=apigateway.WebSocketRouteOptions(integration=integration),
            default_route_options=apigateway.WebSocketRouteOptions(
                integration=integration, return_response=replies
            ),
        )
        for action in ACTIONS:
            api.add_route(action, integration=integration, return_response=replies)
        reason = "$connect spends a single-use token in the gateway; the rest needs a connection."
        acknowledge(api, {"AwsSolutions-APIG4": reason})
        return api

    def _stage(self) -> apigateway.WebSocketStage:
        logs = StageLogs(self, deployment=self._deployment, fields=WEBSOCKET_FIELDS)
        stage = apigateway.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self.api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=500, burst_limit=500),
            access_log_settings=logs,
        )
        if self._deployment.api_gateway_logging:
            stage.node.add_dependency(self._logging_account())
        return stage

    def _logging_account(self) -> Construct:
        """The role through which API Gateway writes logs, a setting of the whole account.

        WebSocket APIs cannot log without it. It stays when the stack goes: others may use it.
        """
        role = iam.Role(
            self,
            "LoggingRole",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_LOGGING_POLICY)],
        )
        role.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        reason = "API Gateway asks for this very policy."
        acknowledge(role, {managed_policy(_LOGGING_POLICY): reason})
        account = apigateway_v1.CfnAccount(
            self, "LoggingAccount", cloud_watch_role_arn=role.role_arn
        )
        account.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return account

    @property
    def connections_url(self) -> str:
        """Where frames are posted to connections."""
        if self._deployment.emulated:
            return f"{self._deployment.endpoint}/_aws/execute-api/{self.api.api_id}/{STAGE}"
        # Without naming the stage, which waits for the gateway that is told this address.
        stack = cdk.Stack.of(self)
        return f"https://{self.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}/{STAGE}"

    @property
    def connections_arns(self) -> list[str]:
        """Every connection of this stage, for posting to it and for closing it."""
        return [
            cdk.Stack.of(self).format_arn(
                service="execute-api",
                resource=self.api.api_id,
                resource_name=f"{STAGE}/{method}/@connections/*",
            )
            for method in ("POST", "DELETE")
        ]

    @property
    def url(self) -> str:
        """Where API Gateway itself takes WebSocket connections."""
        if self._deployment.emulated:
            return self.connections_url.replace("http", "ws", 1)
        return self.stage.url
