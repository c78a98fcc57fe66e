"""Creates an organisation in a deployed stack: `make organization ARGS=--help`.

Prints its keys once; only their hashes are stored. Needs AWS credentials that may write the table.
"""

import argparse
import sys
from collections.abc import Sequence

from frontdesk.access.origins import normalize_origin
from frontdesk.access.tokens import new_token
from frontdesk.aws import create_client
from frontdesk.entities import Actor, Organization
from frontdesk.ids import new_id
from frontdesk.tables.client import Table
from frontdesk.tables.keys import KeyGrant, Keys
from frontdesk.tables.organizations import Organizations


def main(arguments: Sequence[str] | None = None) -> int:
    """Create one organisation with a widget key and a team key."""
    options = _parser().parse_args(arguments)
    origins = [normalize_origin(origin) for origin in options.origin]
    if None in origins:
        print("An origin is scheme://host[:port], without a path.", file=sys.stderr)
        return 1
    table = Table(create_client("dynamodb"), options.table)
    organization = Organization(
        id=new_id(),
        name=options.name,
        assistant=options.assistant,
        allowed_origins=tuple(origin for origin in origins if origin),
    )
    Organizations(table).create(organization)
    keys = Keys(table)
    widget, team = new_token("pk"), new_token("sk")
    by = Actor(type="system", id="operator", name="make organization")
    for key, kind in ((widget, "widget"), (team, "team")):
        grant = KeyGrant(id=new_id(), organization_id=organization.id, kind=kind, name="First")
        keys.add(key, grant, by)
    print(f"organisation  {organization.id}\nwidget key    {widget}\nteam key      {team}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="the stack's output TableName")
    parser.add_argument("--name", required=True, help="the organisation's name")
    parser.add_argument("--assistant", default="Assistant", help="what its assistant is called")
    parser.add_argument(
        "--origin", required=True, action="append", help="a page's origin; may be repeated"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
