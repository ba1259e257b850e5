"""What of a row goes where."""

import pytest

from searchkit.index.tantivy.fields import (
    doubled_parts,
    doubled_term,
    indexed_texts,
    name_parts,
    name_term,
    stems_field,
    term,
    text_of,
)


@pytest.mark.parametrize("text", ["", "a", "Ostrava: 1:2", "file:///\udc80\ud800x", "天\n\0"])
def test_terms_hold_any_string(text: str) -> None:
    assert text_of(term(text)) == text
    term(text).encode()
    assert name_parts(name_term(text, f"x{text}")) == (text, f"x{text}")
    assert doubled_parts(doubled_term("lang", text, 2)) == ("lang", text, 2)


def test_a_very_long_value_is_told_from_others_by_its_digest() -> None:
    one, other = term("x" * 100_000 + "a"), term("x" * 100_000 + "b")
    assert one != other
    assert len(one.encode()) < 65_000


def test_the_words_of_statements_stand_in_their_own_index() -> None:
    assert indexed_texts("document") == ("title", "body")
    assert indexed_texts("quote") == ("title", "quote")
    assert stems_field("body", "document") == "text_stems"
    assert stems_field("title", "document") == stems_field("title", "quote") == "title_stems"
