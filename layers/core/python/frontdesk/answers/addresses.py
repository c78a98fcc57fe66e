"""Which addresses an answer may name: those of its sources, and the organisation's own sites.

A customer, a page that was imported or a language model can make up any address. So none is judged
by how it looks: it is one that the documents given for this answer have, or it does not come out.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from frontdesk.knowledge.ports import Passage
from frontdesk.normalizing import normalized

LINKABLE = frozenset({"http", "https", "mailto"})
"""Schemes that may become a link."""

_PORTS = {"http": "80", "https": "443"}
_IN_PIECE = r"[^\s\[\]<>`()\"|]"
_PIECE = re.compile(
    rf"(?:{_IN_PIECE}|\[\.\]|\(\.\))*?://(?:{_IN_PIECE}++|\[\.\]|\({_IN_PIECE}*+\))++"
    rf"|(?:{_IN_PIECE}++|\[\.\]|\(\.\))++"
)
"""What can hold an address: up to white space or a bracket. Answers and sources are cut alike.

In a web address brackets count in pairs.
"""

_DOT = re.compile(r"\[\.\]|\(\.\)|[。．｡․]")
_TRIMMED = ".,;:!?*_~'\"“”‘’«»…/"
# Run or render what follows them; never text that a customer needs.
_ACTIVE = re.compile(r"(?:java|vb|live)script\s*:|data:[\w.+-]*[/,;]")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]{0,31}:)?//[^\s]+")
_MAIL = re.compile(r"(?:mailto:)?([^\s@:/,;=]{1,200}+@[^\s@:/?#&,;=]+\.[^\s@:/?#&,;=.]+)")
_DOMAIN = re.compile(r"(?<![\w@.-])((?:[\w-]+\.)+([^\W\d_]{2,24}|xn--[a-z0-9-]+))(?![\w@-]|\.\w)")
# Ends of file names and of qualified names in code, which look like domains.
_FILES = frozenset(
    [
        "js",
        "ts",
        "json",
        "html",
        "htm",
        "xml",
        "csv",
        "tsv",
        "txt",
        "md",
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "odt",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "yml",
        "yaml",
        "toml",
        "ini",
        "log",
        "css",
        "py",
        "rb",
        "go",
        "rs",
        "java",
        "php",
        "sh",
        "bat",
        "exe",
        "dmg",
        "apk",
        "ics",
        "vcf",
        "eml",
        "mp3",
        "mp4",
        "mov",
        "wav",
        "sql",
        "env",
    ]
)
# "in 5 days.You can" lacks a space; "example.Com" does not.
_NO_SPACE = re.compile(r"(?<=[^\W\d_])\.(?!(?:Com|Net|Org|Info|App|Dev)\b)(?=[A-Z][a-z])")
# Python refuses to make a number of more than 4,300 digits; no character has more than seven.
_LEADING_ZEROS = re.compile(r"&#0++(?=\d)")
_TOO_MANY_DIGITS = re.compile(r"(&#\d{8})\d++")
_MAILBOX = re.compile(r"[^\s@:/?#]+@([^\s@:/?#]+)")
_LONGEST = 400
_TAIL = re.compile(r"[:/?#]\S{0,2000}")


@dataclass(frozen=True, slots=True)
class Known:
    """What may be named: `addresses` in one spelling, `names` of hosts and mailboxes, own `hosts`.

    `text` is all that the sources say, with white space as one: what is copied from it is theirs.
    """

    addresses: frozenset[str]
    names: frozenset[str]
    hosts: frozenset[str]
    text: str

    @classmethod
    def of(cls, passages: Sequence[Passage], origins: Iterable[str] = ()) -> "Known":
        """What `passages` and the `origins` of the organisation's own pages allow."""
        texts = [
            part for each in passages for part in (each.title, *each.headings, each.text) if part
        ]
        addresses: set[str] = set()
        names: set[str] = set()
        for word in (piece for text in texts for piece in _PIECE.findall(text)):
            for found in _found(_folded(word)):
                addresses.update(_with_parents(found))
                names.add(found)
                names.add(_host(found))
        hosts = {_host(_spelled(origin)) for origin in origins} - {""}
        bare = {host.removeprefix("www.") for host in hosts}
        return cls(
            addresses=frozenset(addresses - {""}),
            names=frozenset(names - {""}),
            hosts=frozenset(bare.union(f"www.{host}" for host in bare)),
            text="\n".join(" ".join(text.split()) for text in texts),
        )

    def link(self, address: str) -> str | None:
        """`address` as it may stand in a link, or None: wrong scheme, or nobody of ours named it.

        Of mail only the mailbox is kept, unless the sources have the whole address.
        """
        folded, plain = _folded(address), _unescaped(address).strip()
        scheme, colon, rest = folded.partition(":")
        if not colon or scheme not in LINKABLE or len(plain) > _LONGEST or plain.lower() != folded:
            # What reads as one address and leads to another is none.
            return None
        if scheme == "mailto":
            mailbox = rest.partition("?")[0]
            return f"mailto:{mailbox}" if self._has(mailbox) else None
        return _encoded(plain) if self._has(_spelled(folded)) else None

    def allows(self, word: str) -> bool:
        """Whether every address in `word`, which has no white space, may be shown."""
        folded = _folded(word)
        if _ACTIVE.search(folded):
            return False
        return all(map(self._has, _found(folded)))

    def says(self, text: str) -> bool:
        """Whether the sources have `text` word for word."""
        wanted = " ".join(text.split())
        return bool(wanted) and wanted in self.text

    def _has(self, spelled: str) -> bool:
        if spelled in self.addresses or spelled in self.names:
            return True
        if mailbox := _MAILBOX.fullmatch(spelled):
            return mailbox[1] in self.hosts
        # On its own sites an organisation may be sent anywhere, but nothing is sent along.
        return _host(spelled) in self.hosts and not re.search(r"\?|//", spelled)


def word_at(text: str, position: int, limit: int) -> re.Match[str] | None:
    """The stretch at `position` that can hold an address, at most up to `limit`."""
    return _PIECE.match(text, position, limit)


def _folded(word: str) -> str:
    """`word` as a reader, or a browser, would understand it: no escapes, no look-alike dots."""
    plain = _unescaped(_NO_SPACE.sub(". ", word)).replace("\\", "").replace("*", "")
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    plain = _DOT.sub(".", normalized("NFKC", _DOT.sub(".", plain))).strip().lower()
    return re.sub(r"^h(?:xx|tt)p(s?)(?=:|\[:\])", r"http\1", plain)


def _unescaped(text: str) -> str:
    """`text` with its character references resolved, which may have any number of digits."""
    return html.unescape(_TOO_MANY_DIGITS.sub(r"\1", _LEADING_ZEROS.sub("&#", text)))


def _found(folded: str) -> Iterator[str]:
    """The addresses in a folded word, each in one spelling."""
    rest = folded
    for mark, pattern in (("//", _URL), ("@", _MAIL)):
        if mark not in rest:
            continue
        for match in pattern.finditer(rest):
            yield _spelled(match.group())
        rest = pattern.sub(" ", rest)
    for match in _DOMAIN.finditer(rest):
        following = rest[match.end() : match.end() + 1]
        if match[2] not in _FILES or following == "/":
            tail = _TAIL.match(rest, match.end())
            yield _spelled(f"{match[1]}{tail.group() if tail else ''}")


def _spelled(address: str) -> str:
    """One spelling for what leads to one place: no scheme, default port, fragment or last slash."""
    text = address.strip(_TRIMMED).removeprefix("mailto:")
    try:
        parts = _split(text)
        port = parts.port
    except ValueError:
        return address
    if "@" in text and "//" not in text:
        return text
    default = port is None or str(port) == _PORTS.get(parts.scheme, "443")
    where = parts.netloc if parts.username or not default else (parts.hostname or "")
    kept = parts.scheme if parts.scheme not in ("", "http", "https") else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{kept}{':' if kept else ''}{where}{parts.path.rstrip('/')}{query}"


def _split(address: str) -> SplitResult:
    return urlsplit(address if "//" in address else f"//{address}")


def _host(spelled: str) -> str:
    if "@" in spelled:
        # A mailbox, or a user name in front of a host: neither is a host to go by.
        return ""
    return re.split(r"[/?#]", spelled, maxsplit=1)[0]


def _with_parents(spelled: str) -> Iterator[str]:
    """`spelled`, and the pages above it, unless it is longer than a link may be."""
    yield spelled
    if len(spelled) > _LONGEST:
        return
    path = spelled.partition("?")[0]
    while "/" in path:
        yield path
        path = path.rpartition("/")[0]
    yield path


def _encoded(address: str) -> str:
    """`address` without the characters that could end a link or begin another mark."""
    unsafe = {c: f"%{ord(c):02X}" for c in "()<>[]\"'`*|\\^{} "}
    return "".join(unsafe.get(c, c) for c in address)
