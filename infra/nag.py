"""Exceptions from cdk-nag, made where the construct is made and each with its reason."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on `construct` and what is below it. `reasons` maps a finding to why."""
    for finding, reason in reasons.items():
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def wildcard(construct: IConstruct, resource: str) -> str:
    """The finding that cdk-nag makes of a policy's `resource` with a wildcard in it."""
    return f"AwsSolutions-IAM5[Resource::{_spell(cdk.Stack.of(construct).resolve(resource))}]"


def managed_policy(name: str) -> str:
    """The finding that cdk-nag makes of AWS's managed policy `name`."""
    return f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{name}]"


def _spell(value: Any) -> str:  # noqa: ANN401 - a string, or one of CloudFormation's functions
    """Write references as cdk-nag does: <LogicalId> and <LogicalId.Attribute>."""
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_spell(part) for part in parts)
    return str(value)
