"""Trying questions out."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.credentials import Allowed, Principal
from api.services import AnyServices
from api.settings_fields import Tone
from api.text_fields import PLAIN_BREAKS, PRINTABLE, Text
from frontdesk.checks.playground import PlaygroundAnswer, PlaygroundQuestion, PlaygroundTurn
from frontdesk.entities import MESSAGE_LENGTH
from frontdesk.tables.limits import limit_of_organization

router = APIRouter(prefix="/api/playground", tags=["playground"])

Player = Annotated[Principal, Depends(Allowed("playground:use"))]

Question = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_LENGTH),
    PRINTABLE,
]


class EarlierMessage(BaseModel):
    """What was said before the question."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["customer", "assistant"]
    text: Text


class TriedSettings(BaseModel):
    """Settings to try; what is left out is as the organisation has it.

    A `confidence_threshold` of null is the measured default.
    """

    model_config = ConfigDict(extra="forbid")

    # A factory, unlike a default, is not in the schema: nothing stands in for what was left out.
    tone: Tone = Field(default_factory=str)
    confidence_threshold: float | None = Field(default=None, strict=True, ge=0, le=1)
    passages: int = Field(default_factory=int, strict=True, ge=1, le=10)


class TriedQuestion(BaseModel):
    """A question, in the light of what was said before, oldest first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": "And for the annual plan?",
                    "history": [
                        {"role": "customer", "text": "How long do refunds take?"},
                        {"role": "assistant", "text": "Five to ten working days [1]."},
                    ],
                    "settings": {"passages": 5, "confidence_threshold": 0.4},
                }
            ]
        },
    )

    question: Question
    history: tuple[EarlierMessage, ...] = Field(default=(), max_length=20)
    settings: TriedSettings = TriedSettings()


@router.post("/ask")
def ask(body: TriedQuestion, services: AnyServices, team: Player) -> PlaygroundAnswer:
    """Ask as a customer would, and see how the answer comes about.

    No conversation is stored, and nothing is counted. 503 if no answer came in time.
    """
    services.limits.use(
        limit_of_organization(team.organization_id, "playground", most=services.rates.playground)
    )
    return services.playground.ask(
        PlaygroundQuestion(
            organization_id=team.organization_id,
            question=body.question,
            history=tuple(PlaygroundTurn(role=each.role, text=each.text) for each in body.history),
            changes=body.settings.model_dump(include=body.settings.model_fields_set),
        )
    )
