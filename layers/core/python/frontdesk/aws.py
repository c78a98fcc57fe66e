"""AWS clients, from botocore alone.

Every function pays for its imports at each cold start, and boto3 brings the S3 transfer manager
with it (a third of its import time), which nothing here uses.
"""

import functools
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


def create_client(
    service: str, *, endpoint_url: str | None = None, config: Config | None = None
) -> Any:  # noqa: ANN401 - botocore makes clients at run time; the receiver names the type
    """A client for `service`, with credentials and region from the environment."""
    return _session().create_client(service, endpoint_url=endpoint_url, config=config)


@functools.cache
def _session() -> Session:
    return get_session()
