"""Mail that comes back: events of SES, as a topic with raw delivery puts them into the queue."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.mail.jobs import ResetMail
from frontdesk.tables.client import Table
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.suppressions import Suppressions
from mail.feedback import heed, is_feedback
from tests.unit.deployment import Deployment

GREETING = "Successfully validated SNS topic for Amazon SES event publishing."

MAIL = {
    "timestamp": "2026-11-28T10:00:00.000Z",
    "source": "Frontdesk <no-reply@frontdesk.example>",
    "sendingAccountId": "111122223333",
    "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
    "destination": ["ada@harbor.example"],
    "headersTruncated": False,
    "headers": [{"name": "Subject", "value": "Hello"}],
    "tags": {"ses:configuration-set": ["sending"]},
}


def bounce(
    kind: str, address: str = "ada@harbor.example", *, sent_to: str = "ada@harbor.example"
) -> str:
    return json.dumps(
        {
            "eventType": "Bounce",
            "bounce": {
                "feedbackId": "01000157c44f053b",
                "bounceType": kind,
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {
                        "emailAddress": address,
                        "action": "failed",
                        "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                    }
                ],
                "timestamp": "2026-11-28T10:00:01.000Z",
                "reportingMTA": "dsn; mta.example.com",
            },
            "mail": {**MAIL, "destination": [sent_to]},
        }
    )


def complaint(kind: str | None = "abuse") -> str:
    body: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": "ada@harbor.example"}],
        "timestamp": "2026-11-28T10:00:01.000Z",
        "feedbackId": "01000157c44f053b",
        "userAgent": "Amazon SES Mailbox Simulator",
    }
    if kind:
        body["complaintFeedbackType"] = kind
    return json.dumps({"eventType": "Complaint", "complaint": body, "mail": MAIL})


@pytest.fixture
def suppressions(table: Table) -> Suppressions:
    return Suppressions(table)


@pytest.fixture
def organizations(table: Table) -> Organizations:
    return Organizations(table)


@pytest.mark.parametrize(
    ("body", "suppressed"),
    [
        (bounce("Permanent"), True),
        (bounce("Permanent", "Ada@Harbor.example", sent_to="Ada <Ada@Harbor.example>"), True),
        (bounce("Permanent", "ada@new.example"), True),
        (bounce("Transient"), False),
        (bounce("Undetermined"), False),
        (complaint(), True),
        (complaint(None), True),
        (complaint("not-spam"), False),
    ],
)
def test_what_comes_back_for_good_and_complaints_end_mail_to_an_address(
    suppressions: Suppressions, organizations: Organizations, body: str, suppressed: bool
) -> None:
    assert is_feedback(body)
    for _ in range(2):
        heed(body, suppressions, organizations)
    assert suppressions.covers("ada@harbor.example") is suppressed
    assert not suppressions.covers("bo@harbor.example")


def test_a_report_ends_mail_to_nobody_whom_the_mail_was_not_for(
    suppressions: Suppressions, organizations: Organizations
) -> None:
    heed(
        bounce("Permanent", "bo@harbor.example", sent_to="x@hostile.example"),
        suppressions,
        organizations,
    )
    assert not suppressions.covers("bo@harbor.example")
    assert suppressions.covers("x@hostile.example")


def test_another_address_of_the_same_person_still_gets_mail(
    suppressions: Suppressions, organizations: Organizations
) -> None:
    tagged = "ada+shop@harbor.example"
    heed(bounce("Permanent", tagged, sent_to=tagged), suppressions, organizations)
    assert suppressions.covers("Ada+Shop@harbor.example")
    assert not suppressions.covers("ada@harbor.example")


def test_the_greeting_of_a_new_topic_is_no_event(
    suppressions: Suppressions, organizations: Organizations
) -> None:
    assert is_feedback(GREETING)
    assert heed(GREETING, suppressions, organizations) == 0


def test_a_job_is_no_event() -> None:
    assert not is_feedback(ResetMail(email="ada@harbor.example").model_dump_json())


@given(words=st.text() | st.sampled_from(['"eventType":"Bounce"', "eventType", GREETING]))
def test_nothing_that_people_write_makes_a_job_an_event(words: str) -> None:
    job = {"mail": "reset", "id": words, "email": f'{words}@"eventType"'}
    assert not is_feedback(ResetMail.model_validate(job).model_dump_json())


def test_an_event_of_another_shape_is_kept_for_people_and_quotes_nobody(
    suppressions: Suppressions, organizations: Organizations
) -> None:
    odd = json.dumps({"eventType": "Bounce", "bounce": {"who": "ada@harbor.example"}})
    with pytest.raises(ValueError, match="bounceType") as raised:
        heed(odd, suppressions, organizations)
    assert "ada@" not in str(raised.value)


@pytest.mark.parametrize("receiver", ["team", "customer"])
def test_whose_mail_came_back_for_good_sees_it_and_nobody_else(
    deployment: Deployment, receiver: str
) -> None:
    event = json.loads(bounce("Permanent"))
    event["mail"]["tags"] = {
        "organization": [deployment.one.organization_id],
        "receiver": [receiver],
    }
    organizations = deployment.services.organizations
    heed(json.dumps(event), Suppressions(deployment.table), organizations)
    found = [
        deployment.http.get("/api/organization", headers=each.team).json()
        for each in (deployment.one, deployment.two)
    ]
    assert [each["mail_returned_to"] for each in found] == [receiver, None]
    assert [each["mail_returned_at"] is None for each in found] == [False, True]
