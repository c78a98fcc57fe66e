"""The sentiment network in transformers and torch, fp32, with the weights that model.onnx holds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from sentiment.classifier import MAX_TOKENS, load_calibration
from sentiment.text import normalize

_LAYERS, _WIDTH = 6, 384
_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings", "LayerNorm")
_KEPT = (
    "attention.output.dense.bias",
    "attention.output.LayerNorm.weight",
    "attention.output.LayerNorm.bias",
    "intermediate.dense.bias",
    "output.dense.bias",
    "output.LayerNorm.weight",
    "output.LayerNorm.bias",
)

Weights = dict[str, NDArray[np.float32]]


def load(folder: Path) -> Callable[[str], float]:
    """A function from a text to its score, computed by one thread."""
    torch.set_num_threads(1)
    weights = _weights(folder / "model.onnx")
    config = BertConfig(
        vocab_size=len(weights["encoder.embeddings.word_embeddings.weight"]),
        hidden_size=_WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=12,
        intermediate_size=4 * _WIDTH,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict({name: torch.tensor(value) for name, value in _state(weights).items()})
    encoder.eval()
    head = torch.tensor(weights["mood.weight_Transposed"])
    shift = torch.tensor(weights["mood.bias"])
    temperature = load_calibration(folder / "calibration.json").temperature
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))

    def infer(text: str) -> float:
        tokens = tokenizer(
            normalize(text), truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = encoder(**tokens).last_hidden_state
            logits = (hidden.mean(1) @ head + shift) / temperature
            negative, _, positive = logits.softmax(-1)[0].tolist()
        return float(positive - negative)

    return infer


def _weights(file: Path) -> Weights:
    """All weights by name, those in INT8 times their scales."""
    stored = {
        each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(file).graph.initializer
    }
    weights = {name: value for name, value in stored.items() if value.dtype == np.float32}
    for name, value in stored.items():
        if name.endswith("_quantized"):
            plain = name.removesuffix("_quantized")
            zero = stored[f"{plain}_zero_point"].astype(np.float32)
            weights[plain] = (value.astype(np.float32) - zero) * stored[f"{plain}_scale"]
    return weights


def _state(weights: Weights) -> Weights:
    """The encoder's weights under transformers' names; ONNX keeps matrices the other way round."""
    state = {}
    for name in _EMBEDDINGS:
        state[f"embeddings.{name}.weight"] = weights[f"encoder.embeddings.{name}.weight"]
    state["embeddings.LayerNorm.bias"] = weights["encoder.embeddings.LayerNorm.bias"]
    # The exporter numbers matrices that have lost their names, in the order of their use.
    numbered = sorted(
        (name for name in weights if name.startswith("onnx::MatMul_") and name[-1].isdigit()),
        key=lambda name: int(name.rpartition("_")[2]),
    )
    for layer in range(_LAYERS):
        prefix = f"encoder.layer.{layer}"
        for name in _KEPT:
            state[f"{prefix}.{name}"] = weights[f"encoder.{prefix}.{name}"]
        names = ("attention.output", "intermediate", "output")
        for name, matrix in zip(names, numbered[3 * layer : 3 * layer + 3], strict=True):
            state[f"{prefix}.{name}.dense.weight"] = weights[matrix].T
        kinds = ("query", "key", "value")
        for place, kind in enumerate(kinds):
            columns = slice(place * _WIDTH, (place + 1) * _WIDTH)
            own = f"{prefix}.attention.self.{kind}"
            state[f"{own}.weight"] = weights[f"Attention_{layer}_qkv_weight"][:, columns].T
            state[f"{own}.bias"] = weights[f"Attention_{layer}_qkv_bias"][columns]
    return state
