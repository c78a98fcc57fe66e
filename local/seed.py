"""The sample organisation: Harbor, with its help centre, in a stack on this machine."""

import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from frontdesk.access.passwords import hash_password
from frontdesk.access.tokens import new_token
from frontdesk.entities import Actor, Organization, PlanGrant, User
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.keys import KeyGrant, KeyKind, Keys
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.users import Users
from local.documents_client import DocumentsClient
from local.errors import LocalError
from local.layout import ROOT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

OWNER_EMAIL = "harper@harbor.example"
_BCRYPT_COST = 10
_BY = Actor(type="system", id="local", name="make run")

DOCUMENTS = Path(__file__).parent / "sample" / "documents"

ABOUT = Path(__file__).parent / "sample" / "about"
"""What the landing page's assistant knows of Frontdesk."""

_HARBOR = Organization(
    id="", name="Harbor", assistant="Robin", greeting="Hi, I'm Robin. Ask me anything about Harbor."
)
_FRONTDESK = Organization(
    id="",
    name="Frontdesk",
    assistant="Frontdesk",
    greeting="Hello! Ask me what Frontdesk does, costs and needs.",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample organisation and the keys that stand for it.

    Keys and password are made once for a state directory and kept in a file there, which only its
    owner can read.
    """

    organization_id: str
    widget_key: str
    team_key: str
    owner_password: str = field(default_factory=lambda: secrets.token_urlsafe(12))


def seed_organization(
    client: "DynamoDBClient", table_name: str, sites: tuple[str, ...], file: Path
) -> Sample:
    """Create the sample organisation if it is not there. `sites` are URLs its widget may be on."""
    table = Table(client, table_name)
    sample = _seed(table, _HARBOR, sites, file)
    _seed_owner(Users(table), sample, _BY)
    return sample


def seed_about(
    client: "DynamoDBClient", table_name: str, sites: tuple[str, ...], file: Path
) -> Sample:
    """Create the organisation whose widget answers about Frontdesk, if it is not there."""
    return _seed(Table(client, table_name), _FRONTDESK, sites, file)


def _seed(table: Table, organization: Organization, sites: tuple[str, ...], file: Path) -> Sample:
    if file.exists():
        sample = Sample(**json.loads(file.read_text()))
    else:
        sample = Sample(new_id(), new_token("pk"), new_token("sk"))
        file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(sample)))
    origins = tuple(sorted({_origin(site) for site in sites}))
    Organizations(table).create(
        organization.model_copy(update={"id": sample.organization_id, "allowed_origins": origins})
    )
    keys = Keys(table)
    wanted: dict[KeyKind, str] = {"widget": sample.widget_key, "team": sample.team_key}
    for kind, key in wanted.items():
        if keys.find(key, kind) is None:
            grant = KeyGrant(
                id=new_id(), organization_id=sample.organization_id, kind=kind, name="Sample"
            )
            keys.add(key, grant, _BY)
    return sample


def give_business(client: "DynamoDBClient", table_name: str, sample: Sample) -> None:
    """Give the sample organisation the largest plan, for tests and measurements that ask a lot."""
    by = Actor(type="system", id="local", name="Tests")
    accounts = Accounts(Table(client, table_name))
    accounts.grant(sample.organization_id, PlanGrant(plan="business"), by)


def _seed_owner(users: Users, sample: Sample, by: Actor) -> None:
    """The person who may log in and do everything."""
    if users.find(OWNER_EMAIL) is not None:
        return
    now = datetime.now(UTC)
    owner = User(
        id=new_id(),
        organization_id=sample.organization_id,
        email=OWNER_EMAIL,
        name="Harper",
        role="owner",
        password_hash=hash_password(sample.owner_password, _BCRYPT_COST),
        verified_at=now,
        created_at=now,
    )
    users.join(users.invite(sample.organization_id, OWNER_EMAIL, "owner", by), owner)


def seed_documents(
    api_url: str,
    sample: Sample,
    *,
    record: Path,
    report: Callable[[str], None] = lambda _: None,
    folder: Path = DOCUMENTS,
) -> int:
    """Upload the help centre, as far as it is not there yet, and wait until it answers.

    `record` remembers what was uploaded, by content. Returns how many files were uploaded. Raises
    RuntimeError when a document ends as failed.
    """
    documents = DocumentsClient(api_url=api_url, team_key=sample.team_key)
    known = {document["filename"]: document for document in documents.list()}
    before: Mapping[str, str] = json.loads(record.read_text()) if record.exists() else {}
    now = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".")
    }
    started: list[str] = []
    for name, digest in now.items():
        document = known.get(name)
        if document and before.get(name) == digest and document["status"] == "ready":
            continue
        started.append(
            documents.upload(folder / name, replaces=document["id"] if document else None)["id"]
        )
    for document_id in started:
        document = documents.wait(document_id)
        if document["status"] != "ready":
            raise RuntimeError(f"{document['filename']}: {document['error']}")
        report(f"{document['filename']}: {document['passages']} passages")
    record.write_text(json.dumps(now))
    return len(started)


def seed_conversations(
    functions: "LambdaClient", sample: Sample, environ: Mapping[str, str]
) -> int:
    """Give the sample organisation a team and five weeks of conversations, unless it has any.

    `environ` is that of a process that may only reach this machine. Returns how many it were.
    Raises LocalError.
    """
    order = {
        "endpoint_url": functions.meta.endpoint_url,
        "environment": _answering(functions),
        "organization_id": sample.organization_id,
        "password_hash": hash_password(sample.owner_password, _BCRYPT_COST),
    }
    # A process of its own: its clock goes through the five weeks.
    played = subprocess.run(
        [sys.executable, "-m", "local.sample"],
        cwd=ROOT,
        env={**environ, "AWS_ENDPOINT_URL": functions.meta.endpoint_url},
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if played.returncode != 0:
        raise LocalError(f"The sample conversations could not be made:\n{played.stderr}")
    return int(played.stdout.splitlines()[-1])


def _answering(functions: "LambdaClient") -> Mapping[str, str]:
    """The environment of the function that answers."""
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function.get("Handler") == "chat.answer.handler":
                return function["Environment"]["Variables"]
    raise LocalError("No function answers.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
