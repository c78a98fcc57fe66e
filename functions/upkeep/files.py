"""Files go when their conversation does."""

from collections.abc import Callable

from frontdesk.entities import Organization
from frontdesk.errors import NotFound
from frontdesk.file_store import FileStore
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.files import Files

_MOST = 1_000
"""Conversations of one organisation in one run; the rest has its turn an hour later."""


def erase_files_left(
    organization: Organization,
    files: Files,
    store: FileStore,
    conversations: Conversations,
    *,
    seconds_left: Callable[[], float],
) -> int:
    """Remove the files of conversations that are gone. Returns how many conversations had some.

    Safe to repeat, and to break off. Costs one read where there is nothing to look after.
    """
    erased = 0
    for note, ref in files.due(organization.id, _MOST):
        if seconds_left() < 0:
            break
        try:
            conversations.get(ref)
        except NotFound:
            store.erase(ref)
            files.looked_after(note, ref, again=False)
            erased += 1
        else:
            files.looked_after(note, ref, again=True)
    return erased
