"""From a deployment to a cloud assembly."""

from collections.abc import Mapping

import aws_cdk as cdk
import cdk_nag

from infra.settings import Deployment
from infra.stack import FrontdeskStack


def make_app(
    deployment: Deployment, *, context: Mapping[str, object], outdir: str | None = None
) -> tuple[cdk.App, FrontdeskStack]:
    """The app with its one stack, checked by cdk-nag on synthesis when it is meant for AWS."""
    app = cdk.App(outdir=outdir, context=context, analytics_reporting=False)
    stack = FrontdeskStack(app, deployment=deployment)
    if not deployment.emulated:
        cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    return app, stack
