"""Form-encoded parameters with brackets, as Stripe takes them: `items[0][price]=…`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from local.stripe.errors import StripeError

_PART = re.compile(r"\[([^\]]*)\]")
_MOST_KEYS = 50


def decode(pairs: Iterable[tuple[str, str]], allowed: Sequence[str]) -> "Params":
    """The parameters as nested objects and lists. Raises StripeError for one not in `allowed`.

    `allowed` has paths like `items.price`, without the numbers; `metadata.*` allows any key.
    """
    known = {*allowed, "expand"}
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        parts = [head, *_PART.findall(bracket + rest)]
        names = [part for part in parts if part and not part.isdecimal()]
        path = ".".join(names)
        if (
            path not in known
            and f"{'.'.join(names[:-1])}.*" not in known
            and not (value == "" and f"{path}.*" in known)
        ):
            raise StripeError(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
        node = root
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise StripeError(f"Invalid parameter: {name}", param=name)
        key = parts[-1] or str(len(node))
        node[key] = value
    return Params({name: _lists(value) for name, value in root.items()})


def _lists(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


@dataclass(frozen=True, slots=True)
class Params:
    """Decoded parameters, all of them text."""

    values: dict[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """A parameter, None when it is missing or empty. Raises StripeError for an object."""
        value = self.values.get(name)
        if isinstance(value, (dict, list)):
            raise StripeError("Invalid string", param=name)
        return value or None

    def required(self, name: str) -> str:
        """A parameter. Raises StripeError when it is missing."""
        value = self.text(name)
        if value is None:
            raise StripeError(
                f"Missing required param: {name}.", code="parameter_missing", param=name
            )
        return value

    def flag(self, name: str) -> bool | None:
        """True or false. Raises StripeError for anything else."""
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise StripeError(f"Invalid boolean: {value}", param=name)
        return None if value is None else value == "true"

    def number(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`. Raises StripeError for anything else."""
        value = self.text(name)
        if value is None:
            return None
        if not value.isascii() or not value.isdecimal():
            code = "parameter_invalid_integer"
            raise StripeError(f"Invalid integer: {value}", code=code, param=name)
        if not low <= int(value) <= high:
            raise StripeError(f"{name} must be from {low} to {high}.", param=name)
        return int(value)

    def choice(self, name: str, *choices: str) -> str | None:
        """One of `choices`. Raises StripeError for anything else."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise StripeError(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return value

    def inner(self, name: str) -> "Params":
        """The parameters within a parameter. Raises StripeError when it is text."""
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=name)
        return Params(value)

    def each(self, name: str) -> list["Params"]:
        """The parameters within each of a list. Raises StripeError when it is none."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise StripeError("Invalid array", param=name)
        return [Params(part) for part in value]

    def texts(self, name: str) -> list[str]:
        """A list of texts. Raises StripeError when it is none."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise StripeError("Invalid array", param=name)
        return value

    def metadata(self, before: dict[str, str]) -> dict[str, str]:
        """Metadata `before`, with what is given; an empty value takes its key away."""
        if self.values.get("metadata") == "":
            return {}
        given = self.inner("metadata").values
        after = {name: str(value) for name, value in {**before, **given}.items() if value != ""}
        if len(after) > _MOST_KEYS or any(
            len(name) > 40 or len(value) > 500 for name, value in after.items()
        ):
            raise StripeError(
                "Metadata has at most 50 keys of 40 characters, and values of 500.",
                param="metadata",
            )
        return after

    def address(self, name: str) -> str | None:
        """A web address. Raises StripeError for what is none."""
        value = self.text(name)
        if value is not None and not re.match(r"https?://[^\s/]+", value):
            raise StripeError("Not a valid URL", code="url_invalid", param=name)
        return value
