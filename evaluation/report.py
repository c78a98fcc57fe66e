"""`make eval DATA=file.json`: how good the answers are, as one JSON object."""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.summary import milliseconds
from evaluation import metrics, peer
from evaluation.answers import Answers, Asked, ask_all
from evaluation.knowledge import ingest
from evaluation.questions import QuestionFile, read_questions
from frontdesk.answers.assembly import open_drafter
from frontdesk.entities import Organization
from frontdesk.knowledge.adapters import open_embedder, open_index
from frontdesk.secrets import ProviderKeys
from frontdesk.settings import DraftingSettings

_ROOT = Path(__file__).resolve().parent.parent
_MODELS = _ROOT / "layers" / "models"
_CDK = _ROOT / "cdk.json"
_ORGANIZATION = Organization(id="evaluation", name="the knowledge base")


def main() -> None:
    """Evaluate, and print.

    What quotes is always evaluated; the language model too, if the environment has OPENAI_API_KEY
    or OPENAI_BASE_URL. With --peer beside it what the usual stack does with the same file.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    file = read_questions(options.file)
    report = evaluate(file, {**os.environ, "FRONTDESK_MODEL": "extractive"})
    model = model_settings(os.environ)
    if model:
        report["language model"] = evaluate(file, {**os.environ, **model})
    if options.peer:
        report["peer"] = peer.evaluate(options.file)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


def model_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of the language model that `environ` has a key or an address for.

    It is the one that FRONTDESK_MODEL names, or else the one that is deployed (cdk.json). Empty if
    there is neither key nor address.
    """
    base_url = environ.get("FRONTDESK_OPENAI_BASE_URL") or environ.get("OPENAI_BASE_URL") or ""
    if not (environ.get("OPENAI_API_KEY") or base_url):
        return {}
    deployed = json.loads(_CDK.read_text())["context"]["model"]
    return {
        "FRONTDESK_MODEL": environ.get("FRONTDESK_MODEL") or deployed,
        "FRONTDESK_OPENAI_BASE_URL": base_url,
    }


def evaluate(file: QuestionFile, environ: Mapping[str, str]) -> dict[str, Any]:
    """Ingest the passages of `file` into an index of its own, put its questions, and measure.

    `environ` chooses embedder, reranker and models as it does for a function; by default they are
    those of a laptop, without a language model. Raises ValueError for settings that fit nothing,
    and Unavailable.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = DraftingSettings.read(
            {
                "FRONTDESK_SECRET": "none",
                "FRONTDESK_EMBEDDER": "minilm",
                "FRONTDESK_RERANKER": "minilm",
                "FRONTDESK_MODELS": str(_MODELS),
                **environ,
                "FRONTDESK_INDEX": f"sqlite:{Path(folder) / 'index.sqlite'}",
            }
        )
        keys = ProviderKeys.model_validate(
            {"openai_api_key": environ.get("OPENAI_API_KEY") or None}
        )
        embedder, index = open_embedder(settings, keys), open_index(settings, keys)
        drafter = open_drafter(settings, keys, embedder=embedder, index=index)
        began = time.perf_counter()
        passages = ingest(_ORGANIZATION.id, file.passages, index, embedder)
        ingested = time.perf_counter() - began
        answers = ask_all(drafter, _ORGANIZATION, file)
    return {
        "questions": {
            "passages": len(file.passages),
            "answerable": len(answers.answerable),
            "near": len(answers.near),
            "outside": len(answers.outside),
        },
        **figures(answers),
        "answered_by": dict(Counter(each.draft.model or "nobody" for each in answers.everything)),
        "passages_indexed": passages,
        "passages_per_second": round(passages / ingested, 1),
        "milliseconds": _stages(answers.everything),
    }


def figures(answers: Answers) -> dict[str, Any]:
    """What was found, what was answered, and how well the system knew it; None without questions.

    `ece` asks of every answerable and outside question whether the confidence was that of a right
    answer, which is one that was given and holds a gold answer.
    """
    inside, outside = answers.answerable, answers.outside
    ranks = [each.rank for each in inside]
    given = [each for each in inside if each.answered]
    said = [(each.draft.confidence or 0.0, each.right) for each in (*inside, *outside)]
    bins = metrics.reliability(said)
    return {
        "recall@1": _rounded(metrics.recall(ranks, 1) if ranks else None),
        "recall@3": _rounded(metrics.recall(ranks, 3) if ranks else None),
        "mrr@10": _rounded(metrics.mean_reciprocal_rank(ranks, 10) if ranks else None),
        "answer_contains": _share(each.right for each in inside),
        "words_mean": _rounded(
            sum(len(each.said.split()) for each in given) / len(given) if given else None, 1
        ),
        "auroc_outside": _rounded(
            metrics.auroc([_answerable(each) for each in inside], [_answerable(e) for e in outside])
            if inside and outside
            else None
        ),
        "refused_answerable": _share(not each.answered for each in inside),
        "answered_outside": _share(each.answered for each in outside),
        "answered_near": _share(each.answered for each in answers.near),
        "ece": _rounded(metrics.calibration_error(bins) if bins else None),
        "reliability": [dataclasses.asdict(each) for each in bins],
    }


def _answerable(asked: Asked) -> float:
    """The score that tells what the documents answer; none is worked out for small talk."""
    return asked.working.answerability or 0.0


def _stages(everything: Sequence[Asked]) -> dict[str, Any]:
    stages = dict.fromkeys(stage for each in everything for stage in each.working.seconds)
    by_stage = {
        stage: milliseconds(
            [each.working.seconds[stage] for each in everything if stage in each.working.seconds]
        )
        for stage in stages
    }
    return {
        **by_stage,
        "altogether": milliseconds([sum(each.working.seconds.values()) for each in everything]),
    }


def _share(outcomes: Iterable[bool]) -> float | None:
    found = list(outcomes)
    return round(sum(found) / len(found), 4) if found else None


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
