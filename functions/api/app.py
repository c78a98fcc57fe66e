"""The FastAPI application."""

from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel

from api import problems
from api.routers import documents, widget
from api.services import Services


class Health(BaseModel):
    """The function runs."""

    status: Literal["ok"] = "ok"


def create_app(services: Services) -> FastAPI:
    """The app that works with `services`."""
    app = FastAPI(title="Frontdesk", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.state.services = services
    problems.install(app)
    app.include_router(widget.router)
    app.include_router(documents.router)

    @app.get("/api/health", tags=["health"])
    def health() -> Health:
        return Health()

    return app
