"""The words of messages, by which they are found.

Each word of a message that says something is an item of its own, written in the transaction that
stores the message: by organisation and first letter, sorted by the word and the message's id. So
the newest messages with a word are one query, and words that begin alike lie next to each other.

What is stored of a message follows from its text alone: to change how that is done leaves words
behind that nobody removes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from frontdesk.answers.leaning import FUNCTION_WORDS
from frontdesk.answers.text import words
from frontdesk.entities import ConversationRef, Message
from frontdesk.errors import InvalidRequest
from frontdesk.ids import id_below, is_ulid
from frontdesk.shown_text import comparable, cut, on_one_line, shortened
from frontdesk.tables.client import Item, Key, Put, Table
from frontdesk.tables.conversation_items import message_key

MOST_WORDS = 40
"""So many words of a message are kept: of a longer one those with figures, then the longest."""

_WORD_LENGTH = 40
_SAID = frozenset({"customer", "assistant", "agent", "note"})

_SOUGHT = 8
"""So many words of what is looked for count."""

_ALIKE = 16
"""So many words that begin like the last one are looked for, if that is the only one."""

_QUERIES = 60
"""What looking for one page may cost, beside reading the messages that are shown."""

_STEP = 50
_READ = 25
_SNIPPET = 160
_BEFORE = 50

_LAST = "7" + "Z" * 25
"""The largest ULID."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that has all words that were looked for, and the part of it with the longest."""

    ref: ConversationRef
    message: Message
    snippet: str


@dataclass(frozen=True, slots=True)
class FoundMessages:
    """What was found, the newest first, and where to go on. There may be more when it is short.

    `partial`: more words begin like the one that was looked for than were tried.
    """

    messages: tuple[FoundMessage, ...]
    cursor: str | None
    partial: bool


def word_puts(
    ref: ConversationRef, message: Message, expires_at: int, *, most: int = MOST_WORDS
) -> list[Put]:
    """The writes by which a message will be found, for the transaction that stores it."""
    return [
        Put(key, {"conversation_id": ref.conversation_id, "expires_at": expires_at})
        for key in word_keys(ref.organization_id, message.model_dump())[:most]
    ]


def word_keys(organization_id: str, message: Item) -> list[Key]:
    """Where the words of a message are stored, the most telling first."""
    if message["role"] not in _SAID:
        return []
    kept = {word for word in _words(message["text"]) if _is_kept(word)}
    telling = sorted(kept, key=lambda word: (word.isalpha(), -len(word), word))
    return [
        (_partition(organization_id, word), f"{word}#{message['id']}")
        for word in telling[:MOST_WORDS]
    ]


class MessageWords:
    """Finds messages by their words."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def find(
        self, organization_id: str, text: str, *, cursor: str | None, limit: int
    ) -> FoundMessages:
        """Messages with all words of `text`, of which the last may be the beginning of one.

        However many messages there are, it takes _QUERIES queries at most: it leaps from one
        message that has a word to the next that could have them all. Raises InvalidRequest.
        """
        if cursor is not None and not is_ulid(cursor):
            raise InvalidRequest("The cursor is not one of ours.")
        sought = _words(text)[:_SOUGHT]
        if not sought:
            raise InvalidRequest("Give a word to look for.")
        *whole, beginning = sought
        search = _Search(self._table, organization_id, cursor or _LAST)
        kept = [word for word in dict.fromkeys(whole) if _is_kept(word)]
        if kept:
            streams: list[_Stream] = [_Postings(search, word).at_most for word in kept]
            partial = False
        else:
            alike = search.alike(beginning)
            partial = len(alike) > _ALIKE
            streams = [_any_of([_Postings(search, word) for word in alike[:_ALIKE]])]

        def wanted(message: Message) -> bool:
            said = set(_words(message.text))
            return said.issuperset(whole) and any(word.startswith(beginning) for word in said)

        found: list[FoundMessage] = []
        for postings in search.together(streams):
            keys = {
                message_key(ref, posting["sk"].rpartition("#")[2]): ref
                for posting in postings
                for ref in [
                    ConversationRef(
                        organization_id=organization_id,
                        conversation_id=posting["conversation_id"],
                    )
                ]
            }
            stored = self._table.get_many(list(keys))
            for key, ref in keys.items():
                item = stored.get(key)
                message = Message.model_validate(item) if item else None
                if message is not None and wanted(message):
                    found.append(FoundMessage(ref, message, _snippet(message.text, sought)))
                if len(found) == limit:
                    return FoundMessages(
                        tuple(found), id_below(key[1].removeprefix("MSG#")), partial
                    )
        return FoundMessages(tuple(found), search.cursor, partial)


_Stream = Callable[[str], Item | None]
"""The newest posting up to an id, or None."""


class _Spent(Exception):
    """The page may cost no more."""


class _Search:
    """One page of a search: what it has cost, and how far it is."""

    def __init__(self, table: Table, organization_id: str, begin: str) -> None:
        self._table = table
        self._organization_id = organization_id
        self._queries = _QUERIES
        self._bound = begin
        self.cursor: str | None = None

    def query(
        self, word: str, first: str, last: str, *, limit: int, newest_first: bool
    ) -> list[Item]:
        if self._queries == 0:
            raise _Spent
        self._queries -= 1
        return self._table.query(
            _partition(self._organization_id, word),
            first=first,
            last=last,
            limit=limit,
            newest_first=newest_first,
        )

    def alike(self, beginning: str) -> list[str]:
        """The first words that begin like that, one more than are looked for."""
        found: list[str] = []
        first, last = beginning, f"{beginning}\U0010ffff"
        while len(found) <= _ALIKE:
            items = self.query(beginning, first, last, limit=1, newest_first=False)
            if not items:
                break
            found.append(items[0]["sk"].rpartition("#")[0])
            first = f"{found[-1]}#~"
        return found

    def together(self, streams: Sequence[_Stream]) -> Iterator[list[Item]]:
        """Postings of the messages that all streams have, the newest first, some at a time."""
        gathered: list[Item] = []
        try:
            while posting := self._next(streams):
                gathered.append(posting)
                self._bound = id_below(_id(posting))
                if len(gathered) == _READ:
                    yield gathered
                    gathered = []
        except _Spent:
            self.cursor = self._bound
        if gathered:
            yield gathered

    def _next(self, streams: Sequence[_Stream]) -> Item | None:
        agreed = 0
        while True:
            for stream in streams:
                posting = stream(self._bound)
                if posting is None:
                    return None
                if _id(posting) < self._bound:
                    self._bound, agreed = _id(posting), 0
                agreed += 1
                if agreed == len(streams):
                    return posting


class _Postings:
    """The messages with one word, the newest first."""

    def __init__(self, search: _Search, word: str) -> None:
        self._search = search
        self._word = word
        self._read: list[Item] = []
        self._ended = False

    def at_most(self, bound: str) -> Item | None:
        while self._read and _id(self._read[-1]) > bound:
            self._read.pop()
        if not self._read and not self._ended:
            items = self._search.query(
                self._word,
                f"{self._word}#",
                f"{self._word}#{bound}",
                limit=_STEP,
                newest_first=True,
            )
            self._read = items[::-1]
            self._ended = len(items) < _STEP
        return self._read[-1] if self._read else None


def _any_of(postings: Sequence[_Postings]) -> _Stream:
    def at_most(bound: str) -> Item | None:
        found = [item for each in postings if (item := each.at_most(bound)) is not None]
        return max(found, key=_id, default=None)

    return at_most


def _id(posting: Item) -> str:
    identifier: str = posting["sk"].rpartition("#")[2]
    return identifier


def _words(text: str) -> list[str]:
    return [word[:_WORD_LENGTH] for word in words(comparable(text))]


def _is_kept(word: str) -> bool:
    return word not in FUNCTION_WORDS


def _partition(organization_id: str, word: str) -> str:
    return f"ORG#{organization_id}#WORDS#{word[0]}"


def _snippet(text: str, sought: Sequence[str]) -> str:
    """The part of a message with the longest word that was looked for, on one line."""
    line = on_one_line(text)
    longest = max(sought, key=len)
    begin = next(
        (
            place
            for place, word in _places(line)
            if any(said.startswith(longest) for said in _words(word))
        ),
        0,
    )
    if begin <= _BEFORE:
        return shortened(line, _SNIPPET)
    skipped = cut(line, begin - _BEFORE)
    following = line[len(skipped) :]
    return shortened(f"…{following.partition(' ')[2] or following}", _SNIPPET)


def _places(line: str) -> Iterator[tuple[int, str]]:
    """The words between spaces, and where each begins."""
    place = 0
    for word in line.split(" "):
        yield place, word
        place += len(word) + 1
