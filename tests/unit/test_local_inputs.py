"""What decides whether the CDK app has to be synthesized again, and what functions are made of."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local import synthesis
from local.archives import zip_files, zip_folder
from local.sources import core_files, function_files


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "infra/app.py": "app",
        "functions/chat/gateway.py": "gateway",
        "functions/chat/requirements.txt": "pydantic==2",
        "functions/chat/README.md": "words",
        "functions/api/handler.py": "api",
        "layers/core/python/frontdesk/ids.py": "ids",
        "cdk.json": "{}",
        "requirements.lock": "boto3",
        "web/chat.html": "page",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def rename(root: Path) -> None:
    (root / "functions/chat/gateway.py").rename(root / "functions/chat/door.py")


def edit(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text("changed")


@pytest.mark.parametrize(
    "change",
    [
        edit("infra/app.py"),
        edit("functions/api/handler.py"),
        edit("functions/chat/requirements.txt"),
        edit("layers/core/python/frontdesk/ids.py"),
        edit("layers/core/python/frontdesk/new.py"),
        edit("cdk.json"),
        edit("requirements.lock"),
        rename,
    ],
)
def test_a_change_to_anything_in_the_template_asks_for_a_new_synthesis(
    checkout: Path, change: Callable[[Path], object]
) -> None:
    before = synthesis.fingerprint(checkout, {})
    change(checkout)
    assert synthesis.fingerprint(checkout, {}) != before


def test_pages_caches_and_touched_files_do_not_ask_for_a_new_synthesis(checkout: Path) -> None:
    before = synthesis.fingerprint(checkout, {})
    edit("web/chat.html")(checkout)
    cache = checkout / "functions/chat/__pycache__"
    cache.mkdir()
    (cache / "gateway.cpython-311.pyc").write_bytes(b"\0")
    (checkout / "functions/api/handler.py").touch()
    assert synthesis.fingerprint(checkout, {}) == before


def test_only_choices_that_enter_the_template_ask_for_a_new_synthesis(checkout: Path) -> None:
    before = synthesis.fingerprint(checkout, {})
    assert synthesis.fingerprint(checkout, {"FRONTDESK_PORT": "5000", "HOME": "/"}) == before
    assert synthesis.fingerprint(checkout, {"FRONTDESK_MODEL": "openai:x"}) != before


def test_text_cannot_move_between_files_without_being_noticed(checkout: Path) -> None:
    first, second = checkout / "infra/a.py", checkout / "infra/b.py"
    first.write_text("one")
    second.write_text("two")
    before = synthesis.fingerprint(checkout, {})
    first.write_text("on")
    second.write_text("etwo")
    assert synthesis.fingerprint(checkout, {}) != before


def test_a_function_ships_its_own_package_and_nothing_beside_it(checkout: Path) -> None:
    assert set(function_files(checkout, "chat")) == {"chat/gateway.py"}
    assert set(core_files(checkout)) == {"python/frontdesk/ids.py"}


def test_a_zip_is_the_same_whenever_its_files_are(checkout: Path) -> None:
    first = zip_files(function_files(checkout, "chat"))
    (checkout / "functions/chat/gateway.py").touch()
    assert zip_files(function_files(checkout, "chat")) == first
    with zipfile.ZipFile(io.BytesIO(zip_folder(checkout / "layers"))) as archive:
        assert archive.read("core/python/frontdesk/ids.py") == b"ids"
        (entry,) = archive.infolist()
        assert entry.external_attr >> 16 == 0o644
