"""What the assistant says when it has no answer."""

from frontdesk.entities import Organization, SuggestedAction

UNKNOWN = "I don't know: I couldn't find this in {name}'s documents. Could you put it another way?"

UNKNOWN_TO_THE_UPSET = (
    "I'm sorry about the trouble. I couldn't find anything in {name}'s documents that would help. "
    "A person can look at this with you, or tell me more about what went wrong."
)
"""To who is upset: to be asked for other words would add to it."""

NOTHING_ASKED = "Ask me anything, in your own words. If you would rather, a person can help you."
"""To an "ok" after we didn't understand."""

ANYTHING_ELSE = "Good. Is there anything else I can help you with?"
"""To an "ok" after an answer."""

APOLOGY = (
    "I'm sorry, I can't look that up right now. "
    "Your message is saved; please ask again in a few minutes."
)

PAUSED = "I can't answer that right now, but a person can help you."
"""The month's answers are used up, which is no business of the customer's."""

TALK_TO_A_PERSON = SuggestedAction(type="person", text="Talk to a person")
LEAVE_ADDRESS = SuggestedAction(type="address", text="Leave your address")


def unknown(organization: Organization, *, upset: bool = False) -> str:
    """The documents do not know. With `upset` the customer is plainly unhappy."""
    return (UNKNOWN_TO_THE_UPSET if upset else UNKNOWN).format(name=organization.name)
