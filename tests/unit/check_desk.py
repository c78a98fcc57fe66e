"""The API, and functions/checks behind it with a real index: what is queued is done on demand."""

from pathlib import Path
from typing import Any

from checks.asking import Asker
from checks.playground import try_out
from checks.worker import CheckWorker
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter
from frontdesk.answers.ports import LanguageModel
from frontdesk.checks.jobs import CheckJob
from frontdesk.checks.playground import PlaygroundAnswer, PlaygroundQuestion
from frontdesk.entities import AnswerKind, Citation, ConversationRef, Document, Message
from frontdesk.errors import AnswersUnavailable
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.outcomes import Outcome
from tests.unit.deployment import Deployment

REFUND = "How long does a refund take?"
GUIDE = (
    "Refunds are paid back to the card you paid with. A refund takes 5 to 10 working days.",
    "You can invite up to 25 people to a team. Invitations are valid for seven days.",
    "Calendars are shared by link. Anyone who has the link can see when you are free.",
)


class CheckDesk:
    """One organisation with a guide of three pages."""

    def __init__(self, deployment: Deployment, folder: Path, embedder: MiniLmEmbedder) -> None:
        self.deployment = deployment
        self.services = deployment.services
        self.organization_id = deployment.one.organization_id
        self.embedder = embedder
        self.index = SqliteIndex(folder / "index.sqlite")
        self.models: list[LanguageModel] = []
        self.worker = self.new_worker()
        self.guide = self.publish(*GUIDE)

    def new_worker(self, index: Any = None) -> CheckWorker:
        drafter = Drafter(
            embedder=self.embedder,
            index=index or self.index,
            models=self.models,
            confidence=Confidence.fitted("minilm"),
        )
        return CheckWorker(
            asker=Asker(self.services.organizations, drafter),
            checks=self.services.checks,
            runs=self.services.runs,
            replays=self.services.replays,
            queue=self.deployment.check_queue,
        )

    def ask(self, question: PlaygroundQuestion) -> PlaygroundAnswer:
        """As LambdaPlayground does, without what lies in between."""
        answer = try_out(self.worker.asker, question).answer
        if answer is None:
            raise AnswersUnavailable("It did not answer.")
        return answer

    def publish(self, *pages: str, replaces: Document | None = None) -> Document:
        """A document of these pages, or a new version of one, that answers from now on."""
        documents, version = self.services.documents, new_id()
        if replaces is None:
            now = time_of(version)
            document = Document(
                id=new_id(),
                organization_id=self.organization_id,
                title="Guide",
                filename="guide.pdf",
                size=1,
                pending_version=version,
                created_at=now,
                updated_at=now,
            )
            documents.create(document)
        else:
            document = documents.begin_version(
                documents.get(self.organization_id, replaces.id),
                version=version,
                filename="guide.pdf",
                size=1,
            )
        passages = [
            Passage(document.id, version, number, text, "Guide", page=number + 1)
            for number, text in enumerate(pages)
        ]
        vectors = self.embedder.embed([each.searchable_text for each in passages])
        self.index.upsert(self.organization_id, passages, vectors)
        documents.publish(document, version, pages=len(pages), passages=len(pages))
        return documents.get(self.organization_id, document.id)

    def call(self, method: str, path: str, body: Any = None, role: Any = "admin") -> Any:
        return self.deployment.http.request(
            method, f"/api{path}", json=body, headers=self.deployment.one.headers(role)
        )

    def keep(self, question: str = REFUND, **expected: Any) -> str:
        """A check, by its id. Without expectations the guide's first page has to be cited."""
        source = {"document_id": self.guide.id, "page": 1}
        body = {"question": question, "expected": expected or {"sources": [source]}}
        answer = self.call("POST", "/checks", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def work(self, *, tries: int = 1) -> list[CheckJob]:
        """Do all that is queued, and what comes of it. Returns the jobs."""
        done = []
        while self.deployment.check_queue.jobs:
            job, _ = self.deployment.check_queue.jobs.pop(0)
            self.worker.work(job, tries=tries)
            done.append(job)
        return done

    def run(self) -> Any:
        """The report of a run of all checks."""
        started = self.call("POST", "/checks/runs")
        assert started.status_code == 202, started.text
        self.work()
        return self.report(started.json()["id"])

    def report(self, run_id: str, **query: Any) -> Any:
        answer = self.deployment.http.get(
            f"/api/checks/runs/{run_id}",
            headers=self.deployment.one.headers("viewer"),
            params=query,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def converse(
        self,
        question: str = REFUND,
        answer: str = "A refund takes 5 to 10 working days. [1]",
        *,
        kind: AnswerKind = "answer",
        ref: ConversationRef | None = None,
    ) -> ConversationRef:
        """A conversation in which a question was answered, some time ago."""
        conversations = self.services.conversations
        ref = ref or self.deployment.services.visitors.open(self.organization_id, new_id()).ref
        client_id = new_id()
        conversations.accept(ref, client_id=client_id, text=question, per_minute=1000)
        conversation = conversations.acquire_lease(ref, "worker")
        assert conversation is not None
        identifier = new_id()
        cited = Citation(
            number=1, passage_id="p", document_id=self.guide.id, title="Guide", quote="5 to 10"
        )
        message = Message(
            id=identifier,
            role="assistant",
            text=answer,
            at=time_of(identifier),
            reply_to=(client_id,),
            kind=kind,
            citations=(cited,) if kind == "answer" else (),
            confidence=0.9,
        )
        asked = [conversations.message(ref, each) for each in conversation.unanswered]
        conversations.store_outcome(conversation, "worker", Outcome(asked, [message]))
        conversations.release_lease(ref, "worker")
        return ref

    def replay(self, **body: Any) -> Any:
        """The report of a replay."""
        started = self.call("POST", "/checks/replays", body)
        assert started.status_code == 202, started.text
        self.work()
        return self.replay_report(started.json()["id"])

    def replay_report(self, replay_id: str, **query: Any) -> Any:
        answer = self.deployment.http.get(
            f"/api/checks/replays/{replay_id}",
            headers=self.deployment.one.headers("viewer"),
            params=query,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()
