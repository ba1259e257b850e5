"""Prose that the extractor drops is inserted where it stands in the article, or named in a note."""

from datetime import UTC, datetime

import pytest

from searchkit import parse
from searchkit.crawl.base import new_resource
from searchkit.statements.document import Article
from tests.cases import cases

_LOST = "Customs officers seized amberglass from a lorry that had left the quay without papers on Friday."
_FIRST = "The harbour board met on Monday to discuss the fees for the new quay, which opens in the spring of next year."
_SECOND = "Its members agreed that the fees should not rise before the summer, and put off all other questions to June."
_THIRD = "The next meeting of the board takes place in the town hall in June, and everyone is welcome to take part."


def _article(inside: str = "", *, below: str = "") -> Article:
    page = (
        f"<html><head><title>Board meets</title></head><body><div><h1>Board meets</h1><p>{_FIRST}</p><p>{_SECOND}</p>"
        f"{inside}<p>{_THIRD}</p></div>{below}</body></html>"
    )
    now = datetime(2026, 1, 2, tzinfo=UTC)
    resource = new_resource("https://ledger.example/a", page.encode(), media_type="text/html", now=now)
    return parse.article(resource, today=now.date())


@pytest.mark.parametrize("markup", cases(__file__, "test_prose_between_paragraphs_stays_at_its_place"))
def test_prose_between_paragraphs_stays_at_its_place(markup: str) -> None:
    text = _article(markup.format(_LOST)).text
    assert text.count("amberglass") == 1
    assert text.index(_SECOND) < text.index("amberglass") < text.index(_THIRD)


@pytest.mark.parametrize(
    "markup",
    ["<ul><li>{}</li></ul>", "<details>{}</details>", "<article><p>{}</p></article>", "<figure><p>{}</p></figure>"],
)
def test_prose_elsewhere_is_read_or_named_in_a_note(markup: str) -> None:
    article = _article(below=markup.format(_LOST))
    assert "amberglass" in article.text or any(
        note.startswith("not read: 1 passage outside the main text: Customs officers") for note in article.notes
    )


def test_a_caption_is_named_in_a_note() -> None:
    article = _article(f"<figure><img src=a.jpg><figcaption>{_LOST}</figcaption></figure>")
    assert "amberglass" in " ".join((article.text, *article.notes))


@pytest.mark.parametrize("markup", cases(__file__, "test_menus_boxes_and_links_are_not_named"))
def test_menus_boxes_and_links_are_not_named(markup: str) -> None:
    article = _article(below=markup.format(_LOST))
    assert "amberglass" not in article.text
    assert not [note for note in article.notes if note.startswith("not read")]


def test_the_note_counts_passages() -> None:
    below = "".join(f"<blockquote class=comment>{_LOST} This is number {number}.</blockquote>" for number in range(3))
    article = _article(below=f"<div class=comments>{below}</div>")
    assert _LOST in article.text or any("3 passages outside the main text, the first:" in n for n in article.notes)


@pytest.mark.parametrize("markup", cases(__file__, "test_boxes_notices_and_repeated_prompts_stay_out"))
def test_boxes_notices_and_repeated_prompts_stay_out(markup: str) -> None:
    assert "amberglass" not in _article(markup.format(_LOST)).text


def test_the_subhead_of_a_lost_passage_and_the_spaces_of_its_links_stay() -> None:
    inside = f'<dl><dt>Seizure</dt><dd>{_LOST} Officers found<a href="/x"> a paper </a>in it.</dd></dl>'
    assert f"Seizure\n\n{_LOST} Officers found a paper in it." in _article(inside).text
