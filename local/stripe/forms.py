"""Form-encoded parameters with brackets, as Stripe takes them: `items[0][price]=…`."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from local.stripe.errors import StripeError

_PART = re.compile(r"\[([^\]]*)\]")

_REFUSALS = {
    "extra_forbidden": ("parameter_unknown", "Received unknown parameter: {}"),
    "missing": ("parameter_missing", "Missing required param: {}."),
    "int_parsing": ("parameter_invalid_integer", "Invalid integer: {}"),
}

Address = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]


class Part(BaseModel):
    """Parameters within a parameter. An empty one counts as none; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:  # noqa: ANN401 - anything, until it is validated
        if not isinstance(given, dict):
            return given
        return {name: None if value == "" else value for name, value in given.items()}


class Form(Part):
    """The parameters of a method of the API."""

    expand: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The parameters. Raises StripeError, which names the first one that is wrong."""
        try:
            return cls.model_validate(_decoded(pairs))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            head, *rest = (str(part) for part in first["loc"])
            param = head + "".join(f"[{part}]" for part in rest)
            code, message = _REFUSALS.get(first["type"], (None, f"Invalid {{}}: {first['msg']}"))
            raise StripeError(message.format(param), code=code, param=param) from error


def _decoded(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        *parts, last = [head, *_PART.findall(bracket + rest)]
        node = root
        for part in parts:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise StripeError(f"Invalid parameter: {name}", param=name)
        node[last or str(len(node))] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    if all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
