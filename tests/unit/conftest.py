"""Unit tests reach no network: what they need stands beside them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.tables.client import Table
from tests.unit.answer_desk import MODELS, Desk
from tests.unit.check_desk import CheckDesk
from tests.unit.deployment import Deployment
from tests.unit.help_centre import HelpCentre


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Event loops talk to themselves over Unix sockets; nothing else may."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def young_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at the beginning of a minute: limits count by minutes."""
    late = time.time() % 60
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() - late)


@pytest.fixture
def deployment(table: Table) -> Deployment:
    """The HTTP API with two organisations."""
    return Deployment(table)


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder(MODELS / "minilm")


@pytest.fixture
def desk(table: Table, tmp_path: Path, embedder: MiniLmEmbedder) -> Iterator[Desk]:
    desk = Desk(table, tmp_path, embedder)
    yield desk
    desk.pool.shutdown()


@pytest.fixture(scope="session")
def help_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpCentre]:
    """The sample organisation's documents in an index, once for the whole run."""
    path = tmp_path_factory.mktemp("help") / "index.sqlite"
    centre = HelpCentre.open(path, MiniLmEmbedder(MODELS / "minilm"))
    yield centre
    centre.index.close()


@pytest.fixture
def check_desk(deployment: Deployment, tmp_path: Path, embedder: MiniLmEmbedder) -> CheckDesk:
    """The API with functions/checks behind it."""
    return CheckDesk(deployment, tmp_path, embedder)
