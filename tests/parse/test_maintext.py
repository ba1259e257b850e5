"""The main text of a page: found, tidied, and never lost without a note."""

import pytest

from searchkit.parse.maintext import MainText, extract, is_tame
from searchkit.parse.scan import scan
from tests.parse.pages import PARAGRAPHS, page


def read(markup: str, title: str | None = None, *, is_news: bool = False) -> MainText:
    return extract(scan(markup), title, is_news=is_news)


def lines(found: MainText) -> list[str]:
    return found.text.split("\n\n")


def test_the_article_without_what_is_laid_out_around_it() -> None:
    found = read(page())
    assert lines(found) == list(PARAGRAPHS)
    assert found.notes == ()


@pytest.mark.parametrize("title", ["Office stops lathes", "office STOPS: lathes!", " Office  stops\nlathes "])
def test_a_title_repeated_above_the_text_is_dropped(title: str) -> None:
    found = read(page(body="<h1>Office stops lathes</h1>"), title)
    assert lines(found) == list(PARAGRAPHS)


def test_another_heading_stays() -> None:
    assert lines(read(page(body="<h2>How it began</h2>"), "Office stops lathes"))[0] == "How it began"


def test_a_title_that_is_the_whole_text_stays() -> None:
    assert read("<p>Office stops lathes</p>", "Office stops lathes").text == "Office stops lathes"


@pytest.mark.parametrize("byline", ["By Nadia Korbel", "By Nadia Korbel and Tomas Vrba"])
def test_a_byline_above_the_text_is_taken_out_and_told(byline: str) -> None:
    found = read(page(body=f"<p>{byline}</p>"))
    assert lines(found) == list(PARAGRAPHS)
    assert found.notes == (f"removed: {byline}",)


def test_what_looks_like_a_byline_further_down_stays() -> None:
    found = read(page(paragraphs=(*PARAGRAPHS[:3], "By Nadia Korbel", PARAGRAPHS[3])))
    assert "By Nadia Korbel" in lines(found)


LINKED = (
    PARAGRAPHS[0],
    '<a href="/1">Port closes a gate over the holidays</a>',
    f'{PARAGRAPHS[1]} <a href="/2">The papers</a>.',
    'Read more: <a href="/3">Inspectors count the crates for a second time</a>',
    PARAGRAPHS[2],
    '<a href="/4">The office said on Wednesday that it will count again.</a>',
    PARAGRAPHS[3],
)


def test_link_lines_of_news_are_taken_out_and_told() -> None:
    found = read(page(paragraphs=LINKED), is_news=True)
    told = {note.removeprefix("removed: ") for note in found.notes}
    assert told == {
        "Port closes a gate over the holidays",
        "Read more: Inspectors count the crates for a second time",
    }
    assert "The office said on Wednesday that it will count again." in lines(found)
    assert PARAGRAPHS[3] in lines(found)
    assert not told & set(lines(found))


def test_link_lines_of_other_pages_stay() -> None:
    found = read(page(paragraphs=LINKED), is_news=False)
    assert "Port closes a gate over the holidays" in lines(found)
    assert found.notes == ()


def test_a_page_of_links_alone_keeps_them() -> None:
    markup = "<ul>" + "".join(f'<li><a href="/{n}">Cranes of hall {n}</a></li>' for n in range(9)) + "</ul>"
    assert "Cranes of hall 3" in read(markup, is_news=True).text


def test_a_page_without_an_article_gives_all_its_text() -> None:
    found = read("<div>Hall nine</div><script>no()</script><nav>Home</nav><div>Two <b>seals</b></div>")
    assert "Hall nine" in found.text
    assert "Two seals" in found.text
    assert "no()" not in found.text


def nested(depth: int) -> str:
    return f"<html><body>{'<div>' * depth}<p>Hall nine is sealed.</p>{'</div>' * depth}</body></html>"


@pytest.mark.parametrize(
    ("depth", "tame", "note"),
    [
        (100, True, ()),
        (400, False, ("fallback: all text of the page, as the page nests 403 levels deep",)),
        (3_000, False, ("fallback: all visible text, as the page nests 3003 levels deep",)),
    ],
)
def test_deep_pages_are_read_by_what_can(depth: int, tame: bool, note: tuple[str, ...]) -> None:
    markup = nested(depth)
    assert is_tame(scan(markup)) is tame
    found = read(markup)
    assert found.text.strip() == "Hall nine is sealed."
    assert found.notes == note


def test_pages_of_too_many_tags_are_read_as_they_lie() -> None:
    markup = "<p>Hall nine<br>" * 15_001
    assert not is_tame(scan(markup))
    found = read(markup)
    assert found.text.count("Hall nine") == 15_001
    assert found.notes == ("fallback: all visible text, as the page is too large for an extractor",)


def test_the_fallback_prefers_the_article_and_leaves_out_what_surrounds_it() -> None:
    inner = "<article><p>Hall <b>nine</b> is sealed.</p><aside>Subscribe</aside><p>Two seals.</p></article>"
    markup = "<div>" * 300 + f"<nav>Home</nav><p>Around</p>{inner}<footer>Rights</footer>" + "</div>" * 300
    assert lines(read(markup)) == ["Hall nine is sealed.", "Two seals."]
