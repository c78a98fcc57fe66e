"""The functions, what feeds them and what they are told."""

import importlib
import re
from typing import Any

import pytest

from frontdesk import settings
from infra.settings import ROOT
from tests.infra.conftest import Template, read_context

pytestmark = pytest.mark.slow

SETTINGS: dict[str, type[settings.Settings]] = {
    "api.handler.handler": settings.ApiSettings,
    "chat.answer.handler": settings.AnswerSettings,
    "chat.gateway.handler": settings.GatewaySettings,
    "checks.handler.handler": settings.ChecksSettings,
    "ingest.handler.handler": settings.IngestSettings,
    "mail.handler.handler": settings.MailSettings,
    "sentiment.handler.handler": settings.SentimentSettings,
    "upkeep.handler.handler": settings.UpkeepSettings,
    "webhooks.handler.handler": settings.WebhookSettings,
    "webhooks.worker.handler": settings.BillingWorkerSettings,
}


def test_every_function_is_deployed_and_its_handler_exists(template: Template) -> None:
    assert set(template.functions()) == set(SETTINGS)
    for handler in SETTINGS:
        module, _, function = handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


def test_functions_run_on_arm64_and_a_python_we_support(template: Template) -> None:
    for handler, function in template.functions().items():
        assert function["Architectures"] == ["arm64"], handler
        assert function["Runtime"] == "python3.13", handler


@pytest.mark.parametrize("handler", sorted(SETTINGS))
def test_a_function_is_given_every_setting_it_reads(handler: str, template: Template) -> None:
    variables = template.functions()[handler]["Environment"]["Variables"]
    SETTINGS[handler].read(
        {name: value if isinstance(value, str) else "a token" for name, value in variables.items()}
    )
    assert variables["POWERTOOLS_SERVICE_NAME"] == handler.split(".", maxsplit=1)[0]
    assert variables["FRONTDESK_STAGE"] in ("prod", "local")


def test_the_api_gives_up_on_the_playground_before_its_own_time_is_over(template: Template) -> None:
    from api.handler import PLAYING_SECONDS

    assert template.functions()["api.handler.handler"]["Timeout"] > PLAYING_SECONDS + 4


def test_models_are_named_in_the_context_alone() -> None:
    """A retired model is replaced in one place."""
    context = read_context()
    configured = [context[key].partition(":")[2] for key in ("model", "fallbackModel", "embedder")]
    families = "gpt|claude|gemini|mistral|llama|qwen|deepseek|text-embedding"
    named = re.compile("|".join([*map(re.escape, configured), rf"\b({families})-[\w.-]*\d"]))
    sources = [
        *ROOT.glob("infra/*.py"),
        *ROOT.glob("functions/**/*.py"),
        *ROOT.glob("layers/core/**/*.py"),
        *ROOT.glob("local/*.py"),
    ]
    found = {source.name: named.search(source.read_text()) for source in sources}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_logs_are_kept_for_a_while_and_not_for_ever(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] > 0 for group in groups.values())
    for handler, function in template.functions().items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, handler


def test_the_uploader_of_the_cdk_keeps_its_logs_for_a_while_too(prod: Template) -> None:
    groups = prod.of_type("AWS::Logs::LogGroup")
    for name, function in prod.of_type("AWS::Lambda::Function").items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, name


def test_every_queue_of_work_gives_up_into_a_dead_letter_queue(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    fed = {name: queue for name, queue in queues.items() if "RedrivePolicy" in queue}
    graves = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in fed.values()
    }
    assert len(fed) == 5
    assert set(queues) - set(fed) == graves
    for grave in graves:
        assert queues[grave]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_a_message_comes_alone_and_stays_hidden_while_it_is_worked_on(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    functions = template.of_type("AWS::Lambda::Function")
    mappings = template.of_type("AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 5
    for mapping in mappings.values():
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        worker = functions[mapping["FunctionName"]["Ref"]]
        assert mapping["BatchSize"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
        assert queue["VisibilityTimeout"] > worker["Timeout"]


def test_a_queue_that_would_hand_out_running_work_again_is_refused() -> None:
    from infra.node import use_packaged_node

    use_packaged_node()
    import aws_cdk as cdk

    from infra.functions import PythonFunction
    from infra.queues import WorkQueue

    class Slow:
        timeout = cdk.Duration.seconds(60)

    queue = WorkQueue(cdk.Stack(), "Work", visibility=cdk.Duration.seconds(60), attempts=3)
    worker: PythonFunction = Slow()  # type: ignore[assignment]  # only its timeout is asked for
    with pytest.raises(ValueError, match="invisible"):
        queue.feed(worker, at_once=2)


def test_api_gateway_sends_back_what_the_gateway_answers(prod: Template) -> None:
    routes = prod.of_type("AWS::ApiGatewayV2::Route")
    replying = {
        route["RouteKey"]: route
        for route in routes.values()
        if route.get("RouteResponseSelectionExpression") == "$default"
    }
    actions = {"message", "resume", "stop", "feedback", "ping", "$default"}
    actions |= {"typing", "seen", "page", "watch", "unwatch"}
    assert set(replying) == actions
    answered = prod.of_type("AWS::ApiGatewayV2::RouteResponse").values()
    assert len(answered) == len(actions)


def test_every_action_of_the_protocol_has_a_route(template: Template) -> None:
    text = (ROOT / "docs" / "PROTOCOL.md").read_text()
    table = text.partition("## Frames to the server")[2].partition("## ")[0]
    actions = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    routes = {route["RouteKey"] for route in template.of_type("AWS::ApiGatewayV2::Route").values()}
    assert actions <= routes
    assert {"$connect", "$disconnect", "$default"} <= routes


def test_a_widget_may_call_from_any_page_but_never_with_cookies(template: Template) -> None:
    """Which pages an organisation allows is the function's to check, on the session call."""
    (api,) = [
        api
        for api in template.of_type("AWS::ApiGatewayV2::Api").values()
        if api["ProtocolType"] == "HTTP"
    ]
    cors = api["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["*"]
    assert not cors.get("AllowCredentials")
    assert set(cors["AllowHeaders"]) == {
        *("authorization", "content-type", "x-frontdesk-key", "x-frontdesk-identity")
    }
    routes = [route["RouteKey"] for route in template.of_type("AWS::ApiGatewayV2::Route").values()]
    assert "ANY /api/{proxy+}" in routes


def test_stages_are_throttled_and_log_no_query_string(template: Template) -> None:
    """Connect tokens travel in the query string."""
    stages = template.of_type("AWS::ApiGatewayV2::Stage").values()
    assert len(stages) == 2
    for stage in stages:
        assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
        assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
        line: str = stage["AccessLogSettings"]["Format"]
        assert "requestId" in line
        assert "query" not in line.lower()


def test_someone_hears_of_given_up_work_errors_throttling_and_slow_answers(
    prod: Template,
) -> None:
    alarms = prod.of_type("AWS::CloudWatch::Alarm").values()
    assert all(alarm["AlarmActions"] for alarm in alarms)
    watched: dict[str, list[dict[str, Any]]] = {}
    for alarm in alarms:
        watched.setdefault(alarm["MetricName"], []).append(alarm)
    assert len(watched["Errors"]) == len(watched["Throttles"]) == len(SETTINGS)
    assert len(watched["ApproximateNumberOfMessagesVisible"]) == 5
    assert [alarm["ExtendedStatistic"] for alarm in watched["Duration"]] == ["p95"]
