"""Files between customers and the team."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.entities import Connection, ConversationRef, Organization
from frontdesk.errors import NotFound, StoreUnavailable
from frontdesk.file_store import FileStore
from frontdesk.file_types import FILE_TYPES, FileType, is_of_type
from frontdesk.ids import new_id
from frontdesk.tables.client import Table
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import UNLIMITED, Deployment, is_problem
from tests.unit.test_gateway import ListedTurns
from upkeep.files import erase_files_left

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


class Desk:
    """A conversation with a person in it, and both its sides."""

    def __init__(self, table: Table) -> None:
        self.deployment = Deployment(table, rates=UNLIMITED)
        self.services = self.deployment.services
        self.s3 = self.deployment.s3
        opened = self.deployment.session(self.deployment.one.widget_key).json()
        self.visitor = {
            "Authorization": f"Bearer {opened['visitor']}",
            "X-Frontdesk-Key": self.deployment.one.widget_key,
        }
        self.ref = ConversationRef(
            organization_id=self.deployment.one.organization_id,
            conversation_id=opened["conversation"]["id"],
        )
        self.sockets = routes_on(table, ListedTurns(), self.deployment.sockets)
        self.services.connections.open(Connection(id="widget", conversation=self.ref))
        self.say()
        self.services.inbox.hand_off(self.ref, "asked")

    def say(self, *files: str, text: str = "Look") -> Any:
        from chat import gateway

        frame = {"action": "message", "id": new_id(), "text": text, "attachments": files}
        return json.loads(str(gateway._frame(self.sockets, "widget", json.dumps(frame))["body"]))

    def call(self, side: str, method: str, path: str, body: Any = None) -> Any:
        team = f"/api/conversations/{self.ref.conversation_id}"
        return self.deployment.http.request(
            method,
            ("/api/widget" if side == "customer" else team) + path,
            json=body,
            headers=self.visitor if side == "customer" else self.deployment.one.headers("agent"),
        )

    def announce(self, side: str, **more: Any) -> Any:
        body = {"id": new_id(), "name": "a.png", "type": "image/png", "size": 200, **more}
        return self.call(side, "POST", "/files", body)

    def upload(self, side: str, content: bytes = PNG, **more: Any) -> str:
        """Have a file uploaded, as its form says; returns its id."""
        expected = self.announce(side, **more).json()
        key = expected["upload"]["fields"]["key"]
        self.s3.put_object(Bucket="files", Key=key, Body=content)
        return str(expected["id"])

    def stored(self, side: str, **more: Any) -> str:
        file_id = self.upload(side, **more)
        assert self.complete(side, file_id).status_code == 200
        return file_id

    def complete(self, side: str, file_id: str) -> Any:
        return self.call(side, "POST", f"/files/{file_id}/complete")

    def objects(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket="files").get("Contents", [])
        return [each["Key"] for each in listed]

    def reply(self, *files: str, text: str = "Here") -> Any:
        body = {"id": new_id(), "text": text, "attachments": files}
        return self.call("team", "POST", "/replies", body)


@pytest.fixture
def desk(table: Table) -> Desk:
    return Desk(table)


def test_a_file_of_the_customers_reaches_the_team(desk: Desk) -> None:
    file_id = desk.stored("customer", name="C:\\Pictures\\bröken.png")
    assert is_problem(desk.call("team", "GET", f"/files/{file_id}"), 404)
    assert desk.say(file_id)["type"] == "ack"
    shown = desk.call("team", "GET", "").json()["messages"][-1]["attachments"]
    assert shown == [{"id": file_id, "name": "bröken.png", "type": "image/png", "size": len(PNG)}]
    link = desk.call("team", "GET", f"/files/{file_id}").json()
    assert "response-content-disposition=attachment" in link["url"]
    assert "br%25C3%25B6ken.png" in link["url"]
    assert (link["expires_in"], link["size"]) == (60, len(PNG))
    assert f"/files/{desk.ref.organization_id}/{desk.ref.conversation_id}/" in link["url"]


def test_a_file_of_the_teams_reaches_the_customer_once_it_is_sent(desk: Desk) -> None:
    file_id = desk.stored("team")
    assert is_problem(desk.call("customer", "GET", f"/files/{file_id}"), 404)
    assert desk.reply(file_id).json()["attachments"][0]["id"] == file_id
    assert desk.call("customer", "GET", f"/files/{file_id}").status_code == 200
    posted = [json.loads(text) for to, text in desk.deployment.sockets.frames if to == "widget"]
    assert posted[-1]["message"]["attachments"][0]["name"] == "a.png"


def test_files_go_without_a_word_and_lists_show_their_names(desk: Desk) -> None:
    for text in ("", " \n"):
        assert desk.say(text=text)["code"] == "invalid"
        assert is_problem(desk.reply(text=text), 422)
    assert desk.say(desk.stored("customer", name="broken.png"), text="")["type"] == "ack"
    assert desk.call("team", "GET", "").json()["preview"] == "broken.png"
    sent = desk.reply(desk.stored("team", name="label.png"), text="")
    assert (sent.status_code, sent.json()["text"]) == (201, "")
    shown = desk.call("team", "GET", "").json()
    assert (shown["preview"], shown["messages"][-1]["text"]) == ("label.png", "")


def test_a_form_takes_one_key_one_type_and_no_more_than_announced(desk: Desk) -> None:
    import base64

    fields = desk.announce("customer").json()["upload"]["fields"]
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert {"key": fields["key"]} in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert ["content-length-range", 1, 200] in conditions
    assert fields["key"].startswith(f"incoming/{desk.ref.organization_id}/")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"type": "text/html"}, {"size": 10 * 1024 * 1024 + 1}, {"size": 0}, {"name": ""}),
        *({"name": "a\x00"}, {"id": "x"}, {"size": "9"}, {"stored": True}),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_uploaded(desk: Desk, wrong: Any) -> None:
    assert is_problem(desk.announce("customer", **wrong), 422)


def test_what_is_not_what_it_says_is_not_kept(desk: Desk) -> None:
    file_id = desk.upload("customer", b"<script>alert(1)</script>")
    assert is_problem(desk.complete("customer", file_id), 400)
    assert desk.objects() == []
    assert desk.say(file_id)["type"] == "error"
    assert is_problem(desk.call("customer", "GET", f"/files/{file_id}"), 409)


def test_what_was_looked_at_cannot_be_replaced(desk: Desk) -> None:
    file_id = desk.stored("customer")
    [incoming] = [key for key in desk.objects() if key.startswith("incoming/")]
    desk.s3.put_object(Bucket="files", Key=incoming, Body=b"<script>")
    assert desk.complete("customer", file_id).status_code == 200
    [kept] = [key for key in desk.objects() if key.startswith("files/")]
    assert desk.s3.get_object(Bucket="files", Key=kept)["Body"].read() == PNG
    again = {"id": file_id, "name": "a.png", "type": "image/png", "size": 200}
    assert is_problem(desk.call("customer", "POST", "/files", again), 409)


@pytest.mark.parametrize("side", ["customer", "team"])
def test_a_file_that_was_never_uploaded_is_not_sent(desk: Desk, side: str) -> None:
    file_id = desk.announce(side).json()["id"]
    assert is_problem(desk.complete(side, file_id), 409)
    refused = desk.say(file_id)["type"] == "error" if side == "customer" else None
    assert refused or is_problem(desk.reply(file_id), 409)


def test_a_file_goes_with_one_message_and_only_of_its_own_side(desk: Desk) -> None:
    own, theirs = desk.stored("team"), desk.stored("customer")
    assert is_problem(desk.reply(theirs), 404)
    assert is_problem(desk.reply(new_id()), 404)
    assert desk.say(own)["type"] == "error"
    assert desk.reply(own).status_code == 201
    assert is_problem(desk.reply(own), 409)
    assert desk.say(theirs)["type"] == "ack"
    assert desk.say(theirs)["type"] == "error"


def test_a_reply_that_is_sent_again_is_the_first_one_with_its_file(desk: Desk) -> None:
    body = {"id": new_id(), "text": "Here", "attachments": [desk.stored("team")]}
    first, again = (desk.call("team", "POST", "/replies", body) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("setting", "status", "taken"),
    [
        *(("never", "human", False), ("with_people", "human", True)),
        *(("with_people", "open", False), ("always", "open", True)),
    ],
)
def test_customers_send_files_when_the_organisation_takes_them(
    desk: Desk, setting: str, status: str, taken: bool
) -> None:
    answer = desk.deployment.http.patch(
        "/api/organization",
        json={"customer_files": setting},
        headers=desk.deployment.one.headers("admin"),
    )
    assert answer.json()["customer_files"] == setting
    if status == "open":
        desk.call("team", "POST", "/hand-back")
    assert desk.announce("customer").status_code == (201 if taken else 403)
    assert desk.announce("team").status_code == 201


def test_a_conversation_has_room_for_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk.tables.files.MOST_FILES", 2)
    for _ in range(2):
        assert desk.announce("team").status_code == 201
    assert is_problem(desk.announce("team"), 409)


def test_erasing_a_customer_erases_their_files(desk: Desk) -> None:
    desk.stored("customer")
    desk.upload("customer")
    body = {"conversation_id": desk.ref.conversation_id}
    answer = desk.deployment.http.post(
        "/api/privacy/erase", json=body, headers=desk.deployment.one.headers("admin")
    )
    assert answer.status_code == 200
    assert desk.objects() == []
    with pytest.raises(NotFound):
        desk.services.files.store(desk.ref, _file(), 9)


def upkeep(desk: Desk) -> int:
    organization = Organization(id=desk.ref.organization_id, name="One")
    store = FileStore(desk.s3, "files")
    return erase_files_left(
        organization,
        desk.services.files,
        store,
        desk.services.conversations,
        seconds_left=lambda: 100.0,
    )


def test_files_go_when_their_conversation_has_come_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.stored("customer")
    assert upkeep(desk) == 0
    begun = datetime.now(UTC)
    for days, erased in ((2, 0), (4, 0), (400, 1), (402, 0)):
        moment = begun + timedelta(days=days)

        class Clock:
            @staticmethod
            def now(tz: Any = None, moment: datetime = moment) -> datetime:
                return moment.astimezone(tz)

        monkeypatch.setattr("frontdesk.tables.files.datetime", Clock)
        monkeypatch.setattr("time.time", moment.timestamp)
        assert upkeep(desk) == erased, days
        assert bool(desk.objects()) is (days < 400)


def test_an_outage_of_the_store_erases_nothing_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_self: object, _ref: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(FileStore, "erase", down)
    body = {"conversation_id": desk.ref.conversation_id}
    headers = desk.deployment.one.headers("admin")
    assert is_problem(
        desk.deployment.http.post("/api/privacy/erase", json=body, headers=headers), 503
    )
    assert desk.services.privacy.holds(desk.ref)


def _file() -> Any:
    from frontdesk.entities import ConversationFile

    return ConversationFile(id=new_id(), name="a", type="image/png", size=9, side="customer")


CONTENT: dict[FileType, bytes] = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "application/pdf": b"%PDF-1.7",
    "text/plain": "Grüße".encode()[:-1],
}


def test_each_type_is_told_by_its_content() -> None:
    assert set(CONTENT) == set(FILE_TYPES)
    for of, head in CONTENT.items():
        wrong = [each for each in FILE_TYPES if is_of_type(head, each) and each != of]
        assert is_of_type(head, of), of
        # A PDF may begin with text.
        assert set(wrong) <= {"text/plain"}, of
    for head in (b"", b"\x00", b"\xff", b"a\x00b"):
        assert not any(is_of_type(head, each) for each in FILE_TYPES), head
