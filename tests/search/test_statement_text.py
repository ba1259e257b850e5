"""Dates, speakers and doubts in words."""

from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.search.statement_text import (
    date_text,
    in_words,
    quote_details,
    reporting_phrase,
    speaker_text,
    words_doubt,
)
from searchkit.statements.annotation import annotate
from searchkit.statements.dates import PartialDate, Precision
from searchkit.statements.dates.partial import Confidence
from searchkit.statements.document import Article, Quote, Speaker
from searchkit.statements.text import Span, paragraphs
from tests.cases import cases
from tests.parse.pages import read
from tests.samples import TEXT, document


@pytest.mark.parametrize(("value", "precision", "confidence", "text"), cases(__file__, "test_dates"))
def test_dates(value: str, precision: Precision, confidence: Confidence, text: str) -> None:
    assert date_text(PartialDate(value=value, precision=precision, source="test", confidence=confidence)) == text


def test_a_date_that_is_the_publication_s_says_so() -> None:
    date = PartialDate(value="2022-12-16", precision="day", source="publication", confidence="assumed")
    assert date_text(date) == "2022-12-16 (assumed: day of publication)"


def test_the_day_is_the_one_the_outlet_shows() -> None:
    date = PartialDate(value="2023-11-09T01:09:00+00:00", precision="instant", source="test", local_day="2023-11-08")
    assert date_text(date) == "2023-11-08"


def test_no_date_is_not_a_text() -> None:
    assert date_text(None) == ""


def quoted(speaker: Speaker, words: str | None = None) -> Quote:
    start = TEXT.index(words) if words else 0
    attribution = Span(start, start + len(words)) if words else None
    return replace(document().quotes[0], speaker=speaker, attribution=attribution)


@pytest.mark.parametrize(("speaker", "words", "text"), cases(__file__, "test_speakers"))
def test_speakers(speaker: dict[str, Any], words: str | None, text: str) -> None:
    assert speaker_text(quoted(Speaker(**speaker), words), document()) == text


@pytest.mark.parametrize(
    ("confidence", "text"), [(1.0, ""), (0.75, ""), (0.74, "low confidence"), (0.0, "low confidence")]
)
def test_doubts(confidence: float, text: str) -> None:
    assert words_doubt(replace(document().quotes[0], confidence=confidence)) == text


@pytest.mark.parametrize(("text", "shown"), cases(__file__, "test_a_statement_keeps_its_verb"))
def test_a_statement_keeps_its_verb(text: str, shown: tuple[str, ...]) -> None:
    made = annotate(Article(uri="test:kolm", text=text, paragraphs=paragraphs(text), language="en"))
    words = [in_words(quote, made) for quote in made.quotes]
    assert tuple(word.statement for word in words) == shown
    assert {word.sentence for word in words} == {text}


@pytest.mark.parametrize(("reported", "phrase"), cases(__file__, "test_a_reporting_phrase_has_no_aside"))
def test_a_reporting_phrase_has_no_aside(reported: str, phrase: str) -> None:
    text = f"{reported} the crane was old."
    made = annotate(Article(uri="test:kolm", text=text, paragraphs=paragraphs(text), language="en"))
    assert [reporting_phrase(quote, made) for quote in made.quotes] == [phrase]


def test_a_negated_report_far_from_its_subject_shows_the_sentence() -> None:
    text = "Edda Kolm said the quay was safe but did not deny that the crane was old."
    made = annotate(Article(uri="test:kolm", text=text, paragraphs=paragraphs(text), language="en"))
    for quote in made.quotes:
        if quote.negated:
            assert "did not deny that the crane was old" in in_words(quote, made).statement


def test_an_endless_sentence_is_cut() -> None:
    text = "a " * 5_000 + "Edda Kolm said the quay was safe" + " b" * 5_000
    content = Span(text.index("the quay"), text.index(" b"))
    quote = replace(document().quotes[0], content=content, cue=None, attribution=None)
    made = document(text, quotes=(quote,))
    assert len(in_words(quote, made).sentence) < 2_100


def test_an_aside_keeps_the_warning_about_an_uncertain_speaker() -> None:
    made = document()
    (quote, *_) = made.quotes
    quote = replace(quote, speaker=replace(quote.speaker, confidence=0.5, rivals=("Igor Malt",)))
    assert "(attribution uncertain: could be Igor Malt)" in in_words(quote, made).statement


def test_the_document_is_shown_and_kept_in_json() -> None:
    text = "Kolm said in a second statement that Ostwind had paid."
    made = annotate(Article(uri="test:kolm", text=text, paragraphs=paragraphs(text), language="en"))
    assert "via a second statement" in quote_details(made.quotes[0], made, made.names())
    assert Values(alone(made, made.quotes[0])).value("via") == "a second statement"


def test_a_verb_behind_its_object_is_printed_once() -> None:
    text = "Die Behörde prüft die Sache. Der Sprecher Odd Trask hatte die Vorwürfe gegen die Werft zurückgewiesen."
    made = annotate(Article(uri="test:werft", text=text, paragraphs=paragraphs(text), language="de"))
    (quote,) = made.quotes
    assert in_words(quote, made).statement == "Odd Trask (Sprecher) hatte die Vorwürfe gegen die Werft zurückgewiesen"


def test_words_that_the_page_strikes_out_are_marked() -> None:
    page = '<article><h1>Quay</h1><p>The quay is old.</p><p><del>"It is safe," Ann Lowe said.</del></p></article>'
    document = annotate(read(page))
    (quote,) = document.quotes
    assert in_words(quote, document).statement == 'Ann Lowe said: "It is safe," [struck out]'
