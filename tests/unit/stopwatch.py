"""Measures functions in a process of its own, which ends when one of them does not return.

A regular expression that backtracks hears no signal that Python handles, so nothing less stops it.
Time is that of the processor: a busy machine changes nothing.
"""

import gc
import importlib
import inspect
import multiprocessing
import pkgutil
import re
import resource
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from types import FunctionType, ModuleType

from frontdesk.errors import FrontdeskError
from tests.unit.hostile_text import HostileText, attacks, hostile_texts

LENGTH = 8_000
"""Characters of a long text; a short one has a quarter. What grows with the square of the length
takes sixteen times as long for the long text, and what grows in step with it four times."""

MOST_GROWTH = 8.0
QUICK = 0.03
"""Seconds. What has read the long text by then is not looked at closer."""

MOST_ATTACKS = 60

DEADLINE = 4
"""Seconds for one text; nearly all need a thousandth."""

MEMORY = 4 * 2**30

_LOOKS = 12
"""How often what looks slow is measured again: the shortest time is that of a machine at rest."""


def functions_of_text(package: str) -> Iterator[str]:
    """Public functions of a package that need text and nothing else, as `module:function`."""
    root = importlib.import_module(package)
    names = [package]
    if hasattr(root, "__path__"):
        names = [found.name for found in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in names:
        for function in vars(importlib.import_module(name)).values():
            if (
                isinstance(function, FunctionType)
                and function.__module__ == name
                and not function.__name__.startswith("_")
                and _arguments(function, "") is not None
            ):
                yield f"{name}:{function.__name__}"


def reads(
    *modules: ModuleType, length: int = LENGTH
) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Marks a function that calls these modules: their regular expressions are attacked with it.

    `length` is for what takes long for each character.
    """

    def mark(function: Callable[[str], None]) -> Callable[[str], None]:
        vars(function).update(modules=modules, length=length)
        return function

    return mark


class TooSlow(Exception):
    """Time grew faster than the text, or did not end. Says for which text."""


class Stopwatch:
    """Starts its process when it is needed, and again after one had to end."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._process: multiprocessing.process.BaseProcess | None = None

    def check(self, target: str) -> None:
        """Feed `target`, a `module:function`, every hostile text. Raises TooSlow."""
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._connection.send(target)
        reading = "its first text"
        fault = None
        try:
            while (heard := self._connection.recv()) is not None:
                kind, reading = heard
                fault = reading if kind == "fault" else fault
        except EOFError as error:
            self.close()
            raise TooSlow(f"{target} did not come back from {reading}") from error
        if fault is not None:
            raise TooSlow(f"{target} {fault}")

    def close(self) -> None:
        """End the process."""
        if self._connection is not None and self._process is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
        self._connection = self._process = None


def _serve(connection: Connection) -> None:
    """Measure one function after another; answer what is being read, what is wrong, then None."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    gc.disable()
    while True:
        try:
            module, _, name = connection.recv().partition(":")
        except EOFError:
            return
        function = getattr(importlib.import_module(module), name)
        gc.collect()
        for text in _texts(function):
            # The system ends a process that goes beyond this, whatever it is busy with.
            limit = int(time.process_time()) + DEADLINE
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
            connection.send(("reading", str(text)))
            fault = _fault(function, text)
            if fault is not None:
                connection.send(("fault", f"{fault} for {text}"))
                break
        connection.send(None)


def _texts(function: FunctionType) -> Iterator[HostileText]:
    """What everybody is fed, and what is made from the regular expressions it may use."""
    modules = getattr(function, "modules", (inspect.getmodule(function),))
    found = (pattern for module in modules for pattern in _patterns(list(vars(module).values())))
    patterns = {pattern.pattern: pattern for pattern in found}
    made = [attack for pattern in patterns.values() for attack in attacks(pattern)]
    # Of hundreds of alternatives that repeat in the same way, some stand for the others.
    some = made[:: 1 + len(made) // MOST_ATTACKS]
    yield from dict.fromkeys([*some, *hostile_texts()])


def _patterns(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """The regular expressions in a value, or in a table of them."""
    if isinstance(value, re.Pattern):
        yield value
    elif type(value) is dict:
        yield from _patterns(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _patterns(each)


def _fault(function: FunctionType, text: HostileText) -> str | None:
    """What is wrong with how a function deals with a text."""
    length = getattr(function, "length", LENGTH)
    short, long = text.of(length // 4), text.of(length)
    try:
        before = _seconds(function, short)
        # What has the short text by then cannot take long enough for the long one to count.
        took = _seconds(function, long) if before > QUICK / 16 else 0.0
    except Exception as error:  # noqa: BLE001 - whatever it is, it was not meant to be raised
        return f"raises {error!r}"
    for _ in range(_LOOKS):
        if took <= max(QUICK, MOST_GROWTH * before):
            return None
        before = min(before, _seconds(function, short))
        took = min(took, _seconds(function, long))
    return f"takes {before:.3f} s for {len(short):,} characters and {took:.3f} s for {len(long):,}"


def _seconds(function: FunctionType, text: str) -> float:
    """Processor time of one call. Text that a function refuses is dealt with, too."""
    # Under a limit of processor time Linux counts that of the process in ticks of 4 ms.
    arguments = _arguments(function, text) or {}
    begun = time.thread_time()
    try:
        result = function(**arguments)
        if isinstance(result, Iterator):
            deque(result, maxlen=0)
    except (FrontdeskError, ValueError):
        pass
    return time.thread_time() - begun


def _arguments(function: FunctionType, text: str) -> dict[str, object] | None:
    """What to call a function with; None where it needs something else than text."""
    arguments: dict[str, object] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty or parameter.kind in _GATHERED:
            continue
        if parameter.annotation is str:
            arguments[parameter.name] = text
        elif parameter.annotation in (Iterable[str], Sequence[str], list[str], tuple[str, ...]):
            arguments[parameter.name] = text.split("\n")
        else:
            return None
    return arguments or None


_GATHERED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
