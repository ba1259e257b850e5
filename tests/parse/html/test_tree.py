"""Pages as trees, and the upper bound of what readability returns."""

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
def test_readability_stays_below_the_upper_bound(body: str) -> None:
    root = tree.load(f"<html><head><title>The crane</title></head><body>{body}</body></html>").root
    most = tree.max_readable_length(root)
    assert tree.text_length(tree.readable(root)) <= most


def test_scripts_and_white_space_do_not_count_as_text() -> None:
    plain, laid_out = (
        tree.load(f"<html><head></head><body>{body}</body></html>").root
        for body in (
            f"<p>{WORDS.strip()}</p>",
            f"<script>{WORDS * 100}</script>\n\n<p>  {WORDS}</p><style>{WORDS}</style>" + "\n \t" * 400,
        )
    )
    assert tree.max_readable_length(plain) == len(WORDS.strip())
    assert tree.max_readable_length(laid_out) == len(f" {WORDS.strip()} ")


def test_a_deep_page_is_not_extractable() -> None:
    for depth, is_complete in ((400, True), (3_000, False)):
        page = tree.load("<title>The crane</title>" + "<div>" * depth + WORDS + "</div>" * depth)
        assert (page.is_extractable, page.is_complete) == (False, is_complete)
        assert page.root.findtext(".//title") == "The crane"


def test_text_after_the_end_of_a_page_belongs_to_it() -> None:
    page = tree.load(f"<html><body><nav>Home</nav></body></html><article><h1>The crane</h1>{ARTICLE}</article></html>")
    assert tree.visible_lines(page.root)[:2] == ["Home", "The crane"]


def test_lines() -> None:
    page = tree.load(
        "<title>T</title><div>One\n<b>two</b> <i>three</i><br>four</div><h1>A <i>b</i></h1><script>no</script>five"
    )
    assert tree.block_lines(page.root) == ["One two three", "four", "A b", "five"]
    assert tree.visible_lines(page.root) == ["One", "two three", "four", "A b", "five"]
    assert list(tree.lines_from(next(page.root.iter("h1")))) == ["A b", "five"]


def test_anchors_have_their_text() -> None:
    [anchor] = tree.load(
        "<a class=x href='/a?b=1&amp;c=2'>The <b>notice</b>\n of 1&nbsp;May</a><a name=x>no</a>"
    ).anchors
    assert (anchor.target, anchor.text) == ("/a?b=1&c=2", "The notice of 1 May")


@pytest.mark.parametrize(("closed", "is_outside"), [("</header>", True), ("", False)])
def test_an_unclosed_header_does_not_put_links_outside_the_article(closed: str, is_outside: bool) -> None:
    page = tree.load(f'<header><a href="/">Home</a>{closed}<main><p>{WORDS}</p><p>{WORDS}</p></main>')
    assert [anchor.is_outside for anchor in page.anchors] == [is_outside]


def test_following_elements_are_those_after_the_end() -> None:
    body = "<p>1</p><div><div><h1>2<i>3</i></h1><p>4</p></div><p>5</p></div><div><p>6</p>7<b>8</b></div>"
    root = tree.load(f"<html><body>{body}</body></html>").root
    heading = next(root.iter("h1"))
    expected = heading.xpath("following::*[self::p or self::div]")
    assert list(tree.following(heading, "p", "div")) == expected
    assert [element.text for element in expected] == ["4", "5", None, "6"]
