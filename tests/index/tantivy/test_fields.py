"""What of a row goes where."""

from typing import Any

import pytest

from searchkit.index.tantivy.fields import (
    indexed_texts,
    packed_record,
    places_of,
    record_of,
    span_of,
    span_term,
    stems_field,
)


class _Stored:
    """What tantivy gives back of a row."""

    def __init__(self, stored: bytes | None) -> None:
        self._stored = stored

    def get_first(self, _name: str) -> Any:
        return self._stored


def test_the_words_of_statements_stand_in_their_own_index() -> None:
    assert indexed_texts("document") == ("title", "body")
    assert indexed_texts("quote") == ("title", "quote")
    assert stems_field("body", "document") == "text_stems"
    assert stems_field("title", "document") == stems_field("title", "quote") == "title_stems"


def test_spans_of_days_are_read_as_they_were_written() -> None:
    assert span_of(span_term("date", 738_000, 738_030)) == (738_000, 738_030)
    assert span_term("date", 738_000, 738_030).startswith(span_term("date"))


@pytest.mark.parametrize("odd", ["d1", "", "a b\n1 2", "\ud800\0", "7"])
def test_any_ids_and_precedence_are_read_as_they_were_stored(odd: str) -> None:
    for told in ((f"{odd}-1", odd, None, ""), (odd, odd, 0, "reuters\n\n2019\n2020"), (odd, "x", 1 << 63, odd)):
        assert record_of(_Stored(packed_record(*told))) == told


def test_places_of_words_are_told_in_order() -> None:
    stored = _Stored(b"the ferry the the quay ferry")
    assert places_of(stored, "body", ["the", "ferry", "quayside", "qu"]) == [
        (0, "the"),
        (1, "ferry"),
        (2, "the"),
        (3, "the"),
        (5, "ferry"),
    ]
    assert places_of(_Stored(None), "title", ["the"]) == []
