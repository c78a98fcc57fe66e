"""From a deployment to a cloud assembly."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag

from infra import firewall, sizes
from infra.settings import ROOT, Deployment, InvalidDeployment
from infra.stack import FrontdeskStack


def synthesize(environment: Mapping[str, str]) -> int:
    """Synthesize what `environment` asks for, and return the exit status.

    Functions over their size budget make it 1, an impossible deployment 2. Findings of cdk-nag
    are printed and then raised by the CDK.
    """
    context = read_context(environment)
    try:
        deployment = Deployment.read(context, environment)
    except InvalidDeployment as error:
        print(f"infra: {error}", file=sys.stderr)
        return 2
    app, stack = make_app(deployment, context=context, outdir=environment.get("CDK_OUTDIR"))
    assembly = app.synth()
    # The CLI switches bundling off for commands that deploy nothing.
    if deployment.emulated or not stack.bundling_required:
        return 0
    within = sizes.report(sizes.measure(Path(assembly.directory), stack.stack_name))
    return 0 if within else 1


def read_context(environment: Mapping[str, str]) -> dict[str, Any]:
    """The CLI's context; by hand that of cdk.json, except for the stage."""
    if "CDK_CONTEXT_JSON" in environment:
        return dict(json.loads(environment["CDK_CONTEXT_JSON"]))
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return {key: value for key, value in context.items() if key != "stage"}


def make_app(
    deployment: Deployment, *, context: Mapping[str, Any], outdir: str | None = None
) -> tuple[cdk.App, FrontdeskStack]:
    """The app with its stack, checked by cdk-nag on synthesis when it is meant for AWS."""
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
