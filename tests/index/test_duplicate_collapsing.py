"""Test the order of copies."""

from msgspec.structs import replace

from searchkit.document import Speaker
from searchkit.index.ranking import Precedence, in_order
from searchkit.index.rows import document_row, quote_rows
from tests.index.records import day, document

PLAIN = Precedence(outlet="gazette", wire="", published="2024-03-01T24", first_seen="2026-01-01")


def test_credited_agency_comes_first() -> None:
    wire = replace(PLAIN, outlet="moravia wire", published="2024-03-09T24")
    credits_it = replace(PLAIN, wire="moravia wire")
    assert in_order({"a": credits_it, "b": wire, "c": PLAIN}) == ["b", "a", "c"]
    alone = replace(wire, wire="moravia wire")
    assert in_order({"a": PLAIN, "b": alone}) == ["a", "b"], "who credits himself is credited by nobody else"
    assert in_order({"a": credits_it, "b": alone}) == ["b", "a"]


def test_order_by_publication_first_seen_and_id() -> None:
    copies = {
        "later": replace(PLAIN, published="2024-03-02T24"),
        "undated": replace(PLAIN, published="", first_seen="2020-01-01"),
        "timed": replace(PLAIN, published="2024-03-01T10:00:00+00:00"),
        "seen-late": replace(PLAIN, first_seen="2026-01-02"),
        "b": PLAIN,
        "a": PLAIN,
    }
    assert in_order(copies) == ["timed", "a", "b", "seen-late", "later", "undated"]


def test_precedence_survives_packing() -> None:
    assert Precedence.unpacked(PLAIN.packed()) == PLAIN


def test_rows_know_their_copies() -> None:
    record = {
        "id": "a1",
        "text": "Cranes stood still.",
        "outlet": "Harbor  Gazétte",
        "published": "2024-03",
        "copies": "a1",
        "quotes": [{"words": "Cranes"}, {"words": "still"}],
    }
    made = document(record)
    row = document_row(made)
    assert (row.copies, row.keywords["copies"]) == ("a1", ("a1",))
    assert row.precedence == Precedence(outlet="harbor gazette", wire="", published="2024-03-31T24", first_seen="")
    first, second = quote_rows(made)
    assert first.copies == made.quotes[0].id, "the group is named after this document"
    assert first.copies != second.copies
    other = quote_rows(document({**record, "id": "b2"}))[0]
    assert (other.id, other.copies) == (first.id.replace("a1", "b2", 1), first.copies)
    korbel, marek = (
        quote_rows(replace(made, quotes=(replace(made.quotes[0], speaker=Speaker(name="X", entity_id=speaker)),)))[0]
        for speaker in ("person:korbel", "person:marek")
    )
    assert korbel.copies != marek.copies, "the same words by another speaker stand apart"
    alone = document_row(document({**record, "copies": ""}))
    assert (alone.copies, alone.precedence, alone.keywords.get("copies")) == ("", None, None)


def test_precedence_uses_utc_and_ignores_guesses() -> None:
    made = document({"id": "a1", "text": "x", "copies": "a1"})
    published = day("2024-03-01")
    assert published is not None
    for value, read in (
        ("2024-03-01T01:00:00+02:00", "2024-02-29T23:00:00+00:00"),
        ("2024-03-01T01:00:00", "2024-03-01T01:00:00+00:00"),
    ):
        instant = replace(published, value=value, precision="instant")
        precedence = document_row(replace(made, published=instant)).precedence
        assert precedence is not None
        assert precedence.published == read
    guess = document_row(replace(made, published=replace(published, confidence="low"))).precedence
    assert guess is not None
    assert guess.published == ""
