"""What may differ between deployments. Read once, from the CDK context and the environment."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

LOCAL = "local"
"""The stage that is deployed to the emulator on this machine."""

_LOCAL_ACCOUNT = "000000000000"
_REGION = "us-east-1"
_PROMPT_TOKENS = 6_000
PAID_PLANS = ("starter", "pro", "business")
"""The plans that are paid for, as `frontdesk.billing.plans` has them."""

STAND_IN_PRICES: dict[str, str] = {plan: f"price_{plan}_monthly" for plan in PAID_PLANS}
"""The prices of the stand-in of Stripe on this machine, see `local.stripe`."""

_STRIPE_PRICES = (
    '{key} must be like {{"starter": "price_…", "pro": "price_…", "business": "price_…"}}, '
    "with a list for a plan that had other prices before, and no price twice"
)
_PRICES = (
    "{key} must be like "
    '{{"openai:<model>": {{"prompt": 0.5, "completion": 2}}}}, in US dollars per million tokens'
)


class InvalidDeployment(Exception):
    """The context asks for something that cannot be deployed. The text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of Frontdesk.

    `index`, `embedder`, `model` and `fallback_model` are handed to the functions as they are:
    `frontdesk.settings` explains their form. So it does that of `model_prices`, a JSON object, and
    `prompt_tokens`, and `reranker`. `endpoint` is the emulator's address, None on AWS.
    `models` is where the functions find the ONNX models. `mail_from` is who mail comes from, and
    `mailer` who sends it: `ses`, or a server as `frontdesk.settings` explains.
    `billing` says who collects payments, `stripe` or `none`; `frontdesk.settings` explains
    `stripe_prices`, a JSON object by paid plan, `stripe_api_base` and `stripe_tax`.
    `account` is None when it is only known at the time of deploying.
    """

    stage: str
    account: str | None
    region: str
    endpoint: str | None
    index: str
    embedder: str
    model: str
    fallback_model: str
    model_prices: str
    prompt_tokens: int
    openai_base_url: str | None
    models: str
    reranker: str
    mail_from: str
    billing: str
    stripe_prices: str
    stripe_api_base: str | None
    stripe_tax: bool = False
    mailer: str = "ses"
    upload_origins: tuple[str, ...] = ()
    domain_name: str | None = None
    certificate_arn: str | None = None
    alarm_email: str | None = None
    deletion_protection: bool = True
    log_retention_days: int = 30
    answers_at_once: int = 50
    ingestions_at_once: int = 5
    api_requests_per_second: int = 200
    api_gateway_logging: bool = True

    def __post_init__(self) -> None:
        """Raise InvalidDeployment for combinations that would fail late or do harm."""
        if bool(self.domain_name) != bool(self.certificate_arn):
            raise InvalidDeployment("domainName and certificateArn go together")
        if self.prompt_tokens < 2_000:
            raise InvalidDeployment("promptTokens must be at least 2000")
        if not self.stage.isalnum() or not self.stage.islower():
            raise InvalidDeployment("stage must be lower-case letters and digits")
        if self.endpoint is None and self.index.startswith("sqlite:"):
            raise InvalidDeployment("functions on AWS share no disk: index must be pinecone:<name>")
        _check_mailer(self.mailer)
        if self.reranker not in {"words", "minilm"}:
            raise InvalidDeployment("reranker must be words or minilm")
        if self.endpoint is None and self.reranker != "words":
            raise InvalidDeployment("functions on AWS ship no ONNX Runtime: reranker must be words")
        if self.billing not in {"stripe", "none"}:
            raise InvalidDeployment("billing must be stripe or none")
        unpriced = [plan for plan in PAID_PLANS if plan not in json.loads(self.stripe_prices)]
        if self.billing == "stripe" and unpriced:
            raise InvalidDeployment(
                f"billing by stripe needs a price for {', '.join(unpriced)}: set stripePrices in "
                "cdk.json, or FRONTDESK_STRIPE_PRICES on this machine"
            )
        if self.stripe_api_base and not self.stripe_api_base.startswith(("https://", "http://")):
            raise InvalidDeployment("stripeApiBase must begin with https:// or http://")

    @property
    def emulated(self) -> bool:
        """Whether this is deployed to the emulator rather than to AWS."""
        return self.endpoint is not None

    @property
    def ingestions_per_organization(self) -> int:
        """How many ingestions at once one organisation may have: of those on AWS, two in five."""
        return (
            self.ingestions_at_once if self.emulated else max(1, self.ingestions_at_once * 2 // 5)
        )

    @property
    def stack_name(self) -> str:
        """The CloudFormation stack."""
        return f"frontdesk-{self.stage}"

    @classmethod
    def read(cls, context: Mapping[str, Any], environment: Mapping[str, str]) -> "Deployment":
        """Build the deployment that `context` (CDK context) and `environment` describe.

        Without a stage in the context, FRONTDESK_STAGE names it, and without that it is `local`.
        Raises InvalidDeployment.
        """
        stage = context.get("stage") or environment.get("FRONTDESK_STAGE") or LOCAL
        return _local(environment) if stage == LOCAL else _cloud(stage, context, environment)


def _local(environment: Mapping[str, str]) -> Deployment:
    """No account anywhere; what the shell sets in FRONTDESK_* wins."""
    index_file = ROOT / ".local" / "index.sqlite"
    base_url = environment.get("FRONTDESK_OPENAI_BASE_URL") or environment.get("OPENAI_BASE_URL")
    endpoint = environment.get("AWS_ENDPOINT_URL") or "http://127.0.0.1:4566"
    stripe = environment.get("FRONTDESK_STRIPE_API_BASE")
    prices = environment.get("FRONTDESK_STRIPE_PRICES")
    if not stripe and not prices:
        prices = json.dumps(STAND_IN_PRICES)
    return Deployment(
        stage=LOCAL,
        account=_LOCAL_ACCOUNT,
        region=environment.get("AWS_REGION") or _REGION,
        endpoint=endpoint,
        index=environment.get("FRONTDESK_INDEX") or f"sqlite:{index_file}",
        embedder=environment.get("FRONTDESK_EMBEDDER") or "minilm",
        model=environment.get("FRONTDESK_MODEL") or "extractive",
        fallback_model=environment.get("FRONTDESK_FALLBACK_MODEL") or "extractive",
        model_prices=_prices("FRONTDESK_MODEL_PRICES", environment.get("FRONTDESK_MODEL_PRICES")),
        prompt_tokens=_number(environment, "FRONTDESK_PROMPT_TOKENS", _PROMPT_TOKENS),
        openai_base_url=base_url or None,
        models=environment.get("FRONTDESK_MODELS") or str(ROOT / "layers" / "models"),
        reranker=environment.get("FRONTDESK_RERANKER") or "minilm",
        mail_from="Frontdesk <no-reply@frontdesk.example>",
        billing=environment.get("FRONTDESK_BILLING") or "stripe",
        stripe_prices=_stripe_prices("FRONTDESK_STRIPE_PRICES", prices),
        stripe_api_base=stripe or f"{endpoint}/_stripe",
        mailer=environment.get("FRONTDESK_MAILER") or "ses",
        deletion_protection=False,
        log_retention_days=7,
        answers_at_once=4,
        ingestions_at_once=2,
        api_gateway_logging=False,
    )


def _cloud(stage: str, context: Mapping[str, Any], environment: Mapping[str, str]) -> Deployment:
    """Everything comes from the context, so that what is deployed stands in cdk.json."""

    def required(key: str) -> str:
        if not context.get(key):
            raise InvalidDeployment(f"context {key} is missing")
        return str(context[key])

    origins = (origin.strip() for origin in context.get("uploadOrigins", "").split(","))
    return Deployment(
        stage=stage,
        account=environment.get("CDK_DEFAULT_ACCOUNT"),
        region=context.get("region") or environment.get("CDK_DEFAULT_REGION") or _REGION,
        endpoint=None,
        index=required("index"),
        embedder=required("embedder"),
        model=required("model"),
        fallback_model=required("fallbackModel"),
        model_prices=_prices("modelPrices", context.get("modelPrices")),
        prompt_tokens=_number(context, "promptTokens", _PROMPT_TOKENS),
        openai_base_url=context.get("openaiBaseUrl") or None,
        models="/opt/models",
        reranker=context.get("reranker") or "words",
        mail_from=required("mailFrom"),
        billing=context.get("billing") or "none",
        stripe_prices=_stripe_prices("stripePrices", context.get("stripePrices")),
        stripe_api_base=context.get("stripeApiBase") or None,
        stripe_tax=_flag(context, "stripeTax", otherwise="false"),
        mailer=context.get("mailer") or "ses",
        upload_origins=tuple(origin for origin in origins if origin),
        domain_name=context.get("domainName") or None,
        certificate_arn=context.get("certificateArn") or None,
        alarm_email=context.get("alarmEmail") or None,
        deletion_protection=_flag(context, "deletionProtection"),
        log_retention_days=_number(context, "logRetentionDays", 30),
        answers_at_once=_number(context, "answersAtOnce", 50),
        ingestions_at_once=_number(context, "ingestionsAtOnce", 5),
        api_requests_per_second=_number(context, "apiRequestsPerSecond", 200),
        api_gateway_logging=_flag(context, "apiGatewayLogging"),
    )


def _check_mailer(mailer: str) -> None:
    if mailer == "ses":
        return
    parts = urlsplit(mailer)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise InvalidDeployment("mailer must be ses, smtp://user@host or smtps://user@host")
    if parts.password is not None:
        raise InvalidDeployment("mailer must hold no password: that goes into the secret")


def _flag(context: Mapping[str, Any], key: str, *, otherwise: str = "true") -> bool:
    text = str(context.get(key, otherwise)).lower()
    if text not in {"true", "false"}:
        raise InvalidDeployment(f"context {key} must be true or false")
    return text == "true"


def _number(context: Mapping[str, Any], key: str, otherwise: int) -> int:
    try:
        return int(context.get(key, otherwise))
    except ValueError as error:
        raise InvalidDeployment(f"{key} must be a whole number") from error


def _prices(key: str, given: object) -> str:
    """Prices as JSON. On the command line and in the shell they are that already."""
    try:
        named: Any = json.loads(given or "{}") if isinstance(given, str) else given or {}
        prices = {
            model: {part: float(price[part]) for part in ("prompt", "completion")}
            for model, price in named.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidDeployment(_PRICES.format(key=key)) from error
    if not all(0 <= value < math.inf for price in prices.values() for value in price.values()):
        raise InvalidDeployment(_PRICES.format(key=key))
    return json.dumps(prices)


def _stripe_prices(key: str, given: object) -> str:
    """Price ids by plan as JSON. On the command line and in the shell they are that already."""
    try:
        prices: Any = json.loads(given or "{}") if isinstance(given, str) else given or {}
    except ValueError as error:
        raise InvalidDeployment(_STRIPE_PRICES.format(key=key)) from error
    if not isinstance(prices, dict):
        raise InvalidDeployment(_STRIPE_PRICES.format(key=key))
    by_plan = {plan: [ids] if isinstance(ids, str) else ids for plan, ids in prices.items()}
    if not (
        prices.keys() <= set(PAID_PLANS)
        and all(
            isinstance(ids, list) and ids and all(isinstance(each, str) and each for each in ids)
            for ids in by_plan.values()
        )
    ):
        raise InvalidDeployment(_STRIPE_PRICES.format(key=key))
    every = [price for ids in by_plan.values() for price in ids]
    if len(set(every)) < len(every):
        raise InvalidDeployment(_STRIPE_PRICES.format(key=key))
    return json.dumps(prices, sort_keys=True)
