"""Exceptions from cdk-nag, made where the construct is made and each with its reason."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on `construct` and what is below it. `reasons` maps a finding to why."""
    for finding, reason in reasons.items():
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))
