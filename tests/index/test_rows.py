"""Test the conversion of documents to rows."""

from datetime import date

from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.document import WatchlistMatch
from searchkit.index.rows import DateValue, NameValue, document_row, quote_rows
from searchkit.query.fields import FIELDS
from tests.index.records import SCENARIOS, documents

A1, B2, C3, D4 = documents(SCENARIOS / "statements")
KORBEL = NameValue(id="person:nadia-korbel", name="Nadia Korbel", surfaces=("Korbel",))
OFFICE = NameValue(id="agency:ostrava-trade-office", name="Ostrava Trade Office")


def test_a_document() -> None:
    row = document_row(A1)
    assert (row.id, row.document, row.record) == ("a1", "a1", "document")
    assert row.texts["title"] == (A1.title,)
    assert len(row.texts["quote"]) == 3
    assert row.names["speaker"][0] == KORBEL
    assert row.names["agency"] == (OFFICE,)
    assert {value.name for value in row.names["about"]} == {"Tavira Systems", "Ostrava Trade Office"}
    assert row.keywords["verb"] == ("say", "add", "deny")
    assert row.keywords["id"] == ("a1", *(quote.id for quote in A1.quotes))


def test_local_day_of_the_outlet_counts() -> None:
    shown = PartialDate(value="2023-11-09T01:09:00+00:00", precision="instant", source="meta", local_day="2023-11-08")
    day = date(2023, 11, 8).toordinal()
    assert document_row(replace(A1, published=shown)).dates["date"] == (DateValue(first=day, last=day),)
    assert document_row(replace(A1, published=replace(shown, confidence="low"))).dates.get("date", ()) == ()


def test_statements() -> None:
    first, second, third = quote_rows(A1)
    assert first.texts == {"quote": ('"The rules are a double standard,"',), "title": (A1.title,)}
    assert first.names["agency"] == (OFFICE,), "the speaker's"
    assert "entity" not in first.names
    assert [value.name for value in second.names["entity"]] == ["Tavira Systems"]
    assert "agency" not in third.names
    assert third.keywords["id"] == (A1.quotes[2].id, "a1")
    assert third.dates["said"] == (
        DateValue(first=date(2022, 12, 14).toordinal(), last=date(2022, 12, 14).toordinal()),
    )


def test_known_names_are_spellings() -> None:
    known = replace(A1, known_as={"agency:ostrava-trade-office": ("OTO",)})
    office = replace(OFFICE, surfaces=("OTO",))
    assert document_row(known).names["agency"] == (office,)
    assert quote_rows(known)[0].names["agency"] == (office,)


def test_watchlist_matches_of_documents_and_statements() -> None:
    words = A1.quotes[1].content
    tavira = next(found for found in A1.mentions if words.covers(found.span))
    weak = WatchlistMatch(
        span=tavira.span, surface="Tavira", watchlist="harbor", entry_id="NK-7", name="Tavira Ltd", weak=True
    )
    korbel = next(found for found in A1.mentions if found.name == "Nadia Korbel")
    strong = replace(weak, span=korbel.span, entry_id="NK-8", name="N. Korbel", weak=False, topics=("poi",))
    row_of = replace(A1, matches=tuple(sorted((weak, strong), key=lambda match: match.span)))
    by_name = NameValue(id="NK-8", name="N. Korbel", surfaces=("harbor", "NK-8", "Tavira", "poi"))
    by_alias = NameValue(id="NK-7/weak", name="Tavira Ltd (weak)", surfaces=("harbor", "NK-7", "Tavira"))
    assert set(document_row(row_of).names["watchlist"]) == {by_name, by_alias}
    first, second, _ = quote_rows(row_of)
    assert first.names["watchlist"] == (by_name,), "the speaker's"
    assert second.names["watchlist"] == (by_name, by_alias)


def test_unknown_values_are_absent() -> None:
    row = document_row(D4)
    assert not {"title", "quote"} & row.texts.keys()
    assert not {"speaker", "about", "wire"} & row.names.keys()
    assert row.dates.keys() == {"seen"}


def test_partial_and_doubtful_dates() -> None:
    (span,) = document_row(B2).dates["date"]
    assert (span.first, span.last) == (date(2022, 12, 1).toordinal(), date(2022, 12, 31).toordinal())
    guess = PartialDate(value="2022-12-15", precision="day", source="guess", confidence="low")
    assert "date" not in document_row(replace(B2, published=guess)).dates
    yearless = PartialDate(value="--12-15", precision="day-without-year", source="text")
    assert "date" not in document_row(replace(B2, published=yearless)).dates


def test_rows_hold_known_fields_only() -> None:
    for document in (A1, B2, C3, D4):
        for row in (document_row(document), *quote_rows(document)):
            known = {(field.name, field.kind) for field in FIELDS if row.record in field.records}
            held = [(row.texts, "text"), (row.names, "name"), (row.keywords, "keyword"), (row.dates, "date")]
            assert {(name, kind) for values, kind in held for name in values} <= known
