"""Minimal pages: their paragraphs, subheads and lists stay apart, and their title and side boxes stay out."""

from collections.abc import Callable

import pytest

from tests.cases import cases
from tests.parse.pages import read

_TEXTS = cases(__file__, "test_texts_of_minimal_pages")
_BODIES: dict[str, Callable[[str, list[str]], str]] = {
    "paragraphs": lambda h, t: h + _each("p", t),
    "blocks": lambda h, t: f"<div>{h}{_each('div', t)}</div>",
    "spans": lambda h, t: h + "".join(f"<div><span>{line}</span></div>" for line in t),
    "breaks": lambda h, t: h + "<br><br>".join(t),
    "breaks in a block": lambda h, t: f"{h}<div>{'<br><br>'.join(t)}</div>",
    "breaks in a paragraph": lambda h, t: f"{h}<p>{'<br><br>'.join(t)}</p>",
    "center": lambda h, t: f"<center>{h}{_each('p', t)}</center>",
    "centers": lambda h, t: h + _each("center", t),
    "fieldset": lambda h, t: f"{h}<fieldset><legend>News</legend>{_each('p', t)}</fieldset>",
    "form": lambda h, t: f"<form>{h}{_each('p', t)}</form>",
    "article": lambda h, t: f"<article>{h}{_each('p', t)}</article>",
    "main": lambda h, t: f"<main>{h}{_each('p', t)}</main>",
    "header": lambda h, t: f"<header>{h}</header>{_each('p', t)}",
    "aside": lambda h, t: f"<aside><article>{h}{_each('p', t)}</article></aside>",
    "table": lambda h, t: f"<table><tr><td>{h}{_each('p', t)}</td></tr></table>",
    "quotation": lambda h, t: f"{h}<p>{t[0]}</p><blockquote>{t[1]}</blockquote><p>{t[2]}</p>",
    "unclosed": lambda h, t: f"{h}<p>{'<p>'.join(t)}",
    "loose text": lambda h, t: f"{h}{t[0]}<p>{t[1]}</p>{t[2]}",
    "font": lambda h, t: f"{h}<font>{_each('p', t)}</font>",
}
_AROUND = {
    "nothing": "{}",
    "menu": '<nav><a href="/">Home</a> <a href="/n">News</a></nav>{}<footer>Rosmark Gazette, 4 Quay Street.</footer>',
    "list": '<ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li></ul><div>{}</div>',
    "side box": '<div class="sidebar"><h3>Weather</h3><p>Wind from the west, 20 knots.</p></div><div>{}</div>',
}


def _each(tag: str, texts: list[str]) -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


@pytest.mark.parametrize("title", ["Port news", "Rosmark port stays shut as storm nears"])
@pytest.mark.parametrize("around", _AROUND)
@pytest.mark.parametrize("body", _BODIES)
def test_each_paragraph_of_a_short_page_stays(body: str, around: str, title: str) -> None:
    for texts in _TEXTS:
        markup = _AROUND[around].format(_BODIES[body](f"<h1>{title}</h1>", list(texts)))
        article = read(f"<html><head><title>{title}</title></head><body>{markup}</body></html>")
        assert article.title == title
        assert article.text.split("\n\n") == list(texts)


@pytest.mark.parametrize("texts", _TEXTS[1:])
@pytest.mark.parametrize("subhead", ["<h2>{}</h2>", "<h3>{}</h3>", "<p><b>{}</b></p>"])
def test_subheads_of_a_short_page_stay(subhead: str, texts: tuple[str, ...]) -> None:
    heads = ("What happened", "What comes next")
    inside = f"<p>{texts[0]}</p>{subhead.format(heads[0])}<p>{texts[1]}</p>{subhead.format(heads[1])}<p>{texts[2]}</p>"
    article = read(f"<html><head><title>Port news</title></head><body><h1>Port news</h1>{inside}</body></html>")
    assert article.text.split("\n\n") == [texts[0], heads[0], texts[1], heads[1], texts[2]]


@pytest.mark.parametrize("text", [text for texts in _TEXTS for text in texts])
def test_a_page_of_one_paragraph(text: str) -> None:
    page = f"<html><head><title>Port news</title></head><body><h1>Port news</h1><p>{text}</p></body></html>"
    assert read(page).text == text


def test_an_article_in_a_side_box_is_longer_than_the_menu_next_to_it() -> None:
    menu = "".join(f'<li><a href="/{number}">Section {number} of the gazette</a></li>' for number in range(200))
    texts = [f"{text} This is part {number}." for number in range(6) for text in _TEXTS[2]]
    article = read(f"<nav><ul>{menu}</ul></nav><aside><article>{_each('p', texts)}</article></aside><div>Imprint</div>")
    assert article.text.split("\n\n") == texts
