"""What of web/ is published, and how: pages with modules of their own, the widget as one script.

The sources run unchanged in a browser, so nothing has to be built to work on them. Nobody should
pay for our comments and long names, though: scripts and stylesheets are minified. A page names all
modules that it needs, so that a browser asks for them at once, not one import after another. In a
customer's copy of the widget the panel's modules and stylesheets are joined.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import minify

_UNPUBLISHED = re.compile(r"\.d\.ts$|(^|/)jsconfig\.json$|\.md$|(^|/)config\.json$")
_WIDGET = "widget"

VERSIONS = "v/"
"""Where versions are; what is below never changes."""
_PANEL = "panel"

_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_STRAY = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_REFERENCE = re.compile(
    rb'((?:href|src)=")((?:css|fonts|js)/)|(<link rel="modulepreload" href=")(widget/)'
)
_MODULE = re.compile(r'( *)<script type="module" src="(js/[^"]+)"')
_START = re.compile(r' data-start="([^"]+)"')
_IMPORTED = re.compile(rb'\b(?:import|from)"(\.[^"]+)"')
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
    for path in sorted((web / "css").glob("*.css")):
        files[f"css/{path.name}"] = _minified("text/css", _stylesheet(path))
    for name in [name for name in files if name.startswith("js/")]:
        files[name] = _minified("application/javascript", files[name].decode())
    widget = web / _WIDGET
    for path in sorted(widget.glob("*.js")):
        source = join_modules(widget, _PANEL) if path.stem == _PANEL else path.read_text()
        files[f"{_WIDGET}/{path.name}"] = _minified("application/javascript", source)
    for path in sorted(widget.glob("*.css")):
        files[f"{_WIDGET}/{path.name}"] = _minified("text/css", _stylesheet(path))
    for name in [name for name in files if name.endswith(".html")]:
        files[name] = _preloading(files, files[name].decode()).encode()
    return files


def versioned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same site, with what its pages load in a folder named after all of its content.

    So a browser may keep that for ever, and a page never mixes two versions. The widget's modules
    are there too, for the pages share some; the widget itself keeps its address.
    """
    loaded = {
        name: content
        for name, content in files.items()
        if name.startswith(("css/", "fonts/", "js/", "widget/"))
    }
    digest = hashlib.sha256()
    for name, content in sorted(loaded.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    folder = f"{VERSIONS}{digest.hexdigest()[:12]}/"
    kept = {
        name: _REFERENCE.sub(rb"\1\3" + folder.encode() + rb"\2\4", content)
        if name.endswith(".html")
        else content
        for name, content in files.items()
        if name not in loaded or name.startswith("widget/")
    }
    return kept | {folder + name: content for name, content in loaded.items()}


def write_site(web: Path, target: Path) -> None:
    """Write `versioned` of `site_files` under `target`."""
    for name, content in versioned(site_files(web)).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _preloading(files: Mapping[str, bytes], page: str) -> str:
    """A page with a line for each module that its script, and the module it starts, import."""
    script = _MODULE.search(page)
    if script is None:
        return page
    entries = [script[2], *(f"js/{name}" for name in _START.findall(page))]
    wanted = dict.fromkeys(entries)
    for name in (queue := list(wanted)):
        for imported in _IMPORTED.findall(files[name]):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), imported.decode()))
            if path not in wanted:
                wanted[path] = None
                queue.append(path)
    lines = [
        f'{script[1]}<link rel="modulepreload" href="{name}">\n'
        for name in wanted
        if name != script[2]
    ]
    return page.replace(script[0], "".join(lines) + script[0], 1)


def join_modules(folder: Path, entry: str) -> str:
    """The module `entry` and all it imports as one module. Each keeps a scope of its own."""
    return "\n".join(_joined(folder, entry, set(), ()))


def _joined(folder: Path, name: str, seen: set[str], above: tuple[str, ...]) -> Iterator[str]:
    if name in above:
        raise ValueError(f"{name}.js imports itself by way of {' and '.join(above)}")
    if name in seen:
        return
    seen.add(name)
    source = (folder / f"{name}.js").read_text()
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


def _stylesheet(path: Path) -> str:
    """A stylesheet with what it imports."""
    return _CSS_IMPORT.sub(lambda found: _stylesheet(path.parent / found[1]), path.read_text())


def _minified(media_type: str, source: str) -> bytes:
    return str(minify.string(media_type, source)).encode()
