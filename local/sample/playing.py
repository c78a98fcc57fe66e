"""Plays scripts through the product, at the times at which they happened.

Customers and colleagues write through the same tables as the functions do, and the answer worker
answers: with the drafts of the scripts, and everything else as always. So lists, counters, moods,
question groups and tickets are what the product makes of such conversations.
"""

import heapq
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from string import Template
from typing import Any, NoReturn, cast

from chat.mood import Moods
from chat.turn import Answerer
from chat.worker import AnswerWorker
from frontdesk.answers import replies
from frontdesk.answers.cached_drafting import CachedDrafter
from frontdesk.answers.citations import resolve
from frontdesk.answers.drafting import Draft, Inquiry
from frontdesk.answers.small_talk import small_talk
from frontdesk.business_hours import is_open, next_opening
from frontdesk.entities import (
    AttributeValue,
    Author,
    Conversation,
    ConversationRef,
    Customer,
    ModelUse,
    Organization,
    Sentiment,
    VisitDetails,
)
from frontdesk.errors import Conflict
from frontdesk.ids import new_id
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.knowledge.question_groups import QuestionGroups
from frontdesk.realtime.team import Team
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.departures import Departures
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.questions import Questions
from frontdesk.tables.reading import Reading
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.visitors import Visitors, identity_hash
from frontdesk.visit_details import browser_of, language_of, page_of
from local.sample.clock import SetClock
from local.sample.schedule import Occurrence
from local.sample.scripts import SOURCES, Cast, Script, Step
from upkeep.silence import resolve_silent

MODEL = "sample-model"
"""Whose answers those of the scripts are said to be."""

_PROMPT_PRICE, _COMPLETION_PRICE = 250, 2_000
"""Billionths of a US dollar a token."""

_HOUR = timedelta(hours=1)
_TRIES = 6
_UNLIMITED = 10**6


class ScriptError(Exception):
    """A script does not go with what the product does, or with the documents."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What everything is played with. `team` are the colleagues by their id in the cast."""

    organization: Organization
    passages: Mapping[str, Sequence[Passage]]
    team: Mapping[str, Author]
    owner: Author
    remove: Callable[[str], None]
    speakers: Mapping[str, Sequence[str]]
    cast: Cast


class Lines:
    """What the assistant is to say next. Stands where the drafter does."""

    def __init__(self, setting: Setting, random: Random) -> None:
        self._setting = setting
        self._random = random
        self._said: dict[str, datetime] = {}
        self.next: Step | None = None
        self.pleased: str | None = None
        self.now = datetime.min.replace(tzinfo=UTC)

    def draft(self, inquiry: Inquiry, *_: object) -> Draft:
        """The answer that is written down, or that there is none."""
        step, organization = self.next, inquiry.organization
        if step is not None and step.fails:
            raise ScriptError("to fail")
        if step is None or step.answer is None:
            names = [each.author.name for each in inquiry.history if each.author]
            chat = small_talk(
                inquiry.question,
                organization=organization.name,
                assistant=organization.assistant,
                names=names,
            )
            if chat or self.pleased:
                return Draft(chat or str(self.pleased), "small_talk")
            sure = round(self._random.uniform(0.04, 0.3), 4)
            return Draft(replies.unknown(organization), "unknown", confidence=sure)
        self.next = None
        return self._answer(inquiry, step)

    def keep(self, *_: object) -> None:
        """Nothing is kept: the documents may be others by the time somebody asks."""

    def _answer(self, inquiry: Inquiry, step: Step) -> Draft:
        assert step.answer is not None  # noqa: S101 - that is what it was chosen for
        text = step.answer[0]
        cited = resolve(text, [self._passage(each) for each in step.cites])
        if len(cited.citations) != len(step.cites):
            raise ScriptError(f"not all is cited in: {text}")
        asked = " ".join(inquiry.question.lower().split())
        cached = not inquiry.history and (
            self.now - self._said.get(asked, datetime.min.replace(tzinfo=UTC)) < timedelta(days=7)
        )
        self._said[asked] = self.now
        low = step.helpful is False
        sure = (
            self._random.triangular(0.45, 0.7) if low else self._random.triangular(0.6, 0.98, 0.9)
        )
        return Draft(
            cited.text,
            "answer",
            citations=cited.citations,
            confidence=round(sure, 4),
            model=MODEL,
            cached=cached,
            usage=() if cached else (self._use(text),),
        )

    def _passage(self, cites: dict[str, str]) -> Passage:
        [(source, phrase)] = cites.items()
        wanted = " ".join(phrase.split())
        for passage in self._setting.passages[SOURCES[source]]:
            if wanted in " ".join(passage.text.split()):
                return passage
        raise ScriptError(f"{SOURCES[source]} has no passage with: {phrase}")

    def _use(self, text: str) -> ModelUse:
        prompt, completion = self._random.randint(1_100, 2_600), len(text) // 4
        return ModelUse(
            model=MODEL,
            purpose="answer",
            prompt_tokens=prompt,
            completion_tokens=completion,
            cost_nano_usd=prompt * _PROMPT_PRICE + completion * _COMPLETION_PRICE,
        )


class Remembered:
    """Moods and vectors, each looked up once: the same wordings come again and again."""

    def __init__(self, moods: Moods, embedder: Embedder) -> None:
        self._moods = moods
        self._embedder = embedder
        self._read: dict[str, Sentiment | None] = {}
        self._embedded: dict[str, Vector] = {}

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._embedder.dimensions

    def read(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """How the texts sound."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._read]
        self._read |= dict(zip(fresh, self._moods.read(fresh), strict=True))
        return [self._read[text] for text in texts]

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """The vectors of the texts."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._embedded]
        self._embedded |= dict(zip(fresh, self._embedder.embed(fresh), strict=True))
        return [self._embedded[text] for text in texts]


class _AtOnce(ThreadPoolExecutor):
    """Does what it is given before it returns: the clock stands still meanwhile."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it comes out where the result is asked for
            done.set_exception(error)
        return done


class _Nobody:
    """Sockets and mail of a past in which nobody listened any more."""

    def send(self, _connection_id: str, _text: str) -> bool:
        return True

    def close(self, _connection_id: str) -> None:
        return

    def put(self, _job: object) -> None:
        return


@dataclass(slots=True)
class _Scene:
    """One conversation while it is played."""

    script: Script
    number: int
    colleague: str
    customer: Customer
    conversation: Conversation | None = None
    spoke: set[str] = field(default_factory=set)

    @property
    def ref(self) -> ConversationRef:
        if self.conversation is None:
            raise ScriptError(f"{self.script.name}: nobody has said anything yet")
        return self.conversation.ref


class Stage:
    """Plays conversations on a table."""

    def __init__(
        self,
        table: Table,
        index: PassageIndex,
        reader: Remembered,
        setting: Setting,
        *,
        threshold: float,
        clock: SetClock,
        random: Random,
    ) -> None:
        """`threshold` is the cosine from which questions mean the same."""
        self._setting, self._clock, self._random = setting, clock, random
        self._visitors, self._inbox = Visitors(table), Inbox(table)
        self._conversations, self._departures = Conversations(table), Departures(table)
        self._reading = Reading(table)
        self._lines = Lines(setting, random)
        nobody, pool, questions = _Nobody(), _AtOnce(1), Questions(table)
        self._team = Team(
            connections=Connections(table),
            conversations=self._conversations,
            tickets=Tickets(table),
            sockets=nobody,
        )
        self._mail = nobody
        self._worker = AnswerWorker(
            conversations=self._conversations,
            organizations=Organizations(table),
            standings=Standings(Accounts(table), billed=False),
            questions=questions,
            groups=QuestionGroups(questions, index, reader, threshold=threshold),
            sockets=nobody,
            team=self._team,
            mail=nobody,
            answerer=Answerer(
                drafter=cast("CachedDrafter", self._lines),
                moods=reader,
                pool=pool,
                somebody_is_here=lambda _: self._is_open(self._now),
            ),
            pool=pool,
        )
        self._met: list[Customer] = []
        self._named: set[str] = set()

    def play(self, occurrences: Sequence[Occurrence], now: datetime) -> int:
        """Play everything up to `now`, in the order of time. Returns how many it were."""
        due: list[tuple[datetime, int, Iterator[datetime]]] = []
        for place, each in enumerate(occurrences):
            heapq.heappush(due, (each.at, place, self._perform(each)))
        heapq.heappush(due, (occurrences[0].at, len(occurrences), self._upkeep()))
        begun: set[int] = set()
        while due and due[0][0] < now:
            at, place, acting = heapq.heappop(due)
            self._clock.set(at)
            following = next(acting, None)
            begun.add(place)
            if following is not None:
                heapq.heappush(due, (max(following, at), place, acting))
        self._clock.set(now)
        return len(begun) - 1

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.seconds(), UTC)

    def _is_open(self, at: datetime) -> bool:
        return is_open(self._setting.organization.business_hours, at)

    def _upkeep(self) -> Iterator[datetime]:
        """What happens although nobody asks for it."""
        while True:
            resolve_silent(self._setting.organization, self._inbox, seconds_left=lambda: 60.0)
            yield self._now + _HOUR

    def _perform(self, occurrence: Occurrence) -> Iterator[datetime]:
        """Play one conversation; yields when it goes on."""
        script = occurrence.script
        steps = [*script.steps]
        if script.sometimes:
            endings = [*script.sometimes, ()]
            steps += endings[occurrence.number % len(endings)]
        scene = _Scene(script, occurrence.number, self._colleague(script), self._customer(script))
        for after, step in enumerate(steps, start=1):
            if step.answer is not None:
                if self._lines.next is step:
                    self._refuse(script, f"the answer was not asked for: {step.answer[0]}")
                continue
            if scene.conversation is not None:
                yield self._when(scene, step)
            answer = steps[after] if after < len(steps) and steps[after].answer else None
            self._act(scene, step, answer)
            self._read(scene, step)
        if script.ago is None:
            yield from self._tidy(scene)

    def _read(self, scene: _Scene, step: Step) -> None:
        """Who does something has read it all; the owner looks at what goes on, and then no more."""
        if step.act in _COLLEAGUES and step.act != "leaves":
            member = self._author(scene, step)
        elif scene.script.ago is not None and step is scene.script.steps[0]:
            member = self._setting.owner
        else:
            return
        [last] = self._conversations.recent_messages(scene.ref, 1)
        self._reading.read(scene.ref, member.id, last.id)

    def _tidy(self, scene: _Scene) -> Iterator[datetime]:
        """Let nobody wait for days: somebody answers, and closes what is done."""
        conversation = self._conversations.get(scene.ref)
        if conversation.snoozed_until is not None:
            yield conversation.snoozed_until + _HOUR
        if conversation.status == "waiting":
            upset = conversation.mood is not None and conversation.mood.label == "NEGATIVE"
            late = self._setting.cast.late["upset" if upset else "others"]
            writes = Step(agent=late)
            yield self._when(scene, writes)
            self._act(scene, writes, None)
        if self._conversations.get(scene.ref).status == "human":
            closes = Step(resolve=True, after=timedelta(minutes=self._random.uniform(30, 300)))
            yield self._when(scene, closes)
            self._act(scene, closes, None)

    def _when(self, scene: _Scene, step: Step) -> datetime:
        """When a step happens: it takes its time, and colleagues are there in opening hours."""
        kind = "colleague" if step.act in _COLLEAGUES else step.act
        if kind == "colleague" and step.act == "agent" and step.by not in {None, *scene.spoke}:
            kind = "first"
        if step.act == "agent" and not scene.spoke:
            kind = "first"
        if step.after is not None:
            return self._now + step.after
        low, middle, high = _TAKES[kind]
        at = self._now + timedelta(seconds=self._random.triangular(low, high, middle))
        ours = step.act in _COLLEAGUES
        if not ours or scene.script.ago is not None or self._is_open(at):
            return at
        opens = next_opening(self._setting.organization.business_hours, at)
        return (opens or at) + timedelta(minutes=self._random.uniform(3, 55))

    def _act(self, scene: _Scene, step: Step, answer: Step | None) -> None:
        getattr(self, f"_do_{step.act}")(scene, step, answer)

    def _do_customer(self, scene: _Scene, step: Step, answer: Step | None) -> None:
        assert step.customer is not None  # noqa: S101 - the act's own field
        if scene.conversation is None:
            scene.conversation = self._begin(scene)
        self._say(scene, step.customer, person=step.person)
        self._pass(self._random.uniform(1.1, 3.4))
        self._lines.now = self._now
        self._lines.next = step if step.fails else answer
        pleased = self._setting.cast.pleased[scene.script.language]
        self._lines.pleased = self._random.choice(pleased) if step.remark else None
        self._run(scene, fails=step.fails)
        if self._lines.next is not None and not step.fails:
            self._refuse(scene.script, f"nobody wanted: {answer and answer.answer}")
        self._lines.next = None

    def _run(self, scene: _Scene, *, fails: bool) -> None:
        for _ in range(_TRIES):
            try:
                self._worker.run(scene.ref)
            except ScriptError:
                if not fails:
                    raise
                self._pass(self._random.uniform(2, 9))
            else:
                return

    def _do_helpful(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        said = self._conversations.recent_messages(scene.ref, 20)
        last = [each for each in said if each.role == "assistant" and each.kind != "handoff"][-1]
        self._conversations.judge(scene.ref, last.id, helpful=step.helpful is True)

    def _do_away(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        assert step.away is not None  # noqa: S101 - the act's own field
        if scene.conversation is None:
            scene.conversation = self._begin(scene)
        self._note_contact(scene)
        self._say(scene, step.away)
        self._inbox.hand_off(scene.ref, "offline_message")
        self._tell(scene)

    def _do_contact(self, scene: _Scene, _step: Step, _answer: Step | None) -> None:
        self._note_contact(scene)

    def _do_agent(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        assert step.agent is not None  # noqa: S101 - the act's own field
        author = self._author(scene, step)
        scene.spoke.add(step.by or scene.colleague)
        text = self._text(scene, step.agent, author.name)
        self._inbox.reply(scene.ref, author, text, new_id())
        self._tell(scene)

    def _do_note(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        assert step.note is not None  # noqa: S101 - the act's own field
        author = self._author(scene, step)
        self._inbox.note(scene.ref, author, self._text(scene, step.note, author.name), new_id())

    def _do_take_over(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        scene.spoke.add(step.by or scene.colleague)
        self._inbox.take_over(scene.ref, self._author(scene, step))

    def _do_hand_back(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        self._inbox.hand_back(scene.ref, self._author(scene, step))

    def _do_label(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        self._inbox.label(scene.ref, step.label or ())

    def _do_priority(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        self._inbox.prioritize(scene.ref, step.priority or "medium")

    def _do_snooze(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        until = self._now + (step.snooze or _HOUR)
        self._inbox.snooze(scene.ref, until.replace(minute=0, second=0, microsecond=0))

    def _do_assign(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        assignee = self._setting.team[step.assign or scene.colleague]
        self._inbox.assign(scene.ref, assignee.id, self._author(scene, step))

    def _do_leaves(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        who = step.by or scene.colleague
        organization_id = self._setting.organization.id
        self._setting.remove(who)
        for ref in self._departures.give_back(organization_id, self._setting.team[who].id):
            self._team.tell_handoff(self._conversations.get(ref), cast("Any", self._mail))

    def _do_resolve(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        self._inbox.resolve(scene.ref, "agent", self._author(scene, step))

    def _do_solved(self, scene: _Scene, _step: Step, _answer: Step | None) -> None:
        self._inbox.resolve(scene.ref, "customer")

    def _do_rate(self, scene: _Scene, step: Step, _answer: Step | None) -> None:
        comment = self._text(scene, step.comment, "") if step.comment else None
        try:
            self._inbox.rate(scene.ref, step.rate or 5, comment)
        except Conflict as error:
            self._refuse(scene.script, f"rated before it was over: {error}")

    def _begin(self, scene: _Scene) -> Conversation:
        organization_id = self._setting.organization.id
        conversation = (
            self._visitors.open(organization_id, identity_hash(new_id()))
            if scene.customer.id is None
            else self._visitors.enter(organization_id, None, customer=scene.customer).conversation
        )
        return self._visitors.note_details(conversation, self._details(scene))

    def _details(self, scene: _Scene) -> VisitDetails:
        """What the customer's page and browser say."""
        cast, random = self._setting.cast, self._random
        path = scene.script.page[scene.number % len(scene.script.page)]
        title = cast.titles[path if path in cast.titles else "/help"]
        vouched: dict[str, AttributeValue] = {
            "plan": random.choice(cast.plans),
            "members": random.randint(1, 20),
        }
        return VisitDetails(
            page=page_of(f"{cast.site}{path}", title, self._now),
            language=language_of(random.choice(cast.tags[scene.script.language])),
            browser=browser_of(random.choice(cast.browsers)),
            vouched_attributes=None if scene.customer.id is None else vouched,
        )

    def _say(self, scene: _Scene, wordings: Sequence[str], *, person: bool = False) -> None:
        self._conversations.accept(
            scene.ref,
            client_id=new_id(),
            text=self._text(scene, wordings, self._setting.team[scene.colleague].name),
            per_minute=_UNLIMITED,
            organization_per_minute=_UNLIMITED,
            wants_person=person,
        )

    def _note_contact(self, scene: _Scene) -> None:
        conversation = self._conversations.get(scene.ref)
        scene.conversation = self._visitors.set_customer(conversation, scene.customer)
        self._met.append(scene.customer)

    def _tell(self, scene: _Scene) -> None:
        self._team.tell_handoff(self._conversations.get(scene.ref), cast("Any", self._mail))

    def _text(self, scene: _Scene, wordings: Sequence[str], agent: str) -> str:
        text = wordings[scene.number % len(wordings)].strip()
        known = scene.conversation.customer.name if scene.conversation else None
        first = known.split(maxsplit=1)[0] if known else ""
        filled = Template(text).safe_substitute(name=first, agent=agent.split(" ", maxsplit=1)[0])
        # "Hi $name," without a name.
        return (
            filled.replace(" ,", ",").replace(" !", "!").replace("  ", " ") if not first else filled
        )

    def _author(self, scene: _Scene, step: Step) -> Author:
        return self._setting.team[step.by or scene.colleague]

    def _colleague(self, script: Script) -> str:
        speakers = self._setting.speakers[script.language]
        return self._random.choices(speakers, range(len(speakers), 0, -1))[0]

    def _customer(self, script: Script) -> Customer:
        """Somebody new, or now and then somebody who was here before."""
        known = self._random.random() < 0.4 if script.known is None else script.known
        names = self._setting.cast.customers[script.language]
        while True:
            first, last = self._random.choice(names.first), self._random.choice(names.last)
            if f"{first} {last}" not in self._named:
                break
        again = [
            each
            for each in self._met
            if each.id is None and each.name and each.name.split(maxsplit=1)[0] in names.first
        ]
        if not known and again and self._random.random() < 0.15:
            return self._random.choice(again)
        self._named.add(f"{first} {last}")
        business = self._random.choice(names.business)
        return Customer(
            id=f"acct_{10_000 + 37 * len(self._named)}" if known else None,
            email=f"{_ascii(first)}@{business}.example",
            name=f"{first} {last}",
        )

    def _pass(self, seconds: float) -> None:
        self._clock.set(self._now + timedelta(seconds=seconds))

    def _refuse(self, script: Script, why: str) -> NoReturn:
        raise ScriptError(f"{script.name}: {why}")


def _ascii(name: str) -> str:
    """A name as it stands in an address."""
    plain = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


_COLLEAGUES = frozenset(
    {
        *("agent", "note", "take_over", "hand_back", "label", "priority", "snooze", "assign"),
        *("resolve", "leaves"),
    }
)

_TAKES: dict[str, tuple[float, float, float]] = {
    "customer": (15, 40, 190),
    "away": (30, 60, 120),
    "contact": (15, 25, 60),
    "helpful": (8, 14, 40),
    "solved": (10, 25, 90),
    "rate": (6, 12, 60),
    "first": (90, 420, 2_700),
    "colleague": (20, 70, 260),
}
"""Seconds: the least, the likeliest and the most."""
