"""Train the sentiment head on the product's own embeddings, and measure it.

    python train_sentiment_head.py ../../../../shared/data .. --cache embeddings.npz

The first argument is the folder of goemo-*.tsv and tweet-val-*.txt, the second the models folder:
minilm/ is read there, and sentiment/head.json is written. Prints the figures of the model card.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix, f1_score, log_loss
from sklearn.model_selection import KFold, train_test_split

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from frontdesk.knowledge.minilm import MiniLmEmbedder

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
# The grouping of the GoEmotions paper (Demszky et al. 2020, figure 2). Its fourth group, ambiguous
# (confusion, curiosity, realization, surprise), says nothing about the mood and is left out.
NEGATIVE = (
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness"
    " remorse sadness"
)
POSITIVE = (
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride"
    " relief"
)
SIDE = {
    **dict.fromkeys(NEGATIVE.split(), 0),
    **dict.fromkeys(POSITIVE.split(), 2),
    "neutral": 1,
}
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)
# How many GoEmotions comments one hand-written sentence counts for.
SUPPORT_WEIGHT = 10.0
SEED = 7

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]
Part = tuple[Floats, Classes]


def main() -> None:
    """Embed, choose the regularisation and temperature, train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("embeddings.npz"))
    given = parser.parse_args()

    texts, classes = {}, {}
    for name in ("train", "dev"):
        texts[name], classes[name] = read_goemotions(given.data, name)
    texts["tweets"], classes["tweets"] = read_tweets(given.data)
    texts["support"], classes["support"] = read_support()
    vectors = embed_all(texts, given.models / "minilm", given.cache)

    # Chosen on a tenth of the training data, so that dev and tweets are only ever measured on.
    fit, held = train_test_split(
        np.arange(len(texts["train"])), test_size=0.1, random_state=SEED, stratify=classes["train"]
    )
    comments = vectors["train"][fit], classes["train"][fit]
    support = vectors["support"], classes["support"]
    held_x, held_y = vectors["train"][held], classes["train"][held]
    candidates = [train(comments, support, strength) for strength in STRENGTHS]
    best = max(candidates, key=lambda model: macro_f1(held_y, model.predict(held_x)))
    temperature = fit_temperature(best.decision_function(held_x), held_y)

    head = {
        "labels": LABELS,
        "weights": [[round(float(w), 5) for w in row] for row in best.coef_],
        "intercepts": [round(float(b), 5) for b in best.intercept_],
        "temperature": round(temperature, 4),
    }
    target = given.models / "sentiment" / "head.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(head) + "\n", encoding="utf-8")
    print(
        f"{len(fit):,} comments, {len(support[1])} support sentences, C = {best.C}, {temperature=}"
    )
    for name in ("dev", "tweets"):
        measure(name, probabilities(head, vectors[name]), classes[name])
    measure("support, five-fold", left_out(comments, support, best.C, temperature), support[1])


def read_goemotions(folder: Path, split: str) -> tuple[list[str], Classes]:
    """Texts and classes of goemo-<split>.tsv whose emotions all lie on one side.

    An ambiguous emotion beside a clear one does not count; alone it drops the text, as two sides
    do.
    """
    emotions = (folder / "goemo-labels.txt").read_text().split()
    texts, classes = [], []
    for line in (folder / f"goemo-{split}.tsv").read_text(encoding="utf-8").splitlines():
        text, labels, _ = line.split("\t")
        names = (emotions[int(label)] for label in labels.split(","))
        sides = {SIDE[name] for name in names if name in SIDE}
        if len(sides) == 1:
            texts.append(text)
            classes.append(sides.pop())
    return texts, np.array(classes)


def read_tweets(folder: Path) -> tuple[list[str], Classes]:
    """TweetEval's validation part, for evaluation only."""
    texts = (folder / "tweet-val-text.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    classes = [int(x) for x in (folder / "tweet-val-labels.txt").read_text().split()]
    return texts, np.array(classes)


def read_support() -> tuple[list[str], Classes]:
    """The hand-written sentences beside this script."""
    file = Path(__file__).with_name("support_sentences.tsv")
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    return [text for _, text in rows], np.array([LABELS.index(label) for label, _ in rows])


def embed_all(texts: dict[str, list[str]], folder: Path, cache: Path) -> dict[str, Floats]:
    """Vectors of every part, kept in `cache`: embedding 40,000 texts takes minutes."""
    known = dict(np.load(cache)) if cache.exists() else {}
    embedder = MiniLmEmbedder(folder)
    for name, part in texts.items():
        if name not in known or len(known[name]) != len(part) or name == "support":
            known[name] = np.array(embedder.embed(part), dtype=np.float64)
    np.savez(cache, **known)
    return known


def train(comments: Part, support: Part, strength: float) -> LogisticRegression:
    """Fit on both. Classes count alike, or the rarest, anger, would go unseen too often."""
    weights = np.ones(len(comments[1])), np.full(len(support[1]), SUPPORT_WEIGHT)
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, tol=1e-3).fit(
        np.concatenate([comments[0], support[0]]),
        np.concatenate([comments[1], support[1]]),
        sample_weight=np.concatenate(weights),
    )


def left_out(comments: Part, support: Part, strength: float, temperature: float) -> Floats:
    """Probabilities of each support sentence, from a model that did not see its fold."""
    vectors, classes = support
    predicted = np.zeros((len(classes), len(LABELS)))
    for seen, unseen in KFold(5, shuffle=True, random_state=SEED).split(classes):
        model = train(comments, (vectors[seen], classes[seen]), strength)
        predicted[unseen] = softmax(model.decision_function(vectors[unseen]) / temperature)
    return predicted


def macro_f1(truth: Classes, predicted: Classes) -> float:
    """F1 averaged over the three classes."""
    return float(f1_score(truth, predicted, average="macro"))


def fit_temperature(logits: Floats, truth: Classes) -> float:
    """The divisor of `logits` under which `truth` is likeliest."""
    found = minimize_scalar(
        lambda t: log_loss(truth, softmax(logits / t)), bounds=(0.2, 5), method="bounded"
    )
    return float(found.x)


def softmax(logits: Floats) -> Floats:
    """Row by row."""
    exponentials: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Floats = exponentials.sum(axis=1, keepdims=True)
    return exponentials / total


def probabilities(head: dict[str, object], vectors: Floats) -> Floats:
    """What the head as written, rounded, says."""
    weights, intercepts = np.array(head["weights"]), np.array(head["intercepts"])
    return softmax((vectors @ weights.T + intercepts) / np.array(head["temperature"]))


def calibration_error(predicted: Floats, truth: Classes, bins: int = 15) -> float:
    """Expected calibration error: |confidence - accuracy| over equal bins of confidence."""
    confidence, right = predicted.max(axis=1), predicted.argmax(axis=1) == truth
    bucket = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(confidence[bucket == b].mean() - right[bucket == b].mean()) * (bucket == b).mean()
            for b in range(bins)
            if (bucket == b).any()
        )
    )


def measure(name: str, predicted: Floats, truth: Classes) -> None:
    """Print macro-F1, calibration and the confusions."""
    best = predicted.argmax(axis=1)
    print(
        f"\n{name}: {len(truth):,} texts, macro-F1 {macro_f1(truth, best):.3f}, accuracy"
        f" {(best == truth).mean():.3f}, ECE {calibration_error(predicted, truth):.3f}"
    )
    print(classification_report(truth, best, target_names=LABELS, digits=3))
    print(confusion_matrix(truth, best))


if __name__ == "__main__":
    main()
