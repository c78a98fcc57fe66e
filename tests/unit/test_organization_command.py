"""Creating an organisation in a deployed stack."""

import pytest

from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.client import Table
from frontdesk.tables.keys import Keys
from frontdesk.tables.organizations import Organizations
from infra.organization import main
from tests.aws import aws_client

ARGUMENTS = ["--table", "frontdesk", "--name", "Harbor"]


def command(*arguments: str) -> int:
    return main(arguments, client=aws_client("dynamodb"))


def test_an_organisation_gets_two_keys_that_stand_for_it(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*ARGUMENTS, "--origin", "https://harbor.example") == 0
    printed = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    organization = Organizations(table).get(printed["organisation"])
    assert organization.allowed_origins == ("https://harbor.example",)
    for name, kind in (("widget key", "widget"), ("team key", "team")):
        grant = Keys(table).find(printed[name], kind)  # type: ignore[arg-type]  # both are kinds
        assert grant is not None
        assert grant.organization_id == organization.id


def test_what_is_no_origin_creates_nothing(table: Table) -> None:
    assert command(*ARGUMENTS, "--origin", "harbor.example/help") == 1


def test_an_operator_gives_a_plan_and_takes_it_back(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*ARGUMENTS, "--origin", "https://harbor.example", "--plan", "pro"]
    assert command(*given) == 0
    printed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[:1])
    organization_id = printed["organisation"]
    standings = Standings(Accounts(table), billed=True)
    assert standings.of(organization_id).plan.name == "pro"
    there = ["--table", "frontdesk", "--organization", organization_id]
    assert command(*there, "--plan", "business", "--until", "2020-01-01") == 0
    assert standings.of(organization_id).plan.name == "free"
    assert command(*there, "--plan", "business") == 0
    assert standings.of(organization_id).plan.name == "business"
    assert command(*there, "--withdraw-plan") == 0
    assert standings.of(organization_id).plan.name == "free"


def test_nobody_is_given_a_plan_who_is_not_there(table: Table) -> None:
    nobody = ["--table", "frontdesk", "--organization", new_id(), "--plan", "pro"]
    assert command(*nobody) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--name", "Harbor"],
        ["--organization", "x"],
        ["--organization", "x", "--until", "2027-01-01"],
        ["--organization", "x", "--plan", "free"],
        ["--organization", "x", "--plan", "pro", "--withdraw-plan"],
    ],
)
def test_what_is_half_said_does_nothing(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--table", "frontdesk", *arguments])
