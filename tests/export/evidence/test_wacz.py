"""The WACZ file next to an evidence file: its parts, its records, its index."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from searchkit.archive import Archive
from searchkit.crawl.web.captures import Captures
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.findings import InvalidPart
from searchkit.export.evidence.wacz import INDEX, PACKAGE, PACKAGE_DIGEST, PAGES, WARC, surt
from searchkit.statements.document import document_id
from tests.archive.taken import TEXT, take
from tests.cases import cases
from tests.crawl.web.site import Site
from tests.export.evidence.published import FILE, exported, publish
from tests.samples import present
from tests.test_update import after, given


@pytest.fixture
def evidence(archive: Archive, site: Site, tmp_path: Path) -> tuple[Path, list[str]]:
    publish(archive, site)
    return exported(archive, tmp_path)


def faults(file: Path) -> list[str]:
    """What is wrong with the captures of a file."""
    with file.open("rb") as stream:
        check = EvidenceCheck(stream, "f", archive=None, wacz=file.parent)
        return [found.reason for found in check.findings() if isinstance(found, InvalidPart)]


def captures_line(lines: list[str]) -> dict[str, Any]:
    (line,) = (json.loads(line) for line in lines if '"searchkit.evidence-captures/1"' in line)
    return dict(line)


def test_it_has_the_parts_of_a_wacz_with_their_digests(evidence: tuple[Path, list[str]], site: Site) -> None:
    file, lines = evidence
    wacz = file.with_suffix(".wacz")
    line = captures_line(lines)
    assert (line["file"], line["captures"]) == ("e.wacz", 2)
    assert line["sha256"] == hashlib.sha256(wacz.read_bytes()).hexdigest()
    assert line["without"] == [{"document": document_id(FILE), "uri": FILE, "reason": "not kept"}]
    with zipfile.ZipFile(wacz) as package:
        members = {info.filename: (info.compress_type, package.read(info)) for info in package.infolist()}
    assert [*members] == [WARC, INDEX, PAGES, PACKAGE, PACKAGE_DIGEST]
    assert {kind for kind, _ in members.values()} == {zipfile.ZIP_STORED}
    described = json.loads(members[PACKAGE][1])
    assert (described["profile"], described["wacz_version"]) == ("data-package", "1.1.1")
    assert described["created"] == "2026-03-05T05:06:07Z"
    assert described["resources"] == [
        {
            "name": path.rpartition("/")[2],
            "path": path,
            "hash": f"sha256:{hashlib.sha256(members[path][1]).hexdigest()}",
            "bytes": len(members[path][1]),
        }
        for path in (WARC, INDEX, PAGES)
    ]
    digest = hashlib.sha256(members[PACKAGE][1]).hexdigest()
    assert json.loads(members[PACKAGE_DIGEST][1]) == {"path": PACKAGE, "hash": f"sha256:{digest}"}
    head, *pages = map(json.loads, members[PAGES][1].splitlines())
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    # The clock of a run goes on while it waits.
    assert sorted((page["url"], page["ts"][:16], page["title"]) for page in pages) == [
        (site.url("/cranes.txt?token=***"), "2026-03-04T05:00", "Cranes stand still"),
        (site.url("/ferries.txt"), "2026-03-04T05:00", "Ferries are late"),
    ]


def test_the_index_leads_to_records_with_the_payloads_of_the_captures(
    evidence: tuple[Path, list[str]], archive: Archive, site: Site
) -> None:
    with zipfile.ZipFile(evidence[0].with_suffix(".wacz")) as package:
        warc, index = package.read(WARC), package.read(INDEX).decode().splitlines()
    assert index == sorted(index)
    for line in index:
        key, stamp, written = line.split(" ", 2)
        entry = json.loads(written)
        assert (key, stamp[:12]) == (surt(entry["url"]), "202603040500")
        start, length = int(entry["offset"]), int(entry["length"])
        record = next(iter(ArchiveIterator(io.BytesIO(warc[start : start + length]))))
        assert (record.rec_type, entry["mime"], entry["status"]) == ("response", "text/plain", "200")
        assert record.rec_headers.get_header("WARC-Target-URI") == entry["url"]
        body = record.content_stream().read()
        digest = hashlib.sha256(body).hexdigest()
        assert entry["digest"] == record.rec_headers.get_header("WARC-Payload-Digest") == f"sha256:{digest}"
        assert Captures(archive.folder / "captures").read(digest, max_bytes=10_000) == body
        assert record.http_headers.get_header("Set-Cookie") is None
        assert record.http_headers.get_header("ETag")
    assert b"4711" not in b"".join(record.content_stream().read() for record in ArchiveIterator(io.BytesIO(warc)))
    assert not any(re.search(r"\b4711\b", line) for line in (*index, *evidence[1]))  # neither secrets nor cookies leave


def test_the_words_of_each_statement_are_found_in_its_capture(evidence: tuple[Path, list[str]]) -> None:
    with evidence[0].open("rb") as stream:
        check = EvidenceCheck(stream, "f", archive=None, wacz=evidence[0].parent)
        assert list(check.findings()) == []
    found = present(check.report.wacz)
    assert (found.captures, found.statements) == (2, 4)
    assert check.report.unchecked == ("statements",)


@pytest.mark.slow
def test_web_pages_are_parsed_again(archive: Archive, site: Site, tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT.split("\n\n"))
    site.page("/a.html", f"<html><head><title>Cranes</title></head><body><article>{paragraphs}</article></body></html>")
    after(0, archive, given(site, "/a.html"))
    file, _ = exported(archive, tmp_path)
    assert faults(file) == []


def test_a_capture_without_its_fetch_is_a_resource(archive: Archive, site: Site, tmp_path: Path) -> None:
    publish(archive, site)
    (archive.folder / "frontier.sqlite").unlink()
    file, _ = exported(archive, tmp_path)
    with zipfile.ZipFile(file.with_suffix(".wacz")) as package:
        types = [record.rec_type for record in ArchiveIterator(io.BytesIO(package.read(WARC)))]
    assert types == ["warcinfo", "resource", "resource"]


def test_a_damaged_capture_is_reported(archive: Archive, site: Site, tmp_path: Path) -> None:
    publish(archive, site)
    captures = sorted((archive.folder / "captures").glob("*/*.gz"))
    captures[0].write_bytes(b"damaged")
    file, lines = exported(archive, tmp_path)
    assert captures_line(lines)["captures"] == 1
    assert [each["reason"] for each in captures_line(lines)["without"]].count("damaged") == 1
    (reason,) = faults(file)
    assert reason.endswith(" was damaged before the export")


def test_an_archive_without_captures_has_an_empty_wacz(archive: Archive, tmp_path: Path) -> None:
    take(archive)
    file, lines = exported(archive, tmp_path)
    assert captures_line(lines)["captures"] == 0
    assert faults(file) == []


@pytest.mark.parametrize(("url", "key"), cases(__file__, "test_keys_of_the_index"))
def test_keys_of_the_index(url: str, key: str) -> None:
    assert surt(url) == key
