"""Saved files reach the running stack."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from local.pushing import Function, Pusher, syntax_error
from local.watching import Watcher

CHAT = Function("chat-1", "chat", "python3.13")
ANSWER = Function("chat-2", "chat", "python3.13")
API = Function("api-1", "api", "python3.13")


class Lambda:
    """Remembers what was pushed to which function."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}
        self.layers: dict[str, list[str]] = {}

    def update_function_code(self, **given: Any) -> None:
        self.code[given["FunctionName"]] = given["ZipFile"]

    def update_function_configuration(self, **given: Any) -> None:
        self.layers[given["FunctionName"]] = given["Layers"]

    def publish_layer_version(self, **given: Any) -> dict[str, str]:
        assert given["Content"]["ZipFile"]
        return {"LayerVersionArn": "arn:layer:1"}


@pytest.fixture
def functions() -> Lambda:
    return Lambda()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("functions/chat", "functions/api", "layers/core/python", "web", "infra"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "first.py").write_text("first = 1\n")
    return tmp_path


@pytest.fixture
def pusher(checkout: Path, functions: Any) -> Pusher:
    return Pusher(functions, checkout, [CHAT, ANSWER, API], checkout / "pushed")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def save(checkout: Path, pusher: Pusher, told: list[str]) -> Callable[..., list[str]]:
    """Save a file, let the watcher look, and return what it said."""

    def publish_site() -> Collection[str]:
        return ["chat.html"]

    watcher = Watcher(checkout, pusher, publish_site, told.append)

    def do(name: str, content: str | None) -> list[str]:
        path = checkout / name
        path.unlink() if content is None else path.write_text(content)
        told.clear()
        watcher.look()
        return list(told)

    return do


Save = Callable[..., list[str]]


def test_a_saved_function_is_pushed_to_all_that_run_its_package(
    save: Save, functions: Lambda
) -> None:
    (line,) = save("functions/chat/first.py", "first = 2\n")
    assert line.startswith("pushed chat in ")
    assert set(functions.code) == {"chat-1", "chat-2"}
    assert not functions.layers


def test_saved_core_is_pushed_to_every_function(save: Save, functions: Lambda) -> None:
    (line,) = save("layers/core/python/new.py", "new = 1\n")
    assert line.startswith("pushed the core layer in ")
    assert functions.layers == {name: ["arn:layer:1"] for name in ("chat-1", "chat-2", "api-1")}
    assert not functions.code


def test_a_saved_page_is_published_and_no_function_is_touched(
    save: Save, functions: Lambda
) -> None:
    (line,) = save("web/chat.html", "<p>")
    assert line.startswith("published chat.html in ")
    assert not functions.code


def test_a_file_with_a_syntax_error_is_not_pushed_until_it_is_mended(
    save: Save, functions: Lambda
) -> None:
    (line,) = save("functions/api/first.py", "first = (\n")
    assert line.startswith("not pushed: functions/api/first.py, line 1:")
    assert not functions.code
    save("functions/api/first.py", "first = ()\n")
    assert set(functions.code) == {"api-1"}


def test_a_removed_file_leaves_the_function(save: Save, functions: Lambda) -> None:
    save("functions/api/second.py", "second = 1\n")
    with_second = functions.code["api-1"]
    save("functions/api/second.py", None)
    assert len(functions.code["api-1"]) < len(with_second)


def test_changed_infrastructure_asks_for_a_restart(save: Save) -> None:
    assert save("infra/first.py", "first = 3\n") == [
        "infra/ changed: stop and start again to deploy it"
    ]


def test_nothing_is_said_while_nothing_changes(save: Save, checkout: Path) -> None:
    assert save("functions/chat/first.py", "first = 1\n") != []  # a new time
    assert save("README.md", "not watched") == []


def test_code_pushed_before_the_stack_was_stopped_is_remembered(
    save: Save, checkout: Path, pusher: Pusher, functions: Lambda
) -> None:
    assert not pusher.behind
    save("functions/chat/first.py", "first = 2\n")
    assert pusher.behind
    functions.code.clear()
    pusher.push_everything()
    assert set(functions.code) == {"chat-1", "chat-2", "api-1"}
    assert not pusher.behind


def test_a_file_that_is_gone_has_no_syntax_error(tmp_path: Path) -> None:
    assert syntax_error(tmp_path / "gone.py") is None
    (tmp_path / "null.py").write_bytes(b"a\0b")
    assert syntax_error(tmp_path / "null.py")
