"""A page as a tree: what is read of it whatever it is, and how much readability can give of it at most."""

import pytest

from searchkit.parse.html import tree

WORDS = "The crane on the north quay stood still for days, said the port. "
ARTICLE = f"<article><p>{WORDS * 4}</p><p>{WORDS * 3}</p></article>"
PAGES = {
    "an article": ARTICLE,
    "scripts and styles": f"{ARTICLE}<script>var a = '{WORDS}';</script><style>p {{ margin: 0 }}</style>",
    "no scripts": f"<noscript><p>{WORDS}</p></noscript>{ARTICLE}<template><p>{WORDS}</p></template>",
    "a film": f'{ARTICLE}<iframe src="https://www.youtube.com/embed/x"></iframe>',
    "films alone": '<div><iframe src="https://www.youtube.com/embed/x"></iframe></div>' * 40,
    "forms": f"<form><p>{WORDS * 4}</p><textarea>{WORDS}</textarea></form>{ARTICLE}",
    "no paragraphs": f"<div>{WORDS}<br><br>{WORDS}<div>{WORDS}</div>{WORDS}</div>",
    "a table": f"<table><tr><td>{WORDS * 3}</td><td>{WORDS * 2}</td></tr></table>",
    "signs of their own": f"<p>1&#160;&lt;&#160;2&#8199;&amp;\u3000Ünlü &#xD800; {WORDS * 2}</p>",
    "white space of other kinds": f"<p>{WORDS}\u00a0\u2003\u2003{WORDS}\x0b\x0c</p><pre>\n\n  {WORDS}\n</pre>",
    "nothing": "<p></p>",
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_readability_never_gives_more_than_was_said(body: str) -> None:
    root = tree.load(f"<html><head><title>The crane</title></head><body>{body}</body></html>").root
    most = tree.most_readable(root)
    assert tree.length(tree.readable(root)) <= most


def test_scripts_and_white_space_do_not_count_as_text() -> None:
    plain, laid_out = (
        tree.load(f"<html><head></head><body>{body}</body></html>").root
        for body in (
            f"<p>{WORDS.strip()}</p>",
            f"<script>{WORDS * 100}</script>\n\n<p>  {WORDS}</p><style>{WORDS}</style>" + "\n \t" * 400,
        )
    )
    assert tree.most_readable(plain) == len(WORDS.strip())
    assert tree.most_readable(laid_out) == len(f" {WORDS.strip()} ")


def test_a_page_that_nests_deep_is_whole_and_not_tame() -> None:
    for depth, is_whole in ((400, True), (3_000, False)):
        page = tree.load("<title>The crane</title>" + "<div>" * depth + WORDS + "</div>" * depth)
        assert (page.is_tame, page.is_whole) == (False, is_whole)
        assert page.root.findtext(".//title") == "The crane"


def test_what_stands_behind_the_end_of_a_page_belongs_to_it() -> None:
    page = tree.load(f"<html><body><nav>Home</nav></body></html><article><h1>The crane</h1>{ARTICLE}</article></html>")
    assert tree.shown_lines(page.root)[0][:2] == ["Home", "The crane"]


def test_lines_break_where_the_markup_does_and_at_blocks() -> None:
    page = tree.load(
        "<title>T</title><div>One\n<b>two</b> <i>three</i><br>four</div><h1>A <i>b</i></h1><script>no</script>five"
    )
    assert tree.lines(page.root) == ["One two three", "four", "A b", "five"]
    assert tree.shown_lines(page.root) == (["One", "two three", "four", "A b", "five"], [3])


def test_anchors_have_their_words() -> None:
    [anchor] = tree.load(
        "<a class=x href='/a?b=1&amp;c=2'>The <b>notice</b>\n of 1&nbsp;May</a><a name=x>no</a>"
    ).anchors
    assert (anchor.target, anchor.text) == ("/a?b=1&c=2", "The notice of 1 May")


@pytest.mark.parametrize(("closed", "beside"), [("</header>", True), ("", False)])
def test_a_header_left_open_puts_no_link_beside_the_article(closed: str, beside: bool) -> None:
    page = tree.load(f'<header><a href="/">Home</a>{closed}<main><p>{WORDS}</p><p>{WORDS}</p></main>')
    assert [anchor.beside for anchor in page.anchors] == [beside]
