"""The pages and the widget: a private bucket behind CloudFront, at one origin with the APIs."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployments
from constructs import Construct

from infra import chat
from infra.chat import Chat
from infra.functions import retention
from infra.http_api import EDGE_HEADER, HttpApi
from infra.nag import acknowledge, managed_policy, wildcard
from infra.settings import ROOT, Deployment
from infra.site_files import VERSIONS, site_files, versioned, write_site

_UPLOAD_ACTIONS = ("Abort", "DeleteObject", "GetBucket", "GetObject", "List")
_MISSING_PAGES = """\
const known = new Set(%s);
const folders = %s;
const page = %s;

function handler(event) {
  const uri = event.request.uri;
  if (known.has(uri) || folders.some((folder) => uri.startsWith(folder))) return event.request;
  return {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: {
      "content-type": { value: "text/html; charset=utf-8" },
      "cache-control": { value: "no-cache" },
      "x-content-type-options": { value: "nosniff" },
      "x-frame-options": { value: "DENY" },
    },
    body: { encoding: "text", data: page },
  };
}
"""
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def missing_pages_code(web: Path) -> str:
    """The function that answers requests for what is not there. CloudFront takes at most 10 KB.

    Pages are known by name, and other files by the folder that they are in.
    """
    names = versioned(site_files(web))
    known = sorted({f"/{name}" for name in names if "/" not in name} | {"/", "/config.json"})
    folders = sorted({f"/{name.split('/')[0]}/" for name in names if "/" in name})
    # It may stand at any depth.
    page = re.sub(r'((?:href|src)=")(?=\w[^":]*")', r"\1/", names["404.html"].decode())
    return _MISSING_PAGES % (json.dumps(known), json.dumps(folders), json.dumps(page))


class Website(Construct):
    """What a browser loads, and the one address it talks to.

    There are no error pages: CloudFront would put them in place of the API's own 403 and 404. A
    function at the edge answers for pages that are not there. (On a laptop local/emulator_app.py.)
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        http_api: HttpApi,
        chat_api: Chat,
        uploads_to: Sequence[str],
        pictures_from: Sequence[str],
        access_logs: s3.IBucket | None,
        firewall_arn: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            # MiniStack's CloudFront fetches over plain HTTP.
            enforce_ssl=not deployment.emulated,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="website/" if access_logs else None,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        pages = origins.S3BucketOrigin.with_origin_access_control(self.bucket)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Frontdesk {deployment.stage}",
            default_root_object="index.html",
            default_behavior=self._static(
                pages, self._page_headers(uploads_to, pictures_from), self._missing_pages()
            ),
            additional_behaviors={
                "/widget/*": self._static(pages, self._widget_headers()),
                "/api/*": self._passed_on(self._api_origin(http_api), self._api_headers()),
                **self._websocket(chat_api),
            },
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=(
                cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if deployment.domain_name else None
            ),
            domain_names=[deployment.domain_name] if deployment.domain_name else None,
            certificate=self._certificate(),
            web_acl_id=firewall_arn,
            enable_logging=access_logs is not None,
            log_bucket=access_logs,
            log_file_prefix="cloudfront/" if access_logs else None,
        )
        acknowledge(self.distribution, self._accepted())
        if not deployment.emulated:
            self._publish()

    @property
    def host(self) -> str:
        """The name people type."""
        return self._deployment.domain_name or self.distribution.distribution_domain_name

    def _publish(self) -> None:
        """Upload web/. The local runner does it by itself: this needs a custom resource."""
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-site-"))
        write_site(ROOT / "web", folder)
        web = deployments.Source.asset(str(folder))
        log_group = logs.LogGroup(
            self,
            "PagesLogs",
            retention=retention(self._deployment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        # First, and beside those before it: pages that are open go on loading from theirs.
        versions = deployments.BucketDeployment(
            self,
            "Versions",
            sources=[web],
            destination_bucket=self.bucket,
            exclude=["*"],
            include=[f"{VERSIONS}*"],
            prune=False,
            cache_control=[
                deployments.CacheControl.max_age(cdk.Duration.days(365)),
                deployments.CacheControl.immutable(),
            ],
            log_group=log_group,
        )
        config = deployments.Source.json_data("config.json", {"api": "/api", "key": ""})
        upload = deployments.BucketDeployment(
            self,
            "Pages",
            sources=[web, config],
            destination_bucket=self.bucket,
            distribution=self.distribution,
            distribution_paths=["/*"],
            exclude=[f"{VERSIONS}*"],
            cache_control=[deployments.CacheControl.max_age(cdk.Duration.minutes(5))],
            log_group=log_group,
        )
        upload.node.add_dependency(versions)
        function = upload.handler_role.node.scope
        assert function is not None  # noqa: S101 - a role has a scope
        stack = cdk.Stack.of(self)
        assets = f"cdk-{cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets"
        source = f"arn:{stack.partition}:s3:::{assets}-{stack.account}-{stack.region}/*"
        findings = [
            "AwsSolutions-L1",
            managed_policy("service-role/AWSLambdaBasicExecutionRole"),
            *(f"AwsSolutions-IAM5[Action::s3:{action}*]" for action in _UPLOAD_ACTIONS),
            wildcard(self, source),
            wildcard(self, self.bucket.arn_for_objects("*")),
            wildcard(self, "*"),
        ]
        reason = "The CDK's own uploader; it runs on deployment only, on the pages and its assets."
        acknowledge(function, dict.fromkeys(findings, reason))

    def _missing_pages(self) -> list[cloudfront.FunctionAssociation]:
        """What answers with our own page where there is none; nothing on a laptop."""
        if self._deployment.emulated:
            return []
        function = cloudfront.Function(
            self,
            "MissingPages",
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment=f"Frontdesk {self._deployment.stage}: pages that are not there",
            code=cloudfront.FunctionCode.from_inline(missing_pages_code(ROOT / "web")),
        )
        return [
            cloudfront.FunctionAssociation(
                function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
            )
        ]

    def _static(
        self,
        origin: cloudfront.IOrigin,
        headers: cloudfront.ResponseHeadersPolicy,
        functions: list[cloudfront.FunctionAssociation] | None = None,
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origin,
            response_headers_policy=headers,
            viewer_protocol_policy=self._protocol,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            function_associations=functions,
        )

    def _passed_on(
        self, origin: cloudfront.IOrigin, headers: cloudfront.ResponseHeadersPolicy | None = None
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origin,
            response_headers_policy=headers,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            viewer_protocol_policy=self._protocol,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        )

    @property
    def _protocol(self) -> cloudfront.ViewerProtocolPolicy:
        if self._deployment.emulated:
            return cloudfront.ViewerProtocolPolicy.ALLOW_ALL
        return cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS

    def _api_origin(self, http_api: HttpApi) -> cloudfront.IOrigin:
        if self._deployment.endpoint is None:
            return origins.HttpOrigin(
                http_api.domain_name, custom_headers={EDGE_HEADER: http_api.edge_token}
            )
        # The emulator fetches origins over the network and cannot resolve amazonaws.com names.
        address = urlsplit(self._deployment.endpoint)
        return origins.HttpOrigin(
            address.hostname or "127.0.0.1",
            http_port=address.port,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            origin_path=f"/_aws/execute-api/{http_api.api.api_id}/$default",
        )

    def _websocket(self, chat_api: Chat) -> Mapping[str, cloudfront.BehaviorOptions]:
        """The chat at this origin too, so that the firewall sees its connections."""
        if self._deployment.emulated:
            return {}
        stack = cdk.Stack.of(self)
        host = f"{chat_api.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return {f"/{chat.STAGE}": self._passed_on(origins.HttpOrigin(host))}

    def _certificate(self) -> certificates.ICertificate | None:
        arn = self._deployment.certificate_arn
        if arn is None:
            return None
        return certificates.Certificate.from_certificate_arn(self, "Certificate", arn)

    def _page_headers(
        self, uploads_to: Sequence[str], pictures_from: Sequence[str]
    ) -> cloudfront.ResponseHeadersPolicy:
        """Pages load nothing from elsewhere, run no inline script and are framed by nobody.

        But pictures that customers and the team have sent each other come from their bucket.
        """
        connect = ["'self'", *uploads_to]
        pictures = ["'self'", "data:", *pictures_from]
        if self._deployment.endpoint is not None:
            endpoint = self._deployment.endpoint
            connect += [endpoint, endpoint.replace("http", "ws", 1)]
            pictures.append(endpoint)
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": " ".join(pictures),
            "font-src": "'self'",
            "connect-src": " ".join(connect),
            "manifest-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        return cloudfront.ResponseHeadersPolicy(
            self,
            "PageHeaders",
            comment=f"Frontdesk {self._deployment.stage}: pages",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy="; ".join(f"{k} {v}" for k, v in policy.items()),
                    override=True,
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN,
                    override=True,
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365),
                    include_subdomains=True,
                    override=True,
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="Permissions-Policy", value=_PERMISSIONS, override=True
                    ),
                    cloudfront.ResponseCustomHeader(
                        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
                    ),
                ]
            ),
        )

    def _api_headers(self) -> cloudfront.ResponseHeadersPolicy:
        """What the functions say themselves, also where API Gateway answers in their place."""
        return cloudfront.ResponseHeadersPolicy(
            self,
            "ApiHeaders",
            comment=f"Frontdesk {self._deployment.stage}: API",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True)
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="Cache-Control", value="no-store", override=True
                    )
                ]
            ),
        )

    def _widget_headers(self) -> cloudfront.ResponseHeadersPolicy:
        """The widget is loaded by other people's pages, with an integrity hash."""
        return cloudfront.ResponseHeadersPolicy(
            self,
            "WidgetHeaders",
            comment=f"Frontdesk {self._deployment.stage}: widget",
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True)
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="Cross-Origin-Resource-Policy", value="cross-origin", override=True
                    )
                ]
            ),
        )

    def _accepted(self) -> dict[str, str]:
        findings = {
            "AwsSolutions-CFR1": "Customers of our customers may be anywhere.",
        }
        if self._deployment.domain_name is None:
            findings["AwsSolutions-CFR4"] = (
                "CloudFront's own certificate allows no choice; a domainName sets TLS 1.2 (2021)."
            )
        return findings
