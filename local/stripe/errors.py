"""What Stripe says when it refuses: docs.stripe.com/api/errors."""

from http import HTTPStatus


class StripeError(Exception):
    """A refusal, as the API answers it. Nothing has changed."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.kind = kind
        self.param = param

    @property
    def body(self) -> dict[str, dict[str, str]]:
        """The JSON that is answered."""
        fields = {"type": self.kind, "code": self.code, "param": self.param, "message": str(self)}
        return {"error": {name: value for name, value in fields.items() if value is not None}}


class CardDeclined(StripeError):
    """A payment that did not go through."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code, kind="card_error", status=HTTPStatus.PAYMENT_REQUIRED)


def missing(kind: str, identifier: str, param: str = "id") -> StripeError:
    """There is no such thing."""
    return StripeError(
        f"No such {kind}: '{identifier}'",
        code="resource_missing",
        param=param,
        status=HTTPStatus.NOT_FOUND if param == "id" else HTTPStatus.BAD_REQUEST,
    )
