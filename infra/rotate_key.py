"""Rotates the key that signs access tokens: `make rotate-key ARGS="--secret …"`.

The present key stays valid as the previous one, so nobody is logged out. After a leak rotate
twice: then no token of the leaked key is accepted. Needs AWS credentials that may write the
secret. Functions that run notice within a minute.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Mapping, Sequence

from frontdesk.aws import create_client


def main(arguments: Sequence[str] | None = None) -> int:
    """Rotate once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secret", required=True, help="the stack's output SigningSecretArn")
    options = parser.parse_args(arguments)
    client = create_client("secretsmanager")
    stored = client.get_secret_value(SecretId=options.secret)
    client.put_secret_value(
        SecretId=options.secret,
        SecretString=json.dumps(rotated(json.loads(stored["SecretString"]))),
    )
    print("A new key signs from now on; the one before is accepted until the next rotation.")
    return 0


def rotated(keys: Mapping[str, str]) -> dict[str, str]:
    """The keys after a rotation."""
    return {"current": secrets.token_urlsafe(48), "previous": keys["current"]}


if __name__ == "__main__":
    sys.exit(main())
