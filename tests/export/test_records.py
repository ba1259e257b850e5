"""What an export writes of a record."""

import json

import msgspec

from searchkit.archive import Archive
from searchkit.export.records import COLUMNS, as_row, export_record
from searchkit.records import document_record
from searchkit.statements.text import safe_json
from tests.archive.taken import CRANES, selected, take


def test_a_document_comes_back_whole(archive: Archive) -> None:
    document = take(archive)
    (found,) = selected(archive, record="document").records
    value = json.loads(safe_json(export_record(found)))
    assert value.pop("schema") == "searchkit.document/1"
    record = json.loads(msgspec.json.encode(document_record(document)))
    stored = record.pop("quotes")
    for quote, expected in zip(value.pop("quotes"), stored, strict=True):
        assert quote.items() >= expected.items()
        assert quote["statement"]
        assert quote["mark"] == ""
    assert value == record


def test_a_statement_stands_by_itself(archive: Archive) -> None:
    document = take(archive, language="en", byline="Renske Oudhaven")
    first, _ = selected(archive).records
    value = json.loads(safe_json(export_record(first)))
    assert value["schema"] == "searchkit.export/1"
    assert (value["text"], value["speaker"]) == (document.quotes[0].content.of(document.text), "Nadia Korbel")
    assert (value["title"], value["url"], value["byline"]) == ("Cranes stand still", CRANES, ["Renske Oudhaven"])


def test_rows_have_their_columns(archive: Archive) -> None:
    take(archive)
    first, _ = selected(archive).records
    row = as_row(first)
    assert set(COLUMNS["quote"]) <= set(row)
    assert row["page"] is None
    assert (row["date"], row["date_source"], row["date_confidence"]) == ("2026-03-03", "publication", "assumed")
    assert (row["published"], row["copies"], row["watchlist"]) == ("2026-03-03", 0, ())
    (found,) = selected(archive, record="document").records
    row = as_row(found)
    assert set(COLUMNS["document"]) <= set(row)
    assert (row["statement_count"], row["updated"], row["revision"]) == (2, None, 1)


def test_a_date_is_the_day_that_the_outlet_shows(archive: Archive) -> None:
    take(archive, published="2026-03-03T23:30:00-05:00")
    (found,) = selected(archive, record="document").records
    assert as_row(found)["published"][:10] == "2026-03-03"
    take(archive, published=None, days=1)
    (found,) = selected(archive, record="document").records
    assert (as_row(found)["published"], as_row(found)["published_confidence"]) == (None, None)


def test_json_is_safe_and_lossless() -> None:
    odd = '\x1b[2J \u202e \x9b \u200b \ud800 \x7f é 天 🏗️ " \\ \n'
    line = safe_json({"text": odd})
    assert not {"\x1b", "\u202e", "\x9b", "\u200b", "\ud800", "\x7f", "\n"} & set(line)
    assert json.loads(line) == {"text": odd}
    assert "é 天 🏗️" in line
