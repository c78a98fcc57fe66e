"""What MiniStack's CloudFormation accepts in a template and then forgets, set through its APIs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from local.clients import Clients

Resources = Mapping[str, Mapping[str, Any]]


def repair(clients: "Clients", resources: Resources, ids: Mapping[str, str]) -> int:
    """Set expiry and backups of tables and CORS of HTTP APIs. Returns how many things were wrong.

    `ids` leads from the template's names to those of the deployed resources.
    """
    done = 0
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::DynamoDB::Table":
            done += _repair_table(clients.client("dynamodb"), ids[name], properties)
        elif resource["Type"] == "AWS::ApiGatewayV2::Api" and "CorsConfiguration" in properties:
            clients.client("apigatewayv2").update_api(
                ApiId=ids[name], CorsConfiguration=properties["CorsConfiguration"]
            )
            done += 1
    return done


def _repair_table(dynamodb: "DynamoDBClient", table: str, properties: Mapping[str, Any]) -> int:
    done = 0
    expiry = properties.get("TimeToLiveSpecification")
    if expiry and expiry.get("Enabled"):
        found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if found.get("TimeToLiveStatus") != "ENABLED":
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
            done += 1
    backups = properties.get("PointInTimeRecoverySpecification")
    if backups and backups.get("PointInTimeRecoveryEnabled"):
        dynamodb.update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
        done += 1
    return done
