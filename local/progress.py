"""Says in the terminal what is being done and how long it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

Tell = Callable[[str], None]


class Progress:
    """One line per step. In a terminal the step under way is shown with a spinner.

    Without a terminal, steps that take long are announced, so that nobody waits in silence.
    """

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """`quiet` says nothing at all."""
        self._console = console or Console(highlight=False, quiet=quiet)

    @contextmanager
    def step(self, title: str, *, slow: bool = False) -> Iterator[Tell]:
        """A step; what is called with a text shows that text as its result or present state."""
        started = time.monotonic()
        detail = ""
        if slow and not self._console.is_terminal:
            self._line("…", title, "")
        status = self._console.status(f"{title} …", spinner="dots")

        def tell(text: str) -> None:
            nonlocal detail
            detail = text
            status.update(Text(f"{title} … {text}"))

        try:
            with status:
                yield tell
        except BaseException:
            self._line("✗", title, detail, started, "red")
            raise
        self._line("✓", title, detail, started)

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(Text(text))

    def address(self, name: str, url: str) -> None:
        """An address to open."""
        self._console.print(Text.assemble(f"  {name:<16}", (url, "bold")), soft_wrap=True)

    def _line(
        self, mark: str, title: str, detail: str, started: float | None = None, color: str = "green"
    ) -> None:
        seconds = "" if started is None else f"{time.monotonic() - started:6.1f} s"
        self._console.print(
            Text.assemble((mark, color), f" {title:<34}", (f"{seconds:>9}  ", "dim"), detail),
            soft_wrap=True,
        )
