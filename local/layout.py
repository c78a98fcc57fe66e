"""Where things lie on this machine."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A checkout, and the folder that holds everything one stack keeps (`.local` by default)."""

    root: Path
    state_dir: Path

    @classmethod
    def of(cls, root: Path = ROOT, state_dir: Path | None = None) -> "Layout":
        """The layout of the checkout at `root`, with absolute paths."""
        return cls(root.resolve(), (state_dir or root / ".local").resolve())

    def prepare(self) -> None:
        """Make the folders. Only their owner may look inside: provider keys are among the state."""
        self.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.snapshots, self.objects, self.logs, self.temporary):
            folder.mkdir(exist_ok=True, mode=0o700)

    @property
    def assemblies(self) -> Path:
        """What the CDK app was synthesized to, shared by every stack of this checkout."""
        return self.root / ".local" / "assemblies"

    @property
    def run_lock(self) -> Path:
        """Held by whoever runs the stack."""
        return self.state_dir / "run.lock"

    @property
    def state_lock(self) -> Path:
        """Held by the emulator for as long as it may write its state."""
        return self.state_dir / "state.lock"

    @property
    def snapshots(self) -> Path:
        """The emulator's state, see `local.snapshots`."""
        return self.state_dir / "snapshots"

    @property
    def objects(self) -> Path:
        """S3 objects."""
        return self.state_dir / "s3"

    @property
    def index(self) -> Path:
        """The vector index."""
        return self.state_dir / "index.sqlite"

    @property
    def stripe(self) -> Path:
        """What the stand-in of Stripe keeps."""
        return self.state_dir / "stripe.sqlite"

    @property
    def temporary(self) -> Path:
        """The emulator's TMPDIR. It leaves things behind there, so each start empties it."""
        return self.state_dir / "tmp"

    @property
    def logs(self) -> Path:
        """Logs of the emulator, the functions and the synthesis."""
        return self.state_dir / "logs"

    @property
    def emulator_log(self) -> Path:
        """What MiniStack says."""
        return self.logs / "ministack.log"

    @property
    def functions_log(self) -> Path:
        """What the functions log."""
        return self.logs / "functions.log"

    @property
    def synthesis_log(self) -> Path:
        """What the CDK said last."""
        return self.logs / "synth.log"

    @property
    def running(self) -> Path:
        """How to reach the stack that runs, for `status` and `demo`."""
        return self.state_dir / "running.json"

    @property
    def pushed(self) -> Path:
        """Exists while functions run code that was pushed past CloudFormation."""
        return self.state_dir / "pushed"

    @property
    def sample(self) -> Path:
        """The keys of the sample organisation."""
        return self.state_dir / "sample.json"

    @property
    def sample_documents(self) -> Path:
        """Which of the sample's documents were uploaded."""
        return self.state_dir / "sample-documents.json"

    @property
    def about(self) -> Path:
        """The keys of the organisation that answers about Frontdesk."""
        return self.state_dir / "about.json"

    @property
    def about_documents(self) -> Path:
        """Which of its documents were uploaded."""
        return self.state_dir / "about-documents.json"
