"""What Frontdesk itself adds to an answer: extractive answerer, sample organisation, all stored."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.calls import CallLog
from benchmarks.summary import milliseconds
from chat.jobs import SqsTurnQueue
from chat.mood import LambdaMoods
from chat.routes import Gateway
from chat.turn import Answerer
from chat.worker import AnswerWorker
from frontdesk.answers.cached_drafting import CachedDrafter
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter
from frontdesk.answers.fingerprint import fingerprint
from frontdesk.entities import Connection, ConversationRef
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.question_groups import QuestionGroups, similarity_threshold
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.mail.jobs import SqsMailQueue
from frontdesk.realtime.frames import MessageFrame
from frontdesk.realtime.listeners import Listeners
from frontdesk.realtime.team import Team
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.answer_cache import AnswerCache
from frontdesk.tables.client import Put, Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.limits import Limits
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.questions import Questions
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.visitors import Visitors
from local.chat_client import ChatClient
from local.stack import Stack

QUESTIONS = (
    "How do I reset my password?",
    "How long do refunds take?",
    "How many people can I invite?",
    "Is my data encrypted?",
    "Which payment methods do you take?",
)


@dataclass(slots=True)
class Stopwatch:
    """Sockets that note when the first delta and the end of an answer pass."""

    first: float | None = None
    done: float | None = None

    def send(self, _connection_id: str, text: str) -> bool:
        """Note the time of a frame."""
        if self.first is None and '"type":"delta"' in text:
            self.first = time.perf_counter()
        if '"type":"done"' in text:
            self.done = time.perf_counter()
        return True

    def close(self, connection_id: str) -> None:
        """Nobody is disconnected here."""


@dataclass(slots=True)
class Times:
    """Seconds from the customer's frame."""

    first: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def report(self) -> dict[str, object]:
        """In milliseconds. Processor time is that of this process, where it was taken."""
        report: dict[str, object] = {
            "to first delta": milliseconds(self.first),
            "to done": milliseconds(self.done),
        }
        if self.processor:
            report["processor time"] = milliseconds(self.processor)
        return report


def on_the_stack(stack: Stack, *, runs: int = 40) -> dict[str, object]:
    """From a frame on the socket to the first delta and to done, through every emulated service."""
    times = Times()
    assert stack.sample
    for number in range(runs + 5):
        with ChatClient(
            api_url=stack.api_url, key=stack.sample.widget_key, origin=stack.origin
        ) as client:
            client.connect()
            begin = time.perf_counter()
            seen: dict[str, float] = {}
            for frame in client.ask(QUESTIONS[number % len(QUESTIONS)]):
                seen.setdefault(frame["type"], time.perf_counter() - begin)
        if number >= 5 and "delta" in seen:
            times.first.append(seen["delta"])
            times.done.append(seen["done"])
    return times.report()


def in_process(stack: Stack, *, runs: int = 40) -> dict[str, object]:
    """Gateway and worker in this process, with the tables, queue and sentiment of the stack."""
    times = Times()
    with _desk(stack) as desk:
        for number in range(runs + 5):
            watch, _, begin, processor = desk.answer(QUESTIONS[number % len(QUESTIONS)])
            if number >= 5 and watch.first and watch.done:
                times.first.append(watch.first - begin)
                times.done.append(watch.done - begin)
                times.processor.append(processor)
    return times.report()


def shape(stack: Stack, *, stored: int) -> dict[str, object]:
    """The calls of one answered message, among `stored` other conversations."""
    with _desk(stack) as desk:
        desk.fill(stored)
        desk.answer(QUESTIONS[1])
        watch, log, *_ = desk.answer(QUESTIONS[1])
    return {
        "calls": log.counts(),
        "one after another before the first delta": log.depth(before=watch.first or 0.0),
        "one after another in all": log.depth(),
    }


@dataclass(frozen=True, slots=True)
class _Desk:
    stack: Stack
    embedder: MiniLmEmbedder
    index: SqliteIndex
    pool: ThreadPoolExecutor

    def answer(self, question: str) -> tuple[Stopwatch, CallLog, float, float]:
        """Answer a new visitor's question, as gateway and worker do."""
        log = CallLog()
        table = Table(log.attach(self.stack.client("dynamodb")), self.stack.outputs["TableName"])
        sqs = log.attach(self.stack.client("sqs"))
        invoke = log.attach(self.stack.client("lambda"))
        conversations, connections = Conversations(table), Connections(table)
        assert self.stack.sample
        ref = Visitors(table).open(self.stack.sample.organization_id, new_id()).ref
        connections.open(Connection(id=new_id(), conversation=ref))
        connection = Connection(id=f"{new_id()}=", conversation=ref, begun=False)
        connections.open(connection)
        watch = Stopwatch()
        questions = Questions(table)
        team = Team(
            connections=connections,
            conversations=conversations,
            tickets=Tickets(table),
            sockets=watch,
        )
        gateway = Gateway(
            conversations=conversations,
            visitors=Visitors(table),
            limits=Limits(table),
            team=team,
            turns=_Unread(sqs, self.stack),
            listeners=Listeners(connections, watch),
            messages_per_minute=100,
        )
        worker = AnswerWorker(
            conversations=conversations,
            organizations=Organizations(table),
            standings=Standings(Accounts(table), billed=True),
            sockets=watch,
            team=team,
            mail=SqsMailQueue(sqs, self.stack.outputs["MailQueueUrl"]),
            questions=questions,
            groups=QuestionGroups(
                questions, self.index, self.embedder, threshold=similarity_threshold("minilm")
            ),
            answerer=Answerer(
                drafter=CachedDrafter(
                    Drafter(
                        embedder=self.embedder,
                        index=self.index,
                        models=(),
                        confidence=Confidence.fitted("minilm"),
                    ),
                    AnswerCache(table),
                    self.pool,
                    fingerprint=fingerprint(),
                ),
                moods=LambdaMoods(invoke, self.stack.outputs["SentimentFunction"]),
                pool=self.pool,
                somebody_is_here=team.somebody_is_here,
            ),
            pool=self.pool,
        )
        log.calls.clear()
        begin, used = time.perf_counter(), time.process_time()
        found = connections.find(connection.id)
        assert isinstance(found, Connection)
        gateway.handle(found, MessageFrame(action="message", id=new_id(), text=question))
        worker.run(ref)
        return watch, log, begin, time.process_time() - used

    def fill(self, conversations: int) -> None:
        """Store conversations of the same organisation, each with a message."""
        table = Table(self.stack.client("dynamodb"), self.stack.outputs["TableName"])
        assert self.stack.sample
        organization = self.stack.sample.organization_id
        puts: list[Put] = []
        for _ in range(conversations):
            identifier = new_id()
            partition = f"ORG#{organization}#CONV#{identifier}"
            listed = {"gsi1pk": f"ORG#{organization}#CONVERSATIONS", "gsi1sk": identifier}
            puts.append(Put((partition, "CONV"), {"id": identifier, **listed}))
            puts.append(Put((partition, f"MSG#{identifier}"), {"text": "Hello"}))
        table.put_many(puts)


class _Unread:
    """A queue like the product's, except that the stack's own worker does not read it."""

    def __init__(self, client: object, stack: Stack) -> None:
        name = "benchmark-turns"
        url = stack.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        self._queue = SqsTurnQueue(client, url)  # type: ignore[arg-type]

    def put(self, ref: ConversationRef) -> None:
        """Send, and never receive."""
        self._queue.put(ref)


@contextmanager
def _desk(stack: Stack) -> Iterator[_Desk]:
    models = stack.layout.root / "layers" / "models"
    index = SqliteIndex(stack.layout.index)
    with ThreadPoolExecutor(4) as pool:
        yield _Desk(stack, MiniLmEmbedder(models / "minilm"), index, pool)
    index.close()
