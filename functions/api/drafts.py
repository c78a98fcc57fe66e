"""What to ask the documents for somebody of the team who is about to reply."""

from collections.abc import Sequence

from frontdesk.checks.playground import PlaygroundQuestion, PlaygroundTurn
from frontdesk.entities import MESSAGE_LENGTH, Conversation, Message
from frontdesk.errors import Conflict

_HISTORY = 20


def question_of(conversation: Conversation, messages: Sequence[Message]) -> PlaygroundQuestion:
    """The last question of a conversation's customer, in the light of what was said before.

    What they said without anybody answering in between is one question. Of `messages`, oldest
    first, notes and records do not count. Raises Conflict when nothing was asked.
    """
    said = [each for each in messages if each.role in {"customer", "assistant", "agent"}]
    while said and said[-1].role != "customer":
        said.pop()
    asked: list[str] = []
    while said and said[-1].role == "customer":
        asked.insert(0, said.pop().text)
    if not asked:
        raise Conflict("The customer has not asked anything lately.")
    return PlaygroundQuestion(
        organization_id=conversation.organization_id,
        question="\n".join(asked)[-MESSAGE_LENGTH:],
        history=tuple(
            PlaygroundTurn(
                role="customer" if each.role == "customer" else "assistant", text=each.text
            )
            for each in said[-_HISTORY:]
        ),
        categories=conversation.categories,
    )
