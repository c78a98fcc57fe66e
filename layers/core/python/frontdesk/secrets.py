"""Provider keys, kept in one Secrets Manager secret."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, SecretStr

from frontdesk.aws import create_client


class ProviderKeys(BaseModel):
    """The keys of the services we call. A missing one means that the service is not used."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    openai_api_key: SecretStr | None = None
    pinecone_api_key: SecretStr | None = None
    smtp_password: SecretStr | None = None
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_webhook_secret_previous: SecretStr | None = None

    @classmethod
    def parse(cls, text: str) -> "ProviderKeys":
        """Read the secret's JSON object; an empty value counts as missing."""
        values: Mapping[str, object] = json.loads(text)
        return cls.model_validate({key: value for key, value in values.items() if value})


def read_provider_keys(secret_id: str) -> ProviderKeys:
    """Fetch and parse the secret. Costs one call, so do it at init. Raises botocore errors."""
    answer = create_client("secretsmanager").get_secret_value(SecretId=secret_id)
    return ProviderKeys.parse(answer["SecretString"])
