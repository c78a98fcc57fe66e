"""What the assistant says when it has no answer."""

from frontdesk.entities import Organization, SuggestedAction

UNKNOWN = "I don't know: I couldn't find this in {name}'s documents. Could you put it another way?"

APOLOGY = (
    "I'm sorry, I can't look that up right now. "
    "Your message is saved; please ask again in a few minutes."
)

PAUSED = "I can't answer that right now, but a person can help you."
"""The month's answers are used up, which is no business of the customer's."""

TALK_TO_A_PERSON = SuggestedAction(type="person", text="Talk to a person")
LEAVE_ADDRESS = SuggestedAction(type="address", text="Leave your address")


def unknown(organization: Organization) -> str:
    """The documents do not know."""
    return UNKNOWN.format(name=organization.name)
