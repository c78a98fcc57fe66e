"""Settings, origins and the identity secret."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from api.routers.organization import SettingsChange
from frontdesk.entities import Actor
from frontdesk.errors import Conflict
from frontdesk.tables import organizations as stored
from tests.unit.deployment import Deployment, is_problem

BY = Actor(type="user", id="u", name="U")


def patch(deployment: Deployment, body: Any) -> Any:
    return deployment.http.patch("/api/organization", json=body, headers=deployment.one.team)


def settings(deployment: Deployment) -> dict[str, Any]:
    answer = deployment.http.get("/api/organization", headers=deployment.one.headers("viewer"))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def actions(deployment: Deployment) -> list[tuple[str, dict[str, str]]]:
    entries, _ = deployment.services.audit.page(
        deployment.one.organization_id, before=None, limit=100
    )
    return [
        (entry.action, dict(entry.detail))
        for entry in entries
        if not entry.action.startswith("keys.")
    ]


EVERYTHING = {
    "name": "Shop",
    "assistant": "Ada",
    "tone": "warm\nand brief",
    "greeting": "Hi!",
    "color": "#aabbcc",
    "text_color": "#ffffff",
    "languages": ["pt-BR", "en"],
    "business_hours": {
        "timezone": "Europe/Lisbon",
        "hours": [
            {"day": "mon", "since": "09:00", "until": "12:00"},
            {"day": "mon", "since": "12:00", "until": "24:00"},
        ],
        "outside": "message",
        "message": "Later.",
    },
    "escalation": {
        "asks_for_person": False,
        "mood_below": None,
        "falling_mood": False,
        "asked_times": None,
        "unanswered_twice": False,
        "at_stake": [
            {"kind": "legal", "words": ["lawyer*"], "priority": "urgent", "hand_off": True}
        ],
    },
    "identity_required": True,
    "confidence_threshold": 0.4,
    "passages": 5,
    "retention_days": 30,
    "resolve_after_hours": 48,
}


def test_every_setting_can_be_changed_and_is_read_back(deployment: Deployment) -> None:
    before = settings(deployment)
    answer = patch(deployment, EVERYTHING)
    assert answer.status_code == 200
    assert answer.json() == settings(deployment)
    kept = {"effective_retention_days": EVERYTHING["retention_days"]}
    assert settings(deployment) == {**before, **EVERYTHING, **kept}
    organization = deployment.services.organizations.get(deployment.one.organization_id)
    assert organization.escalation.mood_below is None
    assert str(organization.business_hours.hours[1].until) == "23:59:59.999999"


def test_one_setting_changes_alone(deployment: Deployment) -> None:
    expected = settings(deployment)
    for field, value in EVERYTHING.items():
        expected[field] = value
        expected["effective_retention_days"] = expected["retention_days"]
        assert patch(deployment, {field: value}).json() == expected


def test_changes_of_different_settings_at_once_are_both_kept(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations = deployment.services.organizations
    as_it_was = organizations.get(deployment.one.organization_id)
    assert patch(deployment, {"tone": "dry"}).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr(organizations, "get", lambda _id: as_it_was)
        assert patch(deployment, {"assistant": "Ada"}).status_code == 200
    assert (settings(deployment)["assistant"], settings(deployment)["tone"]) == ("Ada", "dry")


def test_a_setting_can_be_taken_back(deployment: Deployment) -> None:
    patch(deployment, {"text_color": "#000000", "confidence_threshold": 0.5})
    answer = patch(deployment, {"text_color": None, "confidence_threshold": None}).json()
    assert answer["text_color"] is None
    assert answer["confidence_threshold"] is None


def test_nothing_sent_changes_and_records_nothing(deployment: Deployment) -> None:
    before = settings(deployment)
    assert patch(deployment, {}).json() == before
    assert actions(deployment) == []


def test_the_log_names_what_was_changed_and_not_to_what(deployment: Deployment) -> None:
    patch(deployment, {"tone": "secretive", "name": "Hidden Ltd"})
    assert actions(deployment) == [("organization.update", {"fields": "name, tone"})]


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC", "Zulu"])
def test_utc_is_taken_under_each_of_its_names(deployment: Deployment, name: str) -> None:
    answer = deployment.http.patch(
        "/api/organization",
        json={"business_hours": {"timezone": name}},
        headers=deployment.one.team,
    )
    assert answer.json()["business_hours"]["timezone"] == "UTC"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {"allowed_origins": []},
        {"name": None},
        {"name": ""},
        {"name": "  "},
        {"name": "a\x00b"},
        {"name": "\u200b"},
        {"name": "a" * 101},
        {"tone": "a" * 501},
        {"greeting": "a" * 1001},
        {"color": "red"},
        {"color": "#12345"},
        {"color": "#123456\n"},
        {"text_color": "#xyzxyz"},
        {"languages": []},
        {"languages": ["english"]},
        {"languages": ["en", "en"]},
        {"passages": 0},
        {"passages": 11},
        {"passages": "3"},
        {"retention_days": 0},
        {"retention_days": 10**30},
        {"resolve_after_hours": 721},
        {"confidence_threshold": 1.01},
        {"confidence_threshold": -0.1},
        {"identity_required": "yes"},
        {"business_hours": None},
        {"business_hours": {"timezone": "Middle/Earth"}},
        {"business_hours": {"timezone": "../../etc/passwd"}},
        {"business_hours": {"timezone": "Etc/GMT+5"}},
        {"business_hours": {"timezone": "Factory"}},
        {"business_hours": {"timezone": "localtime"}},
        {"business_hours": {"timezone": "posixrules"}},
        {"business_hours": {"timezone": "posix/Europe/Berlin"}},
        {"business_hours": {"timezone": "EST5EDT"}},
        {"business_hours": {"hours": [{"day": "mon", "since": "10:00", "until": "10:00"}]}},
        {"business_hours": {"hours": [{"day": "mon", "since": "24:00", "until": "24:00"}]}},
        {"business_hours": {"hours": [{"day": "noday", "since": "09:00", "until": "10:00"}]}},
        {"business_hours": {"hours": [{"day": "mon", "since": "9", "until": "10"}]}},
        {
            "business_hours": {
                "hours": [
                    {"day": "tue", "since": "09:00", "until": "12:01"},
                    {"day": "mon", "since": "09:00", "until": "12:00"},
                    {"day": "tue", "since": "12:00", "until": "13:00"},
                ]
            }
        },
        {"business_hours": {"outside": "nothing"}},
        {"escalation": {"mood_below": -1.1}},
        {"escalation": {"at_stake": [{"kind": "legal", "words": [""]}]}},
        {"escalation": {"at_stake": [{"kind": "legal", "words": ["*"]}]}},
        {"escalation": {"at_stake": [{"kind": "legal", "words": []}]}},
        {"escalation": {"at_stake": [{"kind": "love", "words": ["dear"]}]}},
        {"escalation": {"at_stake": [{"kind": "legal", "words": ["law"] * 201}]}},
        {"escalation": {"asked_times": 1}},
        {"escalation": {"unknown": True}},
    ],
)
def test_settings_that_make_no_sense_are_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        SettingsChange.model_validate(body)


def test_a_refused_setting_is_a_problem_and_changes_nothing(deployment: Deployment) -> None:
    before = settings(deployment)
    answer = patch(deployment, {"tone": "dry", "business_hours": {"timezone": "Middle/Earth"}})
    assert is_problem(answer, 422)
    assert "IANA" in answer.json()["detail"]
    assert settings(deployment) == before


def test_only_admins_change_settings(deployment: Deployment) -> None:
    for role in ("viewer", "agent"):
        headers = deployment.one.headers(role)
        http = deployment.http
        assert is_problem(http.patch("/api/organization", json={}, headers=headers), 403)
        assert is_problem(
            http.put("/api/organization/origins", json={"origins": []}, headers=headers), 403
        )
        assert is_problem(http.post("/api/organization/identity-secret", headers=headers), 403)
        assert is_problem(http.delete("/api/organization/identity-secret", headers=headers), 403)


def put_origins(deployment: Deployment, *origins: Any) -> Any:
    return deployment.http.put(
        "/api/organization/origins",
        json={"origins": list(origins)},
        headers=deployment.one.team,
    )


def test_origins_are_kept_as_browsers_write_them(deployment: Deployment) -> None:
    answer = put_origins(
        deployment,
        "HTTPS://Shop.Example:443/",
        "https://shop.example",
        "http://localhost:3000",
        "http://[::1]:8080",
    )
    expected = {"origins": ["https://shop.example", "http://localhost:3000", "http://[::1]:8080"]}
    assert answer.json() == expected
    read = deployment.http.get("/api/organization/origins", headers=deployment.one.team)
    assert read.json() == expected
    assert actions(deployment) == [("organization.origins", {"fields": "allowed_origins"})]


NO_ORIGINS = [
    "shop.example",
    "ftp://shop.example",
    "https://shop.example/path",
    "https://*.shop.example",
    "https://user@shop.example",
    "https://shop.example:99999",
    "https://müller.example",
    "https://a b.example",
    "https://",
    "null",
    "*",
]


def test_what_is_no_origin_is_named(deployment: Deployment) -> None:
    for origin in NO_ORIGINS:
        answer = put_origins(deployment, "https://fine.example", origin)
        assert is_problem(answer, 400)
        assert origin in answer.json()["detail"]
        assert "fine.example" not in answer.json()["detail"]
    assert settings(deployment)["allowed_origins"] == ["https://shop.example"]


def test_there_are_at_most_fifty_origins(deployment: Deployment) -> None:
    fifty = [f"https://shop{number}.example" for number in range(50)]
    assert put_origins(deployment, *fifty).status_code == 200
    assert is_problem(put_origins(deployment, *fifty, "https://more.example"), 422)


def test_a_session_follows_the_list_of_origins(deployment: Deployment) -> None:
    put_origins(deployment, "https://new.example")
    key = deployment.one.widget_key
    assert is_problem(deployment.session(key, "https://shop.example"), 403)
    assert deployment.session(key, "https://new.example").status_code == 200


def rotate(deployment: Deployment) -> str:
    answer = deployment.http.post("/api/organization/identity-secret", headers=deployment.one.team)
    assert answer.status_code == 201
    secret: str = answer.json()["secret"]
    return secret


def test_an_identity_secret_is_shown_once(deployment: Deployment) -> None:
    url, headers = "/api/organization/identity-secret", deployment.one.team
    none = deployment.http.get(url, headers=headers).json()
    assert none == {"exists": False, "since": None}
    secret = rotate(deployment)
    later = deployment.http.get(url, headers=headers)
    assert later.json()["exists"] is True
    assert datetime.now(UTC) - datetime.fromisoformat(later.json()["since"]) < timedelta(minutes=1)
    assert secret not in later.text
    organizations = deployment.services.organizations
    assert organizations.identity_secret(deployment.one.organization_id) == secret
    assert organizations.identity_secrets(deployment.two.organization_id) == ()
    assert secret not in str(actions(deployment))


def test_a_replaced_secret_stays_valid_for_a_day(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = deployment.services.organizations.identity_secrets
    organization_id = deployment.one.organization_id
    first, second, third = (rotate(deployment) for _ in range(3))
    assert secrets(organization_id) == (third, second, first)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(hours=24, seconds=1)

    monkeypatch.setattr(stored, "datetime", Tomorrow)
    assert secrets(organization_id) == (third,)


def test_a_deleted_secret_is_not_valid_any_more(deployment: Deployment) -> None:
    rotate(deployment)
    rotate(deployment)
    for _ in range(2):
        answer = deployment.http.delete(
            "/api/organization/identity-secret", headers=deployment.one.team
        )
        assert answer.status_code == 204
    organizations = deployment.services.organizations
    assert organizations.identity_secrets(deployment.one.organization_id) == ()
    assert organizations.identity_secret(deployment.one.organization_id) is None
    assert [action for action, _ in actions(deployment)] == [
        "identity.delete",
        "identity.rotate",
        "identity.create",
    ]


def test_of_two_who_replace_a_secret_at_once_one_is_told(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations, organization_id = (
        deployment.services.organizations,
        deployment.one.organization_id,
    )
    organizations.put_identity_secret(organization_id, "first", BY)
    look = organizations._identity

    def look_then_lose(of: str) -> Any:
        found = look(of)
        monkeypatch.undo()
        organizations.put_identity_secret(of, "quicker", BY)
        return found

    monkeypatch.setattr(organizations, "_identity", look_then_lose)
    with pytest.raises(Conflict):
        organizations.put_identity_secret(organization_id, "slower", BY)
    assert organizations.identity_secrets(organization_id) == ("quicker", "first")


def test_replacing_a_secret_again_and_again_forgets_none_of_the_day(
    deployment: Deployment,
) -> None:
    made = [rotate(deployment) for _ in range(6)]
    answer = deployment.http.post("/api/organization/identity-secret", headers=deployment.one.team)
    assert is_problem(answer, 409)
    secrets = deployment.services.organizations.identity_secrets(deployment.one.organization_id)
    assert secrets == tuple(reversed(made))


def test_answering_a_message_does_not_read_the_identity_secret(deployment: Deployment) -> None:
    secret = rotate(deployment)
    seen = deployment.table.query(
        f"ORG#{deployment.one.organization_id}", first="HIDDEN", last="ORG"
    )
    assert [item["sk"] for item in seen] == ["HIDDEN", "ORG"]
    assert secret not in str(seen)
