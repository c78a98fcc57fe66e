"""Questions that customers put to the documents, grouped by what they mean."""

from datetime import datetime
from typing import Literal

from frontdesk.entities.base import Entity

GroupStatus = Literal["open", "answered", "dismissed"]
"""Asked; answered by the team with a document; set aside by the team."""


class AskedQuestion(Entity):
    """A question as a customer put it. `message_id` is that of the answer to it.

    It is gone at `expires_at` (seconds since the epoch), with its conversation.
    """

    message_id: str
    conversation_id: str
    text: str
    at: datetime
    expires_at: int


class QuestionGroup(Entity):
    """Questions that mean the same: how often they were asked, and how often in vain.

    `examples` are the first question and the newest, those that are still kept; the group is gone
    with the last of them. While the group is
    `open` and was asked in vain it is a gap. `document_id` is the document that the team answered
    it with, at `answered_at`. `revision` counts the changes.
    """

    id: str
    organization_id: str
    status: GroupStatus = "open"
    asked: int = 0
    unanswered: int = 0
    examples: tuple[AskedQuestion, ...] = ()
    first_at: datetime
    last_at: datetime
    document_id: str | None = None
    answered_at: datetime | None = None
    expires_at: int
    revision: int = 0

    @property
    def text(self) -> str | None:
        """The question in the words of the first example."""
        return self.examples[0].text if self.examples else None
