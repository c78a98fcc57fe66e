"""Imports modules while hiding every package that is not shipped.

Run as: import_shipped.py <names, separated by commas> <module>…
"""

import importlib
import importlib.metadata
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
"""What Lambda's Python runtime brings."""


class Hidden:
    """Refuses top-level modules that come from other packages than `shipped`."""

    def __init__(self, shipped: set[str]) -> None:
        self._shipped = shipped
        self._owners = importlib.metadata.packages_distributions()

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        owners = {_normal(owner) for owner in self._owners.get(name.partition(".")[0], ())}
        if owners and not owners & self._shipped:
            raise ModuleNotFoundError(f"{name} belongs to {owners}, which is not shipped")
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    names, *modules = sys.argv[1:]
    sys.meta_path.insert(0, Hidden({_normal(name) for name in names.split(",")} | RUNTIME))
    for module in modules:
        importlib.import_module(module)
