"""What the API and functions/checks say to each other about a question that is tried out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from frontdesk.entities import AnswerKind, Citation, SuggestedAction


class _Said(BaseModel):
    # What people write must not reach the logs with an error.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class PlaygroundTurn(_Said):
    """An earlier message."""

    role: Literal["customer", "assistant"]
    text: str


class PlaygroundQuestion(_Said):
    """A question of an organisation to its own documents.

    `changes` are settings that are tried out: those of `Organization`, by name. With `categories`
    only documents of those are asked.
    """

    organization_id: str
    question: str
    history: tuple[PlaygroundTurn, ...] = ()
    changes: dict[str, int | float | str | None] = Field(default_factory=dict)
    categories: tuple[str, ...] = ()


class PlaygroundPassage(_Said):
    """A passage that was found. `cited_as` is its number in the answer, if it is cited.

    `score` ranks the passages of one question; `cosine` and `bm25` are what either side of the
    search said, null where it did not rank the passage.
    """

    document_id: str
    passage_id: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    last_page: int | None
    text: str
    score: float
    cosine: float | None
    bm25: float | None
    cited_as: int | None


class PlaygroundPrompt(_Said):
    """What a language model was given."""

    instructions: str
    sources: tuple[str, ...]
    history: tuple[PlaygroundTurn, ...]
    question: str


class PlaygroundGrounding(_Said):
    """How far the answer rests on its passages, in [0, 1], and the sentences that do not."""

    score: float
    unsupported: tuple[str, ...]


class PlaygroundAnswer(_Said):
    """The answer a customer would get, and how it came about. What was not reached is null.

    `withdrawn` is what was written, where the check of it let "I don't know" be said instead.
    `query` is what was searched for: the question, made whole if it leans on the history.
    The question is answered when `answerability` is at least `threshold`; an answer is shown when
    its `confidence` is. `milliseconds` says how long each stage took.
    """

    text: str
    kind: AnswerKind
    citations: tuple[Citation, ...]
    withdrawn: str | None
    confidence: float | None
    query: str
    answerability: float | None
    threshold: float | None
    model: str | None
    fallbacks: tuple[str, ...]
    passages: tuple[PlaygroundPassage, ...]
    prompt: PlaygroundPrompt | None
    grounding: PlaygroundGrounding | None
    milliseconds: dict[str, float]
    suggested_actions: tuple[SuggestedAction, ...]


class PlaygroundReply(_Said):
    """What functions/checks returns. Without an answer something it depends on was not there."""

    answer: PlaygroundAnswer | None = None
    unavailable: Annotated[str | None, Field(description="The error's name, for the log")] = None
