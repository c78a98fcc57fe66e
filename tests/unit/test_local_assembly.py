"""From a synthesized template to one that this machine can deploy."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import assembly
from local.environment import ACCOUNT, REGION
from local.errors import LocalError
from local.synthesis import PLACEHOLDER_INDEX, PLACEHOLDER_PORT

PYTHON = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13"}}
NODE = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x"}}


def custom(kind: str, function: str) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"ServiceToken": {"Fn::GetAtt": [function, "Arn"]}}}


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (custom("Custom::S3AutoDeleteObjects", "Node"), "Custom::S3AutoDeleteObjects"),
        (custom("AWS::CloudFormation::CustomResource", "Node"), "CustomResource"),
        (custom("Custom::CDKBucketDeployment", "Python"), "Custom::CDKBucketDeployment"),
        (custom("Custom::Thing", "Missing"), "Custom::Thing"),
        ({"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn:aws:sns:x"}}, "Thing"),
        ({"Type": "Custom::Bare"}, "Custom::Bare"),
    ],
)
def test_a_custom_resource_that_would_hang_is_refused_by_name(
    resource: dict[str, Any], name: str
) -> None:
    resources = {"Node": NODE, "Python": PYTHON, "Bad": resource}
    with pytest.raises(LocalError, match=rf"Bad \(.*{name}\)"):
        assembly.refuse_hanging_resources(resources)


def test_a_custom_resource_answered_by_python_is_deployed() -> None:
    resources = {"Python": PYTHON, "Good": custom("Custom::S3BucketNotifications", "Python")}
    assembly.refuse_hanging_resources(resources)


@pytest.fixture
def synthesized(tmp_path: Path) -> Path:
    lookalike = f"a{PLACEHOLDER_PORT}b{PLACEHOLDER_PORT}.zip"
    template = {
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Code": {"S3Key": lookalike},
                    "Environment": {"Variables": {"INDEX": f"sqlite:{PLACEHOLDER_INDEX}"}},
                },
            },
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {
                    "HTTPPort": PLACEHOLDER_PORT,
                    "Csp": f"connect-src ws://127.0.0.1:{PLACEHOLDER_PORT};",
                },
            },
        }
    }
    bucket = "cdk-assets-${AWS::AccountId}-${AWS::Region}"
    assets = {
        "files": {
            "one": {
                "source": {"path": "asset.one", "packaging": "zip"},
                "destinations": {"here": {"bucketName": bucket, "objectKey": "one.zip"}},
            },
            "two": {
                "source": {"path": "stack.template.json", "packaging": "file"},
                "destinations": {"here": {"bucketName": bucket, "objectKey": "two.json"}},
            },
        }
    }
    manifest = {
        "artifacts": {
            "stack.assets": {"type": "cdk:asset-manifest", "properties": {}},
            "stack": {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "stack.template.json", "stackName": "named"},
            },
        }
    }
    (tmp_path / "stack.template.json").write_text(json.dumps(template))
    (tmp_path / "stack.assets.json").write_text(json.dumps(assets))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "asset.one").mkdir()
    (tmp_path / "asset.one" / "code.py").write_text("pass")
    return tmp_path


def test_one_synthesis_serves_stacks_with_other_ports_and_folders(synthesized: Path) -> None:
    ready = assembly.read(synthesized, port=4700, index=Path('/some "where"/index.sqlite'))
    function = ready.resources["Function"]["Properties"]
    distribution = ready.resources["Distribution"]["Properties"]
    assert function["Environment"]["Variables"]["INDEX"] == 'sqlite:/some "where"/index.sqlite'
    assert distribution == {"HTTPPort": 4700, "Csp": "connect-src ws://127.0.0.1:4700;"}
    assert function["Code"]["S3Key"] == f"a{PLACEHOLDER_PORT}b{PLACEHOLDER_PORT}.zip"
    other = assembly.read(synthesized, port=4701, index=Path("/i"))
    assert other.template_key != ready.template_key


def test_assets_go_where_the_template_looks_for_them(synthesized: Path) -> None:
    ready = assembly.read(synthesized, port=4700, index=Path("/i"))
    (asset,) = ready.assets
    assert (ready.stack_name, asset.key) == ("named", "one.zip")
    assert asset.bucket == f"cdk-assets-{ACCOUNT}-{REGION}"
    assert asset.content()[:2] == b"PK"


def test_an_app_of_two_stacks_is_not_deployed_by_half(synthesized: Path) -> None:
    manifest = json.loads((synthesized / "manifest.json").read_text())
    manifest["artifacts"]["second"] = manifest["artifacts"]["stack"]
    (synthesized / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LocalError, match="2 stacks"):
        assembly.read(synthesized, port=4700, index=Path("/i"))
