"""What of a row goes where."""

from searchkit.index.tantivy.fields import indexed_texts, span_of, span_term, stems_field


def test_the_words_of_statements_stand_in_their_own_index() -> None:
    assert indexed_texts("document") == ("title", "body")
    assert indexed_texts("quote") == ("title", "quote")
    assert stems_field("body", "document") == "text_stems"
    assert stems_field("title", "document") == stems_field("title", "quote") == "title_stems"


def test_spans_of_days_are_read_as_they_were_written() -> None:
    assert span_of(span_term("date", 738_000, 738_030)) == (738_000, 738_030)
    assert span_term("date", 738_000, 738_030).startswith(span_term("date"))
