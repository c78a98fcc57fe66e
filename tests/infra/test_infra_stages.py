"""What the stages make of the same app, and what is refused."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from frontdesk.billing.plans import PLANS
from infra.node import use_packaged_node
from infra.settings import PAID_PLANS, ROOT, STAND_IN_PRICES, Deployment, InvalidDeployment
from tests.infra.conftest import Template, read_context, synthesize

pytestmark = pytest.mark.slow


def test_the_emulator_is_given_nothing_that_would_hang_it(local: Template) -> None:
    """MiniStack waits an hour for a custom resource in Node, and knows no route responses."""
    kinds = {resource["Type"] for resource in local.resources.values()}
    assert not [kind for kind in kinds if kind.startswith("Custom::")]
    assert "AWS::CloudFormation::CustomResource" not in kinds
    assert "AWS::ApiGatewayV2::RouteResponse" not in kinds
    for name, function in local.of_type("AWS::Lambda::Function").items():
        assert function["Runtime"].startswith("python"), name


def test_the_emulator_takes_packages_from_the_virtual_environment(local: Template) -> None:
    assert len(local.of_type("AWS::Lambda::LayerVersion")) == 1
    for handler, function in local.functions().items():
        assert len(function["Layers"]) == 1, handler


def test_every_function_in_the_cloud_has_the_core_and_its_own_packages(prod: Template) -> None:
    for handler, function in prod.functions().items():
        package = handler.split(".", maxsplit=1)[0]
        layers = [layer["Ref"].removeprefix("Layers")[:-8] for layer in function["Layers"]]
        models = ["Models"] if package == "sentiment" else []
        assert layers == ["Core", package.title(), *models], handler


def test_what_the_local_runner_reads_is_there(template: Template) -> None:
    assert {
        *("HttpApiId", "HttpUrl", "WebSocketApiId", "WebSocketUrl", "DocumentsBucket"),
        "FilesBucket",
        *("SiteBucket", "DistributionId", "DistributionDomain", "TableName", "SecretArn"),
        *("TurnsQueueUrl", "TurnsDlqUrl", "IngestQueueUrl", "IngestDlqUrl"),
        *("ChatGatewayFunction", "ChatAnswerFunction", "ApiFunction", "WebhooksFunction"),
        *("ChecksFunction", "IngestFunction", "SentimentFunction"),
        *("ChecksQueueUrl", "ChecksDlqUrl", "BillingQueueUrl", "BillingDlqUrl"),
    } <= set(template.outputs)


def test_addresses_of_the_emulator_outlive_a_fresh_deployment(local: Template) -> None:
    ids = {api["Tags"]["ms-custom-id"] for api in local.of_type("AWS::ApiGatewayV2::Api").values()}
    assert len(ids) == 2
    assert all(len(identifier) == 8 and int(identifier, 16) for identifier in ids)


def test_a_laptop_needs_no_account() -> None:
    deployment = Deployment.read({}, {})
    assert deployment.emulated
    assert deployment.index.startswith("sqlite:/")
    assert (deployment.embedder, deployment.model) == ("minilm", "extractive")
    assert (Path(deployment.models) / "minilm").is_dir()


def test_the_shell_can_name_another_model_for_the_laptop() -> None:
    deployment = Deployment.read(
        {},
        {
            "FRONTDESK_MODEL": "openai:llama",
            "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4600",
        },
    )
    assert deployment.model == "openai:llama"
    assert deployment.openai_base_url == "http://127.0.0.1:11434/v1"
    assert deployment.endpoint == "http://127.0.0.1:4600"


def test_a_laptop_has_passages_read_by_a_model_unless_it_is_told_not_to() -> None:
    assert Deployment.read({}, {}).reranker == "minilm"
    assert Deployment.read({}, {"FRONTDESK_RERANKER": "words"}).reranker == "words"
    with pytest.raises(InvalidDeployment, match="reranker"):
        Deployment.read({}, {"FRONTDESK_RERANKER": "magic"})


def test_every_paid_plan_can_be_priced() -> None:
    assert {plan.name for plan in PLANS.values() if plan.monthly_price} == set(PAID_PLANS)


def test_a_laptop_bills_through_the_stand_in_unless_it_is_told_not_to() -> None:
    deployment = Deployment.read({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4600"})
    assert deployment.billing == "stripe"
    assert deployment.stripe_api_base == "http://127.0.0.1:4600/_stripe"
    assert json.loads(deployment.stripe_prices) == STAND_IN_PRICES
    assert Deployment.read({}, {"FRONTDESK_BILLING": "none"}).billing == "none"
    stripe = {"FRONTDESK_STRIPE_API_BASE": "https://api.stripe.com"}
    with pytest.raises(InvalidDeployment, match="FRONTDESK_STRIPE_PRICES"):
        Deployment.read({}, stripe)
    own = '{"starter": "price_1", "pro": "price_2", "business": "price_3"}'
    assert Deployment.read({}, {**stripe, "FRONTDESK_STRIPE_PRICES": own}).stripe_prices


def test_the_shell_does_not_reach_into_the_cloud() -> None:
    deployment = Deployment.read(read_context(), {"FRONTDESK_MODEL": "extractive"})
    assert deployment.model == read_context()["model"]
    assert deployment.endpoint is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"index": "sqlite:/tmp/x"}, "pinecone"),
        ({"index": ""}, "index"),
        ({"domainName": "help.example.com"}, "certificateArn"),
        ({"deletionProtection": "perhaps"}, "deletionProtection"),
        ({"answersAtOnce": "many"}, "answersAtOnce"),
        ({"stage": "My Stage"}, "stage"),
        ({"promptTokens": 500}, "promptTokens"),
        ({"reranker": "minilm"}, "ONNX Runtime"),
        ({"reranker": "magic"}, "reranker"),
        ({"billing": "cash"}, "billing"),
        ({"billing": "stripe"}, "a price for starter, pro, business"),
        ({"billing": "stripe", "stripePrices": {"starter": "a", "pro": "b"}}, "for business"),
        ({"stripePrices": {"starter": "a", "pro": "a", "business": "b"}}, "stripePrices"),
        ({"stripePrices": {"gold": "a"}}, "stripePrices"),
        ({"stripePrices": "cheap"}, "stripePrices"),
        ({"stripeApiBase": "api.stripe.com"}, "stripeApiBase"),
        ({"mailer": "pigeon"}, "mailer"),
        ({"mailer": "smtp://me:secret@mail.example"}, "password"),
        ({"modelPrices": "cheap"}, "modelPrices"),
        ({"modelPrices": {"openai:m": 3}}, "modelPrices"),
        ({"modelPrices": {"openai:m": {"prompt": 1}}}, "modelPrices"),
        ({"modelPrices": {"openai:m": {"prompt": -1, "completion": 1}}}, "modelPrices"),
        ({"modelPrices": '{"openai:m": {"prompt": NaN, "completion": 1}}'}, "modelPrices"),
    ],
)
def test_a_deployment_that_cannot_work_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDeployment, match=says):
        Deployment.read({**read_context(), **change}, {})


def test_settings_on_the_command_line_arrive_as_text() -> None:
    prices = '{"openai:m": {"prompt": 0.5, "completion": 2}}'
    deployment = Deployment.read(
        {**read_context(), "deletionProtection": "false", "modelPrices": prices}, {}
    )
    assert deployment.deletion_protection is False
    in_the_file = Deployment.read({**read_context(), "modelPrices": json.loads(prices)}, {})
    assert json.loads(deployment.model_prices) == json.loads(in_the_file.model_prices)
    assert deployment.model_prices == in_the_file.model_prices


def test_cdk_nag_stops_what_it_finds(tmp_path: Path) -> None:
    """Its silence about our stacks means something only if it speaks."""
    use_packaged_node()
    from aws_cdk import aws_s3 as s3

    from infra.synthesis import make_app

    deployment = Deployment.read(read_context(), {})
    app, stack = make_app(deployment, context=read_context(), outdir=str(tmp_path))
    s3.Bucket(stack, "Bare")
    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()


def test_other_regions_have_their_firewall_where_cloudfront_wants_it(tmp_path: Path) -> None:
    context: dict[str, Any] = {**read_context(), "region": "eu-west-2"}
    template = synthesize(Deployment.read(context, {}), tmp_path)
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert "AWS::WAFv2::WebACL" not in kinds
    edge = (tmp_path / "frontdesk-prod-edge.template.json").read_text()
    assert "AWS::WAFv2::WebACL" in edge


def test_a_domain_of_ones_own_is_used_everywhere(tmp_path: Path) -> None:
    certificate = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    own = {"domainName": "help.example.com", "certificateArn": certificate}
    template = synthesize(Deployment.read({**read_context(), **own}, {}), tmp_path)
    api = template.functions()["api.handler.handler"]["Environment"]["Variables"]
    assert api["FRONTDESK_WEBSOCKET_URL"] == "wss://help.example.com/prod"
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    viewer = distribution["DistributionConfig"]["ViewerCertificate"]
    assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2021"
    origins = [
        rule["AllowedOrigins"]
        for bucket in template.of_type("AWS::S3::Bucket").values()
        for rule in bucket.get("CorsConfiguration", {}).get("CorsRules", [])
    ]
    # Files of conversations are posted from the pages that the widget is on.
    assert origins == [["https://help.example.com"], ["*"]]


def test_the_guide_explains_every_key_of_the_context_and_only_real_outputs(prod: Template) -> None:
    guide = (ROOT / "docs" / "DEPLOY.md").read_text()
    table = guide.partition("## What to decide")[2].partition("## ")[0]
    explained = {
        key
        for line in table.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    keys = {key for key in read_context() if not key.startswith(("@", "aws:"))}
    assert explained == keys | {"region"}
    named = re.findall(r"outputs? (`\w+`(?:, `\w+`)*)", guide)
    assert named
    for names in named:
        assert set(re.findall(r"\w+", names)) <= set(prod.outputs), names
