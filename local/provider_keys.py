"""Hands the provider keys of this shell to the stack."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def store(secrets: "SecretsManagerClient", secret_id: str, keys: Mapping[str, str]) -> list[str]:
    """Make the secret's fields in `keys` what they are there. Returns the fields that have a key.

    A key that is no longer in the shell leaves the secret, so none stays on disk unnoticed.
    """
    before = json.loads(secrets.get_secret_value(SecretId=secret_id)["SecretString"])
    after = {**before, **keys}
    if after != before:
        secrets.put_secret_value(SecretId=secret_id, SecretString=json.dumps(after))
    return [name for name, key in keys.items() if key]
