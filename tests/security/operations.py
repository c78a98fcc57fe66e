"""The operations of the OpenAPI document, made into requests."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from frontdesk.access.roles import Permission


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    permission: Permission | None
    credentials: tuple[frozenset[str], ...]
    parameters: tuple[str, ...]
    queries: tuple[str, ...]
    body: Any = field(hash=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, values: Mapping[str, str]) -> str:
        """The path with `values` put in. A parameter without a value is a KeyError."""
        return re.sub(r"{(\w+)}", lambda match: values[match[1]], self.path)

    def filled(self, values: Mapping[str, str]) -> Any:
        """The body's example, with the ids in it replaced by those of `values`."""
        return _filled(self.body, values)

    def filters(self, values: Mapping[str, str]) -> dict[str, str]:
        """The query parameters that can name something, naming what is in `values`."""
        return {name: values[name] for name in self.queries if name in values}


def operations(app: FastAPI) -> Iterator[Operation]:
    """All of them, as the document lists them."""
    document = app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            yield Operation(
                method=method.upper(),
                path=path,
                permission=operation.get("x-permission"),
                credentials=tuple(frozenset(each) for each in operation.get("security", [])),
                parameters=tuple(re.findall(r"{(\w+)}", path)),
                queries=tuple(each["name"] for each in parameters if each["in"] == "query"),
                body=_example(document, operation),
            )


def _example(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Any:
    if "requestBody" not in operation:
        return None
    media = operation["requestBody"]["content"]["application/json"]
    if "examples" in media:
        return next(iter(media["examples"].values()))["value"]
    schema = media["schema"]
    name = schema.get("oneOf", [schema])[0]["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["examples"][0]


def _filled(value: Any, values: Mapping[str, str], name: str = "") -> Any:
    match value:
        case dict():
            return {key: _filled(inner, values, key) for key, inner in value.items()}
        case list():
            return [_filled(inner, values, name) for inner in value]
        case str() if name in values:
            return values[name]
    return value
