"""Puts questions with those that mean the same.

Groups are found through the vector index, in a namespace of their own beside the documents'. There
a group has one vector, that of its first question, and no text: what customers wrote stays in the
table, where it ends with its conversation.
"""

from collections.abc import Collection, Sequence

from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.tables.questions import NotedQuestion, Questions

_MINILM_SIMILARITY = 0.75
"""Cosine from which two questions count as the same. Of 2,000 questions of Banking77, each put with
the first question of the nearest group: 844 groups, 94 % of the questions among those of their
intent. At 0.7 it is 623 groups and 88 %, at 0.8 1,113 and 97 %. It tells words of one kind apart
badly: of SQuAD's 3,040 questions, which differ in one name or date, 32 % join another (0.8: 24 %).
"""

_OPENAI_SIMILARITY = 0.65
"""Provisional, not measured: OpenAI's embeddings of like questions are less near than MiniLM's."""

_DOCUMENT = "questions"
_NEAREST = 3


def similarity_threshold(embedder: str) -> float:
    """The cosine from which two questions mean the same, for the embedder of the settings."""
    return _MINILM_SIMILARITY if embedder.startswith("minilm") else _OPENAI_SIMILARITY


class QuestionGroups:
    """Groups questions. Raises EmbedderUnavailable, IndexUnavailable and StoreUnavailable."""

    def __init__(
        self, questions: Questions, index: PassageIndex, embedder: Embedder, *, threshold: float
    ) -> None:
        """From `threshold` (a cosine) on, two questions mean the same."""
        self._questions = questions
        self._index = index
        self._embedder = embedder
        self._threshold = threshold

    def group(
        self, organization_id: str, message_ids: Sequence[str], vector: Vector | None = None
    ) -> None:
        """Put noted questions with their like and count them, each once. Safe to repeat.

        They are named by their answers. `vector` is that of the last one, if it is at hand. Two
        that mean the same and come in the same moment may each begin a group.
        """
        noted = {
            each.question.message_id: each
            for each in self._questions.noted(organization_id, message_ids)
            if each.group_id is None
        }
        for message_id in message_ids:
            found = noted.get(message_id)
            if found is None:
                continue
            at_hand = vector if message_id == message_ids[-1] else None
            self._group(organization_id, found, at_hand or self._embed(found.question.text))

    def refresh(self, organization_id: str, group_ids: Collection[str]) -> None:
        """Have the index know groups as they are stored now. Safe to repeat."""
        groups = self._questions.get_many(organization_id, group_ids)
        for group_id in group_ids:
            group = groups.get(group_id)
            if group is None or group.text is None:
                self._index.delete_version(_namespace(organization_id), _DOCUMENT, group_id)
            else:
                self._put(organization_id, group_id, self._embed(group.text))

    def _group(self, organization_id: str, noted: NotedQuestion, vector: Vector) -> None:
        found = self._nearest(organization_id, vector)
        group_id = found or new_id()
        if found is None:
            # First the vector: a group that nothing leads to would stay alone for good.
            self._put(organization_id, group_id, vector)
        counted = self._count(organization_id, group_id, noted)
        if found is None and not counted:
            self._index.delete_version(_namespace(organization_id), _DOCUMENT, group_id)

    def _count(self, organization_id: str, group_id: str, noted: NotedQuestion) -> bool:
        """Count a question in a group; the first to come begins it. False if it was counted."""
        try:
            return self._questions.join_group(organization_id, group_id, noted)
        except NotFound:
            # New, or another worker is about to begin it, or it ended with its last example.
            try:
                return self._questions.begin_group(organization_id, group_id, noted)
            except Conflict:
                return self._questions.join_group(organization_id, group_id, noted)

    def _nearest(self, organization_id: str, vector: Vector) -> str | None:
        """The nearest group, if it is near enough."""
        candidates = self._index.search(
            _namespace(organization_id), text="", vector=vector, limit=_NEAREST
        )
        near = [
            (each.cosine, each.passage.version)
            for each in candidates
            if each.cosine is not None and each.cosine >= self._threshold
        ]
        return max(near)[1] if near else None

    def _put(self, organization_id: str, group_id: str, vector: Vector) -> None:
        # An index wants some text. All have the same, so that it tells nothing.
        passage = Passage(_DOCUMENT, group_id, 0, text=_DOCUMENT, title=_DOCUMENT)
        self._index.upsert(_namespace(organization_id), [passage], [vector])

    def _embed(self, text: str) -> Vector:
        [vector] = self._embedder.embed([text])
        return vector


def _namespace(organization_id: str) -> str:
    """Where an organisation's groups are. No organisation's id looks like this."""
    return f"{organization_id}-questions"
