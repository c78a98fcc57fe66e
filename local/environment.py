"""Environment variables: which ones reach whom."""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from local.errors import LocalError
from local.layout import Layout

REGION = "us-east-1"
ACCOUNT = "000000000000"

DEFAULT_PORT = 4566

PROVIDER_KEYS = {
    "OPENAI_API_KEY": "openai_api_key",
    "PINECONE_API_KEY": "pinecone_api_key",
    "STRIPE_SECRET_KEY": "stripe_secret_key",
    "SMTP_PASSWORD": "smtp_password",
    "STRIPE_WEBHOOK_SECRET": "stripe_webhook_secret",
}
"""Variables that hold a key, and the field of the stack's secret that it goes to."""

PASSED_TO_SYNTHESIS = (
    "FRONTDESK_BILLING",
    "FRONTDESK_EMBEDDER",
    "FRONTDESK_FALLBACK_MODEL",
    "FRONTDESK_INDEX",
    "FRONTDESK_MAILER",
    "FRONTDESK_MODEL",
    "FRONTDESK_MODELS",
    "FRONTDESK_MODEL_PRICES",
    "FRONTDESK_OPENAI_BASE_URL",
    "FRONTDESK_PROMPT_TOKENS",
    "FRONTDESK_RERANKER",
    "FRONTDESK_STRIPE_API_BASE",
    "FRONTDESK_STRIPE_PRICES",
    "OPENAI_BASE_URL",
)
"""Choices that end up in the template."""

STRIPE_API = "https://api.stripe.com"

_OURS = ("AWS_", "BOTO_", "FRONTDESK_", "LOCALSTACK_", "MINISTACK_", "LAMBDA_", "OPENAI_")
_NOT_PASSED = frozenset(
    {
        *PROVIDER_KEYS,
        "AUTH",
        "EDGE_PORT",
        "LOG_LEVEL",
        # Without compiled modules every process of a function starts seconds later.
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSAFEPATH",
        "SERVICES",
        "USE_SSL",
    }
)
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}
"""What the emulator takes for credentials."""

_NO_PROFILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def isolate(variables: MutableMapping[str, str]) -> None:
    """Forget every AWS profile and credential in `variables`, those in files included."""
    for name in [name for name in variables if name.startswith(("AWS_", "BOTO_"))]:
        del variables[name]
    variables.update(_NO_PROFILES)


def base(environ: Mapping[str, str]) -> dict[str, str]:
    """What every child process gets: `environ` without accounts, keys and settings of ours.

    Nothing that a child does can reach a real AWS account, and calls to this machine take no proxy.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _NOT_PASSED and not name.startswith(_OURS)
    }
    direct = [entry for entry in (kept.get("NO_PROXY") or kept.get("no_proxy", ""),) if entry]
    no_proxy = ",".join([*direct, "127.0.0.1", "localhost"])
    return {**kept, **CREDENTIALS, **_NO_PROFILES, "NO_PROXY": no_proxy, "no_proxy": no_proxy}


def for_emulator(
    environ: Mapping[str, str], layout: Layout, port: int, state: Path
) -> dict[str, str]:
    """The emulator's environment, which the functions' processes inherit.

    `state` is the folder it loads its state from.
    """
    return {
        **base(environ),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(layout.objects),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "TMPDIR": str(layout.temporary),
    }


def for_synthesis(environ: Mapping[str, str]) -> dict[str, str]:
    """The CDK app's environment, as far as it does not depend on where the stack will run."""
    return {**base(environ), **choices(environ)}


def choices(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` ends up in the template.

    With a key for Stripe in the shell that is Stripe itself, unless another address is named.
    """
    chosen = {name: environ[name] for name in PASSED_TO_SYNTHESIS if environ.get(name)}
    if environ.get("STRIPE_SECRET_KEY"):
        chosen.setdefault("FRONTDESK_STRIPE_API_BASE", STRIPE_API)
    return chosen


def provider_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The keys in `environ` by their field in the stack's secret; empty for those not set."""
    return {field: environ.get(name, "") for name, field in PROVIDER_KEYS.items()}


def port_from(environ: Mapping[str, str]) -> int:
    """FRONTDESK_PORT, or 4566. Raises LocalError for what is no port."""
    text = environ.get("FRONTDESK_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise LocalError(f"FRONTDESK_PORT must be a port number, not {text!r}.")
    return int(text)
