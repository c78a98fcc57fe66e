"""What reading one document may cost."""

from collections.abc import Callable
from dataclasses import dataclass, field

from frontdesk.errors import UnreadableDocument

MAX_CHARACTERS = 20_000_000
"""About 10,000 dense pages: more than any document people ask questions about."""


@dataclass(slots=True)
class Budget:
    """Counts characters and watches the clock; raises UnreadableDocument when either runs out.

    `seconds_left` says how many seconds remain for this document; None means no limit.
    """

    seconds_left: Callable[[], float] | None = None
    max_characters: int = MAX_CHARACTERS
    characters: int = field(default=0, init=False)

    def spend(self, characters: int) -> None:
        """Account for text that was read, and look at the clock."""
        self.characters += characters
        if self.characters > self.max_characters:
            raise UnreadableDocument(
                f"The document holds more than {self.max_characters:,} characters of text. "
                "Split it into smaller files."
            )
        self.check_time()

    def check_time(self) -> None:
        """Raise when the time for this document is over."""
        if self.seconds_left is not None and self.seconds_left() <= 0:
            raise UnreadableDocument(
                "Reading the document took too long. Split it into smaller files."
            )
