"""Errors as RFC 9457 problem+json, without internals."""

from http import HTTPStatus
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.response_headers import ALWAYS
from frontdesk.errors import (
    AnswersUnavailable,
    Conflict,
    FrontdeskError,
    InvalidRequest,
    NotFound,
    PlanLimit,
    RateLimited,
    Refused,
    Unavailable,
)
from frontdesk.observability import logger


class Problem(BaseModel):
    """What went wrong (RFC 9457). `detail` is meant for people."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str


class Unauthorized(Refused):
    """There is no valid credential at all."""


_STATUS: tuple[tuple[type[FrontdeskError], HTTPStatus], ...] = (
    (RateLimited, HTTPStatus.TOO_MANY_REQUESTS),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Unauthorized, HTTPStatus.UNAUTHORIZED),
    (Refused, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (PlanLimit, HTTPStatus.PAYMENT_REQUIRED),
    (InvalidRequest, HTTPStatus.BAD_REQUEST),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)


_SORRY = "Something on our side did not answer. Please try again."


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document. This is the one map from errors to statuses."""
    app.add_exception_handler(FrontdeskError, _frontdesk_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def respond(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem document as a response."""
    problem = Problem(title=status.phrase, status=status, detail=detail)
    return JSONResponse(
        problem.model_dump(),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def _frontdesk_error(_request: Request, error: Exception) -> JSONResponse:
    status = next(
        (status for kind, status in _STATUS if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", extra={"cause": type(error).__name__}, exc_info=error)
        said = str(error) if isinstance(error, AnswersUnavailable) else _SORRY
        return respond(status, said)
    headers: dict[str, str] | None
    match error:
        case RateLimited():
            headers = {"Retry-After": str(error.retry_after), "RateLimit-Remaining": "0"}
            if error.limit is not None:
                headers["RateLimit-Limit"] = str(error.limit)
                headers["RateLimit-Reset"] = str(error.retry_after)
        case Unauthorized():
            headers = {"WWW-Authenticate": "Bearer"}
        case _:
            headers = None
    return respond(status, str(error), headers)


def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Name what is wrong without repeating what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    parts = [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()[:5]
    ]
    return respond(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(parts))


def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    return respond(status, status.description or status.phrase, dict(error.headers or {}))


def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", extra={"cause": type(error).__name__}, exc_info=error)
    # Starlette answers this one outside of all middleware.
    return respond(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.", dict(ALWAYS)
    )
