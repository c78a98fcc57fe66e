"""Files of conversations: what is known of each. Their content is in `FileStore`.

They end with their conversation. DynamoDB forgets that by itself, S3 does not: so each conversation
with files is noted for the next day, when the upkeep looks whether it is still there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from frontdesk.entities import Attachment, ConversationFile, ConversationRef, FileSide
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import is_ulid
from frontdesk.tables.client import Check, ConditionFailed, Delete, Key, Put, Table, Update
from frontdesk.tables.conversation_items import conversation_key, conversation_partition
from frontdesk.tables.lifetimes import LASTING, Lifetimes

MOST_FILES = 100
"""Files of one conversation."""

_LOOKS = 4


class Files:
    """Reads and writes what is known of files."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._lifetimes = Lifetimes(table)

    def announce(self, ref: ConversationRef, file: ConversationFile) -> ConversationFile:
        """Note a file that is to be uploaded; the first one if its id was used before.

        Raises NotFound, and Conflict when there are MOST_FILES.
        """
        partition = conversation_partition(ref)
        for _ in range(_LOOKS):
            conversation = self._lifetimes.settle(ref)
            stored = self._table.query(partition, first="FILE#", last="FILE#~", limit=MOST_FILES)
            before = next((item for item in stored if item["id"] == file.id), None)
            if before is not None:
                return ConversationFile.model_validate(before)
            if len(stored) >= MOST_FILES:
                raise Conflict(f"A conversation has at most {MOST_FILES} files.")
            expires_at = conversation.expires_at
            try:
                self._table.transact(
                    Put(
                        _file_key(ref, file.id),
                        {
                            **file.model_dump(mode="json", exclude_none=True),
                            "expires_at": expires_at,
                        },
                        condition="attribute_not_exists(pk)",
                    ),
                    Check(
                        conversation_key(ref),
                        f"{LASTING} AND attribute_not_exists(erasing)",
                        {"expires": expires_at},
                    ),
                    _due_put(ref),
                )
            except ConditionFailed:
                continue
            return file
        raise Conflict("The conversation keeps changing. Try again.")

    def find(self, ref: ConversationRef, file_id: str, side: FileSide) -> ConversationFile:
        """A file, if that side of the conversation may see it. Raises NotFound.

        Each sees its own, and what the other has sent.
        """
        item = self._table.get(_file_key(ref, file_id)) if is_ulid(file_id) else None
        file = ConversationFile.model_validate(item) if item else None
        if file is None or (file.side != side and file.message_id is None):
            raise NotFound("There is no such file.")
        return file

    def store(self, ref: ConversationRef, file: ConversationFile, size: int) -> ConversationFile:
        """Note that a file is there, and how large it is. Safe to repeat. Raises NotFound."""
        try:
            self._table.transact(
                Update(
                    _file_key(ref, file.id),
                    "SET #stored = :stored, #size = :size",
                    {"stored": True, "size": size},
                    names=("stored", "size"),
                    condition="attribute_exists(pk)",
                ),
                Check(conversation_key(ref), "attribute_not_exists(erasing)"),
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such file.") from failure
        return file.model_copy(update={"stored": True, "size": size})

    def to_attach(
        self, ref: ConversationRef, file_ids: Sequence[str], side: FileSide
    ) -> tuple[Attachment, ...]:
        """What a message shows of the files that are sent with it. Raises NotFound, Conflict."""
        keys = [_file_key(ref, each) for each in dict.fromkeys(file_ids)]
        found = self._table.get_many(keys) if keys else {}
        files = [ConversationFile.model_validate(found[key]) for key in keys if key in found]
        if len(files) < len(keys) or any(each.side != side for each in files):
            raise NotFound("There is no such file.")
        if not all(each.stored for each in files):
            raise Conflict("The file has not been uploaded.")
        return tuple(
            Attachment(id=each.id, name=each.name, type=each.type, size=each.size) for each in files
        )

    def due(self, organization_id: str, limit: int) -> list[tuple[Key, ConversationRef]]:
        """Conversations with files to look after now, with the keys of their notes."""
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        items = self._table.query(
            _register(organization_id), first="0", last=f"{today}~", limit=limit
        )
        return [
            (
                (item["pk"], item["sk"]),
                ConversationRef(
                    organization_id=organization_id, conversation_id=item["conversation_id"]
                ),
            )
            for item in items
        ]

    def looked_after(self, note: Key, ref: ConversationRef, *, again: bool) -> None:
        """Forget a note, and look again another day if `again`."""
        self._table.transact(Delete(note), *([_due_put(ref)] if again else []))


def attach_updates(
    ref: ConversationRef, message_id: str, attachments: Sequence[Attachment]
) -> list[Update]:
    """The writes by which files go with a message, for its transaction. Each goes with one."""
    return [
        Update(
            _file_key(ref, each.id),
            "SET message_id = :message",
            {"message": message_id, "stored": True},
            names=("stored",),
            condition="#stored = :stored AND attribute_not_exists(message_id)",
        )
        for each in attachments
    ]


def _file_key(ref: ConversationRef, file_id: str) -> Key:
    return conversation_partition(ref), f"FILE#{file_id}"


def _register(organization_id: str) -> str:
    return f"ORG#{organization_id}#FILES"


def _due_put(ref: ConversationRef) -> Put:
    day = datetime.now(UTC) + timedelta(days=1)
    return Put(
        (_register(ref.organization_id), f"{day:%Y-%m-%d}#{ref.conversation_id}"),
        {"conversation_id": ref.conversation_id},
    )
