"""Asks every question as a customer would, and keeps what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.questions import Question, QuestionFile, holds
from frontdesk.answers.citations import statements
from frontdesk.answers.drafting import Draft, Drafter, Inquiry, Unheard, Working
from frontdesk.entities import Organization


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the answer to it, and how that came about."""

    question: Question
    draft: Draft
    working: Working

    @property
    def rank(self) -> int | None:
        """The place, from 0, of the first passage found that comes from the gold passage."""
        found = (each.passage.document_id for each in self.working.ranked)
        return next((n for n, name in enumerate(found) if name == self.question.passage), None)

    @property
    def answered(self) -> bool:
        """Whether an answer was given, and not withheld or withdrawn."""
        return self.draft.kind == "answer"

    @property
    def right(self) -> bool:
        """Whether an answer was given that holds a gold answer."""
        return self.answered and holds(self.question, self.said)

    @property
    def said(self) -> str:
        """The answer's text without citation markers."""
        return " ".join(statement.text for statement in statements(self.draft.text))


def ask(
    drafter: Drafter, organization: Organization, questions: Sequence[Question]
) -> Iterator[Asked]:
    """Put each question by itself, in a conversation of its own."""
    for question in questions:
        working = Working()
        inquiry = Inquiry(organization, frozenset(), question.question)
        yield Asked(question, drafter.draft(inquiry, Unheard(), Unheard(), working), working)


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of all the questions of a file."""

    answerable: Sequence[Asked]
    near: Sequence[Asked]
    outside: Sequence[Asked]

    @property
    def everything(self) -> list[Asked]:
        """All of them."""
        return [*self.answerable, *self.near, *self.outside]


def ask_all(drafter: Drafter, organization: Organization, file: QuestionFile) -> Answers:
    """Put every question of `file`. Raises Unavailable."""
    return Answers(
        answerable=list(ask(drafter, organization, file.answerable)),
        near=list(ask(drafter, organization, file.near)),
        outside=list(ask(drafter, organization, file.outside)),
    )
