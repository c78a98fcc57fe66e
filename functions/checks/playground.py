"""Tries a question out, and shows everything."""

from checks.asking import Asked, Asker
from frontdesk.checks.playground import (
    PlaygroundAnswer,
    PlaygroundGrounding,
    PlaygroundPassage,
    PlaygroundPrompt,
    PlaygroundQuestion,
    PlaygroundReply,
    PlaygroundTurn,
)
from frontdesk.entities import Message
from frontdesk.errors import Unavailable
from frontdesk.ids import new_id, time_of
from frontdesk.observability import logger


def try_out(asker: Asker, question: PlaygroundQuestion) -> PlaygroundReply:
    """The answer to a question and how it came about. Nothing is stored, and nothing counted."""
    try:
        asked = asker.ask(
            question.organization_id,
            question.question,
            history=[_message(turn) for turn in question.history],
            changes=question.changes,
            categories=question.categories,
        )
    except Unavailable as error:
        logger.exception("no answer could be made", extra={"cause": type(error).__name__})
        return PlaygroundReply(unavailable=type(error).__name__)
    return PlaygroundReply(answer=_shown(asked))


def _message(turn: PlaygroundTurn) -> Message:
    identifier = new_id()
    return Message(id=identifier, role=turn.role, text=turn.text, at=time_of(identifier))


def _shown(asked: Asked) -> PlaygroundAnswer:
    draft, working, snapshot = asked.draft, asked.working, asked.snapshot
    cited = {citation.number for citation in draft.citations}
    prompt = working.prompt
    return PlaygroundAnswer(
        text=draft.text,
        kind=draft.kind,
        citations=draft.citations,
        withdrawn=asked.withdrawn,
        confidence=snapshot.confidence,
        query=working.query,
        answerability=working.answerability,
        threshold=working.threshold,
        model=draft.model,
        fallbacks=draft.fallbacks,
        passages=tuple(
            PlaygroundPassage(
                document_id=found.passage.document_id,
                passage_id=found.passage.id,
                title=found.passage.title,
                headings=found.passage.headings,
                page=found.passage.page,
                last_page=found.passage.last_page,
                text=found.passage.text,
                score=found.score,
                cosine=found.cosine,
                bm25=found.bm25,
                cited_as=number if number in cited else None,
            )
            for number, found in enumerate(working.retrieved, start=1)
        ),
        prompt=prompt
        and PlaygroundPrompt(
            instructions=prompt.instructions,
            sources=prompt.sources,
            history=tuple(
                PlaygroundTurn(role=turn.role, text=turn.text) for turn in prompt.history
            ),
            question=prompt.question,
        ),
        grounding=working.grounding
        and PlaygroundGrounding(
            score=working.grounding.score, unsupported=working.grounding.unsupported
        ),
        milliseconds={
            stage: round(seconds * 1000, 2) for stage, seconds in working.seconds.items()
        },
        suggested_actions=draft.actions,
    )
