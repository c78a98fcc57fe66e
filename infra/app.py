"""The CDK app's entry point, for the CDK CLI (cdk.json) and by hand (`python infra/app.py`).

By hand the stage is FRONTDESK_STAGE or `local`, and CDK_OUTDIR says where to write.
"""

import os
import sys
from pathlib import Path


def main() -> int:
    """Synthesize and check. The exit status says whether the result may be deployed."""
    # A script has its own folder on the path; this package lies one above.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from infra.node import use_packaged_node  # noqa: PLC0415 - found through the line above

    use_packaged_node()
    from infra.synthesis import synthesize  # noqa: PLC0415 - starts Node, chosen by then

    return synthesize(os.environ)


if __name__ == "__main__":
    sys.exit(main())
