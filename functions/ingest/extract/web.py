"""HTML: the visible text of a page, without its navigation."""

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag, XMLParsedAsHTMLWarning
from bs4.dammit import EncodingDetector
from bs4.element import CData, PageElement

from frontdesk.errors import UnreadableDocument
from ingest.clean import clean_code, clean_line, clean_text
from ingest.document import Block, ExtractedDocument, table_text
from ingest.extract.budget import Budget
from ingest.extract.plain import decode

MAX_CHARACTERS = 10_000_000
"""Of markup. The tree of a page takes about 50 times its size in memory and is built at once."""

MAX_DEPTH = 2_000

_DROPPED = frozenset(
    "script style noscript template head nav iframe object embed svg math canvas audio video map "
    "select button textarea input dialog form-control datalist".split()
)
_PAGE_FURNITURE = frozenset({"header", "footer", "aside"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure "
    "footer form header hgroup hr html legend li main ol p section summary table tbody td tfoot "
    "th thead tr ul pre".split()
) | frozenset(_HEADINGS)
_ITEM_LISTS = frozenset({"ul", "ol"})


def extract_html(data: bytes, budget: Budget) -> ExtractedDocument:
    """Headings, paragraphs, lists, tables and code of an HTML page, in document order.

    What is not shown or only leads elsewhere is left out: scripts, styles, hidden elements,
    navigation, and the header and footer of the page. Where the page marks its main part, only
    that is read.
    """
    source = _decoded(data)
    soup = _parsed(source, budget)
    title = soup.title.get_text() if soup.title is not None else ""
    return ExtractedDocument(
        tuple(_Reader(budget).blocks(_main_part(soup))), title=clean_line(title) or None
    )


def blocks_of_html(source: str, budget: Budget) -> Iterator[Block]:
    """The blocks of a piece of HTML."""
    yield from _Reader(budget).blocks(_parsed(source, budget))


def _decoded(data: bytes) -> str:
    """By byte order mark, then by what the page declares, then as plain text is."""
    declared = EncodingDetector.find_declared_encoding(data[:4_096], is_html=True)
    if declared and b"\x00" not in data[:1_000]:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _parsed(source: str, budget: Budget) -> BeautifulSoup:
    Budget(budget.seconds_left, MAX_CHARACTERS).spend(len(source))
    budget.spend(0)
    _refuse_towers(source)
    # lxml's HTML parser resolves no external and no declared entities.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(source.replace("\x00", ""), "lxml")


def _refuse_towers(source: str) -> None:
    """Refuse elements nested absurdly deep before a tree is built of them."""
    depth = 0
    for match in re.finditer(r"<(/?)(?:div|span|b|i|em|font|table|ul|ol|blockquote|section)\b", source):
        depth += -1 if match.group(1) else 1
        if depth > MAX_DEPTH:
            raise UnreadableDocument(
                "The HTML page nests its elements too deeply to be read. Save it as PDF."
            )


def _main_part(soup: BeautifulSoup) -> Tag:
    for marked in (soup.find("main"), soup.find(attrs={"role": "main"})):
        if isinstance(marked, Tag) and marked.get_text(strip=True):
            return marked
    articles = soup.find_all("article", limit=2)
    if len(articles) == 1 and isinstance(articles[0], Tag):
        article = articles[0]
        if len(article.get_text()) > 0.5 * len(soup.get_text()):
            return article
    return soup
