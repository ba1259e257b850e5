"""The fields of hits, and which are asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from searchkit.archive import Archive
from searchkit.cli.answer_data import chosen
from searchkit.cli.answers import answer_from_options
from searchkit.errors import UsageError
from searchkit.export.records import (
    HIT_FIELDS,
    STATEMENTS_LISTED,
    TABLE_COLUMNS,
    Values,
    field_names,
    hit_fields,
    values_of,
)
from searchkit.query.fields import Record
from searchkit.statements.text import safe_json
from tests.cases import cases
from tests.cli.harbor import options


def _hits(archive: Archive, query: str, record: Record = "document", **given: Any) -> list[Values]:
    answer = answer_from_options(archive, (query,), record, options(**given))
    return list(values_of(answer))


@pytest.mark.parametrize(("written", "expected"), cases(__file__, "test_fields_that_are_asked_for"))
def test_fields_that_are_asked_for(written: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert chosen(written, "document", ("x", "y")) == expected


@pytest.mark.parametrize(
    ("written", "complaint"), [*cases(__file__, "test_fields_that_cannot_be"), (["x" * 10_000], "Unknown field")]
)
def test_fields_that_cannot_be(written: list[str], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(written, "document", ())
    assert complaint in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("record", ["document", "quote"])
def test_every_field_has_a_value_and_a_cell(opened_harbor: Archive, record: Record) -> None:
    for hit in _hits(opened_harbor, "*", record):
        whole = json.loads(safe_json(hit_fields(hit, field_names(record))))
        assert list(whole) == list(field_names(record))
        for name in field_names(record):
            cell = hit.cell(name)
            assert cell is None or isinstance(cell, (str, int, float, list, tuple)), name
        assert set(TABLE_COLUMNS[record]) <= set(whole)
        # Pages and times are of formats that have such.
        assert list(hit_fields(hit)) == [name for name in HIT_FIELDS[record] if name not in {"page", "time"}]
        assert hit_fields(hit, ("page",) if record == "quote" else ("id",))


def test_cells_hold_what_a_sheet_can(opened_harbor: Archive) -> None:
    (hit,) = _hits(opened_harbor, '"crates twice" speaker:Korbel')
    assert hit.cell("published") == "2022-12-16"
    assert hit.cell("duplicates") == 0
    assert hit.cell("statements") == [statement.quote.id for statement in hit.excerpt.statements]
    assert hit.cell("snippets") == hit.cell("snippet") == hit.value("snippets")[0].text
    assert json.loads(str(hit.cell("evidence"))) == hit.plain(["evidence"])["evidence"]
    assert hit.cell("title_marks") == ()
    (hit,) = _hits(opened_harbor, "title:cranes")
    assert hit.cell("title_marks") == "[[0, 6]]"


def test_statements_of_a_hit_cite_their_place(opened_harbor: Archive) -> None:
    (hit,) = _hits(opened_harbor, "crates speaker:Korbel date:2022")
    result = hit.plain(["statements"])["statements"]
    assert result["total"] == len(result["listed"]) == 1
    (one,) = result["listed"]
    assert one["meets"] == ("crates", "speaker:Korbel")
    assert hit.document.text[one["start"] : one["end"]] == one["text"] == '"We counted the crates twice,"'
    assert [one["text"][start:end] for start, end in one["marks"]] == ["crates"]
    assert (one["speaker"], one["speaker_id"]) == ("Nadia Korbel", "person:nadia-korbel")


def test_marks_and_evidence_of_a_statement(opened_harbor: Archive) -> None:
    (hit,) = _hits(opened_harbor, "quote:crates title:stand", "quote")
    result = to_builtins(hit_fields(hit))
    assert [result["text"][start:end] for start, end in result["marks"]] == ["crates"]
    assert [result["title"][start:end] for start, end in result["title_marks"]] == ["stand"]
    assert result["evidence"]["sha256"] == hit.document.digest
    assert result["document"] == hit.document.id
    assert result["duplicates"] == {"group": "", "number": 0, "ids": ()}


def test_of_many_statements_the_first_are_listed(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from searchkit.crawl.base import new_resource
    from searchkit.ingest import IngestOptions

    now = datetime(2026, 3, 4, tzinfo=UTC)
    text = "Talks.\n\n" + "\n\n".join(f'"Crate {n} was sound," Nadia Korbel said on Monday.' for n in range(30))
    with Archive.create(tmp_path / "archive") as archive:
        found = [new_resource("https://ledger.example/a", text.encode(), media_type="text/plain", now=now)]
        list(archive.ingest(found, options=IngestOptions(workers=1), now=now))
        (hit,) = _hits(archive, "speaker:Korbel")
        result = hit.plain(["statements"])["statements"]
        assert (result["total"], len(result["listed"])) == (30, STATEMENTS_LISTED)
        places = [statement["start"] for statement in result["listed"]]
        assert places == sorted(places)
