"""HTML: the visible text of a page, without its navigation."""

import re
from collections.abc import Iterator
from itertools import takewhile

from lxml import etree
from lxml.html import (
    HtmlElement,
    HTMLParser,
    document_fromstring,
)

from frontdesk.errors import UnreadableDocument
from ingest.clean import clean_code, clean_line, clean_text
from ingest.document import Block, ExtractedDocument, table_text
from ingest.extract.budget import Budget
from ingest.extract.encodings import codec_of
from ingest.extract.plain import decode

MAX_CHARACTERS = 5_000_000
"""Of markup. A page is parsed at once, 15 MB in a second, into 15 times its size of memory."""

MAX_ATTRIBUTES = 1_000
"""Of one tag. The parser's time grows with the square of their number: 1,000 take 2 ms, 100,000
half a minute."""

_DROPPED = frozenset({"script", "style", "noscript", "template", "head", "nav"}).union(
    ("iframe", "object", "embed", "svg", "math", "canvas", "audio", "video", "map"),
    ("select", "button", "textarea", "input", "dialog"),
)
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar"})
_FURNITURE = frozenset({"header", "footer", "aside"})
_CONTENT = frozenset({"main", "article", "section"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {**{f"h{level}": level for level in range(1, 7)}, "summary": 6}
_BLOCKS = frozenset(_HEADINGS).union(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div"),
    ("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr"),
    ("html", "legend", "li", "main", "menu", "ol", "p", "pre", "section"),
    ("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
)
_NO_DATA = ("table", "h1", "h2", "h3", "ul")
"""What a table that holds data does not contain."""

_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_DEEPEST_LIST = 20
_SPACE = re.compile(r"\s+")
_ATTRIBUTE = (
    r"(?:=?[^ \t\n\f\r/>=]++|=)(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+"
    r"(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\f\r>\"'][^ \t\n\f\r>]*+)?+)?+"
)
_MARKUP = re.compile(
    r"<!--(?:-?>|(?>.*?(?:--!?>|\Z)))|<(?:[!?]|/[^a-zA-Z>])[^>]*+"
    rf"|</?(?P<name>[a-zA-Z][^ \t\n\f\r/>]*+)(?:[ \t\n\f\r/]*+{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+"
    r"[ \t\n\f\r/]*+(?P<end>>|\Z)?+",
    re.DOTALL,
)
"""Comments, declarations and tags as a browser tells them apart, each in one go. `end` is missing
where a tag goes on after MAX_ATTRIBUTES attributes."""

_RAW = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
"""Elements in which nothing but their own end is markup."""
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([a-zA-Z0-9_.:-]{2,40})")


def extract_html(data: bytes, budget: Budget) -> ExtractedDocument:
    """Headings, paragraphs, lists, tables and code of an HTML page, in document order.

    What is not shown or only leads elsewhere is left out: scripts, styles, hidden elements,
    navigation, and the header and footer of the page. Where the page marks its main part, only
    that is read.
    """
    root = _parsed(_decoded(data), budget)
    if root is None:
        return ExtractedDocument(())
    title = root.findtext(".//title") or ""
    blocks = tuple(_Reader(budget).blocks(_main_part(root)))
    return ExtractedDocument(blocks, title=clean_line(title) or None)


def blocks_of_html(source: str, budget: Budget) -> Iterator[Block]:
    """The blocks of a piece of HTML."""
    root = _parsed(source, budget)
    if root is not None:
        yield from _Reader(budget).blocks(root)


def _decoded(data: bytes) -> str:
    """By what the page declares where that holds, else as plain text is decoded."""
    declared = _DECLARED.search(data[:4_096])
    if declared is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        codec = codec_of(declared.group(1).decode("ascii"))
        # A page that could be read this far is not in UTF-16, whatever it says of itself.
        if codec is not None and not codec.startswith("utf-16"):
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                pass
    return decode(data)


def _parsed(source: str, budget: Budget) -> HtmlElement | None:
    """The tree, or None where there is nothing. Entities of a document's own are not resolved."""
    Budget(budget.seconds_left, MAX_CHARACTERS).spend(len(source))
    budget.spend(0)
    if _has_endless_tag(source):
        raise UnreadableDocument(
            "The HTML page holds a tag of absurd length and cannot be read. Save it as PDF."
        )
    # A declaration in the text would make the parser decode it a second time.
    source = re.sub(r"^\s*<\?xml[^>]*>", "", source.replace("\x00", "").lstrip("\ufeff"))
    parser = HTMLParser(remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(source, parser=parser)
    except etree.ParserError:
        return None
    except etree.XMLSyntaxError:
        if _lacks_memory(parser):
            raise MemoryError from None
        raise
    # The parser makes do with what it has read until then.
    if _lacks_memory(parser):
        raise MemoryError
    if any("depth" in error.message for error in parser.error_log):
        raise UnreadableDocument(
            "The HTML page nests its elements too deeply to be read. Save it as PDF."
        )
    return root


def _lacks_memory(parser: HTMLParser) -> bool:
    return any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in parser.error_log)


def _has_endless_tag(source: str) -> bool:
    """Whether a tag has more than MAX_ATTRIBUTES attributes."""
    position = 0
    while (found := _MARKUP.search(source, position)) is not None:
        position = found.end()
        name = found["name"]
        if name is None:
            continue
        if found["end"] is None:
            return True
        raw = _RAW.get(name.lower()) if source[found.start() + 1] != "/" else None
        if raw is not None:
            closing = raw.search(source, position)
            position = closing.start() if closing is not None else len(source)
    return False


def _main_part(root: HtmlElement) -> HtmlElement:
    for marked in root.xpath("//main | //*[@role='main']")[:2]:
        if marked.text_content().strip():
            return marked
    articles = root.xpath("//article")
    if len(articles) == 1 and 2 * len(articles[0].text_content()) > len(root.text_content()):
        return articles[0]
    return root


def _is_dropped(element: HtmlElement) -> bool:
    tag = element.tag
    if tag in _DROPPED or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    if element.get("role") in _DROPPED_ROLES or _HIDDEN_STYLE.search(element.get("style", "")):
        return True
    if tag in _FURNITURE:
        inside = any(parent.tag in _CONTENT for parent in element.iterancestors())
        return not inside and next(element.iterdescendants("h1"), None) is None
    return False


def _parents(element: HtmlElement, root: HtmlElement) -> Iterator[HtmlElement]:
    """The elements between `element` and `root`, from the inside."""
    return takewhile(lambda parent: parent is not root, element.iterancestors())


class _Reader:
    """Walks a tree once, gathering the inline text between the edges of blocks."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._inline: list[str] = []
        self._lists: list[int | None] = []
        """The open lists, outermost first: the number of the next item, None for bullets."""
        self._items: list[str] = []
        self._lead = ""

    def blocks(self, root: HtmlElement) -> Iterator[Block]:
        """The blocks under `root`, in document order."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                self._budget.spend(len(element.text or ""))
                whole = self._whole_block(element)
                if element is not root and (_is_dropped(element) or whole is not None):
                    walk.skip_subtree()
                    if whole is not None and not _is_dropped(element):
                        yield from self._flushed()
                        yield whole
                    continue
                if tag in _BLOCKS:
                    yield from self._flushed()
                    self._open(element)
                elif tag == "br":
                    self._inline.append("\n")
                self._add(element.text)
            else:
                if tag in _BLOCKS:
                    yield from self._flushed(_HEADINGS.get(tag, 0))
                    if tag in _LISTS and not _is_dropped(element):
                        yield from self._close_list()
                if element is not root:
                    self._add(element.tail)
        yield from self._flushed()

    def _whole_block(self, element: HtmlElement) -> Block | None:
        """Elements that become one block by themselves: code, and tables that hold data."""
        if self._lists:
            return None
        if element.tag == "pre":
            return Block(clean_code(element.text_content()), "code")
        if element.tag == "table" and next(element.iterdescendants(*_NO_DATA), None) is None:
            rows = [
                [" ".join(cell.itertext()) for cell in row.iterchildren("td", "th")]
                for row in element.iter("tr")
                # The text of a row within a row is in the outer one already.
                if not any(parent.tag == "tr" for parent in _parents(row, element))
            ]
            if sum(1 for row in rows if len(row) > 1) * 2 > len(rows):
                return Block(table_text(rows), "table")
        return None

    def _add(self, text: str | None) -> None:
        if text:
            self._inline.append(_SPACE.sub(" ", text))

    def _open(self, element: HtmlElement) -> None:
        if element.tag in _LISTS:
            start = element.get("start", "1")
            number = int(start) if start.isdecimal() and len(start) < 9 else 1
            self._lists.append(number if element.tag == "ol" else None)
        elif element.tag == "li" and self._lists:
            following = self._lists[-1]
            marker = "-"
            if following is not None:
                marker = f"{following}."
                self._lists[-1] = following + 1
            self._lead = "  " * min(len(self._lists) - 1, _DEEPEST_LIST) + marker + " "

    def _close_list(self) -> Iterator[Block]:
        if self._lists:
            self._lists.pop()
        if not self._lists and self._items:
            yield Block("\n".join(self._items), "list")
            self._items = []

    def _flushed(self, level: int = 0) -> Iterator[Block]:
        """What was gathered as one block, or as one line of the open list."""
        text = clean_text("".join(self._inline))
        self._inline = []
        if not text:
            return
        if self._lists:
            self._items.append(self._lead + clean_line(text))
            self._lead = "  " * min(len(self._lists), _DEEPEST_LIST + 1)
        elif level:
            yield Block(clean_line(text), "heading", level=level)
        else:
            yield Block(text)
