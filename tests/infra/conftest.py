"""Templates to look at, synthesized once."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.node import use_packaged_node
from infra.settings import ROOT, Deployment

NO_BUNDLING: dict[str, Any] = {"aws:cdk:bundling-stacks": []}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "bundle: installs every function's packages, from PyPI")


@dataclass(frozen=True)
class Template:
    """A synthesized stack."""

    resources: dict[str, Any]
    outputs: dict[str, Any]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id and properties of every resource of a type. There has to be one."""
        found = {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }
        assert found, f"no {kind} in the template"
        return found

    def functions(self) -> dict[str, dict[str, Any]]:
        """Properties of our functions by handler; the CDK's own uploader is not among them."""
        return {
            properties["Handler"]: properties
            for properties in self.of_type("AWS::Lambda::Function").values()
            if properties["Handler"].count(".") == 2
        }


def synthesize(deployment: Deployment, outdir: Path) -> Template:
    """Synthesize without installing packages. Raises what cdk-nag finds."""
    use_packaged_node()
    from infra.synthesis import make_app

    app, stack = make_app(deployment, context=read_context(), outdir=str(outdir))
    app.synth()
    template = json.loads((outdir / f"{stack.stack_name}.template.json").read_text())
    return Template(template["Resources"], template["Outputs"])


def read_context() -> dict[str, Any]:
    """The context of cdk.json, with bundling off."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return {**context, **NO_BUNDLING}


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Stage prod as cdk.json has it."""
    return synthesize(Deployment.read(read_context(), {}), tmp_path_factory.mktemp("prod"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Stage local as a laptop without any account has it."""
    return synthesize(Deployment.read({}, {}), tmp_path_factory.mktemp("local"))


@pytest.fixture(params=["prod", "local"])
def template(request: pytest.FixtureRequest) -> Template:
    """Either stage: what holds for this must hold for both."""
    found: Template = request.getfixturevalue(request.param)
    return found
