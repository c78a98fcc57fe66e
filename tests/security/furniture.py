"""An organisation with one of everything, each marked so that it would be recognised elsewhere."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from api.access_tokens import Login, issue_access_token
from frontdesk.access.passwords import hash_password
from frontdesk.access.tokens import hash_token
from frontdesk.entities import (
    AnswerSnapshot,
    Author,
    CannedReply,
    Check,
    CheckResult,
    Citation,
    ConversationFile,
    ConversationRef,
    Document,
    Expectations,
    ExpectedSource,
    Message,
    ReplayResult,
    ReplayScope,
    ReplayTarget,
    Sentiment,
    User,
)
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.ports import Passage
from frontdesk.tables.outcomes import Outcome
from tests.unit.deployment import OPERATOR, ORIGIN, Deployment, Tenant


@dataclass(frozen=True)
class Furnished:
    """Ids by the names of the parameters that take them, and what must not be seen by others."""

    organization_id: str
    values: dict[str, str]
    secrets: tuple[str, ...]
    team_headers: dict[str, str]
    visitor_headers: dict[str, str]


def furnish(deployment: Deployment, tenant: Tenant, mark: str) -> Furnished:
    """One of everything for a tenant."""
    services, organization_id = deployment.services, tenant.organization_id
    services.organizations.change(
        organization_id,
        {"name": f"{mark} name", "greeting": f"{mark} greeting", "tone": f"{mark} tone"},
        by=OPERATOR,
        action="test",
    )
    secret = f"{mark} secret" * 4
    services.organizations.put_identity_secret(organization_id, secret, OPERATOR)
    member = _member(deployment, organization_id, mark)
    invited = services.users.invite(
        organization_id, f"{mark.lower()}-invited@example.org", "agent", OPERATOR
    )
    document, passage = _document(deployment, organization_id, mark)
    email = f"{mark.lower()}-customer@example.org"
    identity = jwt.encode(
        {
            "sub": f"{mark} customer",
            "aud": "frontdesk",
            "exp": int(time.time()) + 3600,
            "email": email,
            "name": f"{mark} person",
            "attributes": {"plan": f"{mark} plan"},
        },
        secret,
    )
    page = {"url": f"https://shop.example/{mark}", "title": f"{mark} page"}
    opened = deployment.session(tenant.widget_key, identity=identity, page=page).json()
    ref = services.visitors.find(organization_id, hash_token(opened["visitor"]))
    answer, gap = _talk(
        deployment, tenant, opened["visitor"], document=document, passage=passage, mark=mark
    )
    services.inbox.note(ref, Author(id=member.id, name=f"{mark} agent"), f"{mark} note", new_id())
    services.inbox.hand_off(ref, "offline_message")
    file = ConversationFile(id=new_id(), name=f"{mark}.png", type="image/png", size=9, side="team")
    services.files.store(ref, services.files.announce(ref, file), 9)
    author = Author(id=member.id, name=f"{mark} agent")
    services.inbox.reply(ref, author, f"{mark} reply", new_id(), [file.id])
    canned = CannedReply(id=new_id(), shortcut="hello", text=f"{mark} canned reply")
    services.canned_replies.add(organization_id, canned)
    check_id, run_id, replay_id = _checked(
        deployment, ref, document=document, answer=answer, mark=mark
    )
    key_id = services.keys.list(organization_id)[0].id
    values = {
        "document_id": document.id,
        "conversation_id": ref.conversation_id,
        "ticket_id": ref.conversation_id,
        "message_id": answer.id,
        "number": "1",
        "key_id": key_id,
        "reply_id": canned.id,
        "file_id": file.id,
        "member_id": member.id,
        "invitation_id": invited.id,
        "gap_id": gap,
        "check_id": check_id,
        "run_id": run_id,
        "replay_id": replay_id,
        "group_id": gap,
        "assignee": member.id,
        "cursor": document.id,
        "customer_id": f"{mark} customer",
        "email": email,
        "actor": member.id,
    }
    return Furnished(
        organization_id=organization_id,
        values=values,
        secrets=(mark, organization_id, *{value for value in values.values() if len(value) == 26}),
        team_headers={"Authorization": f"Bearer {_access_token(deployment, member)}"},
        visitor_headers={
            "Authorization": f"Bearer {opened['visitor']}",
            "X-Frontdesk-Key": tenant.widget_key,
            "X-Frontdesk-Identity": identity,
            "Origin": ORIGIN,
        },
    )


def _member(deployment: Deployment, organization_id: str, mark: str) -> User:
    """A person beside the keys, who may do everything."""
    email = f"{mark.lower()}-member@example.org"
    user = User(
        id=new_id(),
        organization_id=organization_id,
        email=email,
        name=f"{mark} member",
        role="owner",
        password_hash=hash_password("a long sentence", 4),
        verified_at=datetime.now(UTC),
        created_at=datetime.now(UTC),
    )
    invitation = deployment.services.users.invite(organization_id, email, "owner", OPERATOR)
    deployment.services.users.join(invitation, user)
    return user


def _access_token(deployment: Deployment, user: User) -> str:
    login = deployment.services.sessions.begin(user).family
    who = Login(user.organization_id, user.id, login.id)
    return issue_access_token(deployment.services.signing_keys, who)


def _document(deployment: Deployment, organization_id: str, mark: str) -> tuple[Document, Passage]:
    documents = deployment.services.documents
    now, version = datetime.now(UTC), new_id()
    document = Document(
        id=new_id(),
        organization_id=organization_id,
        title=f"{mark} guide",
        filename="guide.pdf",
        size=10,
        pending_version=version,
        created_at=now,
        updated_at=now,
    )
    documents.create(document)
    passage = Passage(document.id, version, 0, f"{mark} passage.", document.title, page=1)
    documents.put_passages(organization_id, [passage])
    documents.publish(document, version, pages=1, passages=1)
    return documents.get(organization_id, document.id), passage


def _talk(
    deployment: Deployment,
    tenant: Tenant,
    visitor: str,
    *,
    document: Document,
    passage: Passage,
    mark: str,
) -> tuple[Message, str]:
    """Two questions: one answered with a citation, one in vain."""
    services, organization_id = deployment.services, tenant.organization_id
    conversations = services.conversations
    ref = services.visitors.find(organization_id, hash_token(visitor))
    citation = Citation(
        number=1,
        passage_id=passage.id,
        document_id=document.id,
        title=document.title,
        page=1,
        quote=f"{mark} passage.",
    )
    answers = []
    for kind, citations in (("answer", (citation,)), ("unknown", ())):
        conversations.accept(ref, client_id=new_id(), text=f"{mark} question?", per_minute=99)
        conversation = conversations.acquire_lease(ref, "worker")
        assert conversation is not None
        mood = Sentiment(label="NEGATIVE", score=-0.5, confidence=0.9)
        asked = [
            conversations.message(ref, each).model_copy(update={"sentiment": mood})
            for each in conversation.unanswered
        ]
        identifier = new_id()
        answer = Message.model_validate(
            {
                "id": identifier,
                "role": "assistant",
                "text": f"{mark} answer [1]",
                "at": time_of(identifier),
                "kind": kind,
                "citations": citations,
                "confidence": 0.5,
            }
        )
        conversations.store_outcome(conversation, "worker", Outcome(asked, [answer]))
        conversations.release_lease(ref, "worker")
        answers.append(answer)
    group_id = new_id()
    for noted in services.questions.noted(organization_id, [each.id for each in answers]):
        if not services.questions.begin_group(organization_id, group_id, noted):
            raise AssertionError("the question was not noted")
        if not noted.answered:
            return answers[0], group_id
        group_id = new_id()
    raise AssertionError("there is no gap")


def _checked(
    deployment: Deployment,
    ref: ConversationRef,
    *,
    document: Document,
    answer: Message,
    mark: str,
) -> tuple[str, str, str]:
    """A question that is kept, a run of it, and a replay of a past question; their ids."""
    services, now = deployment.services, datetime.now(UTC)
    organization_id = ref.organization_id
    check = Check(
        id=new_id(),
        question=f"{mark} check?",
        expected=Expectations(sources=(ExpectedSource(document_id=document.id),)),
        revision="1",
        created_at=now,
        updated_at=now,
    )
    services.checks.add(organization_id, check)
    said = AnswerSnapshot(text=f"{mark} answer", kind="answer", citations=answer.citations)
    run = services.runs.create(organization_id, new_id(), "checks")
    run = services.runs.plan(run, [check.model_dump(mode="json", exclude_none=True)])
    result = CheckResult(
        check_id=check.id, question=check.question, revision="1", verdict="passed", answer=said
    )
    services.runs.store(run, result)
    services.runs.finish(run)
    replay = services.runs.create(
        organization_id,
        new_id(),
        "replay",
        scope=ReplayScope(conversation_id=ref.conversation_id),
    )
    target = ReplayTarget(
        conversation_id=ref.conversation_id, question_ids=(new_id(),), answer_id=answer.id
    )
    replay = services.runs.plan(replay, [target.model_dump(mode="json")])
    replayed = ReplayResult(
        conversation_id=ref.conversation_id,
        answer_id=answer.id,
        question=f"{mark} question?",
        before=said,
        now=said,
        change="same",
    )
    services.replays.store(replay, replayed)
    services.runs.finish(replay)
    return check.id, run.id, replay.id
