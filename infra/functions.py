"""One construct for every Python function, and the layers they share."""

from collections.abc import Callable, Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import bundling
from infra.nag import acknowledge, wildcard
from infra.settings import Deployment

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


class Layers(Construct):
    """The layers, each made when a function first asks for it.

    In the emulator functions run on the virtual environment's interpreter, which has every
    package, and read the models from the checkout; so only the core layer exists there.
    """

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._emulated = deployment.emulated
        self._made: dict[str, lambda_.LayerVersion] = {}

    def of(self, package: str, *, models: Sequence[str] = ()) -> list[lambda_.LayerVersion]:
        """The layers of the function in functions/`package`, which loads these `models`."""
        layers = [self._layer("Core", bundling.core_code)]
        if not self._emulated:
            layers.append(self._layer(package.title(), lambda: bundling.dependencies_code(package)))
            if models:
                layers.append(self._layer("Models", lambda: bundling.models_code(models)))
        return layers

    def _layer(self, name: str, code: Callable[[], lambda_.Code]) -> lambda_.LayerVersion:
        if name not in self._made:
            self._made[name] = lambda_.LayerVersion(
                self,
                name,
                code=code(),
                compatible_runtimes=[RUNTIME],
                compatible_architectures=[ARCHITECTURE],
            )
        return self._made[name]


class PythonFunction(Construct):
    """A function from functions/, with a role and a log group of its own.

    `handler` is `<package>.<module>.<function>`; the package is a folder of functions/. The role
    can write to the log group and nothing else until `allow` is called.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layers: Layers,
        handler: str,
        description: str,
        timeout: cdk.Duration,
        memory: cdk.Size,
        environment: Mapping[str, str],
        models: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        package = handler.split(".", maxsplit=1)[0]
        self.timeout = timeout
        self.logs = logs.LogGroup(
            self,
            "Logs",
            retention=retention(deployment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        # Without a role of our own the CDK attaches a managed policy that may write every log.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.logs.grant_write(role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=bundling.function_code(package),
            handler=handler,
            layers=layers.of(package, models=models),
            timeout=timeout,
            memory_size=int(memory.to_mebibytes()),
            role=role,
            log_group=self.logs,
            environment={
                "POWERTOOLS_SERVICE_NAME": package,
                # Nothing here uses pydantic's plugins, and looking for them slows every cold start.
                "PYDANTIC_DISABLE_PLUGINS": "__all__",
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "FRONTDESK_STAGE": deployment.stage,
                **environment,
            },
        )
        newest = "3.13 is the newest Python that the code is tested on."
        acknowledge(self, {"AwsSolutions-L1": newest})

    def allow(self, *actions: str, on: Sequence[str], because: str = "") -> None:
        """Let the function perform `actions` on the resources (ARNs) `on`.

        A resource with a wildcard in it needs a reason why it cannot be named: `because`.
        """
        self.function.add_to_role_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(on))
        )
        if because:
            acknowledge(self, {wildcard(self, resource): because for resource in on})


def retention(deployment: Deployment) -> logs.RetentionDays:
    """How long logs are kept. Raises ValueError for a number of days CloudWatch does not offer."""
    names = {
        1: logs.RetentionDays.ONE_DAY,
        7: logs.RetentionDays.ONE_WEEK,
        14: logs.RetentionDays.TWO_WEEKS,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
        180: logs.RetentionDays.SIX_MONTHS,
        365: logs.RetentionDays.ONE_YEAR,
    }
    days = deployment.log_retention_days
    if days not in names:
        raise ValueError(f"logRetentionDays must be one of {sorted(names)}, not {days}")
    return names[days]
