"""From a deployment to a cloud assembly."""

from collections.abc import Mapping

import aws_cdk as cdk
import cdk_nag

from infra import firewall
from infra.settings import Deployment
from infra.stack import FrontdeskStack


def make_app(
    deployment: Deployment, *, context: Mapping[str, object], outdir: str | None = None
) -> tuple[cdk.App, FrontdeskStack]:
    """The app with its one stack, checked by cdk-nag on synthesis when it is meant for AWS."""
    app = cdk.App(outdir=outdir, context=context, analytics_reporting=False)
    stack = FrontdeskStack(app, deployment=deployment, firewall_arn=_firewall(app, deployment))
    if not deployment.emulated:
        cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    return app, stack


def _firewall(app: cdk.App, deployment: Deployment) -> str | None:
    """The ARN of a web ACL in a small stack of its own, where the main stack cannot hold it."""
    if deployment.emulated or deployment.region == firewall.REGION:
        return None
    stack = cdk.Stack(
        app,
        f"{deployment.stack_name}-edge",
        env=cdk.Environment(account=deployment.account, region=firewall.REGION),
        description="Frontdesk: the part of CloudFront that lives in us-east-1",
        cross_region_references=True,
    )
    return firewall.Firewall(stack, "Firewall").arn
