"""The file of an evaluation: passages, questions about them, and questions about other things."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class GoldPassage(_Row):
    """A passage of the knowledge base."""

    id: str
    title: str
    text: str


class Question(_Row):
    """A question with its passage and gold answers; without a passage it has no answer there."""

    question: str
    passage: str | None = None
    answers: tuple[str, ...] = ()


class QuestionFile(_Row):
    """In the format of squad-kb.json.

    A question without a passage looks answerable and is not; `outside` questions are about
    something else altogether.
    """

    passages: tuple[GoldPassage, ...] = Field(min_length=1)
    questions: tuple[Question, ...]
    outside: tuple[Question, ...] = ()

    @model_validator(mode="after")
    def _passages_are_there(self) -> "QuestionFile":
        known = {passage.id for passage in self.passages}
        missing = {q.passage for q in self.questions if q.passage} - known
        if missing:
            raise ValueError(f"questions name passages that are not there: {sorted(missing)[:3]}")
        return self

    @property
    def answerable(self) -> list[Question]:
        """The questions that a passage answers."""
        return [question for question in self.questions if question.passage]

    @property
    def near(self) -> list[Question]:
        """The questions that only look answerable."""
        return [question for question in self.questions if not question.passage]


def read_questions(file: Path) -> QuestionFile:
    """The questions in `file`. Raises OSError and pydantic's ValidationError."""
    return QuestionFile.model_validate_json(file.read_bytes())


def holds(question: Question, text: str) -> bool:
    """Whether one of the question's gold answers is in `text`, case and spacing aside."""
    plain = " ".join(text.lower().split())
    return any(" ".join(answer.lower().split()) in plain for answer in question.answers)
