"""What keeps state."""

import json
from typing import Any

import pytest

from frontdesk.tables.client import sorted_by
from tests.infra.conftest import Template

pytestmark = pytest.mark.slow


def test_items_expire_and_the_table_can_be_restored(template: Template) -> None:
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_indexes_that_lists_are_read_from_project_everything(template: Template) -> None:
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    indexes = table["GlobalSecondaryIndexes"]
    assert [index["IndexName"] for index in indexes] == ["gsi1", "gsi2", "gsi3", "gsi4", "gsi5"]
    for index in indexes:
        keys = [key["AttributeName"] for key in index["KeySchema"]]
        assert keys == [f"{index['IndexName']}pk", sorted_by(index["IndexName"])]
        assert index["Projection"] == {"ProjectionType": "ALL"}


def test_a_deleted_stack_leaves_its_data_behind(prod: Template) -> None:
    (table,) = prod.of_type("AWS::DynamoDB::Table").values()
    assert table["DeletionProtectionEnabled"] is True
    kept = [
        resource["Type"]
        for resource in prod.resources.values()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    for kind in ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::S3::Bucket"):
        assert kind in kept


def test_nobody_can_make_a_bucket_public(template: Template) -> None:
    for name, bucket in template.of_type("AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name


def test_every_bucket_and_queue_refuses_plain_http(prod: Template) -> None:
    guarded = _refusing_plain_http(prod)
    stores = {**prod.of_type("AWS::S3::Bucket"), **prod.of_type("AWS::SQS::Queue")}
    assert set(stores) == guarded


def _refusing_plain_http(template: Template) -> set[str]:
    guarded: set[str] = set()
    for policy in template.of_type("AWS::S3::BucketPolicy").values():
        if any(_denies_plain_http(statement) for statement in _statements(policy)):
            guarded.add(policy["Bucket"]["Ref"])
    for policy in template.of_type("AWS::SQS::QueuePolicy").values():
        if any(_denies_plain_http(statement) for statement in _statements(policy)):
            guarded.update(queue["Ref"] for queue in policy["Queues"])
    return guarded


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return list(policy["PolicyDocument"]["Statement"])


def _denies_plain_http(statement: dict[str, Any]) -> bool:
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] in ("*", {"AWS": "*"})
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and statement["Action"] in ("s3:*", "sqs:*")
    )


def test_only_our_own_pages_may_post_uploads(prod: Template) -> None:
    documents = _documents(prod)
    (rule,) = documents["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert "*" not in rule["AllowedOrigins"]


def test_files_that_are_erased_are_gone_and_uploads_that_nobody_looks_at_go(
    template: Template,
) -> None:
    (files,) = [
        bucket
        for bucket in template.of_type("AWS::S3::Bucket").values()
        if "-files-" in json.dumps(bucket.get("BucketName", ""))
    ]
    assert "VersioningConfiguration" not in files
    (rule,) = files["LifecycleConfiguration"]["Rules"]
    assert (rule["Prefix"], rule["ExpirationInDays"]) == ("incoming/", 1)
    (cors,) = files["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedMethods"] == ["POST"]


def test_uploads_and_nothing_else_start_an_ingestion(template: Template) -> None:
    (notice,) = _documents(template)["NotificationConfiguration"]["QueueConfigurations"]
    assert notice["Event"] == "s3:ObjectCreated:*"
    (rule,) = notice["Filter"]["S3Key"]["Rules"]
    assert rule == {"Name": "prefix", "Value": "documents/"}
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    assert notice["Queue"] in [mapping["EventSourceArn"] for mapping in mappings]


def test_the_bucket_waits_for_the_policy_that_lets_it_announce_uploads(
    template: Template,
) -> None:
    """S3 sends a test message when the notification is set and fails without the permission."""
    (name,) = [
        name
        for name, bucket in template.of_type("AWS::S3::Bucket").items()
        if "NotificationConfiguration" in bucket
    ]
    policies = {
        waited
        for waited in template.resources[name]["DependsOn"]
        if template.resources[waited]["Type"] == "AWS::SQS::QueuePolicy"
    }
    (policy,) = policies
    statements = _statements(template.resources[policy]["Properties"])
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert [statement["Principal"] for statement in allowed] == [{"Service": "s3.amazonaws.com"}]
    assert "aws:SourceAccount" in allowed[0]["Condition"]["StringEquals"]


def _documents(template: Template) -> dict[str, Any]:
    (bucket,) = [
        bucket
        for bucket in template.of_type("AWS::S3::Bucket").values()
        if "NotificationConfiguration" in bucket
    ]
    return bucket


def test_no_key_stands_in_the_template(prod: Template) -> None:
    secrets = prod.of_type("AWS::SecretsManager::Secret").values()
    assert len(secrets) == 2
    for secret in secrets:
        assert "SecretString" not in secret
        fields = json.loads(secret["GenerateSecretString"]["SecretStringTemplate"])
        assert not any(fields.values())
