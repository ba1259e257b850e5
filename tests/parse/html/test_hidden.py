"""Text that the markup of a page hides or strikes out."""

import pytest
from lxml import html

from searchkit.parse.html import hidden
from searchkit.statements.document import Article
from tests.cases import cases
from tests.limits import processor_time_below
from tests.parse.pages import PARAGRAPHS, page, read

UNSEEN = "Clerk Jarmila Soukup said the crates had held nothing but straw since the day they left the mill."
BESIDE = f"<p>{UNSEEN}</p>"


def with_text(body: str, head: str = "") -> Article:
    return read(page(head, paragraphs=(*PARAGRAPHS[:2], body, *PARAGRAPHS[2:])))


HIDING = (
    """
display:none / display : NONE !important / visibility:hidden / opacity:0 / opacity: 0.0 / font-size:0 / font-size:0px
color:#fff;background:#ffffff / color:white / color:transparent / color:rgba(9, 9, 9, 0) / text-indent:-9999px
position:absolute;left:-9999px / position:fixed;top:-200vh / margin-left:-999em / transform:translateX(-9999px)
height:0;overflow:hidden / max-height:0;overflow-y:hidden / width:1px;overflow:hidden / clip-path:inset(50%)
clip-path:circle(0) / clip-path:polygon(0 0, 0 0, 0 0) / position:absolute;clip:rect(0 0 0 0) / transform:scale(0)
transform:scaleY(0) / scale:0 / filter:opacity(0) / content-visibility:hidden / display/**/:none / displa\\79:none
color:rgb(0 0 0/0)
-webkit-text-fill-color:transparent / position:absolute;inset:-9999px auto auto -9999px
""".replace("\n", " / ")
    .strip(" /")
    .split(" / ")
)


@pytest.mark.parametrize("style", HIDING)
def test_a_style_that_hides_text_in_an_attribute_and_in_a_rule(style: str) -> None:
    in_attribute = with_text(f'<div style="{style}"><p>{UNSEEN}</p></div>')
    in_rule = with_text(f'<p class="fine note">{UNSEEN}</p>', f"<style>/* {{ */ a, article .note {{{style}}}</style>")
    for article in (in_attribute, in_rule):
        assert article.text == "\n\n".join(PARAGRAPHS)
        assert article.hidden == (UNSEEN,)
        assert article.notes[-1] == f"hidden by the markup, not read: 1 passage: {UNSEEN}"


RULES = """
<!-- .x{display:none} -->
i{content:"/*}"} .x{display:none}
@supports (display:grid){.x{display:none}}
@media all and (min-width:1px){.x{display:none}}
@scope (.o){.x{display:none}}
""".strip().split("\n")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        *cases(__file__, "test_other_ways_to_hide"),
        ("<style>body{background:#eee} .x{color:rgb(238,238,238)}</style>", f'<p class="x">{UNSEEN}</p>'),
        ("<style>p[data-k^='ab']{display:none}</style>", f'<p data-k="abc">{UNSEEN}</p>'),
        ("<style>.x{display:none} .y:hover,.y .z{display:block}</style>", f'<p class="x y">{UNSEEN}</p>'),
        ("<style>.x{display:none} @media print{.x{display:block}}</style>", f'<p class="x">{UNSEEN}</p>'),
        *((f"<style>{css}</style>", f'<div class="o"><p class="x y:z">{UNSEEN}</p></div>') for css in RULES),
        *(("", f"<{tag}>{BESIDE}</{tag.split()[0]}>") for tag in ("datalist", "canvas", "video")),
    ],
)
def test_other_ways_to_hide(head: str, body: str) -> None:
    assert UNSEEN not in with_text(body, head).text


@pytest.mark.parametrize(
    ("head", "body"),
    [
        *cases(__file__, "test_text_that_some_readers_see"),
        ("", f'<div id="rest" popover>{BESIDE}</div><button popovertarget="rest">Whole report</button>'),
        ("", f'<div id="rest" hidden>{BESIDE}</div><button aria-controls="rest">Whole report</button>'),
        ("", f'<div style="display:none">{BESIDE}</div><a href="#">Continue reading</a>'),
        ("", f'<h3><button>Crates</button></h3><div style="display:none">{BESIDE}</div>'),
        ("", f'<p style="color:transparent;background:linear-gradient(red,blue);background-clip:text">{UNSEEN}</p>'),
        ("", f'<div style="visibility:hidden">a <p style="visibility:visible">{UNSEEN}</p></div>'),
        ("", f'<div style="font-size:0"> <p style="font-size:16px">{UNSEEN}</p></div>'),
    ],
)
def test_text_that_some_readers_see(head: str, body: str) -> None:
    article = with_text(body or f'<p class="x">{UNSEEN}</p>', f"<style>{head}</style>")
    assert UNSEEN in article.text
    assert not any(note.startswith("hidden") for note in article.notes)


@pytest.mark.parametrize("style", ["p{opacity:0}", "article{display:none}", "main{visibility:hidden}"])
def test_most_of_an_article_is_never_lost(style: str) -> None:
    article = read(page(f"<style>{style}</style>"))
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert article.notes[-1] == "hidden: the markup hides most of the text, which is read all the same"


def test_words_hidden_within_a_sentence() -> None:
    article = with_text('<p>The office did <span style="display:none">not</span> open the crates on Monday.</p>')
    assert "The office did open the crates on Monday." in article.text


@pytest.mark.parametrize(
    ("body", "struck"),
    [
        ("<p>The port <del>was full</del> <ins>was empty</ins> on Monday, the office said.</p>", ["was full"]),
        (f"<p><s>{UNSEEN}</s></p>", [UNSEEN]),
        (f"<del><p>{UNSEEN}</p><p>The mill was not asked.</p></del>", [UNSEEN, "The mill was not asked."]),
        (f'<p style="text-decoration: line-through red">{UNSEEN}</p>', [UNSEEN]),
        ("<p>The mill paid. Later the <strike>mill</strike> harbour paid for the crates again.</p>", ["mill"]),
        (f"<p>{UNSEEN}</p>", []),
    ],
)
def test_struck_text_stays_and_is_marked(body: str, struck: list[str]) -> None:
    article = with_text(body)
    assert [span.of(article.text) for span in article.struck] == struck
    if struck == ["mill"]:
        assert article.text[article.struck[0].end :].startswith(" harbour")


@pytest.mark.parametrize(
    ("css", "is_hidden"),
    [
        (f"{'@media screen{' * 20}.x{{display:none}}{'}' * 20}", True),
        (f"{'@media screen{' * 21}.x{{display:none}}{'}' * 21}", False),
        (f"{'@media screen{' * 20_000}.x{{display:none}}{'}' * 20_000}", False),
        (f"{'i p{display:none}' * 2_000}.x{{display:none}}", True),
        (f"{'.y i{display:none}' * 2_000}.x{{display:none}}", True),
        (f"{'article i{position:static;display:none}' * 5_000}.x{{display:none}}", False),
    ],
)
def test_styles_that_take_long_to_compare(css: str, is_hidden: bool) -> None:
    root = html.fromstring(
        f"<html><head><style>{css}</style></head><body>{'<div><i>a</i></div>' * 1_000}<p class=x>{UNSEEN}</p></body>"
    )
    with processor_time_below(3):
        found = hidden.find(root)
    assert (UNSEEN in found.lines) == is_hidden


def test_the_hidden_share_of_many_lines_takes_linear_time() -> None:
    found = hidden.Hidden()
    found.lines = dict.fromkeys(f"The clerk hid crate {number}." for number in range(20_000))
    text = "\n".join(f"The clerk  hid crate {number}." for number in range(10_000, 30_000))
    with processor_time_below(1):
        assert 0.4 < found.share_of(text) < 0.6
