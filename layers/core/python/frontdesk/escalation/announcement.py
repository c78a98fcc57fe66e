"""What the customer is told when a person is called in: what happens next, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from frontdesk.business_hours import is_open, is_place, next_opening
from frontdesk.entities import HandoffReason, Organization

_OPENINGS: dict[HandoffReason, str] = {
    "asked": "Of course.",
    "mood": "I'm sorry about the trouble.",
    "falling_mood": "I'm sorry about the trouble.",
    "repeated": "I don't want to leave you with the same answer again.",
    "unanswered": "I don't know this, and I don't want to leave you without an answer.",
    "stake": "This is something for a person to look at.",
    "failed": "I'm sorry, something goes wrong whenever I try to answer this.",
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """The words, and whether they ask for the customer's address."""

    text: str
    asks_for_address: bool


def announce_handoff(
    organization: Organization,
    reason: HandoffReason,
    now: datetime,
    *,
    somebody_is_here: bool,
    reachable: bool,
) -> Announcement:
    """What to say. `now` is aware; `reachable` is whether an address of the customer is known."""
    hours = organization.business_hours
    if is_open(hours, now):
        by_mail = not somebody_is_here
        parts = [
            f"I am bringing in a person from {organization.name}.",
            "Somebody is here and will answer in this chat in a moment."
            if somebody_is_here
            else "I have told them; they answer in this chat as soon as somebody is free.",
        ]
    else:
        by_mail = hours.outside == "form"
        parts = [
            f"I have passed this on to the team of {organization.name}.",
            _back(organization, now),
            "" if by_mail else hours.message,
        ]
    if by_mail:
        parts.append(_by_mail(reachable=reachable))
    text = " ".join(part for part in (_OPENINGS.get(reason, ""), *parts) if part)
    return Announcement(text, asks_for_address=by_mail and not reachable)


def remind_of_handoff(
    organization: Organization, now: datetime, *, somebody_is_here: bool, reachable: bool
) -> Announcement:
    """What to say to a further message while a person is awaited."""
    hours = organization.business_hours
    if is_open(hours, now):
        by_mail = not somebody_is_here
        parts = [f"I have passed this on too. A person from {organization.name} answers here soon."]
    else:
        by_mail = hours.outside == "form"
        parts = [
            f"I have passed this on too, to the team of {organization.name}.",
            _back(organization, now),
        ]
    if by_mail:
        parts.append(_by_mail(reachable=reachable))
    text = " ".join(part for part in parts if part)
    return Announcement(text, asks_for_address=by_mail and not reachable)


def _by_mail(*, reachable: bool) -> str:
    if reachable:
        return "If you leave, you get the answer by mail."
    return "If you would rather not wait, leave your address and you get the answer by mail."


def _back(organization: Organization, now: datetime) -> str:
    hours = organization.business_hours
    opens = next_opening(hours, now)
    if opens is None:
        return ""
    zone = ZoneInfo(hours.timezone)
    local, today = opens.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        day = "today"
    elif local.date() == today + timedelta(days=1):
        day = "tomorrow"
    else:
        day = f"on {local:%A}"
    return f"They are back {day} at {local:%H:%M} {_clocks(hours.timezone, local)}."


def _clocks(timezone: str, local: datetime) -> str:
    """By whose clocks a time is told. `Etc/GMT+5` is UTC-5, so no name but a place's is shown."""
    if is_place(timezone):
        return f"{timezone.rpartition('/')[2].replace('_', ' ')} time"
    offset = local.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset).seconds // 60, 60)
    sign = "-" if offset < timedelta() else "+"
    return f"UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}"
