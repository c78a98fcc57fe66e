"""Asks the documents as a customer would, and leaves nothing behind."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from frontdesk.answers import replies
from frontdesk.answers.drafting import Draft, Drafter, Inquiry, Unheard, Working
from frontdesk.entities import AnswerSnapshot, Message
from frontdesk.tables.organizations import Organizations


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and how it came about."""

    draft: Draft
    working: Working

    @property
    def withdrawn(self) -> str | None:
        """What was written and is not the answer."""
        written = self.working.written
        other = self.draft.kind == "unknown" and written != self.draft.text
        return (written or None) if other else None

    @property
    def snapshot(self) -> AnswerSnapshot:
        """The answer as it is kept."""
        draft = self.draft
        return AnswerSnapshot(
            text=draft.text,
            kind=draft.kind,
            citations=draft.citations,
            confidence=None if draft.confidence is None else round(draft.confidence, 4),
            model=draft.model,
        )


@dataclass(frozen=True, slots=True)
class Asker:
    """What asking needs."""

    organizations: Organizations
    drafter: Drafter

    def ask(
        self,
        organization_id: str,
        question: str,
        *,
        history: Sequence[Message] = (),
        changes: Mapping[str, object] | None = None,
        categories: Collection[str] = (),
    ) -> Asked:
        """The answer from the documents and settings as they are now, with `changes` of these.

        With `categories` it comes from documents of those alone.
        Raises Unavailable when what we depend on fails, and NotFound without such an organisation.
        """
        organization, hidden = self.organizations.get_with_hidden_versions(organization_id)
        organization = organization.model_copy(update=dict(changes or {}))
        working = Working()
        inquiry = Inquiry(
            organization,
            hidden,
            question,
            tuple(history),
            categories=frozenset(categories) or None,
        )
        draft = self.drafter.draft(inquiry, Unheard(), Unheard(), working)
        if draft.kind == "unknown" and not draft.actions:
            # As a customer would be offered.
            draft = replace(draft, actions=(replies.TALK_TO_A_PERSON,))
        return Asked(draft, working)
