"""What an export writes of a record."""

import json

from searchkit.archive import Archive
from searchkit.export.records import COLUMNS, export_record, export_row
from searchkit.records import DOCUMENT
from searchkit.statements.text import Span, safe_json
from tests.archive.taken import CRANES, selected, take


def test_a_document_comes_back_whole(archive: Archive) -> None:
    document = take(archive)
    (found,) = selected(archive, record="document").records
    value = json.loads(safe_json(export_record(found)))
    assert value.pop("schema") == "searchkit.document/1"
    assert list(value) == list(DOCUMENT)
    assert (value["sha256"], value["url"]) == (document.digest, document.uri)
    for name in ("id", "text", "title", "extractor_version"):
        assert value[name] == getattr(document, name)
    assert [Span(*span) for span in value["paragraphs"]] == list(document.paragraphs)
    for written, quote in zip(value["statements"], document.quotes, strict=True):
        assert (written["id"], written["text"]) == (quote.id, quote.content.of(document.text))
        assert written["statement"]
        assert written["mark"] == ""


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
    row = export_row(first)
    assert set(COLUMNS["quote"]) <= set(row)
    assert row["page"] is None
    assert (row["date"], row["date_source"], row["date_confidence"]) == ("2026-03-03", "publication", "assumed")
    assert (row["published"], row["duplicates"], row["watchlist"]) == ("2026-03-03", 0, ())
    (found,) = selected(archive, record="document").records
    row = export_row(found)
    assert set(COLUMNS["document"]) <= set(row)
    assert (row["statement_count"], row["updated"], row["revision"]) == (2, None, 1)


def test_a_date_is_the_day_that_the_outlet_shows(archive: Archive) -> None:
    take(archive, published="2026-03-03T23:30:00-05:00")
    (found,) = selected(archive, record="document").records
    assert str(export_row(found)["published"])[:10] == "2026-03-03"
    take(archive, published=None, days=1)
    (found,) = selected(archive, record="document").records
    assert (export_row(found)["published"], export_row(found)["published_confidence"]) == (None, None)


def test_json_is_safe_and_lossless() -> None:
    odd = '\x1b[2J \u202e \x9b \u200b \ud800 \x7f é 天 🏗️ " \\ \n'
    line = safe_json({"text": odd})
    assert not {"\x1b", "\u202e", "\x9b", "\u200b", "\ud800", "\x7f", "\n"} & set(line)
    assert json.loads(line) == {"text": odd}
    assert "é 天 🏗️" in line
