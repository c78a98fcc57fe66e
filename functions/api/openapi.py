"""The OpenAPI document: what FastAPI writes, and what it cannot know.

Every operation gets its credential, the permission it asks for, and the problems it may answer
with, read off its dependencies.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.credentials import Allowed, principal, visitor
from api.plan_limits import Entitled
from api.problems import Problem

_DESCRIPTION = """\
The API behind Frontdesk's dashboard and widget.

The organisation always comes out of the credential: an access token or a team key for the team, a
widget key with a visitor's token for a visitor. What belongs to another organisation does not
exist (404). Errors are problem documents (RFC 9457). A query parameter that a route does not know
is refused (422). Requests are limited; `RateLimit-Remaining` says what is left of the minute, and
429 comes with `Retry-After`.
"""

_SECURITY_SCHEMES = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A member of the team: the access token of a login, valid for 15 minutes.",
    },
    "teamKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A program of the team: a team key, which has a role of its own.",
    },
    "visitorToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A visitor: the token their widget session began with.",
    },
    "widgetKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Frontdesk-Key",
        "description": "The publishable key of the widget.",
    },
    "visitorIdentity": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Frontdesk-Identity",
        "description": "A visitor for whom the organisation's site vouches: their identity.",
    },
}

_TAGS = {
    "auth": "Signing up, logging in, and all that keeps a login.",
    "organization": "Settings, allowed origins, and the secret that vouches for visitors.",
    "team": "The people of the team, and invitations.",
    "keys": "Widget keys and team keys.",
    "documents": "What the assistant answers from.",
    "playground": "Questions that are tried out: nothing is stored.",
    "checks": "Questions that are kept and asked again when documents change; past ones replayed.",
    "conversations": "What customers said, and what the team does about it.",
    "tickets": "The team's work on conversations.",
    "analytics": "What happened, in numbers. Days are UTC.",
    "admin": "The overview.",
    "gaps": "Questions that the documents could not answer.",
    "audit": "Who did what.",
    "privacy": "One customer's data, exported or erased.",
    "widget": "What the widget asks for.",
    "mail": "Ending notices by mail.",
    "health": "Whether the API answers.",
}

_RATE_HEADERS = {
    "Retry-After": "Seconds until it may work again.",
    "RateLimit-Limit": "How many requests a minute allows.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until the minute is over.",
}


def install(app: FastAPI) -> None:
    """Have `app` serve the complete document. Call it after all routes are there."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """The routes that the document describes."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield route


def permission_of(route: RouteContext) -> str | None:
    """The permission that a route asks for, if it does."""
    return next(
        (call.permission for call in _dependencies(route.dependant) if isinstance(call, Allowed)),
        None,
    )


def _document(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title="Frontdesk",
        version="1",
        summary="AI customer support from an organisation's own documents",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    components["securitySchemes"] = _SECURITY_SCHEMES
    for route in routes_of(app):
        for method in route.methods or ():
            _complete(schema["paths"][str(route.path_format)][method.lower()], route)
    return schema


def _complete(operation: dict[str, Any], route: RouteContext) -> None:
    calls = list(_dependencies(route.dependant))
    permission = permission_of(route)
    parameters = [
        parameter
        for parameter in operation.get("parameters", [])
        if parameter["name"].lower()
        not in {"authorization", "x-frontdesk-key", "x-frontdesk-identity"}
    ]
    operation.pop("parameters", None)
    if parameters:
        operation["parameters"] = parameters
    limited = str(int(HTTPStatus.PAYMENT_REQUIRED)) in operation["responses"]
    statuses = [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE]
    if visitor in calls:
        bare: dict[str, list[str]] = {"visitorToken": [], "widgetKey": []}
        operation["security"] = [bare, {**bare, "visitorIdentity": []}]
    elif principal in calls:
        operation["security"] = [{"accessToken": []}, {"teamKey": []}]
    if permission is not None:
        operation["x-permission"] = permission
        operation["description"] = (
            f"{operation.get('description', '')}\n\nAsks for the permission `{permission}`."
        ).strip()
    if limited or any(isinstance(call, Entitled) for call in calls):
        statuses.append(HTTPStatus.PAYMENT_REQUIRED)
    statuses.append(HTTPStatus.UNPROCESSABLE_ENTITY)
    if route.path != "/api/health":
        statuses += [
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.TOO_MANY_REQUESTS,
        ]
    if route.dependant.path_params or visitor in calls:
        statuses.append(HTTPStatus.NOT_FOUND)
    if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
        statuses += [HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE]
        statuses.append(HTTPStatus.NOT_FOUND)
    for status in sorted(set(statuses)):
        operation["responses"][str(int(status))] = _problem(status)


def _problem(status: HTTPStatus) -> dict[str, Any]:
    example = Problem(title=status.phrase, status=status, detail=status.description)
    response: dict[str, Any] = {
        "description": status.phrase,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example.model_dump(),
            }
        },
    }
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        response["headers"] = {
            name: {"description": text, "schema": {"type": "integer"}}
            for name, text in _RATE_HEADERS.items()
        }
    return response


def _dependencies(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _dependencies(dependency)
