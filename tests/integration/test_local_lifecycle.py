"""`make run` and `make stop`: what starts also ends, and what was stored is there again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import deployment, stack
from local.assembly import Assembly
from local.clients import Clients
from local.environment import provider_keys
from local.errors import LocalError
from local.layout import ROOT, Layout
from local.locks import AlreadyRunning
from local.pushing import Function, Pusher

pytestmark = pytest.mark.stack

START_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass
class Run:
    """A `python -m local run` with a state directory of its own."""

    process: "subprocess.Popen[str]"
    layout: Layout

    @property
    def info(self) -> dict[str, Any]:
        return json.loads(self.layout.running.read_text())  # type: ignore[no-any-return]

    @property
    def clients(self) -> Clients:
        return Clients(self.info["endpoint_url"])

    def end(self, number: int) -> str:
        """Send a signal, wait, and return everything that was printed."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=STOP_SECONDS)[0]


def processes_of(layout: Layout) -> list[str]:
    """Command lines of every process that works in the state directory."""
    lines = subprocess.check_output(["ps", "-ww", "-axo", "pid=,args="], text=True).splitlines()
    own = str(os.getpid())
    return [line for line in lines if str(layout.state_dir) in line and line.split()[0] != own]


def wait_until_nothing_runs(layout: Layout) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while (left := processes_of(layout)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """One state directory for the whole file: a deployment is made once, as on a laptop."""
    return Layout.of(ROOT, tmp_path_factory.mktemp("lifecycle"))


@pytest.fixture
def run(layout: Layout) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(**environ: str) -> Run:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "local", "--state-dir", str(layout.state_dir)),
                *("run", "--no-sample"),
            ],
            cwd=ROOT,
            env={**os.environ, "FRONTDESK_PORT": str(free_port()), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        runs.append(Run(process, layout))
        deadline = time.monotonic() + START_SECONDS
        while not layout.running.exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "not ready in time"
            time.sleep(0.05)
        return runs[-1]

    yield start
    for one in runs:
        one.process.kill()
        one.process.communicate(timeout=STOP_SECONDS)
    layout.running.unlink(missing_ok=True)
    wait_until_nothing_runs(layout)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def call(api_url: str) -> object:
    return httpx.get(f"{api_url}/health", timeout=30).json()


def put_item(clients: Clients, table: str, key: str) -> None:
    item = {"pk": {"S": key}, "sk": {"S": "TEST"}}
    clients.client("dynamodb").put_item(TableName=table, Item=item)


def has_item(clients: Clients, table: str, key: str) -> bool:
    found = clients.client("dynamodb").get_item(
        TableName=table, Key={"pk": {"S": key}, "sk": {"S": "TEST"}}
    )
    return "Item" in found


def test_what_was_stored_survives_ctrl_c_and_nothing_is_left_running(
    run: Callable[..., Run], layout: Layout
) -> None:
    first = run(OPENAI_API_KEY="sk-from-the-shell")
    outputs = first.info["outputs"]
    clients = first.clients
    put_item(clients, outputs["TableName"], "kept")
    clients.client("s3").put_object(Bucket=outputs["DocumentsBucket"], Key="k", Body=b"kept")
    secret = clients.client("secretsmanager").get_secret_value(SecretId=outputs["SecretArn"])
    fields = json.loads(secret["SecretString"])
    assert fields["openai_api_key"] == "sk-from-the-shell"
    assert call(first.info["api_url"]) == {"status": "ok"}
    assert len(processes_of(layout)) >= 3, "the runner, the emulator and a function"
    with (
        pytest.raises(AlreadyRunning, match=f"process {first.process.pid}"),
        stack.start(state_dir=layout.state_dir),
    ):
        pass

    printed = first.end(signal.SIGINT)
    assert first.process.returncode == 0, printed
    assert processes_of(layout) == []
    assert "sk-from-the-shell" not in printed
    for log in layout.logs.iterdir():
        assert "sk-from-the-shell" not in log.read_text()

    # Another port, as after `FRONTDESK_PORT=… make run`.
    with stack.start(state_dir=layout.state_dir, seed=False) as again:
        assert again.outputs["TableName"] == outputs["TableName"]
        assert has_item(again.clients, outputs["TableName"], "kept")
        stored = again.client("s3").get_object(Bucket=outputs["DocumentsBucket"], Key="k")
        assert stored["Body"].read() == b"kept"
        kept = json.loads(
            again.client("secretsmanager").get_secret_value(SecretId=outputs["SecretArn"])[
                "SecretString"
            ]
        )
        # Those of the stand-in of Stripe are the same ones again, as its customers are.
        shell = provider_keys(os.environ).items()
        assert kept == {**fields, **{name: key for name, key in shell if "stripe" not in name}}
        assert kept["stripe_secret_key"].startswith("sk_test_")
        # The queues are found under their new addresses, so that work goes on.
        for name in ("TurnsQueueUrl", "IngestQueueUrl"):
            attributes = again.client("sqs").get_queue_attributes(
                QueueUrl=again.outputs[name], AttributeNames=["QueueArn"]
            )
            assert attributes["Attributes"]["QueueArn"].endswith(outputs[name].split("/")[-1])
    assert processes_of(layout) == []


def test_a_killed_run_takes_everything_with_it_and_loses_nothing(
    run: Callable[..., Run], layout: Layout
) -> None:
    killed = run()
    table = killed.info["outputs"]["TableName"]
    put_item(killed.clients, table, "before-the-kill")
    call(killed.info["api_url"])
    killed.end(signal.SIGKILL)
    wait_until_nothing_runs(layout)
    with stack.start(state_dir=layout.state_dir, seed=False) as again:
        assert has_item(again.clients, table, "before-the-kill")


def wait_for_a_save(layout: Layout) -> None:
    """Nobody asks for one; it has to come in 15 seconds and what it takes to write it."""
    link = layout.snapshots / "current"
    before = link.resolve()
    deadline = time.monotonic() + 20.0
    while link.resolve() == before:
        assert time.monotonic() < deadline, "no save in 15 seconds"
        time.sleep(0.1)


def test_a_killed_emulator_loses_only_what_came_after_the_last_save(
    run: Callable[..., Run], layout: Layout
) -> None:
    running = run()
    clients, table = running.clients, running.info["outputs"]["TableName"]
    put_item(clients, table, "saved")
    wait_for_a_save(layout)
    put_item(clients, table, "too-late")
    (emulator,) = [line for line in processes_of(layout) if "local.emulator_process" in line]
    os.kill(int(emulator.split()[0]), signal.SIGKILL)
    printed = running.process.communicate(timeout=STOP_SECONDS)[0]
    assert running.process.returncode == 1
    assert "MiniStack ended unexpectedly" in printed
    wait_until_nothing_runs(layout)
    with stack.start(state_dir=layout.state_dir, seed=False) as again:
        assert has_item(again.clients, table, "saved")
        assert not has_item(again.clients, table, "too-late")


def test_stop_ends_what_runs_and_status_says_whether_something_does(
    run: Callable[..., Run], layout: Layout
) -> None:
    def command(name: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "local", "--state-dir", str(layout.state_dir), name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    running = run()
    found = command("status")
    assert found.returncode == 0
    assert f"{running.info['site_url']}/chat.html" in found.stdout
    assert command("stop").returncode == 0
    running.process.communicate(timeout=STOP_SECONDS)
    assert running.process.returncode == 0
    assert processes_of(layout) == []
    assert command("status").returncode == 3
    assert command("stop").stdout == "Nothing is running.\n"


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(LocalError, match=f"Port {port} is taken.*FRONTDESK_PORT"),
            stack.start(state_dir=tmp_path, port=port),
        ):
            pass
    assert processes_of(Layout.of(ROOT, tmp_path)) == []


def test_a_first_start_that_was_killed_while_deploying_is_not_in_the_way(
    tmp_path: Path, layout: Layout
) -> None:
    interrupted = Layout.of(ROOT, tmp_path)
    interrupted.prepare()
    (documents,) = layout.objects.glob("*/frontdesk-local-documents-*")
    left_over = interrupted.objects / documents.relative_to(layout.objects)
    left_over.mkdir(parents=True)
    (left_over / "half").write_text("")
    with stack.start(state_dir=tmp_path, seed=False) as running:
        bucket = running.outputs["DocumentsBucket"]
        assert bucket == documents.name
        assert "Contents" not in running.client("s3").list_objects_v2(Bucket=bucket)


def test_pushed_code_and_a_failed_deployment(layout: Layout) -> None:
    # Not warmed: MiniStack, unlike Lambda, ends the calls that run when a function's code changes.
    with stack.start(state_dir=layout.state_dir, seed=False, warm=0) as running:
        name = running.outputs["ApiFunction"]
        function = running.client("lambda").get_function_configuration(FunctionName=name)
        pusher = Pusher(
            running.client("lambda"),
            ROOT,
            [Function(name, "api", function["Runtime"])],
            layout.pushed,
        )
        pusher.push(["api"], core=True)
        layers = running.client("lambda").get_function_configuration(FunctionName=name)["Layers"]
        assert layers != function["Layers"]
        assert call(running.api_url) == {"status": "ok"}

        taken = running.outputs["SiteBucket"]
        template = {
            "Resources": {
                "Good": {"Type": "AWS::SQS::Queue"},
                "Bad": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": taken}},
            }
        }
        broken = Assembly("broken", json.dumps(template), ())
        deployment.publish(running.client("s3"), broken)
        with pytest.raises(LocalError, match=rf"Bad \(AWS::S3::Bucket\): .*{taken}"):
            deployment.deploy(running.client("cloudformation"), broken)
    # The next start puts back what belongs there.
    with stack.start(state_dir=layout.state_dir, seed=False):
        assert not layout.pushed.exists()
