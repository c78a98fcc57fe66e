"""AWS clients that can only reach this machine."""

from typing import Any

import boto3
from botocore.config import Config

from local.environment import CREDENTIALS, REGION


class Clients:
    """Makes boto3 clients for the emulator at `endpoint_url`, one per service."""

    def __init__(self, endpoint_url: str) -> None:
        """`endpoint_url` is like http://127.0.0.1:4566."""
        self.endpoint_url = endpoint_url
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:  # noqa: ANN401 - each service has its own type
        """The client of an AWS service, such as "dynamodb"."""
        if service not in self._made:
            self._made[service] = self._session.client(
                service,  # type: ignore[call-overload]  # any service, not one in particular
                endpoint_url=self.endpoint_url,
                config=Config(proxies={}, retries={"total_max_attempts": 2}, read_timeout=130),
            )
        return self._made[service]
