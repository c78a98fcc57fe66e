"""What somebody leaves behind who cannot answer customers any more."""

import time

import pytest

from frontdesk.entities import Author, ConversationRef
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import HandoffMail
from frontdesk.tables.client import Table
from frontdesk.tables.tickets import TicketFilter
from frontdesk.tables.users import actor_of
from tests.unit.test_auth import Accounts, bearer
from tests.unit.test_inbox import Desk
from upkeep.departures import give_back_left


class Team(Accounts):
    """An owner, and Noor, who came into one conversation and has others on her list."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.desk = Desk(table)
        self.noor = self.member("agent", "noor@harbor.example")
        self.owner = bearer(self.log_in().json()["access_token"])
        organization = self.noor.organization_id
        self.talking, self.waiting, self.listed, self.done = (
            self.desk.asked(organization=organization) for _ in range(4)
        )
        author = Author(id=self.noor.id, name="Noor")
        self.desk.inbox.reply(self.talking, author, "Hi, Noor here.", new_id())
        record = self.desk.inbox.hand_off(self.waiting, "asked")
        assert record is not None
        self.desk.conversations.tell_done(self.waiting, record.id)
        self.services.inbox.change_ticket(
            self.waiting, {"assignee": self.noor.id}, actor_of(self.user)
        )
        self.desk.inbox.assign(self.listed, self.noor.id, author)
        self.desk.inbox.reply(self.done, author, "Done.", new_id())
        self.desk.inbox.resolve(self.done, "agent", author)

    def stands(self, ref: ConversationRef) -> tuple[str, str | None]:
        conversation = self.desk.conversations.get(ref)
        return conversation.status, conversation.assignee

    def told_of(self) -> list[str]:
        return [each.conversation_id for each in self.mail.jobs if isinstance(each, HandoffMail)]

    def upkeep(self) -> int:
        return give_back_left(
            self.services.organizations.get(self.noor.organization_id),
            self.services.departures,
            self.desk.lists,
            self.desk.conversations,
            self.mail,
            seconds_left=lambda: 100.0,
        )

    def all_is_given_back(self) -> bool:
        organization = self.noor.organization_id
        tickets = [
            (each.id, each.status, each.assignee)
            for each in self.services.tickets.page(
                organization, TicketFilter(status="open"), cursor=None, limit=9
            ).entries
        ]
        return (
            self.stands(self.talking) == ("waiting", None)
            and self.stands(self.waiting) == ("waiting", None)
            and self.stands(self.listed) == ("open", None)
            and self.stands(self.done) == ("resolved", None)
            and sorted(tickets)
            == sorted((each.conversation_id, "open", None) for each in (self.talking, self.waiting))
        )


@pytest.fixture
def team(table: Table) -> Team:
    return Team(table)


@pytest.mark.parametrize("way", ["removed", "made a viewer"])
def test_what_a_member_had_goes_back_and_the_team_is_told(team: Team, way: str) -> None:
    path = f"/api/team/members/{team.noor.id}"
    if way == "removed":
        assert team.http.delete(path, headers=team.owner).status_code == 204
    else:
        answer = team.http.patch(path, json={"role": "viewer"}, headers=team.owner)
        assert answer.status_code == 200
    assert team.all_is_given_back()
    assert team.told_of() == [team.talking.conversation_id]
    assert team.upkeep() == 0
    assert team.told_of() == [team.talking.conversation_id]


def test_an_agent_who_is_made_an_admin_keeps_what_is_theirs(team: Team) -> None:
    path = f"/api/team/members/{team.noor.id}"
    assert team.http.patch(path, json={"role": "admin"}, headers=team.owner).status_code == 200
    assert team.upkeep() == 0
    assert team.stands(team.talking) == ("human", team.noor.id)


@pytest.mark.parametrize("broken", ["Inbox.release", "Team.tell_handoff"])
def test_what_was_broken_off_is_done_by_the_upkeep(
    team: Team, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise StoreUnavailable("the function was ended")

    place = {
        "Inbox.release": "frontdesk.tables.inbox.Inbox.release",
        "Team.tell_handoff": "frontdesk.realtime.team.Team.tell_handoff",
    }[broken]
    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        path = f"/api/team/members/{team.noor.id}"
        assert team.http.delete(path, headers=team.owner).status_code == 204
    team.upkeep()
    assert team.all_is_given_back()
    assert team.told_of() == [team.talking.conversation_id]


def test_what_is_assigned_while_somebody_leaves_goes_back_too(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/team/members/{team.noor.id}"
    team.http.delete(path, headers=team.owner)
    late = team.desk.asked(organization=team.noor.organization_id)
    team.desk.inbox.assign(late, team.noor.id, Author(id=new_id(), name="Ada"))
    assert team.upkeep() == 1
    assert team.stands(late) == ("open", None)
    departures = team.services.departures
    assert departures.of(team.noor.organization_id)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 2 * 3_600)
    assert team.upkeep() == 0
    assert departures.of(team.noor.organization_id) == []


def test_a_customer_of_a_member_who_left_is_heard(team: Team) -> None:
    team.services.users.remove(team.noor, actor_of(team.user))
    team.desk.say(team.talking, "Are you still there?")
    team.upkeep()
    assert team.stands(team.talking) == ("waiting", None)
    assert team.told_of() == [team.talking.conversation_id]
