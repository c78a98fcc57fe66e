"""Replies that the team writes once and uses often."""

from typing import Annotated

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.credentials import Allowed, Principal
from api.services import AnyServices
from api.text_fields import Identifier, Text
from frontdesk.canned_replies import check_variables
from frontdesk.entities import CannedReply
from frontdesk.errors import NotFound
from frontdesk.ids import is_ulid, new_id

router = APIRouter(prefix="/api/canned-replies", tags=["canned replies"])

Reader = Annotated[Principal, Depends(Allowed("replies:read"))]
Writer = Annotated[Principal, Depends(Allowed("replies:write"))]


class CannedReplyContent(BaseModel):
    """What stands in a canned reply.

    {{customer.name}}, {{customer.email}}, {{agent.name}}, {{organization.name}} and
    {{conversation.id}} are filled in when it is used; {{customer.name|there}} says what stands in.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "shortcut": "late-parcel",
                    "text": "Hello {{customer.name|there}}, I am sorry that it is late.",
                }
            ]
        },
    )

    shortcut: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", min_length=1, max_length=40)
    ]
    text: Text


class NewCannedReply(CannedReplyContent):
    """A canned reply to write. The same `id` again writes nothing again."""

    id: Identifier = Field(default_factory=new_id)


class CannedReplyList(BaseModel):
    """All canned replies, by shortcut."""

    replies: list[CannedReply]


@router.get("")
def list_canned_replies(services: AnyServices, team: Reader) -> CannedReplyList:
    """All canned replies."""
    return CannedReplyList(replies=services.canned_replies.list(team.organization_id))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_canned_reply(body: NewCannedReply, services: AnyServices, team: Writer) -> CannedReply:
    """Write a canned reply, once for each `id`."""
    check_variables(body.text)
    reply = CannedReply(id=body.id, shortcut=body.shortcut, text=body.text)
    return services.canned_replies.add(team.organization_id, reply)


@router.put("/{reply_id}")
def replace_canned_reply(
    reply_id: str, body: CannedReplyContent, services: AnyServices, team: Writer
) -> CannedReply:
    """Write a canned reply anew."""
    check_variables(body.text)
    reply = CannedReply(id=_checked(reply_id), shortcut=body.shortcut, text=body.text)
    services.canned_replies.replace(team.organization_id, reply)
    return reply


@router.delete("/{reply_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_canned_reply(reply_id: str, services: AnyServices, team: Writer) -> None:
    """Remove a canned reply."""
    services.canned_replies.delete(team.organization_id, _checked(reply_id))


def _checked(reply_id: str) -> str:
    if not is_ulid(reply_id):
        raise NotFound("There is no such reply.")
    return reply_id
