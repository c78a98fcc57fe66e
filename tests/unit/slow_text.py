"""Two functions that are too slow, for the test of the stopwatch."""

import re

_ENDLESS = re.compile(r"(?:a|a)*b")
_QUADRATIC = re.compile(r"x+y")


def endless(text: str) -> None:
    _ENDLESS.match(text)


def quadratic(text: str) -> None:
    _QUADRATIC.search(text)
