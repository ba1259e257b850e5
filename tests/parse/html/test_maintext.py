"""The main text of a page, and the notes on what was removed."""

from typing import Any

import pytest
import trafilatura

from searchkit.parse.html.maintext import BodyHints, MainText, extract
from searchkit.parse.html.tree import load
from tests.cases import cases
from tests.parse.pages import PARAGRAPHS, page


def read(markup: str, title: str = "", *, is_news: bool = False) -> MainText:
    return extract(load(markup), BodyHints(title=title, is_news=is_news))


def lines(found: MainText) -> list[str]:
    return found.text.split("\n\n")


def test_the_article_without_menu_and_footer() -> None:
    found = read(page())
    assert lines(found) == list(PARAGRAPHS)
    assert found.notes == ()


def passes(monkeypatch: pytest.MonkeyPatch, markup: str) -> list[bool]:
    """Return whether trafilatura was fast, for each time that it read a page."""
    found: list[bool] = []
    extracted = trafilatura.extract

    def spy(*given: Any, fast: bool = False, **options: Any) -> str | None:
        found.append(fast)
        text: str | None = extracted(*given, fast=fast, **options)
        return text

    monkeypatch.setattr(trafilatura, "extract", spy)
    read(markup)
    return found


@pytest.mark.parametrize(("comments", "expected"), [(2, [True]), (10, [True, False])])
def test_the_fallbacks_of_trafilatura_run_only_for_a_small_part_of_a_page(
    monkeypatch: pytest.MonkeyPatch, comments: int, expected: list[bool]
) -> None:
    other = f'<div class="comments">{"".join(f"<p>{line}</p>" for line in PARAGRAPHS)}</div>' * comments
    assert passes(monkeypatch, page(paragraphs=(*PARAGRAPHS, other))) == expected


def test_a_text_of_one_line_needs_no_fallbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passes(monkeypatch, page(paragraphs=(" ".join(PARAGRAPHS),))) == [True]


@pytest.mark.parametrize("title", ["Office stops lathes", "office STOPS: lathes!", " Office  stops\nlathes "])
def test_a_title_repeated_above_the_text_is_dropped(title: str) -> None:
    found = read(page(body="<h1>Office stops lathes</h1>"), title)
    assert lines(found) == list(PARAGRAPHS)


def test_another_heading_stays() -> None:
    assert lines(read(page(body="<h2>How it began</h2>"), "Office stops lathes"))[0] == "How it began"


def test_a_title_without_other_text_stays() -> None:
    assert read("<p>Office stops lathes</p>", "Office stops lathes").text == "Office stops lathes"


@pytest.mark.parametrize("byline", ["By Nadia Korbel", "By Nadia Korbel and Tomas Vrba"])
def test_a_byline_above_the_text_is_removed(byline: str) -> None:
    found = read(page(body=f"<p>{byline}</p>"))
    assert lines(found) == list(PARAGRAPHS)
    assert found.removed == (byline,)


def test_a_byline_further_down_stays() -> None:
    found = read(page(paragraphs=(*PARAGRAPHS[:3], "By Nadia Korbel", PARAGRAPHS[3])))
    assert "By Nadia Korbel" in lines(found)


LINKED = (
    PARAGRAPHS[0],
    '<a href="/1">Port closes a gate over the holidays</a>',
    f'{PARAGRAPHS[1]} <a href="/2">The papers</a>.',
    'The board had it as <a href="/3">Inspectors count the crates for a second time</a>',
    PARAGRAPHS[2],
    '<a href="/4">The office said on Wednesday that it will count again.</a>',
    PARAGRAPHS[3],
)


def test_link_lines_of_news_are_removed() -> None:
    found = read(page(paragraphs=LINKED), is_news=True)
    assert found.removed == ("Port closes a gate over the holidays",)
    assert "The office said on Wednesday that it will count again." in lines(found)
    assert PARAGRAPHS[3] in lines(found)
    assert "Port closes a gate over the holidays" not in lines(found)


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


@pytest.mark.parametrize(("depth", "extractable", "note"), cases(__file__, "test_deep_pages"))
def test_deep_pages(depth: int, extractable: bool, note: tuple[str, ...]) -> None:
    markup = nested(depth)
    assert load(markup).is_extractable is extractable
    found = read(markup)
    assert found.text.strip() == "Hall nine is sealed."
    assert found.notes == note


def test_pages_with_too_many_tags() -> None:
    markup = "<p>Hall nine<br>" * 15_001
    assert not load(markup).is_extractable
    found = read(markup)
    assert found.text.count("Hall nine") == 15_001
    assert found.notes == ("fallback: all visible text (the page is too large for an extractor)",)


def test_the_fallback_prefers_the_article() -> None:
    inner = "<article><p>Hall <b>nine</b> is sealed.</p><aside>Subscribe</aside><p>Two seals.</p></article>"
    markup = "<div>" * 300 + f"<nav>Home</nav><p>Around</p>{inner}<footer>Rights</footer>" + "</div>" * 300
    assert lines(read(markup)) == ["Hall nine is sealed.", "Two seals."]


def test_prompts_are_removed() -> None:
    prompts = ("Advertisement", "Sign up for our free newsletter", "Read more: The cranes stand still")
    found = read(page(paragraphs=(PARAGRAPHS[0], prompts[0], PARAGRAPHS[1], *prompts[1:], *PARAGRAPHS[2:])))
    assert lines(found) == list(PARAGRAPHS)
    assert found.removed == prompts


def test_menu_words_above_the_title_are_removed() -> None:
    body = "<p>Trade</p><p>12 May 2023</p><p>Office stops lathes</p>"
    found = read(page(body=body), "Office stops lathes")
    assert lines(found) == list(PARAGRAPHS)
    assert found.removed == ("Trade", "12 May 2023")


def test_sentences_above_the_title_stay() -> None:
    body = f"<p>{PARAGRAPHS[3]}</p><p>Office stops lathes</p>"
    assert lines(read(page(body=body), "Office stops lathes"))[0] == PARAGRAPHS[3]


STANDFIRST = "A port that nobody had heard of stops machines that nobody had ordered."


@pytest.mark.parametrize(("is_news", "first"), [(True, STANDFIRST), (False, PARAGRAPHS[0])])
def test_a_standfirst_above_the_body_of_news(is_news: bool, first: str) -> None:
    markup = page(body=f"</article><h1>Lathes</h1><h2>{STANDFIRST}</h2><article>")
    hints = BodyHints(title="Lathes", standfirsts=("Lathes", STANDFIRST), is_news=is_news)
    assert lines(extract(load(markup), hints))[0] == first


def test_a_hidden_description_is_not_a_standfirst() -> None:
    hints = BodyHints(title="Lathes", standfirsts=(STANDFIRST,), is_news=True)
    assert STANDFIRST not in extract(load(page(body="<h1>Lathes</h1>")), hints).text


MORE = tuple(
    f"{paragraph} And so it was in hall {hall}, the board said." for hall in (4, 5, 6) for paragraph in PARAGRAPHS
)


def test_tables_have_no_dashes() -> None:
    table = "<table><tr><th>Hall</th><th>Crates</th></tr><tr><td>nine</td><td>41</td></tr></table>"
    found = read(page(body=f"<p>{PARAGRAPHS[0]}</p>{table}"))
    assert "Hall | Crates" in lines(found)
    assert "nine | 41" in lines(found)
    assert "---" not in found.text


@pytest.mark.parametrize("box", ["nav", "footer", "aside", "menu"])
def test_an_unclosed_box_does_not_lose_the_article(box: str) -> None:
    found = read(
        f"<html><body><{box}><a href='/'>Home</a>" + "".join(f"<p>{line}</p>" for line in (*PARAGRAPHS, *MORE))
    )
    assert found.text.endswith("\n\n".join((*PARAGRAPHS, *MORE)))


def test_articles_in_forms_and_posts_of_forums() -> None:
    article = "".join(f"<p>{line}</p>" for line in (*PARAGRAPHS, *MORE))
    assert PARAGRAPHS[3] in read(f"<form>{article}</form>").text
    forum = '<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>'
    posts = "".join(f'<div class="comment-list"><p>{line} I doubt it.</p></div>' for line in (*PARAGRAPHS, *MORE))
    assert PARAGRAPHS[3] in read(forum + posts).text


@pytest.mark.parametrize(("markup", "sentence"), cases(__file__, "test_text_in_inline_elements_stays_in_its_sentence"))
def test_text_in_inline_elements_stays_in_its_sentence(markup: str, sentence: str) -> None:
    assert lines(read(page(paragraphs=(*PARAGRAPHS[:3], markup, PARAGRAPHS[3]))))[3] == sentence


def test_a_standfirst_is_recognised_by_its_class() -> None:
    deck = "The harbour office found more lathes than it could ever count"
    body = f'<h1>Office stops lathes</h1><p class="article-deck">{deck}</p><p class="deck">SHARE</p>'
    markup = page(body=body).replace("<article>", "").replace(f"<p>{PARAGRAPHS[0]}", f"<article><p>{PARAGRAPHS[0]}")
    assert lines(read(markup, "Office stops lathes")) == [deck, *PARAGRAPHS]


def test_an_article_that_is_a_small_part_of_its_page_is_noted() -> None:
    years = "".join(
        f"<div><h2>{year}</h2><ul><li>The board sealed a hall.</li></ul></div>" for year in range(1700, 2000)
    )
    found = read(
        f"<html><body><article>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</article>{years}</body></html>"
    )
    assert lines(found) == list(PARAGRAPHS)
    assert found.notes == ("main text: 5 % of the text of the page; the rest is not read",)


@pytest.mark.parametrize("part", cases(__file__, "test_a_fragment_is_read_whole"))
@pytest.mark.parametrize("place", ["{part}{text}", "{text}{part}", "{text}{part}{text}"])
def test_a_fragment_is_read_whole(part: str, place: str) -> None:
    paragraph = "<p>The council of Bramwick met on Monday and voted on three motions about the harbour.</p>"
    text = read(place.format(part=part, text=paragraph)).text
    assert "Votes: nine" in text
    assert "Chair: absent" in text


def test_the_source_of_a_block_quotation_stays() -> None:
    quotation = (
        "<blockquote><p>We will look into every payment.</p><footer>— Auditor Clementine Aske</footer></blockquote>"
    )
    assert "— Auditor Clementine Aske" in lines(read(page(body=f"<p>{PARAGRAPHS[0]}</p>{quotation}")))
