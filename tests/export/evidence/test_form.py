"""What an evidence file holds of each statement."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from searchkit import __version__
from searchkit.archive import Archive
from searchkit.export.evidence.form import END, SCHEMA, STATEMENT, EvidenceEnd, digest, text_digest
from searchkit.export.evidence.writing import EvidenceWriter
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.statements.document import RECORD_VERSION
from tests.archive.taken import CRANES, NOW, TEXT, selected, take, take_pdf
from tests.formats import pdf, printed


def written(archive: Archive, query: str = "*", **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The lines of evidence, as values and as they are."""
    writer = EvidenceWriter(selected(archive, query, **options), archive=archive, query=query, made_at=NOW)
    lines = list(writer.lines())
    return [json.loads(line) for line in lines], lines


def test_the_first_line_describes_the_export(archive: Archive) -> None:
    take(archive)
    (head, *_), _ = written(archive, "crates")
    assert head == {
        "schema": SCHEMA,
        "query": "crates",
        "interpreted_as": "crates",
        "syntax": 1,
        "made_at": "2026-03-04T05:06:07+00:00",
        "searchkit": __version__,
        "record_version": RECORD_VERSION,
        "extractor_version": EXTRACTOR_VERSION,
        "matching": 1,
        "notes": [],
        "timestamp": None,
    }


def test_each_statement_has_words_place_surroundings_and_digests(archive: Archive) -> None:
    document = take(archive)
    (_, first, second, *_), _ = written(archive)
    for value, quote in zip((first, second), document.quotes, strict=True):
        assert value["schema"] == STATEMENT
        assert (value["id"], value["document"], value["revision"]) == (quote.id, document.id, 1)
        assert value["text"] == TEXT[value["start"] : value["end"]] == quote.content.of(TEXT)
        assert value["prefix"] == TEXT[max(0, value["start"] - 64) : value["start"]]
        assert value["suffix"] == TEXT[value["end"] : value["end"] + 64]
        assert value["sha256"]["text"] == hashlib.sha256(TEXT.encode()).hexdigest() == text_digest(document)
        assert value["sha256"]["title_and_text"] == document.digest
        assert value["sha256"]["raw"] == document.raw_digest
        assert (value["url"], value["uri"], value["capture"]) == (CRANES, CRANES, None)
        assert value["fetched_at"] == value["first_seen"] == "2026-03-04T05:06:07+00:00"
        assert value["published"]["value"] == "2026-03-03"
        assert (value["rule"], value["confidence"]) == (quote.rule, round(quote.confidence, 3))
        assert (value["extractor_version"], value["record_version"]) == (EXTRACTOR_VERSION, RECORD_VERSION)
    assert (first["speaker"], first["resolved_by"]) == ("Nadia Korbel", "full-name")


def test_the_last_line_counts_and_seals_what_stands_before(archive: Archive) -> None:
    take(archive)
    (*_, end), lines = written(archive)
    before = "".join(f"{line}\n" for line in lines[:-1]).encode()
    assert end == {
        "schema": END,
        "statements": 2,
        "entries": 4,
        "custody": digest(lines[-2].encode()),
        "sha256": hashlib.sha256(before).hexdigest(),
    }
    writer = EvidenceWriter(selected(archive, "nowhere"), archive=archive, query="nowhere", made_at=NOW)
    assert len(list(writer.lines())) == 2
    assert writer.sealed is not None
    assert writer.sealed == EvidenceEnd(
        statements=0, entries=0, custody=writer.sealed.custody, sha256=writer.sealed.sha256
    )


def test_the_capture_is_named_where_it_is_kept(archive: Archive) -> None:
    document = take(archive)
    path = archive.folder / "captures" / document.raw_digest[:2] / f"{document.raw_digest}.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"the bytes"))
    (_, first, *_), _ = written(archive)
    assert archive.folder / first["capture"] == path


def test_signs_that_steer_are_escapes_and_come_back(archive: Archive) -> None:
    title = "T \u202egnp.exe \x9b31m"
    take(archive, title=title, outlet="\u2066Ledger\u2069")
    (_, first, *_), lines = written(archive)
    assert (first["title"], first["outlet"]) == (title.replace("\x9b", ""), "\u2066Ledger\u2069")
    assert not {"\u202e", "\x9b", "\u2066", "\x1b"} & set("".join(lines))
    assert r"\u202e" in lines[1]


@pytest.mark.slow
def test_a_pdf_is_cited_by_page(archive: Archive, tmp_path: Path) -> None:
    filler = "The rest of the page tells of the weather in the port, which was fair."
    said = "“The crane was sound,” Nadia Korbel told reporters on Monday."
    take_pdf(archive, pdf(printed(filler, filler), printed(said)), tmp_path)
    (_, first, *_), _ = written(archive)
    assert (first["page"], first["speaker"]) == (2, "Nadia Korbel")
