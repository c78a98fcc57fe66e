"""Turns a mail job into a mail, if there is somebody to send it to."""

from dataclasses import dataclass

from frontdesk.entities import ConversationRef, User
from frontdesk.errors import NotFound, Unavailable
from frontdesk.mail.jobs import (
    AccountExistsMail,
    InvitationMail,
    MailJob,
    ReplyMail,
    ResetMail,
    VerifyMail,
)
from frontdesk.mail.ports import Mail, Mailer
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
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
    tokens: Tokens
    users: Users

    def deliver(self, job: MailJob) -> bool:
        """Write the mail and send it. False when there is nobody to send it to.

        Raises MailRefused, Unavailable.
        """
        try:
            written = self._write(job)
        except NotFound:
            return False
        if written is None:
            return False
        try:
            self.mailer.send(written)
        except Unavailable:
            if isinstance(job, ReplyMail):
                self.conversations.release_mail(_conversation_of(job), job.message_id)
            raise
        return True

    def _write(self, job: MailJob) -> Mail | None:
        match job:
            case VerifyMail():
                return self._verify(job.email)
            case AccountExistsMail():
                return self._account_exists(job.email)
            case ResetMail():
                return self._reset(job.email)
            case InvitationMail():
                return self._invite(job)
            case ReplyMail():
                return self._reply(job)

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

    def _reply(self, job: ReplyMail) -> Mail | None:
        ref = _conversation_of(job)
        message = self.conversations.message(ref, job.message_id)
        address = self.conversations.get(ref).customer.email
        if address is None or message.role != "agent":
            return None
        # The queue may deliver twice, and a reply may have been sent twice.
        if not self.conversations.claim_mail(ref, message.id):
            return None
        organization = self.organizations.get(job.organization_id)
        author = message.author.name if message.author else organization.name
        return letters.reply(author, organization.name, message.text).to(address)

    def _link(self, purpose: str, token: str) -> str:
        """What stands behind the # reaches no server and so no log."""
        return f"{self.site_url}/auth.html#{purpose}={token}"


def _conversation_of(job: ReplyMail) -> ConversationRef:
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
