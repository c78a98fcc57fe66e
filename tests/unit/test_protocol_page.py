"""docs/PROTOCOL.md says what the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from frontdesk.realtime import frames

PAGE = (Path(__file__).parents[2] / "docs" / "PROTOCOL.md").read_text()
ACTIONS = PAGE.partition("## Frames to the server")[2].partition("## Frames from")[0]
INCOMING = get_args(get_args(frames.IncomingFrame)[0])
OUTGOING = get_args(frames.OutgoingFrame)


def row(name: str) -> str:
    """The page's table row for a frame."""
    found = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
    return "\n".join(found)


def name_of(frame: type[BaseModel], field: str) -> str:
    name: str = get_args(frame.model_fields[field].annotation)[0]
    return name


def fields_of(frame: type[BaseModel]) -> set[str]:
    return {
        field.alias or name
        for name, field in frame.model_fields.items()
        if name not in {"action", "type"}
    }


@pytest.mark.parametrize("frame", INCOMING)
def test_every_action_stands_on_the_page_with_its_fields(frame: type[BaseModel]) -> None:
    [documented] = re.findall(rf"^\| `{name_of(frame, 'action')}` \|.*$", ACTIONS, re.MULTILINE)
    fields = re.findall(r"`(\w+)`", documented.split("|")[2])
    assert set(fields) == fields_of(frame)


@pytest.mark.parametrize("frame", OUTGOING)
def test_every_frame_stands_on_the_page_with_its_fields(frame: type[BaseModel]) -> None:
    documented = row(name_of(frame, "type"))
    for field in fields_of(frame):
        assert f"`{field}`" in documented


def test_every_error_code_stands_on_the_page() -> None:
    for code in get_args(frames.ErrorCode):
        assert f"`{code}`" in row("error")


def test_every_field_of_a_message_stands_in_the_example() -> None:
    for field in frames.PublicMessage.model_fields:
        assert f'"{field}"' in PAGE
