"""Markdown: the tokens of markdown-it become blocks."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.clean import clean_characters, clean_code, clean_line, clean_text
from ingest.document import Block, ExtractedDocument, table_text
from ingest.extract.budget import Budget
from ingest.extract.plain import decode

MAX_CHARACTERS = 2_000_000
"""About 1,000 pages. markdown-it reads a document at once, 300,000 characters in a second, into
200 times its size of memory."""

_FRONT_MATTER = re.compile(r"---[ \t]*+\n(.{0,10000}?)\n(?:---|\.\.\.)[ \t]*+(?:\n|$)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:(.*\S)", re.MULTILINE)
_SCHEME = re.compile(r"https?://(?:www\.)?|mailto:|tel:")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>")


def extract_markdown(data: bytes, budget: Budget) -> ExtractedDocument:
    """Headings, paragraphs, lists, tables and code of a CommonMark document with tables.

    Link targets are kept behind their text; HTML in the document is read as HTML.
    """
    text = clean_characters(decode(data))
    Budget(budget.seconds_left, MAX_CHARACTERS).spend(len(text))
    budget.spend(len(text))
    title = None
    front = _FRONT_MATTER.match(text)
    if front is not None:
        named = _FRONT_TITLE.search(front.group(1))
        title = clean_line(_unquoted(named.group(1).strip())) if named else None
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    blocks = tuple(_blocks(tokens, budget))
    if title is None:
        title = next((block.text for block in blocks if block.level == 1), None)
    return ExtractedDocument(blocks, title=title)


def _blocks(tokens: Sequence[Token], budget: Budget) -> Iterator[Block]:
    index = 0
    while index < len(tokens):
        budget.check_time()
        token = tokens[index]
        end = _closing(tokens, index)
        block: Block | None = None
        if token.type == "heading_open":
            block = Block(_inline(tokens[index + 1]), "heading", level=int(token.tag[1:]))
        elif token.type == "paragraph_open":
            block = Block(_inline(tokens[index + 1]))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            block = Block("\n".join(_items(tokens[index : end + 1])), "list")
        elif token.type == "table_open":
            block = Block(table_text(_rows(tokens[index : end + 1])), "table")
        elif token.type in {"fence", "code_block"}:
            block = Block(clean_code(token.content), "code")
        elif token.type == "html_block":
            yield from _html(token.content, budget)
        elif token.type == "blockquote_open":
            yield from _blocks(tokens[index + 1 : end], budget)
        if block is not None and block.text:
            yield block
        index = end + 1


def _closing(tokens: Sequence[Token], index: int) -> int:
    """Where what opens at `index` closes; `index` itself where nothing opens."""
    depth = 0
    for position in range(index, len(tokens)):
        depth += tokens[position].nesting
        if depth <= 0:
            return position
    return len(tokens) - 1


def _unquoted(value: str) -> str:
    """A value of the front matter without the quotes around it."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _html(source: str, budget: Budget) -> Iterator[Block]:
    from ingest.extract.web import blocks_of_html  # noqa: PLC0415 - few documents hold HTML

    yield from blocks_of_html(source, budget)


def _inline(token: Token) -> str:
    """The text of an inline token, with the targets of links that it does not show itself."""
    parts: list[str] = []
    targets: list[tuple[str, int]] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or child.content.lower().startswith("<br"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "link_open":
            targets.append((str(child.attrGet("href") or ""), len(parts)))
        elif child.type == "link_close" and targets:
            target, start = targets.pop()
            parts.append(_target(target, "".join(parts[start:])))
    return clean_text(_TAG.sub("", "".join(parts)) if "<" in token.content else "".join(parts))


def _target(target: str, text: str) -> str:
    scheme = _SCHEME.match(target)
    if scheme is None or target[scheme.end() :].rstrip("/") in text:
        return ""
    return f" ({target.removeprefix('mailto:').removeprefix('tel:')})"


def _items(tokens: Sequence[Token]) -> Iterator[str]:
    """The lines of a list, nested lists indented, code and tables in it line by line."""
    numbers: list[int | None] = []
    lead = ""
    for token in tokens:
        indent = "  " * (len(numbers) - 1)
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            first = int(token.attrGet("start") or 1)
            numbers.append(first if token.type == "ordered_list_open" else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1]
            lead = f"{indent}{'-' if number is None else f'{number}.'} "
            numbers[-1] = None if number is None else number + 1
        elif token.type in {"inline", "fence", "code_block"}:
            inline = token.type == "inline"
            text = clean_line(_inline(token)) if inline else clean_code(token.content)
            for line in filter(None, text.split("\n")):
                yield lead + line
                lead = f"{indent}  "


def _rows(tokens: Sequence[Token]) -> list[list[str]]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(_inline(token))
    return rows
