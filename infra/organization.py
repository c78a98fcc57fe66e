"""Creates an organisation in a deployed stack, or gives it a plan: `make organization ARGS=--help`.

Prints the keys of a new one once; only their hashes are stored. A plan that is given costs nothing,
and goes on beside one that is paid for: the larger counts. Needs AWS credentials that may write the
table.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from frontdesk.access.origins import normalize_origin
from frontdesk.access.tokens import new_token
from frontdesk.aws import create_client
from frontdesk.entities import Actor, Organization, PaidPlan, PlanGrant
from frontdesk.errors import NotFound
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.keys import KeyGrant, Keys
from frontdesk.tables.organizations import Organizations

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BY = Actor(type="system", id="operator", name="make organization")


def main(arguments: Sequence[str] | None = None, *, client: "DynamoDBClient | None" = None) -> int:
    """Create one organisation with a widget key and a team key, or change the plan of one.

    `client` is the DynamoDB client to use instead of one made from the environment.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.organization is None and not (options.name and options.origin):
        parser.error("a new organisation needs --name and --origin")
    if options.organization and not (options.plan or options.withdraw_plan):
        parser.error("say what to do with the organisation: --plan or --withdraw-plan")
    if options.until and not options.plan:
        parser.error("--until says how long a --plan is given")
    table = Table(client or create_client("dynamodb"), options.table)
    if options.organization:
        try:
            organization = Organizations(table).get(options.organization)
        except NotFound as error:
            print(error, file=sys.stderr)
            return 1
    else:
        origins = [normalize_origin(origin) for origin in options.origin]
        if None in origins:
            print("An origin is scheme://host[:port], without a path.", file=sys.stderr)
            return 1
        organization = _create(
            table,
            Organization(
                id=new_id(),
                name=options.name,
                assistant=options.assistant,
                allowed_origins=tuple(origin for origin in origins if origin),
            ),
        )
    if options.plan:
        grant = PlanGrant(plan=options.plan, until=options.until)
        Accounts(table).grant(organization.id, grant, _BY)
        print(f"plan          {options.plan} until {options.until or 'it is withdrawn'}")
    elif options.withdraw_plan:
        Accounts(table).withdraw_grant(organization.id, _BY)
        print("plan          withdrawn")
    return 0


def _create(table: Table, organization: Organization) -> Organization:
    Organizations(table).create(organization)
    keys = Keys(table)
    widget, team = new_token("pk"), new_token("sk")
    for key, kind in ((widget, "widget"), (team, "team")):
        grant = KeyGrant(id=new_id(), organization_id=organization.id, kind=kind, name="First")
        keys.add(key, grant, _BY)
    print(f"organisation  {organization.id}\nwidget key    {widget}\nteam key      {team}")
    return organization


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="the stack's output TableName")
    parser.add_argument("--organization", metavar="ID", help="one that is there, instead of a new")
    parser.add_argument("--name", help="the new organisation's name")
    parser.add_argument("--assistant", default="Assistant", help="what its assistant is called")
    parser.add_argument("--origin", action="append", help="a page's origin; may be repeated")
    plan = parser.add_mutually_exclusive_group()
    plan.add_argument("--plan", choices=get_args(PaidPlan), help="a plan that is given for nothing")
    plan.add_argument("--withdraw-plan", action="store_true", help="take such a plan back")
    parser.add_argument(
        "--until", type=_day, metavar="YYYY-MM-DD", help="the day (UTC) when a given plan ends"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
