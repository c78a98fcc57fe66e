"""Pushes changed code to the running functions, past CloudFormation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local.archives import zip_files
from local.sources import core_files, function_files

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from local.repairs import Resources

_LAYER = "frontdesk-core-pushed"


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function."""

    name: str
    package: str
    runtime: str


def find_functions(resources: "Resources", ids: Mapping[str, str]) -> list[Function]:
    """The functions of a template. Their package is the first part of the handler's name."""
    return [
        Function(
            name=ids[logical],
            package=resource["Properties"]["Handler"].split(".")[0],
            runtime=resource["Properties"]["Runtime"],
        )
        for logical, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function" and "Handler" in resource["Properties"]
    ]


class Pusher:
    """Gives functions the code that is in the checkout now."""

    def __init__(
        self,
        functions: "LambdaClient",
        root: Path,
        deployed: Collection[Function],
        mark: Path,
    ) -> None:
        """`mark` is a file that is made when the functions no longer run what was deployed."""
        self._lambda = functions
        self._root = root
        self._mark = mark
        self._functions = [
            function for function in deployed if (root / "functions" / function.package).is_dir()
        ]

    @property
    def packages(self) -> frozenset[str]:
        """The packages that functions run."""
        return frozenset(function.package for function in self._functions)

    def push(self, packages: Collection[str], *, core: bool) -> list[str]:
        """Push these packages, and the core layer. Returns the names of the packages pushed."""
        self._mark.touch()
        for package in packages:
            code = zip_files(function_files(self._root, package))
            for function in self._functions:
                if function.package == package:
                    self._lambda.update_function_code(FunctionName=function.name, ZipFile=code)
        if core:
            self._push_core()
        return sorted({*packages} & self.packages)

    def push_everything(self) -> None:
        """Push all there is, after which the functions run what the checkout holds."""
        self.push(self.packages, core=True)
        self._mark.unlink(missing_ok=True)

    @property
    def behind(self) -> bool:
        """Whether code was pushed since the last deployment, in this run or an earlier one."""
        return self._mark.exists()

    def _push_core(self) -> None:
        if not self._functions:
            return
        published = self._lambda.publish_layer_version(
            LayerName=_LAYER,
            Content={"ZipFile": zip_files(core_files(self._root))},
            CompatibleRuntimes=[self._functions[0].runtime],  # type: ignore[list-item]
        )
        # On this machine the core layer is the only one there is.
        for function in self._functions:
            self._lambda.update_function_configuration(
                FunctionName=function.name, Layers=[published["LayerVersionArn"]]
            )


def syntax_error(path: Path) -> str | None:
    """What is wrong with a Python file, for people; None when it can be compiled."""
    try:
        compile(path.read_text(), str(path), "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"line {line}: {getattr(error, 'msg', error)}" if line else str(error)
    except FileNotFoundError:
        return None
    return None
