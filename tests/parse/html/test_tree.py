"""A page as a tree: how much readability can give of it at most, which says whether it is asked at all."""

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
    root = tree.load(f"<html><head><title>The crane</title></head><body>{body}</body></html>")
    most = tree.most_readable(root)
    assert sum(map(len, tree.readable(root))) <= most


def test_scripts_and_white_space_do_not_count_as_text() -> None:
    plain, laid_out = (
        tree.load(f"<html><head></head><body>{body}</body></html>")
        for body in (
            f"<p>{WORDS.strip()}</p>",
            f"<script>{WORDS * 100}</script>\n\n<p>  {WORDS}</p><style>{WORDS}</style>" + "\n \t" * 400,
        )
    )
    assert tree.most_readable(plain) == len(WORDS.strip())
    assert tree.most_readable(laid_out) == len(f" {WORDS.strip()} ")
