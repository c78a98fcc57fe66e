"""Gives the sample organisation its past: a team, and five weeks of conversations.

It is played in this process's memory and then stored in one go, so that it takes seconds. Nothing
of it is deployed.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ulid import ULID

from frontdesk.entities import (
    Actor,
    Author,
    CannedReply,
    Organization,
    PlanGrant,
    Sentiment,
    User,
)
from frontdesk.ids import new_id
from frontdesk.knowledge.adapters import open_embedder, open_index
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex
from frontdesk.knowledge.question_groups import similarity_threshold
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import KnowledgeSettings
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.canned_replies import CannedReplies
from frontdesk.tables.client import Item, Key, Put, Table
from frontdesk.tables.counters import SHARDS
from frontdesk.tables.documents import Documents
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.users import Users
from local.sample.clock import SetClock, everything_by
from local.sample.memory_table import MemoryTable
from local.sample.playing import Remembered, Setting, Stage
from local.sample.schedule import DAYS, HOURS, plan
from local.sample.scripts import Cast, Colleague, Script, read_cast, read_scripts
from sentiment.classifier import SentimentClassifier

if TYPE_CHECKING:
    from chat.mood import Moods

_SEED = 1
_NEWS = timedelta(hours=20)
_BY = Actor(type="system", id="local", name="make run")
_AT_ONCE = 4
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Models:
    """What reads and compares the questions. From `threshold` on two mean the same."""

    moods: "Moods"
    embedder: Embedder
    index: PassageIndex
    threshold: float


class ClassifierMoods:
    """The sentiment function's model, in this process."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the model."""
        self._classifier = SentimentClassifier(folder)

    def read(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """One reading per text."""
        return [*self._classifier.classify(texts)]


def open_models(settings: KnowledgeSettings) -> Models:
    """The same models and the same index as the functions have."""
    keys = read_provider_keys(settings.secret)
    return Models(
        moods=ClassifierMoods(settings.models / "sentiment"),
        embedder=open_embedder(settings, keys),
        index=open_index(settings, keys),
        threshold=similarity_threshold(settings.embedder),
    )


def give_history(table: Table, organization_id: str, models: Models, *, password_hash: str) -> int:
    """Store team and conversations, unless that was done before. Returns how many it were.

    `password_hash` is that of all colleagues. Of what was broken off no conversation is listed: it
    is begun anew.
    """
    stored = (f"SAMPLE#{organization_id}", "CONVERSATIONS")
    if table.get(stored):
        return 0
    now = datetime.now(UTC)
    memory = MemoryTable(_known(table, organization_id))
    passages = passages_of(Documents(table), organization_id)
    count = play(
        memory,
        organization_id,
        models,
        passages=passages,
        password_hash=password_hash,
        now=now,
    )
    puts, gone = memory.changes()
    # Rate counters of the past and the like are over by now.
    present = [put for put in puts if put.item.get("expires_at", inf) > now.timestamp()]
    _store(table, present, gone, Put(stored, {}))
    return count


def play(
    memory: MemoryTable,
    organization_id: str,
    models: Models,
    *,
    passages: Mapping[str, Sequence[Passage]],
    password_hash: str,
    now: datetime,
    scripts: Sequence[Script] | None = None,
) -> int:
    """Play it on `memory`, which holds the organisation. `passages` are those of each file.

    Returns how many conversations it were. Raises ScriptError.
    """
    random, cast = Random(_SEED), read_cast()  # noqa: S311 - the same conversations each time
    clock = SetClock(now - timedelta(days=DAYS, hours=1))
    with everything_by(clock):
        organization = _open(memory, organization_id)
        users = _employ(memory, organization, cast, password_hash, now - _NEWS)
        stage = Stage(
            memory,
            models.index,
            Remembered(models.moods, models.embedder),
            Setting(
                organization=organization,
                passages=passages,
                team={name: Author(id=user.id, name=user.name) for name, user in users.items()},
                owner=_owner(users),
                remove=lambda name: Users(memory).remove(users[name], _BY),
                speakers=_speakers(cast.team),
                cast=cast,
            ),
            threshold=models.threshold,
            clock=clock,
            random=random,
        )
        return stage.play(plan(scripts or read_scripts(), now, random), now - timedelta(seconds=10))


def passages_of(documents: Documents, organization_id: str) -> dict[str, list[Passage]]:
    """The passages that answer, by the name of their file."""
    found, _ = documents.page(organization_id, after=None, limit=100)
    return {
        each.filename: documents.passages(organization_id, each.id, each.version)
        for each in found
        if each.version
    }


def _open(memory: MemoryTable, organization_id: str) -> Organization:
    """Give the organisation hours, languages, a plan with room for a team, and canned replies."""
    Accounts(memory).grant(organization_id, PlanGrant(plan="pro"), _BY)
    replies = CannedReplies(memory)
    for shortcut, text in read_cast().replies.items():
        replies.add(organization_id, CannedReply(id=new_id(), shortcut=shortcut, text=text))
    changes = {
        "business_hours": HOURS.model_dump(mode="json"),
        "languages": ["en", "de", "es", "fr"],
    }
    return Organizations(memory).change(
        organization_id, changes, by=_BY, action="organization.update"
    )


def _employ(
    memory: MemoryTable, organization: Organization, cast: Cast, password_hash: str, since: datetime
) -> dict[str, User]:
    """The colleagues, by their ids in the cast. What is older than `since` is not new to them."""
    users = Users(memory)
    present = {user.email: user for user in users.members(organization.id)}
    for colleague in cast.team:
        if colleague.email not in present:
            now = datetime.now(UTC)
            user = User(
                id=str(ULID.from_datetime(since)),
                organization_id=organization.id,
                email=colleague.email,
                name=colleague.name,
                role=colleague.role,
                password_hash=password_hash,
                verified_at=now,
                created_at=now,
            )
            invitation = users.invite(organization.id, user.email, user.role, _BY)
            users.join(invitation, user)
            present[user.email] = user
    return {colleague.id: present[colleague.email] for colleague in cast.team}


def _owner(users: Mapping[str, User]) -> Author:
    [owner] = [user for user in users.values() if user.role == "owner"]
    return Author(id=owner.id, name=owner.name)


def _speakers(team: Sequence[Colleague]) -> dict[str, list[str]]:
    """Who answers in a language, those who do it most first."""
    here = [each for each in team if not each.left]
    languages = dict.fromkeys(language for each in here for language in each.languages)
    return {
        language: [each.id for each in here if language in each.languages] for language in languages
    }


def _known(table: Table, organization_id: str) -> Iterator[Item]:
    """What of the organisation is stored and can be changed by what is played."""
    partition = f"ORG#{organization_id}"
    names = ("", "#TEAM", "#BILLING", "#QUESTIONS", "#REPLIES", "#AUDIT")
    shards = (f"#STATS#{shard}" for shard in range(SHARDS))
    for name in (*names, *shards):
        yield from table.query(f"{partition}{name}")


def _store(table: Table, puts: Sequence[Put], gone: Sequence[Key], stored: Put) -> None:
    """Write it, what lists show and counters count last, and before that that it is stored."""
    parts: dict[bool, list[Put]] = {False: [], True: []}
    for put in puts:
        parts[put.key[1] == "CONV" or "#STATS#" in put.key[0]].append(put)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for listed, part in parts.items():
            if listed:
                table.put(stored)
            batches = [part[begin : begin + _BATCH] for begin in range(0, len(part), _BATCH)]
            list(pool.map(table.put_many, batches))
    table.delete_many(gone)
