"""Delivers what a mail job asks for, to each person once."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from frontdesk.entities import MailReceiver
from frontdesk.errors import NotFound, StoreUnavailable, Unavailable
from frontdesk.mail.jobs import (
    AccountExistsMail,
    MailJob,
    ReplyMail,
    ResetMail,
    TranscriptMail,
    VerifyMail,
)
from frontdesk.mail.ports import AddressUnknown, Mailer, MailRefused
from frontdesk.observability import logger
from frontdesk.tables.mailings import Claim, Mailings
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.suppressions import Suppressions
from mail.correspondence import Addressed, Correspondence
from mail.stationery import lay_out

BEGINNING_SECONDS = 15.0
"""No mail is begun later than this. The function ends after 30 seconds: one that was under way then
would be sent again, for nobody knows how far it came."""


class OutOfTime(Unavailable):
    """There were more receivers than there was time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """What delivering mails needs."""

    correspondence: Correspondence
    mailer: Mailer
    mailings: Mailings
    suppressions: Suppressions
    organizations: Organizations
    clock: Callable[[], float] = time.monotonic

    def deliver(self, job: MailJob) -> int:
        """Write the mails and send them, and return how many were sent.

        One that cannot be sent now keeps nobody else from theirs; it is the error in the end. Then
        the same job again sends what is missing, and nothing twice. Raises OutOfTime likewise.
        """
        sent = 0
        failure: Exception | None = None
        end = self.clock() + BEGINNING_SECONDS
        try:
            for letter in self.correspondence.letters_of(job):
                if self.clock() > end:
                    failure = failure or OutOfTime("the rest is left to the next try")
                    break
                try:
                    sent += self._send_once(job, letter)
                except Exception as error:  # noqa: BLE001 - raised below
                    failure = failure or error
        except NotFound:
            # What it was about has been erased or withdrawn.
            return sent
        if failure is not None:
            raise failure
        return sent

    def _send_once(self, job: MailJob, letter: Addressed) -> bool:
        sender = _sender_of(job)
        if self.suppressions.covers(letter.to):
            logger.info("not sent: the address gets no mail any more")
            if sender:
                self.organizations.note_returned_mail(*sender)
            return False
        claim = self.mailings.claim(job.identity, letter.to)
        if claim is None:
            return False
        try:
            mail = lay_out(letter.write(), letter.to, mail_id=_mail_id(claim))
            tags = dict(zip(("organization", "receiver"), sender, strict=True)) if sender else {}
            self.mailer.send(replace(mail, tags=tags))
        except MailRefused as error:
            logger.warning("a mail was refused for good", extra={"cause": str(error)})
            if isinstance(error, AddressUnknown):
                self.suppressions.add(letter.to, "bounce")
                if sender:
                    self.organizations.note_returned_mail(*sender)
            self.mailings.settle(claim)
            return False
        except Exception:
            self.mailings.release(claim)
            raise
        self._note_sent(claim)
        return True

    def _note_sent(self, claim: Claim) -> None:
        try:
            self.mailings.settle(claim)
        except StoreUnavailable:
            # It is out: to fail now would send it again.
            logger.exception("sent, but that could not be noted")


def _sender_of(job: MailJob) -> tuple[str, MailReceiver] | None:
    """Whose mail it is and to whom; None for one that somebody asked for at the login page."""
    if isinstance(job, VerifyMail | AccountExistsMail | ResetMail):
        return None
    customer = isinstance(job, ReplyMail | TranscriptMail)
    return job.organization_id, "customer" if customer else "team"


def _mail_id(claim: Claim) -> str:
    """The same for each try, so that a receiver's server can drop a second copy."""
    return hashlib.sha256(claim.key[0].encode()).hexdigest()[:32]
