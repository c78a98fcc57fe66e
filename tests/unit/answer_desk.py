"""A worker that answers one visitor of one organisation, and all it works with."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chat.turn import Answerer
from chat.worker import AnswerWorker
from frontdesk.answers.cached_drafting import CachedDrafter
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter
from frontdesk.answers.metering import Meter
from frontdesk.answers.ports import (
    Anew,
    Completer,
    Completion,
    LanguageModel,
    Prompt,
    TokenUsage,
)
from frontdesk.answers.prompt import PROMPT_TOKENS
from frontdesk.entities import Connection, Message, Organization, Sentiment
from frontdesk.errors import IndexUnavailable
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Candidate, Passage, Vector
from frontdesk.knowledge.question_groups import QuestionGroups
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.answer_cache import AnswerCache
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.questions import Questions
from frontdesk.tables.visitors import Visitors
from tests.unit.chat_routes import team_on
from tests.unit.deployment import MailBox

MODELS = Path(__file__).parents[2] / "layers" / "models"
QUESTION = "How long does a refund take?"
PASSAGES = [
    "Refunds are paid back to the card you paid with. A refund takes 5 to 10 working days.",
    "You can invite up to 25 people to a team. Invitations are valid for seven days.",
    "Calendars are shared by link. Anyone who has the link can see when you are free.",
]


class Moods:
    """Everything sounds the same, but for what is in `read_as`."""

    def __init__(self) -> None:
        self.read_as: dict[str, Sentiment | None] = {}

    def read(self, texts: Sequence[str]) -> list[Sentiment | None]:
        neutral = Sentiment(label="NEUTRAL", score=0.0, confidence=0.5)
        return [self.read_as.get(text, neutral) for text in texts]


class Script:
    """A language model that says what it is told to, piece by piece."""

    def __init__(
        self, *pieces: str | Anew | TokenUsage | Exception | Callable[[], None], name: str = "main"
    ) -> None:
        self.name = name
        self.pieces = pieces
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt) -> Iterator[str | Anew | TokenUsage]:
        self.prompts.append(prompt)
        for piece in self.pieces:
            match piece:
                case Exception():
                    raise piece
                case str() | Anew() | TokenUsage():
                    yield piece
                case _:
                    piece()


class Scribe:
    """A model for short texts that writes what it is told to, the last for ever."""

    def __init__(self, *texts: str | Exception, name: str = "helper") -> None:
        self.name = name
        self.texts = list(texts)
        self.prompts: list[Prompt] = []

    def complete(self, prompt: Prompt, **_limits: float) -> Completion:
        self.prompts.append(prompt)
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if isinstance(text, Exception):
            raise text
        return Completion(text)


class BrokenIndex:
    """An index that is down."""

    def search(self, *_: object, **__: object) -> list[Candidate]:
        raise IndexUnavailable("down")

    def upsert(self, *_: object) -> None:
        raise IndexUnavailable("down")

    def wait_until_searchable(self, *_: object, **__: object) -> bool:
        raise IndexUnavailable("down")

    def delete_version(self, *_: object) -> None:
        raise IndexUnavailable("down")


class Desk:
    """One organisation with three passages, one visitor, and a worker to answer them."""

    def __init__(self, table: Table, folder: Path, embedder: MiniLmEmbedder) -> None:
        self.table = table
        self.conversations = Conversations(table)
        self.organizations = Organizations(table)
        self.questions = Questions(table)
        self.accounts = Accounts(table)
        self.cache = AnswerCache(table)
        self.organization = Organization(id=new_id(), name="Harbor", assistant="Robin")
        self.organizations.create(self.organization)
        self.ref = Visitors(table).open(self.organization.id, "visitor").ref
        Connections(table).open(Connection(id="here", conversation=self.ref))
        self.embedder = embedder
        self.index = SqliteIndex(folder / "index.sqlite")
        self.version = new_id()
        self.add_passages(PASSAGES, self.version)
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.pool = ThreadPoolExecutor(4)
        self.moods = Moods()
        self.mail = MailBox()
        self.team = team_on(table, self)

    def add_passages(
        self, texts: Sequence[str], version: str, *, category: str | None = None
    ) -> None:
        passages = [
            Passage(
                document_id="document",
                version=version,
                ordinal=number,
                text=text,
                title="Guide",
                page=number + 1,
                last_page=number + 1,
                category=category,
            )
            for number, text in enumerate(texts)
        ]
        vectors: list[Vector] = self.embedder.embed([each.searchable_text for each in passages])
        self.index.upsert(self.organization.id, passages, vectors)

    def send(self, connection_id: str, text: str) -> bool:
        if connection_id in self.gone:
            return False
        self.sent.setdefault(connection_id, []).append(json.loads(text))
        return True

    def close(self, connection_id: str) -> None:
        self.gone.add(connection_id)

    def worker(
        self,
        *models: LanguageModel,
        index: Any = None,
        helper: Completer | None = None,
        meter: Meter | None = None,
        prompt_tokens: int = PROMPT_TOKENS,
        billed: bool = False,
    ) -> AnswerWorker:
        return AnswerWorker(
            conversations=self.conversations,
            organizations=self.organizations,
            standings=Standings(self.accounts, billed=billed),
            questions=self.questions,
            groups=QuestionGroups(
                self.questions, index or self.index, self.embedder, threshold=0.75
            ),
            sockets=self,
            team=self.team,
            mail=self.mail,
            answerer=Answerer(
                drafter=CachedDrafter(
                    Drafter(
                        embedder=self.embedder,
                        index=index or self.index,
                        models=models,
                        confidence=Confidence.fitted("minilm"),
                        helper=helper,
                        meter=meter or Meter(),
                        prompt_tokens=prompt_tokens,
                    ),
                    self.cache,
                    self.pool,
                    fingerprint="code",
                ),
                moods=self.moods,
                pool=self.pool,
                somebody_is_here=self.team.somebody_is_here,
            ),
            pool=self.pool,
        )

    def say(self, text: str = QUESTION) -> str:
        client_id = new_id()
        self.conversations.accept(self.ref, client_id=client_id, text=text, per_minute=1000)
        return client_id

    def answers(self) -> list[Message]:
        return [
            message
            for message in self.conversations.recent_messages(self.ref, 50)
            if message.role == "assistant"
        ]

    def frames(self, kind: str, connection_id: str = "here") -> list[dict[str, Any]]:
        return [frame for frame in self.sent.get(connection_id, []) if frame["type"] == kind]

    def is_idle(self) -> bool:
        conversation = self.conversations.get(self.ref)
        return not conversation.unanswered and conversation.lease_owner is None
