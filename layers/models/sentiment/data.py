"""Reads the labelled texts, and says which of them train, calibrate and measure."""

import csv
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "functions"))
from sentiment.text import normalize

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")

# GoEmotions' 27 emotions, put together as a support team tells them apart. `desire` alone says
# nothing that such a team acts on, so it has no group.
EMOTIONS = {
    "anger": ("anger", "disgust"),
    "annoyance": ("annoyance", "disapproval"),
    "disappointment": ("disappointment",),
    "sadness": ("sadness", "grief", "remorse"),
    "worry": ("fear", "nervousness", "embarrassment"),
    "confusion": ("confusion",),
    "curiosity": ("curiosity",),
    "surprise": ("surprise", "realization"),
    "gratitude": ("gratitude", "relief"),
    "joy": ("joy", "amusement", "excitement"),
    "admiration": ("admiration", "love", "pride"),
    "approval": ("approval", "optimism", "caring"),
}

# Sides as in the GoEmotions paper (Demszky et al. 2020, figure 2).
_NEGATIVE = (
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness"
    " remorse sadness"
)
NEGATIVE = frozenset(_NEGATIVE.split())
_POSITIVE = (
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride"
    " relief"
)
POSITIVE = frozenset(_POSITIVE.split())
# The paper's fourth group leans, when it stands alone, the way such comments usually do.
AMBIGUOUS = {
    "confusion": (0.15, 0.80, 0.05),
    "curiosity": (0.05, 0.90, 0.05),
    "realization": (0.10, 0.75, 0.15),
    "surprise": (0.15, 0.65, 0.20),
}

# Banking77's intents that ask for a fact. The others mix questions with complaints.
_NEUTRAL_INTENTS = (
    "activate_my_card age_limit apple_pay_or_google_pay atm_support automatic_top_up"
    " card_about_to_expire card_acceptance card_delivery_estimate card_linking change_pin"
    " country_support disposable_card_limits edit_personal_details exchange_charge"
    " exchange_rate exchange_via_app fiat_currency_support get_disposable_virtual_card"
    " get_physical_card getting_spare_card getting_virtual_card order_physical_card"
    " passcode_forgotten receiving_money supported_cards_and_currencies"
    " top_up_by_bank_transfer_charge top_up_by_card_charge top_up_by_cash_or_cheque"
    " top_up_limits topping_up_by_card transfer_into_account transfer_timing"
    " verify_my_identity verify_source_of_funds verify_top_up visa_or_mastercard"
    " why_verify_identity"
)
NEUTRAL_INTENTS = frozenset(_NEUTRAL_INTENTS.split())
PER_INTENT = 30
TWEETS_FOR_TRAINING, TWEETS_FOR_CALIBRATION = 1_400, 200
SEED = 20_261_123

Target = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A normalised text, what it is worth to each label, and its emotions (None: not known)."""

    text: str
    target: Target
    emotions: frozenset[str] | None = None

    @property
    def label(self) -> int:
        """The likeliest label's index."""
        return self.target.index(max(self.target))


def goemotions(folder: Path, split: str, *, clear: bool = False) -> list[Example]:
    """Comments of goemo-<split>.tsv; `clear` ones only are those whose emotions lie on one side."""
    names = (folder / "goemo-labels.txt").read_text(encoding="utf-8").split()
    group_of = {fine: group for group, members in EMOTIONS.items() for fine in members}
    examples = []
    for line in (folder / f"goemo-{split}.tsv").read_text(encoding="utf-8").splitlines():
        text, labels, _ = line.split("\t")
        fine = [names[int(label)] for label in labels.split(",")]
        target = _target(fine)
        if clear and max(target) < 1:
            continue
        groups = frozenset(group_of[name] for name in fine if name in group_of)
        examples.append(Example(normalize(text), target, groups))
    return examples


def _target(fine: list[str]) -> Target:
    sides = Counter(
        0 if name in NEGATIVE else 2 if name in POSITIVE else 1
        for name in fine
        if name not in AMBIGUOUS
    )
    if total := sides.total():
        return (sides[0] / total, sides[1] / total, sides[2] / total)
    rows = [AMBIGUOUS[name] for name in fine]
    return (
        sum(row[0] for row in rows) / len(rows),
        sum(row[1] for row in rows) / len(rows),
        sum(row[2] for row in rows) / len(rows),
    )


def tweets(folder: Path) -> dict[str, list[Example]]:
    """The labelled tweets, shuffled by a fixed seed into train, calibrate and measure."""
    texts = (folder / "tweet-val-text.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    labels = (folder / "tweet-val-labels.txt").read_text(encoding="utf-8").split()
    rows = [
        Example(normalize(text), certain(int(label)))
        for text, label in zip(texts, labels, strict=True)
    ]
    random.Random(SEED).shuffle(rows)  # noqa: S311 - a split, not a secret
    first = TWEETS_FOR_TRAINING
    second = first + TWEETS_FOR_CALIBRATION
    return {"train": rows[:first], "calibrate": rows[first:second], "measure": rows[second:]}


def banking(folder: Path) -> list[Example]:
    """Up to PER_INTENT questions of each neutral intent."""
    with (folder / "banking77-train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    random.Random(SEED).shuffle(rows)  # noqa: S311 - a sample, not a secret
    taken: Counter[str] = Counter()
    examples = []
    for text, intent in rows:
        if intent in NEUTRAL_INTENTS and taken[intent] < PER_INTENT:
            taken[intent] += 1
            examples.append(Example(normalize(text), certain(1)))
    return examples


def support(file: Path) -> list[Example]:
    """The hand-written messages: label, emotions, text.

    UNKNOWN, for other languages and for what is no language, is worth a third to each label, so
    that the model learns to be unsure. `-` stands for emotions that were not judged, nothing for
    none.
    """
    examples = []
    for line in file.read_text(encoding="utf-8").splitlines():
        label, emotions, text = line.split("\t")
        target = (1 / 3, 1 / 3, 1 / 3) if label == "UNKNOWN" else certain(LABELS.index(label))
        groups = None if emotions == "-" else frozenset(filter(None, emotions.split(",")))
        if groups and not groups <= EMOTIONS.keys():
            raise SystemExit(f"unknown emotion in {file.name}: {line}")
        examples.append(Example(normalize(text), target, groups))
    return examples


def certain(label: int) -> Target:
    """All of the weight on one label."""
    return (float(label == 0), float(label == 1), float(label == 2))
