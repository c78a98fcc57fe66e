"""The widget's Markdown, rendered by the real module in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Render = Callable[[str], str]

_RENDER = """async ([text, numbers]) => {
  const { render } = await import("/widget/markdown.js");
  const box = document.createElement("div");
  document.querySelector("main").replaceChildren(box);
  render(box, text, (number) => {
    if (!numbers.includes(number)) return null;
    const mark = document.createElement("button");
    mark.textContent = number;
    return mark;
  });
  return box.innerHTML;
}"""


_TABLE = '<div class="table" tabindex="0"><table><tr>'
_HEAD, _CELL = '<th dir="auto">', '<td dir="auto">'


@pytest.fixture
def render(modules: Page) -> Render:
    """Markdown to the HTML that the browser shows; sources 1 and 2 are known."""
    return lambda text: str(modules.evaluate(_RENDER, [text, [1, 2]]))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>"),
        ("*slanted* not 2*3*4", "<p><em>slanted</em> not 2*3*4</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        (
            "1. a\n   - b\n   - c\n2. d",
            "<ol><li><p>a</p><ul><li>b</li><li>c</li></ul></li><li>d</li></ol>",
        ),
        ("first\n- a", "<p>first</p><ul><li>a</li></ul>"),
        ("- a\n\nafter", "<ul><li>a</li></ul><p>after</p>"),
        ("> quoted\n> on", "<blockquote><p>quoted\non</p></blockquote>"),
        ("## Title\ntext", '<p class="heading">Title</p><p>text</p>'),
        (
            "```js\nif (a < b) {}\n```\nx",
            '<pre tabindex="0"><code>if (a &lt; b) {}</code></pre><p>x</p>',
        ),
        ("```\n[1] **x**", '<pre tabindex="0"><code>[1] **x**</code></pre>'),
        ("It takes 3 days [1][2].", "<p>It takes 3 days <button>1</button><button>2</button>.</p>"),
        ("Unknown [7] stays", "<p>Unknown [7] stays</p>"),
        ("`[1]` is code", "<p><code>[1]</code> is code</p>"),
        ("2026. That was a year", '<ol start="2026"><li>That was a year</li></ol>'),
        # What costs content stays as it was written.
        ("*.jpg, *.png and *.gif", "<p>*.jpg, *.png and *.gif</p>"),
        ("*.jpg,*.png, foo.* too", "<p>*.jpg,*.png, foo.* too</p>"),
        ("src/**/*.js and lib/**/*.js", "<p>src/**/*.js and lib/**/*.js</p>"),
        ("2**3 and 4**5, a * b * c", "<p>2**3 and 4**5, a * b * c</p>"),
        ("f(*args, **kwargs), __init__", "<p>f(*args, **kwargs), __init__</p>"),
        ("5* and 4* hotels, **** ones", "<p>5* and 4* hotels, **** ones</p>"),
        ("**a *b* c** d**", "<p><strong>a <em>b</em> c</strong> d**</p>"),
        (
            "**Note: *it*** or ***both***",
            "<p><strong>Note: <em>it</em></strong> or <em><strong>both</strong></em></p>",
        ),
        (
            "这是**重点**内容 and **Wort**teil",
            "<p>这是<strong>重点</strong>内容 and <strong>Wort</strong>teil</p>",
        ),
        ("## Using C#", '<p class="heading">Using C#</p>'),
        ("## Using C# ##", '<p class="heading">Using C#</p>'),
        ("Dial \\*123# \\[1] \\`x\\`", "<p>Dial *123# [1] `x`</p>"),
        ("C:\\Users\\x, foo[0] [1]", "<p>C:\\Users\\x, foo[0] <button>1</button></p>"),
        (
            "| a | b |\n|---|--:|\n| 1 \\| 2 | `c` [1] |\n\nend",
            (
                f"{_TABLE}{_HEAD}a</th>{_HEAD}b</th></tr><tr>{_CELL}1 | 2</td>{_CELL}"
                "<code>c</code> <button>1</button></td></tr></table></div><p>end</p>"
            ),
        ),
        (
            "Plans:\n| a |\n|---|\n| b |\nThat is all.",
            (
                f"<p>Plans:</p>{_TABLE}{_HEAD}a</th></tr><tr>{_CELL}b</td></tr></table></div>"
                "<p>That is all.</p>"
            ),
        ),
        ("a | b\nno table", "<p>a | b\nno table</p>"),
    ],
)
def test_the_subset_is_rendered(render: Render, text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://example.com/a?b=c", "https://example.com/a?b=c"),
        ("http://example.com", "http://example.com/"),
        ("mailto:help@example.com", "mailto:help@example.com"),
    ],
)
def test_links_to_the_web_and_to_mail_work_and_do_not_hand_the_page_over(
    render: Render, modules: Page, address: str, href: str
) -> None:
    render(f"[here]({address})")
    link = modules.locator("a")
    assert link.get_attribute("href") == href
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.text_content() == "here"


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("See https://example.com/help.", "https://example.com/help"),
        ("(https://example.com/help).", "https://example.com/help"),
        ("**https://example.com/a_(b)**", "https://example.com/a_(b)"),
        ("https://example.com/a_(b)_(c), or", "https://example.com/a_(b)_(c)"),
        ("https://example.com/a(see below)", "https://example.com/a"),
        ("https://example.com/it's", "https://example.com/it's"),
        ("https://example.com/a。然后", "https://example.com/a"),
        ("https://example.com/a[1]", "https://example.com/a"),
        ("[Amber](https://example.com/a_(b)) (x)", "https://example.com/a_(b)"),
        ("[**Amber** [0]](https://example.com/a)", "https://example.com/a"),
    ],
)
def test_an_address_ends_where_it_should(
    render: Render, modules: Page, text: str, href: str
) -> None:
    render(text)
    assert modules.locator("a").get_attribute("href") == href


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](//example.com)",
        "[x](/relative)",
        "[x](file:///etc/passwd)",
        "[x](blob:https://example.com/1)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "**<svg onload=alert(1)>**",
        "`<iframe src=javascript:alert(1)>`",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "> <a href=javascript:alert(1)>x</a>",
        "![x](https://example.com/track.png)",
        "[<b>x</b>](https://example.com/%22onclick=%22alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](\u200bjavascript:alert(1))",
        "[x](ws://example.com)",
        "[![x](https://example.com/a.png)](javascript:alert(1))",
        "![x][1]\n\n[1]: https://example.com/track.png",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "<style>@import 'https://example.com/a.css'</style>",
        "<form action=https://example.com><input name=password></form>",
        "<meta http-equiv=refresh content='0;url=https://example.com'>",
        "javascript:alert(1) data:text/html,<script>alert(1)</script>",
        "# <object data=https://example.com></object>",
        "1. <base href=https://example.com>",
    ],
)
def test_hostile_text_stays_text(render: Render, modules: Page, hostile: str) -> None:
    render(hostile)
    kinds = modules.evaluate("[...document.querySelectorAll('div *')].map((e) => e.tagName)")
    blocks = {"P", "PRE", "BLOCKQUOTE", "OL", "LI"}
    assert set(kinds) <= blocks | {"A", "STRONG", "EM", "CODE", "BUTTON"}
    attributes = modules.evaluate(
        "[...document.querySelectorAll('div *')].flatMap((e) => e.getAttributeNames())"
    )
    assert set(attributes) <= {"href", "rel", "target", "tabindex", "class"}
    for href in modules.evaluate("[...document.querySelectorAll('a')].map((a) => a.href)"):
        assert href.startswith(("https://", "http://", "mailto:"))


def test_nothing_that_loads_from_elsewhere_is_made(render: Render, modules: Page) -> None:
    render(
        "![x](https://example.com/a.png) <img src=https://example.com/b.png>\n"
        "> ![y](http://example.com/c.png)\n\n- [![z](https://example.com/d.png)](https://example.com)"
    )
    loading = (
        "img, picture, video, audio, iframe, object, embed, link, style, script, [src], [style]"
    )
    assert modules.locator("main").locator(loading).count() == 0


PIECES = [
    *("[", "**", "`", "*a", "[a](", ">", "-", "```", "_", "https://a.", "1.", "#", "|", "(", "]"),
    *("](", "[[[", "*_", "***a", "https://(", "|-", "\\", "[a](b)", "*a_b", ">-", "`a``b```c"),
]
LINES = ["```\n", "\n", "- \n", "> \n", "|a|\n|-|\n", "a|\n-|\n", "**a **b ", "*a _b ", "1. a\n"]


def test_time_is_in_step_with_length_and_nothing_is_lost(modules: Page) -> None:
    """Each piece over and over, four times as long; a quadratic takes sixteen times as long.

    The short text is longer than marks are followed. What looks slow is measured again: the
    shortest time is that of a machine at rest.
    """
    slow: list[object] = modules.evaluate(
        """async (pieces) => {
          const { render, unfinished } = await import("/widget/markdown.js");
          const timed = (text) => {
            const box = document.createElement("div");
            const begun = performance.now();
            render(box, text);
            unfinished(text);
            const took = performance.now() - begun;
            return box.textContent.endsWith("end") ? took : Infinity;
          };
          const text = (piece, length) => piece.repeat(length / piece.length) + "\\n\\nend";
          const isSlow = (piece) => {
            let [short, long] = [Infinity, Infinity];
            for (let look = 0; look < 12; look++) {
              short = Math.min(short, timed(text(piece, 4800)));
              long = Math.min(long, timed(text(piece, 19200)));
              if (long < 10 * Math.max(short, 4)) return false;
            }
            return true;
          };
          return pieces.filter(isSlow);
        }""",
        [*PIECES, *LINES],
    )
    assert slow == []


@pytest.mark.parametrize("piece", ["[", "**a ", "> ", "- "])
def test_huge_input_is_shown_whole(render: Render, modules: Page, piece: str) -> None:
    render(piece * 50_000 + "end")
    assert str(modules.locator("div").text_content()).endswith("end")


def test_blocks_that_did_not_change_keep_their_nodes_while_text_is_streamed_in(
    modules: Page,
) -> None:
    kept = modules.evaluate(
        """async () => {
          const { render } = await import("/widget/markdown.js");
          const box = document.createElement("div");
          render(box, "first\\n\\nsec");
          const [first, second] = box.children;
          render(box, "first\\n\\nsecond\\n\\nthird");
          return [box.children[0] === first, box.children[1] === second, box.textContent];
        }"""
    )
    assert kept == [True, False, "firstsecondthird"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is **bo", "It is **bo**"),
        ("It is **", "It is "),
        ("Use `ma", "Use `ma`"),
        ("Done [", "Done "),
        ("Done [1", "Done "),
        ("Done [1]", "Done [1]"),
        ("See [the page](https://exa", "See "),
        ("See [the page](https://example.com/a_(b", "See "),
        ("See [it](https://example.com)", "See [it](https://example.com)"),
        ("**a** and **b**", "**a** and **b**"),
    ],
)
def test_half_a_mark_does_not_flash_up(modules: Page, text: str, shown: str) -> None:
    found: Any = modules.evaluate(
        "async (text) => (await import('/widget/markdown.js')).unfinished(text)", text
    )
    assert found == shown
