"""What of web/ is published, and how: the pages as they are, the widget as one small script.

The sources run unchanged in a browser, so nothing has to be built to work on them. A customer's
page should not pay for our comments and twenty requests, though: its copy of the widget loses
comments and needless white space, the names that only a class can see become short, and the
panel's modules and stylesheets are joined. All other names stay as they are, so what is published
can be read beside its source.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters

_UNPUBLISHED = re.compile(r"\.d\.ts$|(^|/)jsconfig\.json$|\.md$|(^|/)config\.json$")
_WIDGET = "widget"
_PANEL = "panel"

_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_CAST = re.compile(r"/\*\* @?[^\n*]*(?:\*(?!/)[^\n*]*)*\*/ ?")
_CSS_LOOSE = re.compile(r"\s*([{},;>])\s*|(?<=[\w-]:) ")
# What may hold spaces that count: a string, a template, a regular expression.
_LITERAL = (
    r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`'
    r"|(?:(?<=[(,=:!&|?>] )|(?<=[(!\[]))/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*"
)
_LOOSE = re.compile(rf"({_LITERAL})| *(=>|[-+*&|=<>!?]+|[}},:;]) *|({{) ", re.DOTALL)
# Exports begin lines of their own, so that they are found.
_LINE_END = re.compile(r"^((?!export ).*[;{,(])\n(?!export )", re.MULTILINE)
_PRIVATE = re.compile(r"(?:(?<=\.)|^|(?<=^get )|(?<=^async ))#([A-Za-z]\w*)", re.MULTILINE)

_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_STRAY = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_CSS_IMPORT = re.compile(r'^@import "([\w-]+\.css)";$', re.MULTILINE)


def site_files(web: Path) -> dict[str, bytes]:
    """Everything to publish, by its path under the site's root. config.json is the caller's.

    Raises ValueError when a widget module is written in a way that cannot be joined.
    """
    files = {}
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web).as_posix()
        if path.is_file() and not _UNPUBLISHED.search(name):
            files[name] = path.read_bytes()
    widget = web / _WIDGET
    for path in sorted(widget.glob("*.js")):
        text = _tightened(_without_comments(path.read_text()))
        files[f"{_WIDGET}/{path.name}"] = text.encode()
    for path in sorted(widget.glob("*.css")):
        files[f"{_WIDGET}/{path.name}"] = _stylesheet(path).encode()
    files[f"{_WIDGET}/{_PANEL}.js"] = _tightened(join_modules(widget, _PANEL)).encode()
    return files


def write_site(web: Path, target: Path) -> None:
    """Write `site_files` under `target`."""
    for name, content in site_files(web).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def join_modules(folder: Path, entry: str) -> str:
    """The module `entry` and all it imports as one module. Each keeps a scope of its own."""
    return _trimmed("\n".join(_joined(folder, entry, set(), ())))


def _joined(folder: Path, name: str, seen: set[str], above: tuple[str, ...]) -> Iterator[str]:
    if name in above:
        raise ValueError(f"{name}.js imports itself by way of {' and '.join(above)}")
    if name in seen:
        return
    seen.add(name)
    source = _without_comments((folder / f"{name}.js").read_text())
    for imported in _IMPORT.finditer(source):
        yield from _joined(folder, imported[2], seen, (*above, name))
    body = _IMPORT.sub(
        lambda found: f"const {{ {found[1].replace(' as ', ': ')} }} = ${found[2]};", source
    )
    exported = ", ".join(found[2] for found in _EXPORT.finditer(body))
    bare = _EXPORT.sub(r"\1 \2", body)
    stray = _STRAY.search(bare)
    if stray:
        raise ValueError(f"{name}.js has an import or export of another form: {stray[0]}")
    yield f"const ${name} = (() => {{\n{bare}\nreturn {{ {exported} }};\n}})();" if above else body


def _without_comments(source: str) -> str:
    """`source` without the comments of our own style.

    Those stand on lines of their own, or are JSDoc casts and typedefs on one line.
    """
    for pattern in (_BLOCK_COMMENT, _LINE_COMMENT, _CAST):
        source = pattern.sub("", source)
    return source


def _trimmed(source: str) -> str:
    """`source` without indentation and empty lines. Line ends stay: they may end a statement."""
    return "".join(f"{line.strip()}\n" for line in source.splitlines() if line.strip())


def _tightened(source: str) -> str:
    """`source` without spaces around operators, and with short names for #private members.

    Raises ValueError for a template within a template, which it would take for code.
    """
    for found in re.finditer(_LITERAL, source, re.DOTALL):
        if found[0].startswith("`") and found[0].count("{") != found[0].count("}"):
            raise ValueError(f"templates are not nested: {found[0][:60]}")
    names: dict[str, str] = {}

    def shortened(found: re.Match[str]) -> str:
        return names.setdefault(found[1], f"#{_short(len(names))}")

    tight = _LOOSE.sub(lambda found: found[1] or found[2] or found[3], source)
    return _LINE_END.sub(r"\1", _PRIVATE.sub(shortened, _trimmed(tight)))


def _short(number: int) -> str:
    """A name of one or two letters."""
    first, second = divmod(number, len(ascii_letters))
    return (ascii_letters[first - 1] if first else "") + ascii_letters[second]


def _stylesheet(path: Path) -> str:
    """A stylesheet with what it imports, without the spaces that mean nothing."""
    source = _without_comments(path.read_text())
    source = _CSS_IMPORT.sub(lambda found: _stylesheet(path.parent / found[1]), source)
    return (
        _CSS_LOOSE.sub(lambda found: found[1] or "", source)
        .replace(";}", "}")
        .replace(" 0.", " .")
        .strip()
    )
