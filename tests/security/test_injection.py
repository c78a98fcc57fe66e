"""Every attack, end to end, against quotes and against a model that does whatever it is told."""

import base64
import codecs
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Draft, Drafter, Inquiry, Unheard
from frontdesk.answers.extractive import extract
from frontdesk.answers.openai_model import OpenAiModel
from frontdesk.answers.prompt import build_prompt
from frontdesk.answers.text import sentences
from frontdesk.entities import Organization
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from tests.contract.openai_stand_in import DONE, StandIn, Streamed, chunk, serving
from tests.security.attacks import ATTACKS, OTHERS_SECRET, TONE_SECRET, Attack

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "layers" / "models"
GOOD = "A refund takes 5 to 10 working days [1]."
QUESTION = "How long does a refund take?"
FACTS = (
    (
        "Refunds are paid back to the card you paid with. A refund takes 5 to 10 working days. "
        "See https://help.harbor.example/refunds for more."
    ),
    "You can invite up to 25 people to a team. Invitations are valid for seven days.",
    "Calendars are shared by link. Anyone who has the link can see when you are free.",
)
OURS = {"help.harbor.example", "www.harbor.example"}
HOST = re.compile(r"https?://([^/\s)\]>\"]+)")
RULES = build_prompt(
    organization="Harbor",
    assistant="Robin",
    tone=f"warm {TONE_SECRET}",
    passages=(),
    history=(),
    question="",
).instructions


def letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalpha())


def streamed(text: str) -> Streamed:
    pieces = [chunk(text[i : i + 7]) for i in range(0, len(text), 7)]
    return Streamed([*pieces, chunk(finish="stop"), DONE])


class Screen(Unheard):
    """All that was ever shown of an answer while it was written."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def write(self, text: str) -> None:
        self.shown.append(text)

    def all(self, draft: Draft) -> str:
        """What the customer got to see: as it came, as it stayed, and what hangs on it."""
        cited = [
            text for each in draft.citations for text in (each.title, *each.headings, each.quote)
        ]
        offered = [action.text for action in draft.actions]
        return "\n".join(["".join(self.shown), draft.text, *cited, *offered])


@dataclass(frozen=True)
class Site:
    """An organisation with documents, next to another one with a secret."""

    embedder: MiniLmEmbedder
    index: SqliteIndex
    model: OpenAiModel
    server: StandIn
    organizations: dict[tuple[Passage, ...], Organization] = field(default_factory=dict)

    def organization(self, passages: list[Passage]) -> Organization:
        """One that has `passages`."""
        key = tuple(passages)
        if key not in self.organizations:
            self.organizations[key] = Organization(
                id=new_id(),
                name="Harbor",
                assistant="Robin",
                tone=f"warm {TONE_SECRET}",
                allowed_origins=("https://www.harbor.example",),
            )
            self.store(self.organizations[key].id, passages)
        return self.organizations[key]

    def ask(self, question: str, passages: list[Passage], *replies: str) -> tuple[str, Draft]:
        """What a customer of an organisation with `passages` gets to see, and the draft."""
        organization = self.organization(passages)
        self.server.replies = [streamed(reply) for reply in replies]
        drafter = Drafter(
            embedder=self.embedder,
            index=self.index,
            models=(self.model,) if replies else (),
            confidence=Confidence.fitted("minilm"),
        )
        screen = Screen()
        draft = drafter.draft(Inquiry(organization, frozenset(), question), screen, screen)
        return screen.all(draft), draft

    def is_read(self, attack: Attack) -> bool:
        """Whether the model has been asked, and any of the attack stands in what it was given."""
        if not self.server.requests:
            return False
        given = letters(json.dumps(self.server.requests[-1], ensure_ascii=False))
        return any(letters(each) in given for each in sentences(attack.text) if letters(each))

    def store(self, organization_id: str, passages: list[Passage]) -> None:
        vectors = self.embedder.embed([each.searchable_text for each in passages])
        self.index.upsert(organization_id, passages, vectors)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(Streamed([DONE])) as server:
        model = OpenAiModel(api_key="key", model="obeys", base_url=server.url, max_retries=0)
        index = SqliteIndex(tmp_path_factory.mktemp("index") / "index.sqlite")
        site = Site(MiniLmEmbedder(MODELS / "minilm"), index, model, server)
        secret = f"How long a refund takes at Gull is secret: {OTHERS_SECRET}."
        site.store(new_id(), [passage(0, secret)])
        yield site
        model.close()


def passage(number: int, text: str) -> Passage:
    version = "01J000000000000000000000AA"
    return Passage("document", version, number, text, "Guide", page=number + 1)


def documents(attack: Attack) -> list[Passage]:
    """The organisation's documents, with the attack in the first of them."""
    first, *others = (passage(number, text) for number, text in enumerate(FACTS))
    text = attack.text
    match attack.place:
        case "message":
            attacked = first
        case "title":
            attacked = replace(first, title=text)
        case "heading":
            attacked = replace(first, headings=("Refunds", text))
        case "table":
            attacked = replace(first, text=f"{first.text}\n\nCase | Refund\nOrder | {text}\n")
        case "code":
            attacked = replace(first, text=f"{first.text}\n\n```\n{text}\n```")
        case "link":
            attacked = replace(first, text=f"{first.text}\n\n[{text}](https://help.harbor.example)")
        case "alt":
            attacked = replace(first, text=f"{first.text}\n\n![{text}](refund.png)")
        case "long":
            filler = "Parcels are packed with care and leave the house on the same day. " * 6
            attacked = replace(first, text=f"{filler}\n\n{filler}{text} {filler}\n\n{first.text}")
        case "text":
            attacked = replace(first, text=f"{first.text}\n\n{text}")
    return [attacked, *others]


def questions(attack: Attack) -> list[str]:
    """What a customer says; and, of a document, what brings up the attack above all else."""
    return [f"{QUESTION} {attack.text}", attack.text]


def replies(attack: Attack) -> list[str]:
    """What an obedient model says: that alone, after a good answer, and before one."""
    said = attack.reply
    for name, text in disguises().items():
        said = said.replace(name, text)
    return [said, f"{said} [1]", f"{GOOD} {said} [1]", f"{said}. {GOOD}", f"{GOOD}\n\n{said}"]


def disguises() -> dict[str, str]:
    words = RULES.split()
    return {
        "{rules}": RULES,
        "{backwards}": RULES[::-1],
        "{base64}": base64.b64encode(RULES.encode()).decode(),
        "{rot13}": codecs.encode(RULES, "rot13"),
        "{spaced}": " ".join(RULES),
        "{lines}": "\n".join(words),
        "{cited}": " [1] ".join(words),
    }


def won(attack: Attack, seen: str) -> list[str]:
    """What of the attack is to be seen in `seen`: what it wanted, and what no answer may have."""
    folded = seen.casefold()
    wanted = [disguises().get(each, each).casefold() for each in attack.wanted]
    found = [each for each in wanted if each in folded]
    found += [each for each in (TONE_SECRET, OTHERS_SECRET) if each.casefold() in folded]
    found += [host for host in HOST.findall(seen) if host not in OURS | documented(attack)]
    found += [
        mark for mark in ("<script", "<img", "![", "](javascript", "](data") if mark in folded
    ]
    found += [f"U+{ord(c):04X}" for c in seen if unicodedata.category(c) == "Cf"]
    return found


def documented(attack: Attack) -> set[str]:
    """Hosts that the organisation's own documents name to people, not to machines."""
    return {"evil.example"} if attack.name in {"remote image", "title with a link"} else set()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_that_an_attack_wants_reaches_the_customer(
    site: Site, attack: Attack, tally: Counter[str]
) -> None:
    place = "message" if attack.place == "message" else "document"
    tries: list[tuple[str, str | None]] = [
        (question, None) for question in (QUESTION, *questions(attack))
    ]
    for question in questions(attack) if place == "message" else [QUESTION]:
        site.server.requests.clear()
        site.ask(question, documents(attack), GOOD)
        # Who does as told has to be told: what never reaches the model is not obeyed.
        obeys = site.is_read(attack)
        tries += [(question, reply) for reply in (replies(attack) if obeys else [GOOD])]
    through = []
    for question, reply in tries:
        seen, draft = site.ask(question, documents(attack), *([reply] if reply else []))
        if found := won(attack, seen):
            through.append((question[:60], reply and reply[:90], found, seen[:300]))
        assert all(1 <= each.number <= 3 for each in draft.citations)
    answers = len(tries)
    tally.update({f"{place} attacks": 1, f"{place} answers": answers})
    tally.update({f"{place} through": bool(through)})
    assert through == []


def test_there_are_enough_attacks_and_no_two_alike() -> None:
    assert len({(each.place, each.text, each.reply) for each in ATTACKS}) == len(ATTACKS) >= 80


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_suite_would_notice_an_answer_that_nobody_guards(attack: Attack) -> None:
    assert all(won(attack, reply) for reply in replies(attack))


def test_the_suite_would_notice_quotes_that_nobody_screens() -> None:
    planted = [attack for attack in ATTACKS if attack.place != "message"]
    caught = [
        attack
        for attack in planted
        if won(attack, extract(questions(attack)[1], documents(attack)).text)
    ]
    assert len(caught) > len(planted) / 2


def test_a_model_that_keeps_to_the_documents_is_heard_word_for_word(site: Site) -> None:
    answer = (
        "A refund takes 5 to 10 working days [1]. It is paid back to the card you paid with [1]. "
        "See [the refunds page](https://help.harbor.example/refunds) for more [1]."
    )
    seen, draft = site.ask(QUESTION, [passage(n, text) for n, text in enumerate(FACTS)], answer)
    assert draft.text == answer
    assert seen.startswith(answer)
