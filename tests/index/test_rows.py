"""Test the conversion of documents to rows."""

from datetime import date

from msgspec.structs import replace

from searchkit.index.ranking import Precedence
from searchkit.index.rows import DateValue, NameValue, document_row, quote_rows
from searchkit.query.fields import FIELDS
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Speaker, WatchlistMatch
from searchkit.statements.text import Span
from tests.index.records import SCENARIOS, day, document, documents
from tests.samples import present

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
    local = date(2023, 11, 8).toordinal()
    assert document_row(replace(A1, published=shown)).dates["date"] == (DateValue(first=local, last=local),)
    assert document_row(replace(A1, published=replace(shown, confidence="low"))).dates.get("date", ()) == ()


def test_statements() -> None:
    first, second, third = quote_rows(A1)
    said = '"The rules are a double standard,"'
    sentence = f"OSTRAVA - {said} said Nadia Korbel, spokesperson for the Ostrava Trade Office."
    assert first.texts == {"text": (sentence,), "quote": (said,), "title": (A1.title,)}
    assert second.texts["text"] == ("Korbel added that Tavira Systems had been warned.", "Nadia Korbel")
    assert third.texts["text"][1:] == ("Per Lindqvist", "Ostrava Trade Office")
    assert first.names["agency"] == (OFFICE,), "the speaker's"
    assert "entity" not in first.names
    assert [value.name for value in second.names["entity"]] == ["Tavira Systems"]
    assert "agency" not in third.names
    assert third.keywords["id"] == (A1.quotes[2].id, "a1")
    assert third.dates["said"] == (
        DateValue(first=date(2022, 12, 14).toordinal(), last=date(2022, 12, 14).toordinal()),
    )


def test_the_parts_of_an_interrupted_statement_share_a_row() -> None:
    made = document(
        {
            "id": "a1",
            "text": "Until then, Korbel said of Tavira, nobody moves. Korbel said of Tavira that it was late.",
            "names": [{"surface": "Tavira", "name": "Tavira Systems", "kind": "company"}],
            "quotes": [
                {"words": "Until then", "verb": "say"},
                {"words": "nobody moves", "verb": "say", "about": ["Tavira Systems"]},
                {"words": "it was late"},
            ],
        }
    )
    cue = Span(19, 23)
    first, second, third = made.quotes
    parts = tuple(replace(part, group="1", cue=cue) for part in (first, second))
    made = replace(made, quotes=(*parts, replace(third, group="1")))
    assert made.statements == (parts[0], made.quotes[2]), "a turn of a transcript is several statements"
    row, other = quote_rows(made)
    assert (row.id, row.texts["quote"]) == (first.id, ("Until then", "nobody moves"))
    assert row.keywords["id"] == (first.id, second.id, "a1")
    assert [value.name for value in row.names["about"]] == ["Tavira Systems"]
    assert other.id == third.id


def test_words_for_an_unnamed_speaker_are_no_name() -> None:
    described = document_row(C3).names
    assert described["unnamed"] == (NameValue(id="an official", name="an official"),)
    assert [value.name for value in described["speaker"]] == ["Per Lindqvist"]
    named, unnamed = quote_rows(C3)
    assert "unnamed" not in named.names
    assert "speaker" not in unnamed.names
    (_, quote), text = C3.quotes, "an\n official of the port"
    longer = replace(C3, text=C3.text + text, quotes=(replace(quote, speaker=Speaker(name=text)),))
    assert document_row(longer).names["unnamed"][0].name == "an official of the port"
    uncertain = replace(quote, speaker=Speaker(name="Vera Lind", entity_id="person:vera-lind", confidence=0.4))
    assert "unnamed" not in document_row(replace(C3, quotes=(uncertain,))).names


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
    for made in (A1, B2, C3, D4):
        for row in (document_row(made), *quote_rows(made)):
            known = {(field.name, field.kind) for field in FIELDS if row.record in field.records}
            held = [(row.texts, "text"), (row.names, "name"), (row.keywords, "keyword"), (row.dates, "date")]
            assert {(name, kind) for values, kind in held for name in values} <= known


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
    assert row.precedence == Precedence(
        outlet="harbor gazette", wire="", published="2024-03-31T24", first_seen="", supplied=True
    )
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
    published = present(day("2024-03-01"))
    for value, read in (
        ("2024-03-01T01:00:00+02:00", "2024-02-29T23:00:00+00:00"),
        ("2024-03-01T01:00:00", "2024-03-01T01:00:00+00:00"),
    ):
        instant = replace(published, value=value, precision="instant")
        precedence = present(document_row(replace(made, published=instant)).precedence)
        assert precedence.published == read
    guess = present(document_row(replace(made, published=replace(published, confidence="low"))).precedence)
    assert guess.published == ""
