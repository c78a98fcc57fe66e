"""What is published of web/."""

import gzip
import posixpath
import re
from pathlib import Path

import pytest

from infra.site_files import join_modules, site_files, versioned, write_site

WEB = Path(__file__).parents[2] / "web"
WIDGET = ("frontdesk.js", "launcher.css", "panel.js", "panel.css")


def compressed(files: dict[str, bytes], *names: str) -> int:
    return sum(len(gzip.compress(files[f"widget/{name}"], 9)) for name in names)


def test_the_whole_widget_is_below_25_kb_and_a_page_that_nobody_asks_on_pays_for_3() -> None:
    files = site_files(WEB)
    whole, unopened = compressed(files, *WIDGET), compressed(files, "frontdesk.js", "launcher.css")
    assert whole < 25 * 1024
    assert unopened < 3 * 1024
    # As the landing page has it; libraries that compress differ by some bytes.
    said = re.search(rb">([\d.]+) KB</dt>.*; ([\d.]+) KB is all of it", files["index.html"])
    assert said
    assert [float(each) for each in said.groups()] == pytest.approx(
        [unopened / 1000, whole / 1000], abs=0.2
    )


def test_what_only_developers_need_is_not_published() -> None:
    files = site_files(WEB)
    assert not [name for name in files if name.endswith((".d.ts", "jsconfig.json", ".md"))]
    for name in ("js/config.js", "css/tokens.css"):
        assert len(files[name]) < len((WEB / name).read_bytes())


def test_a_page_names_every_module_it_needs_and_weighs_less_than_80_kb() -> None:
    files = site_files(WEB)
    for page in [name for name in files if name.endswith(".html")]:
        text = files[page].decode()
        named = re.findall(
            r'<(?:script type="module" src|link rel="modulepreload" href)="(\S+)"', text
        )
        assert len(named) == len(set(named)), page
        for module in named:
            for imported in re.findall(r'\b(?:import|from)"(\.[^"]+)"', files[module].decode()):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(module), imported))
                assert path in named, f"{page}: {module} imports {imported}"
        # The tables of words are chosen as the page begins.
        areas = " ".join(["common", *re.findall(r'data-words="([^"]+)"', text)])
        areas += " desk" if "js/shell.js" in named else " site"
        words = [f"js/strings/{area}/fr.js" for area in areas.split()]
        styles = re.findall(r'<link rel="stylesheet" href="(\S+)"', text)
        loaded = (page, "img/frontdesk.svg", *named, *words, *styles)
        assert sum(len(gzip.compress(files[name])) for name in loaded) < 80_000, page


def test_the_published_widget_has_no_comments_and_imports_nothing() -> None:
    files = site_files(WEB)
    panel = files["widget/panel.js"].decode()
    assert "@param" not in panel
    assert re.findall(r"\bimport\b(?!\.meta)", panel) == []
    assert re.findall(r"\bexport [\w ]+", panel) == ["export async function createPanel"]
    assert "@import" not in files["widget/panel.css"].decode()


def test_every_file_a_page_names_is_published() -> None:
    files = site_files(WEB)
    for page in [name for name in files if name.endswith(".html")]:
        text = files[page].decode()
        named = re.findall(r'(?:src|href)="([^"#:?]+)"', text)
        named += [f"js/{name}" for name in re.findall(r'data-start="([^"]+)"', text)]
        assert named
        assert [name for name in named if name not in files] == []


def test_joined_modules_keep_their_scopes_and_come_once(tmp_path: Path) -> None:
    (tmp_path / "panel.js").write_text(
        'import { a as first } from "./a.js";\nimport { b } from "./b.js";\n'
        "const secret = 3;\nexport function go() {\n  return first + b + secret;\n}\n"
    )
    (tmp_path / "a.js").write_text(
        'import { b } from "./b.js";\nconst secret = 1;\nexport const a = secret + b;\n'
    )
    (tmp_path / "b.js").write_text("export const b = 2;\n")
    joined = join_modules(tmp_path, "panel").splitlines()
    assert [line.strip() for line in joined if line] == [
        "const $b = (() => {",
        "const b = 2;",
        "return { b };",
        "})();",
        "const $a = (() => {",
        "const { b } = $b;",
        "const secret = 1;",
        "const a = secret + b;",
        "return { a };",
        "})();",
        "const { a: first } = $a;",
        "const { b } = $b;",
        "const secret = 3;",
        "export function go() {",
        "return first + b + secret;",
        "}",
    ]


@pytest.mark.parametrize(
    "module",
    [
        'import thing from "./b.js";\n',
        'import * as b from "./b.js";\n',
        'export { b } from "./b.js";\n',
        "export default 3;\n",
        'import {\n  b,\n} from "./b.js";\n',
        'import { panel } from "./panel.js";\nexport const a = 1;\n',
    ],
)
def test_a_module_of_another_form_is_refused_and_not_broken(tmp_path: Path, module: str) -> None:
    (tmp_path / "panel.js").write_text('import { a } from "./a.js";\nexport const panel = a;\n')
    (tmp_path / "a.js").write_text(module)
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js|panel\.js"):
        join_modules(tmp_path, "panel")


def test_a_site_is_written_as_a_folder(tmp_path: Path) -> None:
    write_site(WEB, tmp_path)
    written: dict[str, bytes] = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert written == versioned(site_files(WEB))


def test_what_pages_load_has_an_address_that_changes_with_it_and_the_widget_keeps_its_own() -> None:
    files = site_files(WEB)
    first, again = versioned(files), versioned(files)
    assert first == again
    other = versioned({**files, "css/base.css": b"other"})
    assert not {name for name in first if name.startswith("v/")} & other.keys()
    assert not [name for name in first if name.startswith(("css/", "js/", "fonts/"))]
    assert first["widget/frontdesk.js"] == files["widget/frontdesk.js"]
    for page in [name for name in first if name.endswith(".html")]:
        named = re.findall(r'(?:src|href)="([^"#:?]+)"', first[page].decode())
        assert [name for name in named if name not in first] == []
        # A module of another address would be another module.
        modules = re.findall(r'modulepreload" href="([^"]+)"', first[page].decode())
        assert [name for name in modules if not name.startswith("v/")] == []


def test_modules_of_a_version_import_only_what_is_in_it() -> None:
    files = versioned(site_files(WEB))
    modules = [name for name in files if re.match(r"v/\w+/js/.*\.js$", name)]
    assert modules
    for module in modules:
        text = files[module].decode()
        for imported in re.findall(r'\b(?:import|from)"(\.[^"]+)"', text):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(module), imported))
            assert path in files, f"{module} imports {imported}"
