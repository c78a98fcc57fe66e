"""Creating an organisation in a deployed stack."""

import pytest

from frontdesk.tables.client import Table
from frontdesk.tables.keys import Keys
from frontdesk.tables.organizations import Organizations
from infra.organization import main

ARGUMENTS = ["--table", "frontdesk", "--name", "Harbor"]


def test_an_organisation_gets_two_keys_that_stand_for_it(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ARGUMENTS, "--origin", "https://harbor.example"]) == 0
    printed = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    organization = Organizations(table).get(printed["organisation"])
    assert organization.allowed_origins == ("https://harbor.example",)
    for name, kind in (("widget key", "widget"), ("team key", "team")):
        grant = Keys(table).find(printed[name], kind)  # type: ignore[arg-type]  # both are kinds
        assert grant is not None
        assert grant.organization_id == organization.id


def test_what_is_no_origin_creates_nothing(table: Table) -> None:
    assert main([*ARGUMENTS, "--origin", "harbor.example/help"]) == 1
