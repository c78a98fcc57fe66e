"""Refuses query parameters that a route does not know: a filter misspelt would show everything."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

_NAMED = 40
"""How much of an unknown name is repeated."""


def refuse_unknown_queries(request: Request) -> None:
    """For every route of the app. Raises RequestValidationError, naming what is not known."""
    if not request.scope.get("query_string"):
        return
    known = set(_names(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name[:_NAMED]), "msg": "is not known"}
                for name in unknown
            ]
        )


def _names(dependant: Dependant) -> Iterator[str]:
    """The query parameters of a route and of all that it depends on."""
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (each.alias or name for name, each in annotation.model_fields.items())
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from _names(dependency)
