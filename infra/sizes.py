"""What each function weighs when it is unpacked: its code, its layers, its models."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEGABYTE = 1_000_000

BUDGETS = {
    "api": 80 * MEGABYTE,
    "chat": 80 * MEGABYTE,
    "checks": 80 * MEGABYTE,
    "ingest": 80 * MEGABYTE,
    "mail": 80 * MEGABYTE,
    "sentiment": 200 * MEGABYTE,
    "upkeep": 80 * MEGABYTE,
    "webhooks": 80 * MEGABYTE,
}
"""In bytes. A cold start reads what is imported; Lambda itself refuses more than 250 MiB."""


@dataclass(frozen=True, slots=True)
class FunctionSize:
    """One function's parts, by name and in bytes."""

    handler: str
    parts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Everything together, in bytes."""
        return sum(self.parts.values())

    @property
    def budget(self) -> int:
        """What it may weigh, in bytes."""
        return BUDGETS[self.handler.split(".")[0]]


def measure(assembly: Path, stack_name: str) -> list[FunctionSize]:
    """The sizes of our functions in a cloud assembly whose assets are bundled."""
    resources = _read(assembly / f"{stack_name}.template.json")["Resources"]
    files = _read(assembly / f"{stack_name}.assets.json")["files"]

    def weigh(content: Mapping[str, str]) -> int:
        return _weigh(assembly / files[content["S3Key"].partition(".")[0]]["source"]["path"])

    sizes = []
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] != "AWS::Lambda::Function" or not _is_ours(properties):
            continue
        parts = {"code": weigh(properties["Code"])}
        for layer in properties.get("Layers", []):
            # The CDK makes the logical id of the path, here Layers/<Name>, and eight hex digits.
            name = layer["Ref"].removeprefix("Layers")[:-8].lower()
            parts[name] = weigh(resources[layer["Ref"]]["Properties"]["Content"])
        sizes.append(FunctionSize(properties["Handler"], parts))
    return sorted(sizes, key=lambda size: size.handler)


def report(sizes: list[FunctionSize]) -> bool:
    """Print the sizes to standard error, and say whether all are within budget."""
    for size in sizes:
        parts = ", ".join(f"{name} {part / MEGABYTE:.1f}" for name, part in size.parts.items())
        line = f"{size.handler:24} {size.total / MEGABYTE:6.1f} of {size.budget / MEGABYTE:.0f} MB"
        over = "" if size.total <= size.budget else "  OVER BUDGET"
        print(f"{line} ({parts}){over}", file=sys.stderr)
    return all(size.total <= size.budget for size in sizes)


def _is_ours(properties: Mapping[str, Any]) -> bool:
    return str(properties.get("Handler", "")).split(".")[0] in BUDGETS


def _weigh(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _read(file: Path) -> Any:  # noqa: ANN401 - whatever the CDK wrote
    return json.loads(file.read_text())
