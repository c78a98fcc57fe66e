"""Synthesizes the CDK app. Run by the CDK CLI (cdk.json), or by hand: python infra/app.py

By hand the stage is FRONTDESK_STAGE or `local`, and CDK_OUTDIR says where to write.
"""

import json
import os
import sys
from pathlib import Path

# A script has its own folder on the path; this package lies one above.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from infra.node import use_packaged_node
from infra.settings import ROOT, Deployment, InvalidDeployment


def main() -> int:
    """Synthesize and check. The exit status says whether the result may be deployed."""
    use_packaged_node()
    from infra.synthesis import make_app  # noqa: PLC0415 - starts Node

    context = _context()
    try:
        deployment = Deployment.read(context, os.environ)
    except InvalidDeployment as error:
        print(f"infra: {error}", file=sys.stderr)
        return 2
    app, _ = make_app(deployment, context=context, outdir=os.environ.get("CDK_OUTDIR"))
    app.synth()
    return 0


def _context() -> dict[str, str]:
    """The CLI's context; by hand that of cdk.json, except for the stage."""
    if "CDK_CONTEXT_JSON" in os.environ:
        context: dict[str, str] = json.loads(os.environ["CDK_CONTEXT_JSON"])
        return context
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return {key: value for key, value in context.items() if key != "stage"}


if __name__ == "__main__":
    sys.exit(main())
