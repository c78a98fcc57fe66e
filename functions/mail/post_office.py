"""Turns a mail job into a mail, if there is somebody to send it to."""

from dataclasses import dataclass

from frontdesk.access.roles import allows
from frontdesk.entities import ConversationRef, User
from frontdesk.errors import NotFound, Unavailable
from frontdesk.mail.jobs import (
    AccountExistsMail,
    HandoffMail,
    InvitationMail,
    MailJob,
    ReplyMail,
    ResetMail,
    VerifyMail,
)
from frontdesk.mail.ports import Mail, Mailer, MailRefused
from frontdesk.observability import logger
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.tokens import TokenGrant, Tokens
from frontdesk.tables.users import Users, reset_binding
from mail import letters


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What writing mails needs. `site_url` is where the pages are."""

    conversations: Conversations
    mailer: Mailer
    organizations: Organizations
    site_url: str
    tickets: Tickets
    tokens: Tokens
    users: Users

    def deliver(self, job: MailJob) -> bool:
        """Write the mail and send it. False when there is nobody to send it to.

        Raises MailRefused, Unavailable.
        """
        try:
            match job:
                case ReplyMail():
                    return self._reply(job)
                case HandoffMail():
                    return self._tell_of_handoff(job)
            written = self._write(job)
        except NotFound:
            return False
        if written is None:
            return False
        self.mailer.send(written)
        return True

    def _write(
        self, job: VerifyMail | AccountExistsMail | ResetMail | InvitationMail
    ) -> Mail | None:
        match job:
            case VerifyMail():
                return self._verify(job.email)
            case AccountExistsMail():
                return self._account_exists(job.email)
            case ResetMail():
                return self._reset(job.email)
            case InvitationMail():
                return self._invite(job)

    def _verify(self, email: str) -> Mail | None:
        user = self.users.find(email)
        if user is None or user.verified_at is not None:
            return None
        organization = self.organizations.get(user.organization_id)
        token = self.tokens.issue(_grant(user, "verify"))
        link = self._link("verify", token)
        return letters.verification(user.name, organization.name, link).to(email)

    def _account_exists(self, email: str) -> Mail | None:
        user = self.users.find(email)
        if user is None or user.verified_at is None:
            return self._verify(email)
        return letters.account_exists(user.name, f"{self.site_url}/auth.html").to(email)

    def _reset(self, email: str) -> Mail | None:
        user = self.users.find(email)
        if user is None:
            return None
        token = self.tokens.issue(_grant(user, "reset", reset_binding(user)))
        return letters.password_reset(user.name, self._link("reset", token)).to(email)

    def _invite(self, job: InvitationMail) -> Mail:
        invitation = self.users.invitation(job.organization_id, job.invitation_id)
        organization = self.organizations.get(job.organization_id)
        token = self.tokens.issue(
            TokenGrant(
                purpose="invitation",
                organization_id=job.organization_id,
                subject=job.invitation_id,
            )
        )
        return letters.invitation(
            invitation.invited_by.name,
            organization.name,
            invitation.role,
            self._link("invitation", token),
        ).to(invitation.email)

    def _reply(self, job: ReplyMail) -> bool:
        ref = _conversation_of(job)
        message = self.conversations.message(ref, job.message_id)
        address = self.conversations.get(ref).customer.email
        if address is None or message.role != "agent":
            return False
        organization = self.organizations.get(job.organization_id)
        author = message.author.name if message.author else organization.name
        written = letters.reply(author, organization.name, message.text).to(address)
        return self._send_once(ref, message.id, "customer", written)

    def _tell_of_handoff(self, job: HandoffMail) -> bool:
        """Write to everybody who may answer. Whoever had it is not written to again."""
        ref = _conversation_of(job)
        conversation = self.conversations.get(ref)
        self.conversations.message(ref, job.message_id)
        ticket = self.tickets.find(ref)
        organization = self.organizations.get(job.organization_id)
        letter = letters.handoff(
            organization.name,
            subject=conversation.subject,
            priority=conversation.priority,
            summary=ticket.summary if ticket else None,
            link=f"{self.site_url}/conversations.html#{conversation.id}",
        )
        told = [
            self._send_once(ref, job.message_id, user.id, letter.to(user.email))
            for user in self.users.members(job.organization_id)
            if user.verified_at is not None and allows(user.role, "conversations:write")
        ]
        return any(told)

    def _send_once(self, ref: ConversationRef, message_id: str, to: str, written: Mail) -> bool:
        """Send it, unless it was: the queue may deliver twice, and a reply may be sent twice."""
        if not self.conversations.claim_mail(ref, message_id, to):
            return False
        try:
            self.mailer.send(written)
        except Unavailable:
            self.conversations.release_mail(ref, message_id, to)
            raise
        except MailRefused as error:
            # For good, and no reason to keep others waiting.
            logger.warning("a mail was refused for good", extra={"cause": str(error)})
            return False
        return True

    def _link(self, purpose: str, token: str) -> str:
        """What stands behind the # reaches no server and so no log."""
        return f"{self.site_url}/auth.html#{purpose}={token}"


def _conversation_of(job: ReplyMail | HandoffMail) -> ConversationRef:
    return ConversationRef(organization_id=job.organization_id, conversation_id=job.conversation_id)


def _grant(user: User, purpose: str, binding: str = "") -> TokenGrant:
    return TokenGrant.model_validate(
        {
            "purpose": purpose,
            "organization_id": user.organization_id,
            "subject": user.id,
            "binding": binding,
        }
    )
