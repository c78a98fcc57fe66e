"""The types of files that a conversation takes, told by their content."""

import codecs
from typing import Literal, get_args

FileType = Literal[
    "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"
]
FILE_TYPES: tuple[FileType, ...] = get_args(FileType)

HEAD_BYTES = 4_096
"""As much of a file as it takes to tell."""


def is_of_type(head: bytes, file_type: FileType) -> bool:
    """Whether a file that begins with `head`, at most HEAD_BYTES of it, is what it says it is."""
    match file_type:
        case "image/png":
            return head.startswith(b"\x89PNG\r\n\x1a\n")
        case "image/jpeg":
            return head.startswith(b"\xff\xd8\xff")
        case "image/gif":
            return head.startswith((b"GIF87a", b"GIF89a"))
        case "image/webp":
            return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
        case "application/pdf":
            return b"%PDF-" in head[:1_024]
    return _is_text(head)


def _is_text(head: bytes) -> bool:
    """UTF-8, of which the last letter may be cut, without control characters."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(each >= " " or each in "\t\n\r\f" for each in text)
