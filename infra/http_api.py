"""The HTTP API: one gateway, and a route for each function behind it."""

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.access_logs import HTTP_FIELDS, StageLogs
from infra.functions import PythonFunction
from infra.nag import acknowledge
from infra.settings import Deployment

EDGE_HEADER = "X-Frontdesk-Edge"
"""By which CloudFront shows the API that it is in front: what it says of the caller then counts."""


class HttpApi(Construct):
    """Everything under /api.

    Browsers may call it from any page: a preflight does not say whose widget asks. Which pages an
    organisation allows is checked by the function, on the session call. The one credential that is
    a cookie is SameSite=Strict and comes with no foreign page's request, so such a page can do
    nothing that its own server could not.
    """

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self.api = apigateway.HttpApi(
            self,
            "Api",
            description="Frontdesk API",
            create_default_stage=False,
            cors_preflight=apigateway.CorsPreflightOptions(
                allow_origins=["*"],
                allow_methods=[apigateway.CorsHttpMethod.ANY],
                allow_headers=[
                    *("authorization", "content-type", "x-frontdesk-key", "x-frontdesk-identity"),
                ],
                expose_headers=[
                    *("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"),
                ],
                max_age=cdk.Duration.hours(1),
            ),
        )
        rate = deployment.api_requests_per_second
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=rate, burst_limit=2 * rate),
            access_log_settings=StageLogs(self, deployment=deployment, fields=HTTP_FIELDS),
        )

    def route(self, path: str, method: apigateway.HttpMethod, function: PythonFunction) -> None:
        """Send requests for `path` to `function`, which checks who is asking."""
        integration = integrations.HttpLambdaIntegration(
            f"{function.node.id}Integration", function.function
        )
        routes = self.api.add_routes(path=path, methods=[method], integration=integration)
        for route in routes:
            reason = "The function authenticates: sessions, widget keys and webhook signatures."
            acknowledge(route, {"AwsSolutions-APIG4": reason})

    @property
    def edge_token(self) -> str:
        """What only this stack's CloudFront and API know: the id CloudFormation gave the stack.

        Whoever guessed it could make up a caller's address, and so get more tries a minute; it
        opens nothing.
        """
        return cdk.Fn.select(2, cdk.Fn.split("/", cdk.Aws.STACK_ID))

    @property
    def domain_name(self) -> str:
        """API Gateway's own host for this API."""
        stack = cdk.Stack.of(self)
        return f"{self.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}"

    @property
    def url(self) -> str:
        """Where the API answers without anything in front of it."""
        if self._deployment.emulated:
            return f"{self._deployment.endpoint}/_aws/execute-api/{self.api.api_id}/$default"
        return f"https://{self.domain_name}"
