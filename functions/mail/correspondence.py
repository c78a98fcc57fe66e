"""Who gets a mail, and what it says: looked up from what a job names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from frontdesk.access.roles import Permission, allows
from frontdesk.billing.standing import main_subscription
from frontdesk.entities import ConversationRef, User
from frontdesk.mail.jobs import (
    AccountExistsMail,
    BillingMail,
    HandoffMail,
    InvitationMail,
    MailJob,
    ReplyMail,
    ResetMail,
    TranscriptMail,
    VerifyMail,
    WelcomeMail,
)
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.tokens import Purpose, TokenGrant, Tokens
from frontdesk.tables.users import Users, reset_binding
from mail import letters
from mail.billing_letters import NOTICES, billing_letter
from mail.letters import Links
from mail.stationery import Letter


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter to an address. It is written only when it is sent: writing makes its token."""

    to: str
    write: Callable[[], Letter]


class Correspondence:
    """Looks up receivers and contents."""

    def __init__(self, table: Table, links: Links) -> None:
        """Reads `table`, and stores the tokens of links in it."""
        self._accounts = Accounts(table)
        self._conversations = Conversations(table)
        self._organizations = Organizations(table)
        self._tickets = Tickets(table)
        self._tokens = Tokens(table)
        self._users = Users(table)
        self._links = links

    def letters_of(self, job: MailJob) -> Iterator[Addressed]:
        """The letters that a job asks for; none when there is nobody to write to.

        Raises NotFound when what it names is gone.
        """
        match job:
            case VerifyMail():
                found = self._verify(job.email)
            case AccountExistsMail():
                found = self._account_exists(job.email)
            case ResetMail():
                found = self._reset(job.email)
            case InvitationMail():
                found = self._invite(job)
            case WelcomeMail():
                found = self._welcome(job)
            case ReplyMail():
                found = self._reply(job)
            case HandoffMail():
                found = self._tell_of_handoff(job)
            case TranscriptMail():
                found = self._transcript(job)
            case _:
                found = self._tell_of_billing(job)
        return found

    def _verify(self, email: str) -> Iterator[Addressed]:
        user = self._users.find(email)
        if user is None or user.verified_at is not None:
            return
        organization = self._organizations.get(user.organization_id)
        yield Addressed(
            email,
            lambda: letters.verification(user, organization, self._link(user, "verify")),
        )

    def _account_exists(self, email: str) -> Iterator[Addressed]:
        user = self._users.find(email)
        if user is None or user.verified_at is None:
            yield from self._verify(email)
            return
        organization = self._organizations.get(user.organization_id)
        yield Addressed(email, lambda: letters.account_exists(user, organization, self._links))

    def _reset(self, email: str) -> Iterator[Addressed]:
        user = self._users.find(email)
        if user is None:
            return
        organization = self._organizations.get(user.organization_id)
        binding = reset_binding(user)
        yield Addressed(
            email,
            lambda: letters.password_reset(user, organization, self._link(user, "reset", binding)),
        )

    def _invite(self, job: InvitationMail) -> Iterator[Addressed]:
        invitation = self._users.invitation(job.organization_id, job.invitation_id)
        organization = self._organizations.get(job.organization_id)

        def write() -> Letter:
            token = self._tokens.issue(
                TokenGrant(
                    purpose="invitation",
                    organization_id=job.organization_id,
                    subject=job.invitation_id,
                )
            )
            return letters.invitation(
                invitation.invited_by.name,
                organization,
                invitation.role,
                self._links.with_token("invitation", token),
            )

        yield Addressed(invitation.email, write)

    def _welcome(self, job: WelcomeMail) -> Iterator[Addressed]:
        user = self._users.get(job.organization_id, job.user_id)
        organization = self._organizations.get(job.organization_id)
        yield Addressed(user.email, lambda: letters.welcome(user, organization, self._links))

    def _reply(self, job: ReplyMail) -> Iterator[Addressed]:
        ref = _conversation_of(job)
        message = self._conversations.message(ref, job.message_id)
        address = self._conversations.get(ref).customer.email
        if address is None or message.role != "agent":
            return
        organization = self._organizations.get(job.organization_id)
        yield Addressed(address, lambda: letters.reply(organization, message))

    def _tell_of_handoff(self, job: HandoffMail) -> Iterator[Addressed]:
        ref = _conversation_of(job)
        conversation = self._conversations.get(ref)
        self._conversations.message(ref, job.message_id)
        ticket = self._tickets.find(ref)
        organization = self._organizations.get(job.organization_id)
        summary = ticket.summary if ticket else None

        def write(user: User) -> Letter:
            return letters.handoff(
                organization,
                conversation,
                summary,
                links=self._links,
                unsubscribe=self._ends_notices(user),
            )

        for user in self._team(job.organization_id, "conversations:write", notice=True):
            yield Addressed(user.email, partial(write, user))

    def _transcript(self, job: TranscriptMail) -> Iterator[Addressed]:
        ref = _conversation_of(job)
        conversation = self._conversations.get(ref)
        address = conversation.customer.email
        if address is None:
            return
        messages = self._conversations.messages_until(
            ref, job.last_id, limit=letters.TRANSCRIPT_MESSAGES + 1
        )
        organization = self._organizations.get(job.organization_id)
        yield Addressed(address, lambda: letters.transcript(organization, conversation, messages))

    def _tell_of_billing(self, job: BillingMail) -> Iterator[Addressed]:
        organization = self._organizations.get(job.organization_id)
        now = datetime.now(UTC)
        account = self._accounts.read(job.organization_id, now)
        subscription = main_subscription(account.subscriptions, now)
        notice = isinstance(job, NOTICES)

        def write(user: User) -> Letter:
            return billing_letter(
                job,
                organization,
                user,
                subscription=subscription,
                links=self._links,
                unsubscribe=self._ends_notices(user) if notice else None,
            )

        for user in self._team(job.organization_id, "billing:read", notice=notice):
            yield Addressed(user.email, partial(write, user))

    def _team(self, organization_id: str, permission: Permission, *, notice: bool) -> list[User]:
        """The members with a permission who have proved their address, and want notices."""
        return [
            user
            for user in self._users.members(organization_id)
            if user.verified_at is not None
            and allows(user.role, permission)
            and (user.notices or not notice)
        ]

    def _ends_notices(self, user: User) -> str:
        return self._links.unsubscribe(self._token(user, "unsubscribe"))

    def _link(self, user: User, purpose: Purpose, binding: str = "") -> str:
        return self._links.with_token(purpose, self._token(user, purpose, binding))

    def _token(self, user: User, purpose: Purpose, binding: str = "") -> str:
        return self._tokens.issue(
            TokenGrant(
                purpose=purpose,
                organization_id=user.organization_id,
                subject=user.id,
                binding=binding,
            )
        )


def _conversation_of(job: ReplyMail | HandoffMail | TranscriptMail) -> ConversationRef:
    return ConversationRef(organization_id=job.organization_id, conversation_id=job.conversation_id)
