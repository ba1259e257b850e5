"""The steps left out of trafilatura's way change nothing of what it finds."""

import re
from pathlib import Path

import pytest
import trafilatura
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH

from searchkit.parse.html import discards, extractor, tree
from tests.parse.pages import PARAGRAPHS, page

LONG = tuple(f"{paragraph} It was the {number}th time this year." for number in range(4) for paragraph in PARAGRAPHS)
COMMENTS = "".join(f'<div class="comment-list"><p>{line} I do not believe a word of it.</p></div>' for line in LONG)
TABLE = "<table>" + "".join(f"<tr><td>{line}</td><td>nine</td></tr>" for line in LONG) + "</table>"
PAGES = {
    "an article": page(paragraphs=LONG),
    "a short one": page(paragraphs=PARAGRAPHS[:1]),
    "one with comments": page(paragraphs=LONG).replace("<footer>", COMMENTS + "<footer>"),
    "one with more around than in it": page(paragraphs=LONG[:3]).replace(
        "<footer>", "".join(f"<div><p>{line}</p></div>" for line in LONG) + "<footer>"
    ),
    "a table": page(body=TABLE, paragraphs=()),
    "a forum": page('<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>') + COMMENTS,
    "no article": "<html><body><div>Hall nine</div><div>Two <b>seals</b></div></body></html>",
    "nothing": "<html><body></body></html>",
}


WRITTEN = Path(__file__).parents[2] / "eval" / "pages"
PAGES.update((path.name, path.read_text("utf-8", "replace")) for path in sorted(WRITTEN.glob("*.html")))


@pytest.mark.parametrize("markup", PAGES.values(), ids=PAGES)
def test_the_text_is_what_trafilatura_finds(markup: str) -> None:
    expected = trafilatura.extract(tree.load(markup).root, include_comments=False) or ""
    assert extractor.Extractor(tree.load(markup)).article() == expected


def test_the_words_looked_for_are_those_of_the_expressions() -> None:
    patterns = {found for one in RAW_TREE_PRUNE_XPATH for found in re.findall(r"'([^']+)'", one.path)}
    assert patterns
    for pattern in patterns:
        for branch in pattern.replace("(?:box|wrap)", "").split("|"):
            assert any(word in branch for word in extractor.APPENDED), branch


MARKED = "".join(
    f"<{tag} {attributes}>x</{tag}>"
    for tag in ("div", "p", "span", "section", "ul", "ol", "details", "a", "list", "item")
    for attributes in (
        'class="comment-list"',
        'class="commentary"',
        'class="article-comments"',
        'id="comments"',
        'id="disqus_thread"',
        'id="comol" class="x"',
        'class="x-share-y"',
        'class="share"',
        'id="share"',
        'class="a" id="cookie-box"',
        'class="cookie" id="a"',
        'id="a" class="cookie"',
        'role="Navigation"',
        'data-component="MostPopularStories-x"',
        "data-lp-replacement-content",
        'style="display:none"',
        'style="color: red; display: none"',
        'id="hidden"',
        'style="x" id="hidden"',
        'id="x" style="visibility: hidden"',
        'class="is hidden"',
        'class="reply-x"',
        'id="y" class="reply-x"',
        'id="reader-comments"',
        'aria-hidden="true"',
        'aria-hidden="false"',
        'class="comments-title"',
        'class="Teaser"',
        'id="tEaser"',
        'id="x-caption"',
        'class="Caption"',
        'class=""',
    )
)


@pytest.mark.parametrize("markup", [*PAGES.values(), page(body=MARKED)], ids=[*PAGES, "marked"])
def test_finders_find_what_the_expressions_find(markup: str) -> None:
    root = tree.load(markup).root
    for expression, finder in discards.in_place():
        assert root is None or finder(root) == expression(root), expression.path
