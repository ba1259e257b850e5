import time

import pytest

from searchkit.parse.html.scan import scan, tags, visible_text


def test_depth_counts_what_is_open_at_once() -> None:
    assert scan("<div><p>a</p><p>b</p></div>").depth == 2
    assert scan("<div>" * 300 + "</div>" * 300).depth == 300
    assert scan("</div>" * 50).depth == 0
    assert scan("<b>" * 260).depth == 260


@pytest.mark.parametrize(
    "markup",
    [
        "<p>one" * 500,
        "<ul>" + "<li>one" * 500 + "</ul>",
        "<table>" + "<tr><td>one<td>two" * 300 + "</table>",
        "<select>" + "<option>one" * 500,
        "<dl>" + "<dt>one<dd>two" * 500,
        "<br><img src=x><hr>" * 500,
        '<svg><path d="M0"/></svg>' * 500,
    ],
)
def test_end_tags_that_may_be_left_out_do_not_add_depth(markup: str) -> None:
    assert scan(markup).depth <= 5


def test_scripts_and_comments_hold_no_tags() -> None:
    found = scan("<script>if (a < b) '<div><div>'</script><!-- <div><div> --><style>a > b</style><p>text")
    assert found.depth == 1
    assert found.tags == 4


def test_overlong_tags_are_cut() -> None:
    markup = "<p>before<div " + "a=1 " * 10_000 + ">after</div>"
    found = scan(markup)
    assert found.cut == 1
    assert found.markup == "<p>before<div>after</div>"
    assert scan("<p>short").markup == "<p>short"


def test_a_sign_in_quotation_marks_does_not_end_a_tag() -> None:
    [piece] = scan('<meta name="title" content="Ports > rivers">').pieces
    assert piece.endswith('rivers">')


def test_pieces_hold_metadata_and_little_else() -> None:
    found = scan(
        '<html lang="en"><title>T</title><meta name="author" content="N"><link rel="canonical" href="x">'
        '<body><p>Long text</p><h1>A <em>heading</em></h1><div class="byline">By <a>N</a></div>'
        '<span itemprop="author"><b>N</b></span><time datetime="2022-12-16">x</time><p class="lead">y</p></body>'
    )
    assert found.pieces == (
        '<html lang="en">',
        "<title>T</title>",
        '<meta name="author" content="N">',
        '<link rel="canonical" href="x">',
        "<h1>A <em>heading</em></h1>",
        '<div class="byline">By <a>N</a></div>',
        '<span itemprop="author"><b>N</b></span>',
        '<time datetime="2022-12-16">x</time>',
    )


def test_linked_data_is_set_aside() -> None:
    found = scan('<script type=\'application/ld+json\'>{"a": "<b>"}</script><script>no</script>')
    assert found.linked_data == ('{"a": "<b>"}',)


def test_anchors_have_their_words() -> None:
    [anchor] = scan("<a class=x href='/a?b=1&amp;c=2'>The <b>notice</b>\n of 1&nbsp;May</a><a name=x>no</a>").anchors
    assert (anchor.target, anchor.text) == ("/a?b=1&c=2", "The notice of 1 May")


def test_visible_text_is_one_paragraph_a_block() -> None:
    shown = visible_text("<title>T</title><h1>One</h1><p>two <b>three</b><br>four<script>no</script>&amp; five<li>six")
    assert shown == "One\n\ntwo three\n\nfour& five\n\nsix"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 60_000,
        "<p class='byline'>" * 60_000,
        "<!--" * 60_000,
        "<script>" * 60_000,
        "<" * 300_000,
        "<a" * 100_000,
        "<a href='" * 60_000,
        '<a href="x>' * 60_000,
        "</p>" * 60_000,
        "<![CDATA[" * 60_000,
        "&" * 300_000,
        "<h1>" * 60_000,
    ],
)
def test_hostile_markup_takes_linear_time(markup: str) -> None:
    started = time.process_time()
    scan(markup + "needle")
    visible_text(markup + "needle")
    list(tags(markup))
    # A tenth of a second on an idle machine; what is quadratic here takes minutes.
    assert time.process_time() - started < 5


def test_what_a_script_says_of_writers_marks_nothing() -> None:
    page = """<h1>Cranes stand still</h1><script id="author-box">var page = '<b class="byline">Nobody</b>';</script>
        <script>var page = '<b class="byline">Nobody</b>';</script><p class="byline">Nadia Korbel</p>"""
    assert [piece.partition(">")[0] for piece in scan(page).pieces] == [
        "<h1",
        '<script id="author-box"',
        '<p class="byline"',
    ]
