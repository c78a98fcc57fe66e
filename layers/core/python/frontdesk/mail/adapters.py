"""Chooses who sends mail by the settings."""

from frontdesk.aws import create_client
from frontdesk.mail.ports import Mailer
from frontdesk.mail.ses import SesMailer
from frontdesk.mail.smtp import SmtpMailer, SmtpServer
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import MailSettings


def mailer_of(settings: MailSettings) -> Mailer:
    """Whoever `settings.mailer` names. Raises ValueError when the password is missing."""
    if settings.mailer == "ses":
        return SesMailer(
            create_client("sesv2"),
            settings.mail_from,
            configuration_set=settings.ses_configuration_set,
        )
    server = SmtpServer.parse(settings.mailer)
    password = None
    if server.user is not None:
        found = read_provider_keys(settings.secret or "").smtp_password
        if found is None:
            raise ValueError("the secret has no smtp_password")
        password = found.get_secret_value()
    return SmtpMailer(server, settings.mail_from, password=password)
