"""What reaches the processes of the stack, and what never does."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import environment, provider_keys
from local.errors import LocalError
from local.layout import Layout

SHELL = {
    "PATH": "/bin",
    "AWS_PROFILE": "company",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_ENDPOINT_URL": "https://example.com",
    "OPENAI_API_KEY": "sk-secret",
    "PINECONE_API_KEY": "pc-secret",
    "STRIPE_SECRET_KEY": "sk_test_secret",
    "STRIPE_WEBHOOK_SECRET": "whsec-secret",
    "FRONTDESK_MODEL": "openai:gpt-5.4-mini",
    "SERVICES": "s3",
    "PYTHONPATH": "/elsewhere",
    "HTTPS_PROXY": "http://proxy:3128",
    "NO_PROXY": "intranet",
}


@pytest.fixture(params=["emulator", "synthesis"])
def child(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    if request.param == "synthesis":
        return environment.for_synthesis(SHELL)
    layout = Layout.of(tmp_path, tmp_path / "state")
    return environment.for_emulator(SHELL, layout, 4700, tmp_path / "snapshot")


def test_no_account_and_no_key_reaches_a_child_process(child: dict[str, str]) -> None:
    text = json.dumps(child)
    assert "AKIAREAL" not in text
    assert "company" not in text
    assert "secret" not in text
    assert "example.com" not in text
    assert child["AWS_ACCESS_KEY_ID"] == "test"
    assert child["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_calls_to_this_machine_take_no_proxy_and_others_still_do(child: dict[str, str]) -> None:
    assert child["NO_PROXY"].split(",") == ["intranet", "127.0.0.1", "localhost"]
    assert child["HTTPS_PROXY"] == "http://proxy:3128"
    assert child["PATH"] == "/bin"


def test_the_emulator_is_bound_to_this_machine_and_takes_no_settings_from_the_shell(
    tmp_path: Path,
) -> None:
    layout = Layout.of(tmp_path, tmp_path / "state")
    child = environment.for_emulator(SHELL, layout, 4700, tmp_path / "snapshot")
    assert child["BIND_HOST"] == "127.0.0.1"
    assert child["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4700"
    assert "SERVICES" not in child
    assert "FRONTDESK_MODEL" not in child
    assert "PYTHONPATH" not in child


def test_the_choice_of_model_reaches_the_template() -> None:
    assert environment.for_synthesis(SHELL)["FRONTDESK_MODEL"] == "openai:gpt-5.4-mini"


def test_with_a_key_for_stripe_the_template_leads_to_stripe_itself() -> None:
    assert environment.choices(SHELL)["FRONTDESK_STRIPE_API_BASE"] == "https://api.stripe.com"
    assert "FRONTDESK_STRIPE_API_BASE" not in environment.choices({"PATH": "/bin"})
    named = {**SHELL, "FRONTDESK_STRIPE_API_BASE": "http://127.0.0.1:12111"}
    assert environment.choices(named)["FRONTDESK_STRIPE_API_BASE"] == "http://127.0.0.1:12111"


def test_this_process_forgets_accounts_too() -> None:
    variables = dict(SHELL)
    environment.isolate(variables)
    assert {name for name in variables if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    }
    assert variables["OPENAI_API_KEY"] == "sk-secret"


@pytest.mark.parametrize(("text", "port"), [(None, 4566), ("", 4566), ("5000", 5000)])
def test_the_port_can_be_chosen(text: str | None, port: int) -> None:
    assert environment.port_from({} if text is None else {"FRONTDESK_PORT": text}) == port


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "45.66"])
def test_what_is_no_port_is_refused_in_words(text: str) -> None:
    with pytest.raises(LocalError, match="FRONTDESK_PORT"):
        environment.port_from({"FRONTDESK_PORT": text})


class Secret:
    """A secret in Secrets Manager, and how often it was written."""

    def __init__(self, **fields: str) -> None:
        self.text = json.dumps(fields)
        self.writes = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": self.text}

    def put_secret_value(self, **given: str) -> None:
        self.text = given["SecretString"]
        self.writes += 1


def store(secret: Any, shell: dict[str, str]) -> list[str]:
    return provider_keys.store(secret, "id", environment.provider_keys(shell))


def test_keys_of_the_shell_go_to_the_secret_and_leave_what_else_is_in_it() -> None:
    secret = Secret(openai_api_key="", signing_key="random")
    assert store(secret, SHELL) == [
        *("openai_api_key", "pinecone_api_key"),
        *("stripe_secret_key", "stripe_webhook_secret"),
    ]
    after = json.loads(secret.text)
    assert after["openai_api_key"] == "sk-secret"
    assert after["signing_key"] == "random"
    store(secret, SHELL)
    assert secret.writes == 1


def test_a_key_that_left_the_shell_leaves_the_secret() -> None:
    secret = Secret(openai_api_key="sk-old", signing_key="random")
    assert store(secret, {}) == []
    assert json.loads(secret.text)["openai_api_key"] == ""
    assert json.loads(secret.text)["signing_key"] == "random"
