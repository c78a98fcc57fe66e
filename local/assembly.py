"""Reads what the CDK app was synthesized to, and makes it this stack's own."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.archives import zip_folder
from local.environment import ACCOUNT, REGION
from local.errors import LocalError
from local.synthesis import PLACEHOLDER_INDEX, PLACEHOLDER_PORT

_NOT_FOR_EMULATOR = frozenset({"Custom::CDKBucketDeployment"})


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to be found in a bucket under a name made from its content."""

    bucket: str
    key: str
    source: Path
    zipped: bool

    def content(self) -> bytes:
        """What to upload."""
        return zip_folder(self.source) if self.zipped else self.source.read_bytes()


@dataclass(frozen=True, slots=True)
class Assembly:
    """A stack that is ready to be deployed."""

    stack_name: str
    template: str
    assets: tuple[Asset, ...]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The template's resources."""
        resources: dict[str, dict[str, Any]] = json.loads(self.template)["Resources"]
        return resources

    @property
    def template_key(self) -> str:
        """The template's name in the assets bucket."""
        return f"{hashlib.sha256(self.template.encode()).hexdigest()}.json"


def read(folder: Path, *, port: int, index: Path) -> Assembly:
    """The assembly in `folder`, for a stack on `port` with its vector index in the file `index`.

    Raises LocalError when the emulator could not deploy it.
    """
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    stacks = {
        name: artifact["properties"]
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    if len(stacks) != 1:
        raise LocalError(f"The CDK app has {len(stacks)} stacks for this machine instead of one.")
    ((name, properties),) = stacks.items()
    template = _settle((folder / properties["templateFile"]).read_text(), port=port, index=index)
    refuse_hanging_resources(json.loads(template)["Resources"])
    return Assembly(
        stack_name=properties.get("stackName", name),
        template=template,
        assets=tuple(_assets(folder, f"{name}.assets.json")),
    )


def refuse_hanging_resources(resources: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise LocalError for custom resources that never answer in MiniStack.

    It waits for them for an hour, also across restarts. Those whose function is written in Python
    do answer, except for the bucket deployment, which needs the AWS CLI.
    """
    hanging = [
        f"{name} ({resource['Type']})"
        for name, resource in resources.items()
        if _is_custom(resource) and not _answers(resource, resources)
    ]
    if hanging:
        raise LocalError(
            "MiniStack cannot deploy these custom resources: " + ", ".join(sorted(hanging)) + ". "
            "Leave them out of the CDK app for the stage `local`."
        )


def _is_custom(resource: Mapping[str, Any]) -> bool:
    kind: str = resource["Type"]
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def _answers(resource: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]]) -> bool:
    if resource["Type"] in _NOT_FOR_EMULATOR:
        return False
    match resource.get("Properties", {}).get("ServiceToken"):
        case {"Fn::GetAtt": [str() as function, "Arn"]}:
            runtime = resources.get(function, {}).get("Properties", {}).get("Runtime", "")
            return str(runtime).startswith("python")
    return False


def _settle(template: str, *, port: int, index: Path) -> str:
    """Put the stack's own port and index where the placeholders are."""
    settled = re.sub(rf"(?<!\w){PLACEHOLDER_PORT}(?!\w)", str(port), template)
    return settled.replace(PLACEHOLDER_INDEX, json.dumps(str(index))[1:-1])


def _assets(folder: Path, manifest: str) -> list[Asset]:
    files = json.loads((folder / manifest).read_text())["files"].values()
    return [
        Asset(
            bucket=_resolve(destination["bucketName"]),
            key=_resolve(destination["objectKey"]),
            source=folder / file["source"]["path"],
            zipped=file["source"]["packaging"] == "zip",
        )
        for file in files
        # The template is not uploaded as it is.
        if not file["source"]["path"].endswith(".template.json")
        for destination in file["destinations"].values()
    ]


def _resolve(name: str) -> str:
    values = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
    for variable, value in values.items():
        name = name.replace(f"${{{variable}}}", value)
    return name
