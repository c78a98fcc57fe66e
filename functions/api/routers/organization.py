"""An organisation's settings, the origins that may carry its widget, and its identity secret."""

import re
import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.credentials import Allowed, Principal
from api.services import AnyServices
from api.settings_fields import (
    BusinessHoursField,
    Color,
    EscalationField,
    Greeting,
    Languages,
    Name,
    Tone,
)
from frontdesk.access.origins import normalize_origin
from frontdesk.billing.standing import Standing
from frontdesk.entities import (
    AssistantFailure,
    CustomerFiles,
    EscalationRules,
    MailReceiver,
    Organization,
)
from frontdesk.errors import InvalidRequest

router = APIRouter(prefix="/api/organization", tags=["organization"])

Reader = Annotated[Principal, Depends(Allowed("organization:read"))]
Writer = Annotated[Principal, Depends(Allowed("organization:write"))]
IdentityWriter = Annotated[Principal, Depends(Allowed("identity:write"))]

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)(:[0-9]{1,5})?")

Origin = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class SettingsView(BaseModel):
    """Everything the assistant works by.

    Conversations are kept for `effective_retention_days` after their last message or the customer's
    last visit: as long as `retention_days` says and the plan allows. A shorter time counts for what
    is stored too, from its last message on, within a few hours; a longer one from the next visit.
    The widget was last on a page at `seen_at`, exact to ten minutes, and that page's origin is
    `seen_origin`; null until it was on one. `assistant_failed_at` is when an answer last went wrong
    for what it depends on: `model`, a language model failed and something else answered; `answer`,
    there was none but an apology. `mail_returned_at` is when a mail to the team or a customer last
    could not be delivered. Both are exact to ten minutes.
    """

    id: str
    name: str
    assistant: str
    tone: str
    greeting: str
    color: str
    text_color: str | None
    languages: tuple[str, ...]
    business_hours: BusinessHoursField
    escalation: EscalationRules
    allowed_origins: tuple[str, ...]
    identity_required: bool
    confidence_threshold: float | None
    passages: int
    retention_days: int
    effective_retention_days: int
    resolve_after_hours: int
    customer_files: CustomerFiles
    created_at: datetime | None
    seen_at: datetime | None
    seen_origin: str | None
    assistant_failed_at: datetime | None
    assistant_failure: AssistantFailure | None
    mail_returned_at: datetime | None
    mail_returned_to: MailReceiver | None

    @classmethod
    def of(cls, organization: Organization, standing: Standing) -> "SettingsView":
        """As the team sees them."""
        fields = dict(organization) | {
            "business_hours": BusinessHoursField.of(organization.business_hours),
            "effective_retention_days": standing.retention_days(organization.retention_days),
            "seen_at": organization.seen_at or None,
            "assistant_failed_at": organization.assistant_failed_at or None,
            "mail_returned_at": organization.mail_returned_at or None,
        }
        return cls(**fields)


class SettingsChange(BaseModel):
    """The settings to change; what is left out stays as it is.

    `business_hours` and `escalation` are replaced whole: what is left out in them gets its default.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "assistant": "Ada",
                    "tone": "warm, brief, never pushy",
                    "greeting": "Hello! What can I do for you?",
                    "color": "#0f766e",
                    "languages": ["en", "pt-BR"],
                    "business_hours": {
                        "timezone": "Europe/Lisbon",
                        "hours": [{"day": "mon", "since": "09:00", "until": "17:30"}],
                        "outside": "form",
                    },
                    "escalation": {
                        "mood_below": -0.5,
                        "at_stake": [
                            {"kind": "legal", "words": ["lawyer*"], "hand_off": True},
                        ],
                    },
                    "confidence_threshold": 0.4,
                    "retention_days": 180,
                }
            ]
        },
    )

    # A factory, unlike a default, is not in the schema: nothing stands in for what was left out.
    name: Name = Field(default_factory=str)
    assistant: Name = Field(default_factory=str)
    tone: Tone = Field(default_factory=str)
    greeting: Greeting = Field(default_factory=str)
    color: Color = Field(default_factory=str)
    text_color: Color | None = None
    languages: Languages = Field(default_factory=tuple)
    business_hours: BusinessHoursField = Field(default_factory=BusinessHoursField)
    escalation: EscalationField = Field(default_factory=EscalationField)
    identity_required: bool = Field(default_factory=bool, strict=True)
    confidence_threshold: float | None = Field(default=None, strict=True, ge=0, le=1)
    passages: int = Field(default_factory=int, strict=True, ge=1, le=10)
    retention_days: int = Field(default_factory=int, strict=True, ge=1, le=3650)
    resolve_after_hours: int = Field(default_factory=int, strict=True, ge=1, le=720)
    customer_files: CustomerFiles = Field(default_factory=lambda: "with_people")

    @property
    def changes(self) -> dict[str, Any]:
        """What was sent, as it is stored."""
        sent = self.model_dump(mode="json", include=self.model_fields_set)
        if "business_hours" in sent:
            sent["business_hours"] = self.business_hours.entity.model_dump(mode="json")
        if "escalation" in sent:
            sent["escalation"] = self.escalation.entity.model_dump(mode="json")
        return sent


class Origins(BaseModel):
    """The origins whose pages may carry the widget."""

    origins: tuple[str, ...]


class OriginsChange(BaseModel):
    """All origins whose pages may carry the widget: each `scheme://host` and perhaps a port."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"origins": ["https://shop.example"]}]},
    )

    origins: tuple[Origin, ...] = Field(max_length=50)


class IdentitySecretState(BaseModel):
    """Whether there is an identity secret, and since when."""

    exists: bool
    since: datetime | None


class NewIdentitySecret(BaseModel):
    """An identity secret. It is shown this once."""

    secret: str
    since: datetime


@router.get("")
def read_settings(services: AnyServices, team: Reader) -> SettingsView:
    """All settings."""
    standing = services.pool.submit(services.standings.of, team.organization_id)
    organization = services.organizations.get(team.organization_id)
    return SettingsView.of(organization, standing.result())


@router.patch("")
def change_settings(body: SettingsChange, services: AnyServices, team: Writer) -> SettingsView:
    """Change the settings that are sent, and no other."""
    standing = services.pool.submit(services.standings.of, team.organization_id)
    organization = services.organizations.change(
        team.organization_id, body.changes, by=team.actor, action="organization.update"
    )
    return SettingsView.of(organization, standing.result())


@router.get("/origins")
def read_origins(services: AnyServices, team: Reader) -> Origins:
    """The origins whose pages may carry the widget."""
    organization = services.organizations.get(team.organization_id)
    return Origins(origins=organization.allowed_origins)


@router.put("/origins")
def replace_origins(body: OriginsChange, services: AnyServices, team: Writer) -> Origins:
    """Replace the list of origins. There are no wildcards; a slash at the end is ignored."""
    organization = services.organizations.change(
        team.organization_id,
        {"allowed_origins": _normalized(body.origins)},
        by=team.actor,
        action="organization.origins",
    )
    return Origins(origins=organization.allowed_origins)


@router.get("/identity-secret")
def read_identity_secret(services: AnyServices, team: Reader) -> IdentitySecretState:
    """Whether there is an identity secret. The secret itself is never shown again."""
    since = services.organizations.identity_secret_since(team.organization_id)
    return IdentitySecretState(exists=since is not None, since=since)


@router.post("/identity-secret", status_code=status.HTTP_201_CREATED)
def create_identity_secret(services: AnyServices, team: IdentityWriter) -> NewIdentitySecret:
    """Make a new identity secret. The one that it replaces stays valid for 24 hours."""
    secret = f"is_{secrets.token_urlsafe(32)}"
    since = services.organizations.put_identity_secret(team.organization_id, secret, team.actor)
    return NewIdentitySecret(secret=secret, since=since)


@router.delete("/identity-secret", status_code=status.HTTP_204_NO_CONTENT)
def delete_identity_secret(services: AnyServices, team: IdentityWriter) -> None:
    """Stop believing signed identities, at once, and those signed with replaced secrets too."""
    services.organizations.delete_identity_secret(team.organization_id, team.actor)


def _normalized(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Each origin once, as a browser writes it. Raises InvalidRequest, naming those that are none.

    An origin is what a browser sends in the Origin header (RFC 6454): hosts in ASCII.
    """
    normal = {origin: normalize_origin(origin.strip().removesuffix("/")) for origin in origins}
    wrong = [
        origin for origin, found in normal.items() if not found or not _ORIGIN.fullmatch(found)
    ]
    if wrong:
        named = ", ".join(repr(origin[:80]) for origin in wrong[:5])
        raise InvalidRequest(
            f"These are no origins: {named}. Write them like https://shop.example or "
            "https://shop.example:8443, without a path or wildcard."
        )
    return tuple(dict.fromkeys(found for found in normal.values() if found))
