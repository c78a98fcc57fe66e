"""Puts the passages that search brought up in the order in which they answer.

Search weighs whole passages. What answers is a sentence, and the score that chooses sentences to
quote sees what a passage's vector and its BM25 score do not: which of the question's words stand
together, and whether the sentence has the name, date or amount that was asked for. A cross-encoder,
where there is one, understands other words for the same thing; it reads only the first few.
"""

from collections.abc import Sequence
from dataclasses import replace

from frontdesk.answers.ports import CrossEncoder
from frontdesk.answers.relevance import best_scores
from frontdesk.knowledge.retrieval import Retrieved

CONSIDERED = 10
"""Passages that are put in order. The right one is among them for 99.7 % of SQuAD's questions."""

_SIMILARITY, _WORDS = 20.0, 3.0
"""Weights of the cosine and of the share of the best BM25 score, beside the sentence's score. Among
round figures these lose least on questions that take a document's words and find most of those that
do not: see docs/EVALUATION.md."""

READ = 3
"""Passages that a cross-encoder reads, which takes longer than all the rest of an answer. Two more
would find as much on SQuAD and .04 more of recall@3 on help centres, for two thirds more time."""

_READING = 1.5
"""Weight of its logit beside the score by words: see layers/models/reranker/MODEL_CARD.md."""


def rerank(
    question: str, found: Sequence[Retrieved], cross_encoder: CrossEncoder | None = None
) -> list[Retrieved]:
    """The first `CONSIDERED` of `found`, best first, each with its new score.

    The score is the sum of that of its best sentence, of its cosine and of its BM25 score as a
    share of the best one, the latter two weighted. It compares within one call only.
    With a cross-encoder the first `READ` have its logit as `relevance`, which counts among them.
    Raises RerankerUnavailable.
    """
    considered = found[:CONSIDERED]
    known = [each.cosine for each in considered if each.cosine is not None]
    least = min(known, default=0.0)
    most = max((each.bm25 or 0.0 for each in considered), default=0.0) or 1.0
    sentences = best_scores(question, [each.passage for each in considered])
    ranked = [
        replace(
            each,
            score=sentence
            + _SIMILARITY * (least if each.cosine is None else each.cosine)
            + _WORDS * (each.bm25 or 0.0) / most,
        )
        for each, sentence in zip(considered, sentences, strict=True)
    ]
    ranked = _sorted(ranked)
    return ranked if cross_encoder is None else _read(question, ranked, cross_encoder)


def _read(
    question: str, ranked: Sequence[Retrieved], cross_encoder: CrossEncoder
) -> list[Retrieved]:
    first, rest = ranked[:READ], ranked[READ:]
    logits = cross_encoder.scores(question, [each.passage.searchable_text for each in first])
    # Counted from the lowest, so that nothing falls behind what was not read.
    least = min(logits, default=0.0)
    read = [
        replace(each, score=each.score + _READING * (logit - least), relevance=logit)
        for each, logit in zip(first, logits, strict=True)
    ]
    return [*_sorted(read), *rest]


def _sorted(ranked: Sequence[Retrieved]) -> list[Retrieved]:
    return sorted(ranked, key=lambda each: (-each.score, each.passage.id))
