"""Answers that are given again when the same is asked.

The key is the caller's, and holds all that an answer depends on: so nothing is ever invalidated, a
change leads to another key, and what is kept under the old one ends with its time.
"""

import time

from frontdesk.entities import Citation, Entity, SuggestedAction
from frontdesk.tables.client import Key, Put, Table

_DAY = 86_400


class KeptAnswer(Entity):
    """An answer as it was given. The question is not kept."""

    text: str
    citations: tuple[Citation, ...]
    confidence: float | None = None
    model: str | None = None
    actions: tuple[SuggestedAction, ...] = ()


class AnswerCache:
    """Reads and writes answers that are kept."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def get(self, organization_id: str, key: str) -> KeptAnswer | None:
        """The answer kept under `key`, if there is one. One read."""
        item = self._table.get(kept_answer_key(organization_id, key))
        return KeptAnswer.model_validate(item) if item else None

    def put(self, organization_id: str, key: str, answer: KeptAnswer, *, days: int) -> None:
        """Keep an answer under `key` for some days."""
        self._table.put(
            Put(
                kept_answer_key(organization_id, key),
                {
                    **answer.model_dump(mode="json", exclude_none=True),
                    "expires_at": int(time.time()) + days * _DAY,
                },
            )
        )


def kept_answer_key(organization_id: str, key: str) -> Key:
    """Where an answer is kept."""
    return f"ORG#{organization_id}#ANSWERS", f"ANSWER#{key}"
