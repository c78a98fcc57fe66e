"""Publishes assets and deploys the stack, as the CDK CLI would, with nothing but boto3."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.assembly import Assembly
from local.environment import ACCOUNT, REGION
from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import OperationEventTypeDef, StackTypeDef
    from mypy_boto3_s3 import S3Client

ASSETS_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
"""Where the CDK's bootstrap stack keeps assets."""

_STACK_TYPE = "AWS::CloudFormation::Stack"
_LOOK_SECONDS = 0.05
_DEPLOY_SECONDS = 120.0
_HOPELESS = frozenset(
    {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
)
_CAPABILITIES: Sequence["CapabilityType"] = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


@dataclass(frozen=True, slots=True)
class Deployed:
    """What came of a deployment."""

    outputs: dict[str, str]
    changed: bool


def publish(s3: "S3Client", assembly: Assembly) -> int:
    """Upload what is not there yet. Returns how many files that was.

    Names are made from content, so what is there need not be looked at again.
    """
    known: dict[str, set[str]] = {}
    uploaded = 0
    for asset in assembly.assets:
        if asset.bucket not in known:
            known[asset.bucket] = _objects(s3, asset.bucket)
        if asset.key not in known[asset.bucket]:
            s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())
            uploaded += 1
    if assembly.template_key not in known.setdefault(ASSETS_BUCKET, _objects(s3, ASSETS_BUCKET)):
        body = assembly.template.encode()
        s3.put_object(Bucket=ASSETS_BUCKET, Key=assembly.template_key, Body=body)
        uploaded += 1
    return uploaded


def deploy(cloudformation: "CloudFormationClient", assembly: Assembly) -> Deployed:
    """Create or update the stack, or leave it when it is as it should be.

    Raises LocalError with CloudFormation's own reasons when that fails.
    """
    endpoint = cloudformation.meta.endpoint_url
    name = assembly.stack_name
    before = _describe(cloudformation, name)
    if before is not None and before["StackStatus"] in _HOPELESS:
        cloudformation.delete_stack(StackName=name)
        _wait(cloudformation, name)
        before = None
    url = f"{endpoint}/{ASSETS_BUCKET}/{assembly.template_key}"
    try:
        if before is None:
            cloudformation.create_stack(
                StackName=name, TemplateURL=url, Capabilities=_CAPABILITIES, OnFailure="DO_NOTHING"
            )
        else:
            cloudformation.update_stack(StackName=name, TemplateURL=url, Capabilities=_CAPABILITIES)
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if before is not None and "No updates" in message:
            return Deployed(_outputs(before), changed=False)
        raise LocalError(f"CloudFormation does not accept the template: {message}") from error
    after = _wait(cloudformation, name)
    if after is None or after["StackStatus"] not in _GOOD:
        raise LocalError(_explain(cloudformation, name, after))
    return Deployed(_outputs(after), changed=True)


def physical_ids(cloudformation: "CloudFormationClient", stack_name: str) -> dict[str, str]:
    """From the template's names of resources to their own."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    return {
        resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
        for page in pages
        for resource in page["StackResourceSummaries"]
    }


def _objects(s3: "S3Client", bucket: str) -> set[str]:
    try:
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket))
    except s3.exceptions.NoSuchBucket:
        s3.create_bucket(Bucket=bucket)
        return set()
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def _describe(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        return None
    return stacks[0] if stacks and stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None


def _wait(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = _describe(cloudformation, name)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(_LOOK_SECONDS)
    raise LocalError(f"The deployment takes longer than {_DEPLOY_SECONDS:.0f} seconds.")


def _outputs(stack: "StackTypeDef") -> dict[str, str]:
    return {
        output["OutputKey"]: output["OutputValue"]
        for output in stack.get("Outputs", ())
        if "OutputKey" in output and "OutputValue" in output
    }


def _explain(
    cloudformation: "CloudFormationClient", name: str, stack: "StackTypeDef | None"
) -> str:
    status = stack["StackStatus"] if stack else "gone"
    reason = stack.get("StackStatusReason", "") if stack else ""
    return "\n".join(
        [f"The deployment failed: {status} {reason}", *_failures(cloudformation, name)]
    )


def _failures(cloudformation: "CloudFormationClient", name: str) -> list[str]:
    """What failed in the stack's last operation, the resources if there are any to blame."""
    try:
        events = cloudformation.describe_events(StackName=name)["OperationEvents"]
    except ClientError:
        return []
    failed = [
        event
        for event in reversed(events)
        if event.get("OperationId") == events[0].get("OperationId") and _has_failed(event)
    ]
    resources = [event for event in failed if event.get("ResourceType") != _STACK_TYPE]
    return [
        f"  {event.get('LogicalResourceId')} ({event.get('ResourceType')}): "
        f"{event.get('ValidationStatusReason') or event.get('ResourceStatusReason')}"
        for event in resources or failed
    ]


def _has_failed(event: "OperationEventTypeDef") -> bool:
    status = event.get("ResourceStatus", "")
    return event.get("ValidationStatus") == "FAILED" or status.endswith("_FAILED")
