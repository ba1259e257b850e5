"""Evidence files that somebody changed and sealed again, compared with the archive that they were exported from."""

import hashlib
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from searchkit.archive import Archive
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.form import CAPTURES_LINE, CUSTODY, STATEMENT
from searchkit.export.evidence.wacz import INDEX, PACKAGE, PAGES, WARC
from searchkit.notes.file import TypedNote, made_note, read, write
from searchkit.statements.document import document_id
from tests.archive.taken import NOW
from tests.cases import cases
from tests.crawl.web.site import Site
from tests.export.evidence.published import FERRIES, exported, publish, rehash, repacked, resealed
from tests.samples import present
from tests.test_update import after, given

pytestmark = pytest.mark.slow
# What a first line says of the program that wrote it.
ACCEPTED = {"syntax", "record_version", "extractor_version"}
Lines = list[dict[str, Any]]


@pytest.fixture
def file(archive: Archive, site: Site, tmp_path: Path) -> Path:
    """Evidence about two pages, one of them in its second revision, and a file; with a note and captures."""
    publish(archive, site)
    site.page("/ferries.txt", f"Ferries are late\n\n{FERRIES} They sailed at noon.\n", media_type="text/plain")
    after(20, archive, given(site, "/ferries.txt"))
    document = present(archive.get(document_id(site.url("/ferries.txt"))))
    note = present(made_note(document.quotes[0], document, TypedNote(mark="checked", by="Ada", tags=["port"]), now=NOW))
    write(archive.folder, read(archive.folder).with_note(note))
    return exported(archive, tmp_path)[0]


def complaints(archive: Archive, file: Path) -> list[str]:
    with file.open("rb") as stream:
        check = EvidenceCheck(stream, "f", archive=archive, wacz=file.parent)
        found = [finding.summary for finding in check.findings()]
        assert bool(found) != check.report.as_recorded
        return found


def forged(file: Path, change: Callable[[Lines], Iterable[dict[str, Any]]]) -> None:
    """Change the lines before the seal, and seal them again."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    changed = [json.dumps(line, ensure_ascii=False) for line in change(lines[:-1])]
    file.write_text("".join(f"{line}\n" for line in resealed(changed)))


def other(value: Any) -> Any:
    """Return another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}" if value else "x"
        case int() | float():
            return value + 1
        case list():
            return value[1:] if value else ["x"]
        case dict():
            name = next(iter(value))
            return value | {name: other(value[name])}
    return "x"


def kinds(lines: Lines) -> list[tuple[str, Callable[[Lines], Iterable[dict[str, Any]]]]]:
    """Return forgeries by name: each field of each kind of line changed or removed, lines removed or repeated."""
    made: list[tuple[str, Callable[[Lines], Iterable[dict[str, Any]]]]] = []

    def at(number: int, change: Callable[[dict[str, Any]], list[dict[str, Any]]], name: str) -> None:
        made.append((name, lambda lines: [*lines[:number], *change(lines[number]), *lines[number + 1 :]]))

    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines):
        kind = "head" if number == 0 else f"{line['schema']} {line.get('event', '')}"
        for name in line.keys() - {"schema", "number", "previous", "id" if number == 0 else ""}:
            if (kind, name) in seen or (line.get("event") == "exported" and name not in {"at", "by", "document"}):
                continue  # a forger makes these new
            seen.add((kind, name))
            at(number, lambda line, name=name: [line | {name: other(line[name])}], f"{kind}: {name} changed")  # type: ignore[misc]
            if line["schema"] == STATEMENT and line[name] and (name != "copies" or line[name]["group"]):
                gone = lambda line, name=name: [{key: line[key] for key in line if key != name}]  # noqa: E731
                at(number, gone, f"{kind}: {name} removed")
        if number:
            at(number, lambda _: [], f"line {number} ({kind}) removed")
        if line["schema"] in {STATEMENT, CUSTODY}:
            at(number, lambda line: [line, line], f"line {number} ({kind}) twice")
    return made


def test_each_forgery_is_reported(archive: Archive, file: Path) -> None:
    assert complaints(archive, file) == []
    original = file.read_text()
    lines = [json.loads(line) for line in original.splitlines()][:-1]
    accepted: list[str] = []
    forgeries = kinds(lines)
    assert len(forgeries) > 150
    for name, change in forgeries:
        forged(file, change)
        if not complaints(archive, file):
            accepted.append(name)
        file.write_text(original)
    # Without the line about captures, the file states less.
    captures = f"line {len(lines) - 1} ({CAPTURES_LINE} ) removed"
    assert set(accepted) == {captures, *(f"head: {name} changed" for name in ACCEPTED)}


def forged_captures(file: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change the members of the WACZ file, and make its digests and those of the evidence file fit."""
    wacz = file.with_suffix(".wacz")

    def pack(members: dict[str, bytes]) -> None:
        change(members)
        rehash(members)

    repacked(wacz, pack)
    described = {"sha256": hashlib.sha256(wacz.read_bytes()).hexdigest(), "bytes": wacz.stat().st_size}
    forged(file, lambda lines: [line | described if line["schema"] == CAPTURES_LINE else line for line in lines])


def rewritten(warc: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a WARC file in which `change` has changed each record."""
    made = io.BytesIO()
    writer = WARCWriter(made, gzip=True, warc_version="1.1")
    for record in ArchiveIterator(io.BytesIO(warc)):
        if record.rec_type == "response":
            change(record)
        writer.write_record(record)
    return made.getvalue()


@pytest.mark.parametrize(("header", "value"), cases(__file__, "test_a_capture_with_another_header_is_reported"))
def test_a_capture_with_another_header_is_reported(archive: Archive, file: Path, header: str, value: str) -> None:
    """The forger also makes index, pages and digests new."""

    def change(record: Any) -> None:
        headers = record.rec_headers if header.startswith("WARC") else record.http_headers
        headers.replace_header(header or "X-New", value)

    def pack(members: dict[str, bytes]) -> None:
        before = members[WARC]
        members[WARC] = rewritten(before, change)
        for path in (INDEX, PAGES):
            text = members[path].decode()
            for record in ArchiveIterator(io.BytesIO(before)):
                if header == "WARC-Target-URI" and record.rec_type == "response":
                    text = text.replace(record.rec_headers.get_header(header), value)
            members[path] = text.encode()

    forged_captures(file, pack)
    assert any("another address, date or header" in complaint for complaint in complaints(archive, file))


@pytest.mark.parametrize(
    ("path", "written", "forged_to"),
    [
        (PACKAGE, b"Statements: ", b"Certified: "),
        (PACKAGE, b'"created": "2026', b'"created": "2020'),
        (PACKAGE, b'"profile"', b'"by": "court",\n  "profile"'),
        (INDEX, b"2026", b"2025"),
        (PAGES, b"2026", b"2025"),
    ],
)
def test_another_description_or_list_of_captures_is_reported(
    archive: Archive, file: Path, path: str, written: bytes, forged_to: bytes
) -> None:
    def pack(members: dict[str, bytes]) -> None:
        assert written in members[path]
        members[path] = members[path].replace(written, forged_to)

    forged_captures(file, lambda _members: None)
    assert complaints(archive, file) == []
    forged_captures(file, pack)
    assert any("its lists or its description do not fit" in complaint for complaint in complaints(archive, file))
