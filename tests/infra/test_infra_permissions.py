"""Who may do what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Deployment
from tests.infra.conftest import Template, read_context, synthesize

pytestmark = pytest.mark.slow


def _allowed(template: Template) -> Iterator[tuple[str, list[str], list[Any]]]:
    """Role, actions and resources of every Allow statement of every role."""
    for policy in template.of_type("AWS::IAM::Policy").values():
        (role,) = policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                yield role["Ref"], _listed(statement["Action"]), _listed(statement["Resource"])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _roles(template: Template) -> dict[str, str]:
    """The handler that runs under each of our roles."""
    return {
        function["Role"]["Fn::GetAtt"][0]: handler
        for handler, function in template.functions().items()
    }


def test_nothing_may_do_everything_everywhere(template: Template) -> None:
    for role, actions, resources in _allowed(template):
        if any("*" in action for action in actions):
            assert "*" not in resources, role


def test_our_functions_are_granted_single_actions_on_named_resources(template: Template) -> None:
    ours = _roles(template)
    seen = set()
    for role, actions, resources in _allowed(template):
        if role in ours:
            seen.add(role)
            assert not [action for action in actions if "*" in action], role
            assert "*" not in resources, role
    assert seen == set(ours)


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    assert len(_roles(template)) == len(template.functions())
    for role in _roles(template):
        assert "ManagedPolicyArns" not in template.resources[role]["Properties"]


def test_no_request_may_scan_the_table(template: Template) -> None:
    granted = {action for _, actions, _ in _allowed(template) for action in actions}
    assert {action for action in granted if action.startswith("dynamodb:")} == {
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }


def test_grants_follow_the_work(template: Template) -> None:
    """Who may do the things that hurt when they leak."""
    may: dict[str, set[str]] = {}
    roles = _roles(template)
    for role, actions, _ in _allowed(template):
        for action in actions:
            if role in roles:
                may.setdefault(action, set()).add(roles[role].removesuffix(".handler"))
    assert may["secretsmanager:GetSecretValue"] == {
        "api.handler",
        "chat.answer",
        "checks.handler",
        "ingest.handler",
        "webhooks.handler",
        "webhooks.worker",
    }
    assert may["execute-api:ManageConnections"] == {"api.handler", "chat.answer", "chat.gateway"}
    assert may["lambda:InvokeFunction"] == {"api.handler", "chat.answer"}
    assert may["s3:DeleteObject"] == {"api.handler", "ingest.handler", "upkeep.handler"}
    assert may["s3:PutObject"] == {"api.handler", "ingest.handler"}
    assert may["ses:SendEmail"] == {"mail.handler"}
    assert may["sqs:SendMessage"] == {
        "api.handler",
        "chat.answer",
        "chat.gateway",
        "checks.handler",
        "ingest.handler",
        "upkeep.handler",
        "webhooks.handler",
        "webhooks.worker",
    }
    assert "sentiment.handler" not in may["dynamodb:GetItem"]


def test_only_ses_may_report_what_became_of_mails(prod: Template) -> None:
    """The topic takes events of this account's SES, and the queue takes them from the topic."""
    [subscription] = prod.of_type("AWS::SNS::Subscription").values()
    topic = subscription["TopicArn"]["Ref"]
    assert subscription["Protocol"] == "sqs"
    assert subscription["RawMessageDelivery"] is True
    assert "deadLetterTargetArn" in subscription["RedrivePolicy"]
    assert "KmsMasterKeyId" in prod.resources[topic]["Properties"]
    policies = [
        statement
        for policy in prod.of_type("AWS::SNS::TopicPolicy").values()
        if policy["Topics"] == [{"Ref": topic}]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    allowed = [each for each in policies if each["Effect"] == "Allow"]
    assert allowed
    for statement in allowed:
        assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
        assert statement["Action"] == "sns:Publish"
        assert "AWS:SourceAccount" in statement["Condition"]["StringEquals"]
    [destination] = prod.of_type("AWS::SES::ConfigurationSetEventDestination").values()
    events = destination["EventDestination"]["MatchingEventTypes"]
    assert {each.lower() for each in events} == {"bounce", "complaint"}


def test_a_mail_server_of_ones_own_needs_its_password_and_not_ses(tmp_path: Path) -> None:
    context = {**read_context(), "mailer": "smtp://me@mail.example"}
    template = synthesize(Deployment.read(context, {}), tmp_path)
    roles = _roles(template)
    granted = {
        action
        for role, actions, _ in _allowed(template)
        if roles.get(role) == "mail.handler.handler"
        for action in actions
    }
    assert "secretsmanager:GetSecretValue" in granted
    assert "ses:SendEmail" not in granted
    variables = template.functions()["mail.handler.handler"]["Environment"]["Variables"]
    assert variables["FRONTDESK_MAILER"] == "smtp://me@mail.example"
    assert "FRONTDESK_SECRET" in variables
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert "AWS::SES::ConfigurationSet" not in kinds


def test_api_gateway_may_call_only_for_its_own_routes(prod: Template) -> None:
    for name, permission in prod.of_type("AWS::Lambda::Permission").items():
        assert permission["Principal"] in {"apigateway.amazonaws.com", "events.amazonaws.com"}
        assert "SourceArn" in permission, name
