"""What a customer may want next: questions that the documents answer, links, a person.

Everything is taken from the passages at hand. A question is a question of theirs, or a heading put
as one; a link is an address that stands beside what was quoted, shown as it is written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from frontdesk.answers import replies
from frontdesk.answers.blocks import plain
from frontdesk.answers.confidence import signals
from frontdesk.answers.leaning import leans
from frontdesk.answers.questions import as_question
from frontdesk.answers.relevance import subjects_of
from frontdesk.answers.text import language
from frontdesk.entities import Citation, SuggestedAction
from frontdesk.knowledge.neighbours import parts_of
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved

MOST_QUESTIONS = 3
MOST_LINKS = 2

UNSURE = 0.5
"""An answer with less confidence than this comes with the offer of a person."""

_LONGEST_LINK = 120  # characters; a longer address says nothing on a button
_HEADINGS = 30  # of one passage; each is compared with all of it
_ALIKE = 0.5
_SHARED = 0.5
_PARAGRAPH = re.compile(r"\n\s*\n")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"https?://[^\s<>\"'`()\[\]{}|\\^]+|mailto:[^\s<>\"'`()\[\]{}|\\^?]+")
_MAIL = re.compile(r"(?<![\w.+@/:-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")


def suggest(
    query: str,
    earlier: Iterable[str],
    retrieved: Sequence[Retrieved],
    citations: Sequence[Citation],
    *,
    confidence: float,
) -> tuple[SuggestedAction, ...]:
    """What to offer after an answer to `query` that rests on `citations` of `retrieved`.

    At most three questions, none of which is `query` or one of `earlier`, then links and, after an
    answer with little `confidence`, a person. About a millisecond; asks nobody.
    """
    known = [frozenset(subjects_of(text)) for text in (query, *earlier)]
    cited = {citation.document_id for citation in citations}
    actions: list[SuggestedAction] = []
    for question in _questions(query, retrieved, cited):
        about = frozenset(subjects_of(question))
        if not about or any(_alike(about, other) for other in known):
            continue
        known.append(about)
        actions.append(SuggestedAction(type="ask", text=question))
        if len(actions) == MOST_QUESTIONS:
            break
    passages = [found.passage for found in retrieved]
    links = dict.fromkeys(_links(citations, passages))
    actions.extend(
        SuggestedAction(type="link", text=link.removeprefix("mailto:"), url=link)
        for link in list(links)[:MOST_LINKS]
    )
    if confidence < UNSURE:
        actions.append(replies.TALK_TO_A_PERSON)
    return tuple(actions)


def _questions(query: str, retrieved: Sequence[Retrieved], cited: set[str]) -> Iterator[str]:
    """Questions that passages of the `cited` documents answer, in the language of `query`."""
    spoken = language(query)
    for found in retrieved:
        if found.passage.document_id not in cited:
            continue
        written = language(found.passage.text)
        if spoken not in (None, written):
            continue
        for part in parts_of(found.passage):
            for heading in islice(_headings(part), _HEADINGS):
                question = as_question(heading, part.text, english=written == "en")
                if question and not leans(question) and _answers(found, question):
                    yield question


def _headings(passage: Passage) -> Iterator[str]:
    """The headings and questions above and in a passage under which it says something."""
    yield from passage.headings[-1:]
    paragraphs = _PARAGRAPH.split(passage.text.strip())
    for place, paragraph in enumerate(paragraphs):
        first, _, rest = paragraph.strip().partition("\n")
        line = plain(first.lstrip("#").strip())
        if "|" in first:
            continue
        if (rest and line.endswith("?")) or (not rest and place + 1 < len(paragraphs)):
            yield line


def _answers(found: Retrieved, question: str) -> bool:
    """Whether the words of `question` stand together in `found`, names and numbers included."""
    signal = signals([found], question)
    return signal.together >= _SHARED and signal.named == 1.0


def _alike(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two questions are about the same: one has little that the other has not."""
    return len(some & others) > _ALIKE * min(len(some), len(others))


def _links(citations: Sequence[Citation], passages: Sequence[Passage]) -> Iterator[str]:
    """Addresses in the paragraphs that are quoted: http, https and mailto, nothing else."""
    for citation in citations:
        quote = citation.quote.strip("… ")
        for part in parts_of(passages[citation.number - 1]):
            for paragraph in _PARAGRAPH.split(part.text):
                if quote in plain(paragraph):
                    yield from _addresses(paragraph)


def _addresses(text: str) -> Iterator[str]:
    visible = _CODE.sub(" ", text)
    for match in _LINK.finditer(visible):
        link = match.group().rstrip(".,;:!?*_'’”")
        if len(link) <= _LONGEST_LINK and _is_plain(link):
            yield link
    for match in _MAIL.finditer(_LINK.sub(" ", visible)):
        if len(match.group()) <= _LONGEST_LINK:
            yield f"mailto:{match.group()}"


def _is_plain(link: str) -> bool:
    """Whether a link leads where it seems to: no user in front of the host, all of it ASCII."""
    if not link.isascii():
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "mailto" or ("." in (parts.hostname or "") and "@" not in parts.netloc)
