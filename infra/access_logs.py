"""Access logs of API Gateway's stages: one JSON object per request."""

import json
from collections.abc import Mapping

import aws_cdk as cdk
import jsii
from aws_cdk import aws_apigateway as apigateway_v1
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.functions import retention
from infra.settings import Deployment

# Query strings are in neither: connect tokens travel in them.
HTTP_FIELDS = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "at": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}
WEBSOCKET_FIELDS = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "at": "$context.requestTime",
    "route": "$context.routeKey",
    "event": "$context.eventType",
    "connectionId": "$context.connectionId",
    "status": "$context.status",
    "error": "$context.error.message",
}


@jsii.implements(apigateway.IAccessLogSettings)
class StageLogs:
    """A log group below `scope`, and what a line in it holds."""

    def __init__(
        self, scope: Construct, *, deployment: Deployment, fields: Mapping[str, str]
    ) -> None:
        self._fields = fields
        self._group = logs.LogGroup(
            scope,
            "AccessLogs",
            retention=retention(deployment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    @property
    def destination(self) -> apigateway.IAccessLogDestination:
        """The log group."""
        return apigateway.LogGroupLogDestination(self._group)

    @property
    def format(self) -> apigateway_v1.AccessLogFormat:
        """The line."""
        return apigateway_v1.AccessLogFormat.custom(json.dumps(self._fields))
