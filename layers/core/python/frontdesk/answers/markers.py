"""The marks by which an answer cites, such as [1]: what they look like, and texts without them."""

import re
from collections.abc import Iterator

# Sources are counted from 1: "list[0]" cites nothing.
# [1], [1, 2], [1-3], [Source 1], 【1†source】, and [1](link): models write all of them.
MARKER = re.compile(
    r"[\[【]\s*+(?:sources?:?\s*+)?((?!0)\d{1,2}(?:\s*+[,;–-]\s*+\d{1,2})*)\s*+"
    r"(?:†[^\]】]{0,400}+)?[\]】](?:\([^)\s]{0,2000}+\))?",
    re.IGNORECASE,
)
SPACED_MARKER = re.compile(rf"(?<![ \t])([ \t]*+){MARKER.pattern}", re.IGNORECASE)
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)


def without_markers(text: str) -> str:
    """`text` as it reads where there are no sources to look up. Brackets in code are code."""
    return "".join(
        part if is_code else SPACED_MARKER.sub("", part) for part, is_code in with_code(text)
    )


def with_code(text: str) -> Iterator[tuple[str, bool]]:
    """`text` in pieces, each with whether it is code; joined they give it back."""
    for index, part in enumerate(_CODE.split(text)):
        yield part, index % 2 == 1
