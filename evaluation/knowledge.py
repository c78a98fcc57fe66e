"""A knowledge base made of an evaluation's passages, by the product's own ingestion."""

from collections.abc import Sequence

from evaluation.questions import GoldPassage
from frontdesk.ids import new_id
from frontdesk.knowledge.ports import CountsTokens, Embedder, Passage, PassageIndex
from ingest.extract import extract
from ingest.passages import split
from ingest.tokens import estimate_tokens

_BATCH = 64


def passages_of(gold: Sequence[GoldPassage], embedder: Embedder) -> list[Passage]:
    """Extract and split each gold passage as a text file of its own.

    The document's id is the gold passage's, so that what is found can be told to be right.
    """
    count = embedder.count_tokens if isinstance(embedder, CountsTokens) else estimate_tokens
    return [
        passage
        for each in gold
        for passage in split(
            extract(each.text.encode(), filename="passage.txt", seconds_left=lambda: 60.0),
            document_id=each.id,
            version=new_id(),
            title=each.title.replace("_", " "),
            count_tokens=count,
        )
    ]


def ingest(
    organization_id: str, gold: Sequence[GoldPassage], index: PassageIndex, embedder: Embedder
) -> int:
    """Embed and index the passages made of `gold`. Returns how many they are."""
    passages = passages_of(gold, embedder)
    for begin in range(0, len(passages), _BATCH):
        batch = passages[begin : begin + _BATCH]
        vectors = embedder.embed([passage.searchable_text for passage in batch])
        index.upsert(organization_id, batch, vectors)
    index.wait_until_searchable(organization_id)
    return len(passages)
