"""The whole stack, started and stopped. Tests, the demo and `make run` all start it here.

with stack.start(state_dir=folder) as running:
    running.client("dynamodb").get_item(TableName=running.outputs["TableName"], ...)
"""

import contextlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import (
    assembly,
    deployment,
    emulator,
    environment,
    mailbox,
    provider_keys,
    synthesis,
    website,
)
from local.clients import Clients
from local.emulator import Emulator
from local.errors import LocalError
from local.layout import ROOT, Layout
from local.locks import run_lock
from local.progress import Progress
from local.pushing import Pusher, find_functions
from local.repairs import repair
from local.seed import (
    ABOUT,
    Sample,
    seed_about,
    seed_conversations,
    seed_documents,
    seed_organization,
)
from local.warming import warm_up
from local.watching import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack.

    `outputs` are those of CloudFormation. `sample` is None when the stack was started without it.
    """

    endpoint_url: str
    api_url: str
    websocket_url: str
    site_url: str
    outputs: Mapping[str, str]
    layout: Layout
    sample: Sample | None
    about: Sample | None
    emulator: Emulator
    clients: Clients

    def client(self, service: str) -> Any:  # noqa: ANN401 - each service has its own type
        """A boto3 client of this stack."""
        return self.clients.client(service)

    def save(self) -> None:
        """Save the state now instead of within 15 seconds."""
        self.emulator.save()

    @property
    def origin(self) -> str:
        """The origin of the pages of `site_url`."""
        return self.endpoint_url


@contextlib.contextmanager
def start(
    root: Path = ROOT,
    state_dir: Path | None = None,
    port: int = 0,
    *,
    seed: bool = True,
    conversations: bool = False,
    warm: int = 1,
    watch: bool = False,
    progress: Progress | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Start the stack of the checkout at `root` and stop it in the end, with its state saved.

    `state_dir` (by default `.local` of the checkout) holds what it keeps; there can be one running
    stack per folder. `port` 0 is any free port. `seed` loads the sample organisation, with
    `conversations` a team and five weeks of conversations too. `warm` calls the functions in the
    background, the API so many times at once, so that nobody waits for their processes to start.
    `watch` pushes code to the functions when it is saved. `environ` stands for the shell's
    variables.

    Raises LocalError, which says what to do, and AlreadyRunning.
    """
    environ = os.environ if environ is None else environ
    progress = progress or Progress(quiet=True)
    layout = Layout.of(root, state_dir)
    layout.prepare()
    with (
        run_lock(layout.run_lock, {"port": port} if port else {}),
        _emulator(layout, port, environ, progress) as running,
    ):
        stack, pusher = _deploy(layout, running, environ, progress)
        with progress.step("Publish the pages") as tell:
            sample = _organization(stack) if seed else None
            about = _about(stack) if seed and conversations else None
            stack = replace(stack, sample=sample, about=about)
            changed = _publish_site(stack)
            tell(f"{len(changed)} changed" if changed else "unchanged")
        stack.save()
        if sample:
            if _seed(stack, sample, progress):
                stack.save()
            if conversations and _converse(stack, sample, environ, progress):
                stack.save()
        if warm:
            warm_up(stack.client("lambda"), stack.outputs, stack.api_url, at_once=warm)
        with _announced(stack), _watched(stack, pusher, progress, on=watch):
            yield stack


def synthesized(layout: Layout, environ: Mapping[str, str], progress: Progress) -> Path:
    """The folder of an up-to-date assembly. Raises LocalError."""
    folder = synthesis.cached(layout, environ)
    if folder is None:
        with progress.step("Synthesize the CDK app", slow=True):
            folder = synthesis.synthesize(layout, environ)
    return folder


def describe(stack: Stack) -> dict[str, Any]:
    """What another process needs to know to use the stack."""
    return {
        "endpoint_url": stack.endpoint_url,
        "api_url": stack.api_url,
        "websocket_url": stack.websocket_url,
        "site_url": stack.site_url,
        "pid": os.getpid(),
        "outputs": dict(stack.outputs),
    }


@contextlib.contextmanager
def _emulator(
    layout: Layout, port: int, environ: Mapping[str, str], progress: Progress
) -> Iterator[Emulator]:
    with contextlib.ExitStack() as last:
        with progress.step("Start MiniStack") as tell:
            running = last.enter_context(emulator.running(layout, port, environ))
            tell(running.url)
        yield running


def _deploy(
    layout: Layout, running: Emulator, environ: Mapping[str, str], progress: Progress
) -> tuple[Stack, Pusher]:
    clients = Clients(running.url)
    folder = synthesized(layout, environ, progress)
    ready = assembly.read(folder, port=running.port, index=layout.index)
    cloudformation = clients.client("cloudformation")
    with progress.step("Deploy with CloudFormation") as tell:
        uploaded = deployment.publish(clients.client("s3"), ready)
        deployed = deployment.deploy(cloudformation, ready)
        ids = deployment.physical_ids(cloudformation, ready.stack_name)
        if deployed.changed:
            repair(clients, ready.resources, ids)
        functions = find_functions(ready.resources, ids)
        pusher = Pusher(clients.client("lambda"), layout.root, functions, layout.pushed)
        if pusher.behind:
            pusher.push_everything()
        tell(f"{uploaded} files uploaded" if deployed.changed else "nothing to change")
    outputs = deployed.outputs
    mailbox.allow_sending(clients.client("sesv2"), outputs["MailFrom"])
    api_url = f"{outputs['HttpUrl'].rstrip('/')}/api"
    keys = environment.provider_keys(environ)
    if any(keys.values()):
        named = [field for field, key in keys.items() if key]
        progress.say(f"  keys from this shell: {', '.join(named)}")
    if not keys["stripe_secret_key"]:
        keys |= running.send_stripe_events(f"{api_url}/payments/webhook")
    provider_keys.store(clients.client("secretsmanager"), outputs["SecretArn"], keys)
    stack = Stack(
        endpoint_url=running.url,
        api_url=api_url,
        websocket_url=outputs["WebSocketUrl"],
        site_url=running.publish_site(outputs["DistributionDomain"]),
        outputs=outputs,
        layout=layout,
        sample=None,
        about=None,
        emulator=running,
        clients=clients,
    )
    return stack, pusher


def _organization(stack: Stack) -> Sample:
    return seed_organization(
        stack.client("dynamodb"), stack.outputs["TableName"], _sites(stack), stack.layout.sample
    )


def _about(stack: Stack) -> Sample:
    return seed_about(
        stack.client("dynamodb"), stack.outputs["TableName"], _sites(stack), stack.layout.about
    )


def _sites(stack: Stack) -> tuple[str, str]:
    return stack.endpoint_url, stack.endpoint_url.replace("127.0.0.1", "localhost")


def _publish_site(stack: Stack) -> list[str]:
    s3, bucket = stack.client("s3"), stack.outputs["SiteBucket"]
    changed = website.publish(s3, bucket, stack.layout.root / "web")
    config = {
        # A path: cookies of a login go to the host in the address bar, whatever it is called.
        "api": urlsplit(stack.api_url).path,
        "key": stack.sample.widget_key if stack.sample else "",
        "about": stack.about.widget_key if stack.about else "",
        "script": f"{stack.site_url}/widget/frontdesk.js",
    }
    website.publish_config(s3, bucket, config)
    return changed


def _seed(stack: Stack, sample: Sample, progress: Progress) -> int:
    with progress.step("Load the sample documents", slow=True) as tell:
        uploaded = seed_documents(
            stack.api_url, sample, record=stack.layout.sample_documents, report=tell
        )
        if stack.about:
            uploaded += seed_documents(
                stack.api_url,
                stack.about,
                record=stack.layout.about_documents,
                report=tell,
                folder=ABOUT,
            )
        tell(f"{uploaded} uploaded" if uploaded else "all there")
    return uploaded


def _converse(stack: Stack, sample: Sample, environ: Mapping[str, str], progress: Progress) -> int:
    with progress.step("Make the sample conversations") as tell:
        made = seed_conversations(stack.client("lambda"), sample, environment.base(environ))
        tell(f"{made} in five weeks" if made else "all there")
    return made


@contextlib.contextmanager
def _announced(stack: Stack) -> Iterator[None]:
    file = stack.layout.running
    file.write_text(json.dumps(describe(stack), indent=2))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextlib.contextmanager
def _watched(stack: Stack, pusher: Pusher, progress: Progress, *, on: bool) -> Iterator[None]:
    if not on:
        yield
        return
    ended = threading.Event()
    watcher = Watcher(
        stack.layout.root,
        pusher,
        publish_site=lambda: _publish_site(stack),
        tell=progress.say,
    )
    thread = threading.Thread(target=watcher.run, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def read_running(layout: Layout) -> Mapping[str, Any]:
    """What the running stack said of itself. Raises LocalError while none is ready."""
    try:
        found: Mapping[str, Any] = json.loads(layout.running.read_text())
    except FileNotFoundError as error:
        raise LocalError("The stack is not ready yet.") from error
    return found


def read_sample(layout: Layout) -> Sample:
    """The sample organisation of a stack that runs or ran. Raises LocalError."""
    try:
        return Sample(**json.loads(layout.sample.read_text()))
    except FileNotFoundError as error:
        raise LocalError("This stack has no sample organisation.") from error
