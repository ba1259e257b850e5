import pytest

from searchkit.parse.html.scan import tags, visible_text, with_superscripts, without_overlong_tags
from searchkit.parse.html.tree import load
from tests.cases import cases
from tests.limits import processor_time_below
from tests.parse.pages import PARAGRAPHS, page, read


@pytest.mark.parametrize("attributes", ["a=1 " * 10_000, 'a=">" ' * 10_000, "a='>' b=\"<\" " * 10_000])
def test_overlong_tags_are_cut(attributes: str) -> None:
    markup = f"<p>before<div {attributes}>after</div>"
    assert without_overlong_tags(markup) == ("<p>before<div>after</div>", 1)
    assert without_overlong_tags(markup[:1_000]) == (markup[:1_000], 0)


def test_scripts_have_no_overlong_tags() -> None:
    markup = f"<script>if (a<b) {'c = 1; ' * 5_000}</script><p>text"
    assert without_overlong_tags(markup) == (markup, 0)


def test_visible_text_has_a_line_per_block() -> None:
    shown = visible_text("<title>T</title><h1>One</h1><p>two <b>three</b><br>four<script>no</script>&amp; five<li>six")
    assert shown == "One\n\ntwo three\n\nfour& five\n\nsix"


@pytest.mark.slow
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
        "<a =\"'" * 60_000,
        "<a " + "= " * 200_000,
        "<sup>" * 60_000,
        "<sup><a " * 60_000,
        "<sup x" + " " * 300_000,
    ],
)
def test_hostile_markup_takes_linear_time(markup: str) -> None:
    with processor_time_below(5):
        without_overlong_tags(markup + "needle")
        load(markup + "needle")
        visible_text(markup + "needle")
        with_superscripts(markup)
        list(tags(markup))
        # A tenth of a second on an idle machine; quadratic time would be minutes.


@pytest.mark.parametrize(("markup", "text"), cases(__file__, "test_superscripts"))
def test_superscripts(markup: str, text: str) -> None:
    assert with_superscripts(markup) == text


def test_footnote_marks_do_not_change_figures() -> None:
    said = "“We spent 40<sup><a href='#f2'>2</a></sup> million,” Korbel said. The hall has 300 m<sup>2</sup> of floor."
    text = read(page(paragraphs=(said, *PARAGRAPHS))).text
    assert "“We spent 40 million,” Korbel said." in text
    assert "300 m² of floor" in text
