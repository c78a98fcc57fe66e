"""The FastAPI application."""

from typing import Literal

from fastapi import Depends, FastAPI
from pydantic import BaseModel

from api import openapi, problems
from api.body_limit import BodyLimit
from api.known_queries import refuse_unknown_queries
from api.response_headers import ResponseHeaders
from api.routers import (
    admin,
    analytics,
    audit,
    auth,
    canned_replies,
    check_runs,
    checks,
    conversations,
    documents,
    gaps,
    keys,
    mail,
    organization,
    payments,
    playground,
    privacy,
    team,
    tickets,
    widget,
)
from api.services import Services

_RESOURCES = (
    auth,
    organization,
    team,
    keys,
    documents,
    playground,
    check_runs,
    checks,
    conversations,
    canned_replies,
    tickets,
    analytics,
    admin,
    gaps,
    audit,
    privacy,
    payments,
    widget,
    mail,
)


class Health(BaseModel):
    """The function runs."""

    status: Literal["ok"] = "ok"


def create_app(services: Services) -> FastAPI:
    """The app that works with `services`."""
    app = FastAPI(
        title="Frontdesk",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(refuse_unknown_queries)],
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(ResponseHeaders)
    app.state.services = services
    problems.install(app)
    for resource in _RESOURCES:
        app.include_router(resource.router)

    @app.get("/api/health", tags=["health"])
    def health() -> Health:
        """Say that the API answers."""
        return Health()

    openapi.install(app)
    return app
