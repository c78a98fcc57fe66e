"""What the routers work with."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.access_tokens import SigningKeys
from api.payments import Payments
from api.playground import Playground
from api.uploads import Uploads
from frontdesk.checks.jobs import CheckQueue
from frontdesk.file_store import FileStore
from frontdesk.mail.jobs import MailQueue
from frontdesk.realtime.listeners import Listeners
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.team import Team
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.audit import Audit
from frontdesk.tables.canned_replies import CannedReplies
from frontdesk.tables.checks import Checks
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversation_lists import ConversationLists
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.counters import Counters
from frontdesk.tables.departures import Departures
from frontdesk.tables.documents import Documents
from frontdesk.tables.files import Files
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.keys import Keys
from frontdesk.tables.limits import Limits
from frontdesk.tables.message_words import MessageWords
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.questions import Questions
from frontdesk.tables.reading import Reading
from frontdesk.tables.replays import Replays
from frontdesk.tables.runs import Runs
from frontdesk.tables.sessions import Sessions
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.tokens import Tokens
from frontdesk.tables.users import Users
from frontdesk.tables.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something may be done in a minute, where nothing else is said."""

    sessions: int = 30
    logins: int = 10
    logins_an_hour: int = 60
    requests: int = 600
    organization_requests: int = 6_000
    playground: int = 30
    drafts: int = 60
    runs_an_hour: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a route may use. Built once, in `handler`; a test hands in its own.

    `payments` is None in a deployment that bills nobody.
    """

    audit: Audit
    canned_replies: CannedReplies
    checks: Checks
    connections: Connections
    conversations: Conversations
    counters: Counters
    departures: Departures
    documents: Documents
    files: Files
    inbox: Inbox
    keys: Keys
    limits: Limits
    lists: ConversationLists
    organizations: Organizations
    privacy: Privacy
    questions: Questions
    reading: Reading
    replays: Replays
    runs: Runs
    sessions: Sessions
    standings: Standings
    tickets: Tickets
    tokens: Tokens
    users: Users
    visitors: Visitors
    check_queue: CheckQueue
    file_store: FileStore
    mail: MailQueue
    message_words: MessageWords
    playground: Playground
    signing_keys: SigningKeys
    sockets: Sockets
    listeners: Listeners
    team: Team
    uploads: Uploads
    pool: ThreadPoolExecutor
    websocket_url: str
    payments: Payments | None = None
    bcrypt_cost: int = 12
    edge_token: str = ""
    rates: Rates = Rates()

    @property
    def billed(self) -> bool:
        """Whether plans are paid for, and limit anybody."""
        return self.payments is not None

    @classmethod
    def on(
        cls,
        table: Table,
        *,
        check_queue: CheckQueue,
        file_store: FileStore,
        mail: MailQueue,
        playground: Playground,
        signing_keys: SigningKeys,
        sockets: Sockets,
        uploads: Uploads,
        websocket_url: str,
        payments: Payments | None = None,
        bcrypt_cost: int = 12,
        edge_token: str = "",
        rates: Rates = Rates(),
    ) -> "Services":
        """The services that keep everything in `table`."""
        connections, conversations = Connections(table), Conversations(table)
        tickets = Tickets(table)
        return cls(
            audit=Audit(table),
            canned_replies=CannedReplies(table),
            checks=Checks(table),
            connections=connections,
            conversations=conversations,
            counters=Counters(table),
            departures=Departures(table),
            documents=Documents(table),
            files=Files(table),
            inbox=Inbox(table),
            keys=Keys(table),
            limits=Limits(table),
            lists=ConversationLists(table),
            organizations=Organizations(table),
            privacy=Privacy(table),
            questions=Questions(table),
            reading=Reading(table),
            replays=Replays(table),
            runs=Runs(table),
            sessions=Sessions(table),
            standings=Standings(Accounts(table), billed=payments is not None),
            tickets=tickets,
            tokens=Tokens(table),
            users=Users(table),
            visitors=Visitors(table),
            check_queue=check_queue,
            file_store=file_store,
            mail=mail,
            message_words=MessageWords(table),
            playground=playground,
            signing_keys=signing_keys,
            sockets=sockets,
            listeners=Listeners(connections, sockets),
            team=Team(
                connections=connections,
                conversations=conversations,
                tickets=tickets,
                sockets=sockets,
            ),
            uploads=uploads,
            pool=ThreadPoolExecutor(4),
            websocket_url=websocket_url,
            payments=payments,
            bcrypt_cost=bcrypt_cost,
            edge_token=edge_token,
            rates=rates,
        )


async def services(request: Request) -> Services:
    """The services of the app that serves this request.

    A dependency that waits for nothing is a coroutine: FastAPI sends each plain function to a
    thread of its own, which takes longer than it does.
    """
    found: Services = request.app.state.services
    return found


AnyServices = Annotated[Services, Depends(services)]
