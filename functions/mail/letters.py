"""What mails say. Each is written once, as paragraphs, and sent as text and as HTML."""

from dataclasses import dataclass
from html import escape

from frontdesk.entities import Priority, Summary
from frontdesk.mail.ports import Mail

_SUBJECT = 150
_STYLE = "font: 16px/1.5 system-ui, sans-serif; color: #1c1917; max-width: 34em"
_BUTTON = (
    "display: inline-block; padding: 0.6em 1.2em; border-radius: 0.4em; "
    "background: #0f766e; color: #fff; text-decoration: none"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is laid out: paragraphs, with one link between the first and the rest."""

    subject: str
    opening: str
    link: str | None = None
    action: str = ""
    rest: tuple[str, ...] = ()

    def to(self, address: str) -> Mail:
        """The mail to send. What people wrote into it cannot become markup or a header."""
        link = [f"{self.action}:\n{self.link}"] if self.link else []
        text = "\n\n".join([self.opening, *link, *self.rest]) + "\n"
        button = (
            [f'<p><a style="{_BUTTON}" href="{escape(self.link)}">{escape(self.action)}</a></p>']
            if self.link
            else []
        )
        paragraphs = [_paragraph(self.opening), *button, *map(_paragraph, self.rest)]
        html = f'<!doctype html><div style="{_STYLE}">{"".join(paragraphs)}</div>'
        return Mail(to=address, subject=" ".join(self.subject.split()), text=text, html=html)


def verification(name: str, organization: str, link: str) -> Letter:
    """To somebody who signed up."""
    return Letter(
        f"Welcome to Frontdesk: is this your address, {name}?",
        f"Hello {name},\n\nthank you for signing up {organization} with Frontdesk. One click "
        "proves that this address is yours, and opens your dashboard.",
        link,
        "Yes, this is my address",
        (
            "The link works for three days, once.",
            "You will be asked for the password you chose.",
            "If you did not sign up, you need do nothing: without that nothing happens.",
        ),
    )


def account_exists(name: str, login: str) -> Letter:
    """To somebody who signed up with an address that has an account."""
    return Letter(
        "You have a Frontdesk account already",
        f"Hello {name},\n\nsomebody, probably you, tried to sign up with this address. There is an "
        "account with it already.",
        login,
        "Log in",
        ("If you have forgotten the password, the login page sends you a new one's link.",),
    )


def password_reset(name: str, link: str) -> Letter:
    """To somebody who forgot the password."""
    return Letter(
        "A new password for Frontdesk",
        f"Hello {name},\n\nsomebody, probably you, asked for a new password.",
        link,
        "Choose a new password",
        (
            "The link works for an hour, once. Every login of yours ends with the old password.",
            "If it was not you, you need do nothing: your password stays as it is.",
        ),
    )


def invitation(inviter: str, organization: str, role: str, link: str) -> Letter:
    """To somebody who is invited to a team."""
    return Letter(
        f"{organization} invites you to Frontdesk",
        f"Hello,\n\n{inviter or 'The team'} invites you to the team of {organization} on "
        f"Frontdesk, as {role}.",
        link,
        "Join the team",
        ("The link works for seven days, once.",),
    )


def reply(author: str, organization: str, text: str) -> Letter:
    """To a customer who has left the page."""
    return Letter(
        f"{organization} has answered you",
        f"{author} of {organization} has answered you:",
        rest=(text, f"To go on, open the chat on the page of {organization} where you began it."),
    )


def handoff(
    organization: str, *, subject: str, priority: Priority, summary: Summary | None, link: str
) -> Letter:
    """To the team, when a customer needs a person."""
    rest = [f"Priority: {priority}."]
    if summary is not None:
        rest.append(f"What they want:\n{summary.wants}")
        if summary.tried:
            tried = "\n".join(f"- {each}" for each in summary.tried)
            rest.append(f"What was tried:\n{tried}")
        rest.append(f"Mood: {summary.mood}")
    return Letter(
        f"A customer of {organization} needs a person: {subject}"[:_SUBJECT],
        "A customer is waiting for somebody of the team.",
        link,
        "Open the conversation",
        tuple(rest),
    )


def _paragraph(text: str) -> str:
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
