"""WARC files: responses are read, other records skipped, damage is reported."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from searchkit.crawl import files
from searchkit.crawl.base import FileOptions, Noted, Refused
from searchkit.statements.document import Resource
from tests.crawl.reading import NOW, body_of, names, read_file, reasons, resources
from tests.formats import docx, zipped, zstd_compressed
from tests.limits import processor_time_below


def refusals(answers: Sequence[Resource | Refused]) -> dict[str, str]:
    return {uri.partition("#")[2]: reason for uri, reason in reasons(answers).items()}


def notes(path: Path) -> list[str]:
    found = files.resources([str(path)], FileOptions(), now=NOW)
    return [answer.note for answer in found if isinstance(answer, Noted)]


PAGE = "<!DOCTYPE html><html><body><p>Nadia Korbel said the cranes were sound.</p></body></html>"


class Crawl:
    """A WARC file in the making."""

    def __init__(self, *, compressed: bool = False) -> None:
        self._stream = io.BytesIO()
        self._writer = WARCWriter(self._stream, gzip=compressed)

    def add(
        self,
        body: bytes | str = PAGE,
        kind: str = "text/html; charset=utf-8",
        *,
        uri: str = "https://ledger.example/cranes",
        status: str = "200 OK",
        record: str = "response",
        fields: dict[str, str] | None = None,
        warc: dict[str, str] | None = None,
    ) -> "Crawl":
        """One more record, by default of a page that was fetched well."""
        content = body.encode() if isinstance(body, str) else body
        pairs = [("Content-Type", kind), *(fields or {}).items()]
        headers = StatusAndHeaders(status, pairs, protocol="HTTP/1.1")
        date = {"WARC-Date": "2025-05-12T08:30:00Z", **(warc or {})}
        self._writer.write_record(
            self._writer.create_warc_record(
                uri,
                record,
                payload=io.BytesIO(content),
                length=len(content),
                http_headers=headers if record == "response" else None,
                warc_headers_dict=date,
            )
        )
        return self

    @property
    def written(self) -> bytes:
        """The file."""
        return self._stream.getvalue()


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_response_is_a_page_at_its_address(tmp_path: Path, name: str) -> None:
    crawl = Crawl(compressed=name.endswith(".gz")).add().add(uri="https://ledger.example/port", kind="text/html")
    first, second = resources(read_file(tmp_path / name, crawl.written))
    assert first.uri == f"{(tmp_path / name).as_uri()}#https://ledger.example/cranes"
    assert (first.final_uri, first.defaults["canonical_url"]) == ("https://ledger.example/cranes",) * 2
    assert first.body == PAGE.encode()
    assert (first.media_type, first.charset) == ("text/html", "utf-8")
    assert first.fetched_at.isoformat() == "2025-05-12T08:30:00+00:00"
    assert (second.final_uri, second.charset) == ("https://ledger.example/port", "")


def test_other_records_are_skipped(tmp_path: Path) -> None:
    crawl = (
        Crawl()
        .add(record="resource")
        .add(record="metadata")
        .add(status="404 Not CrawlResult")
        .add(status="301 Moved")
        .add(b"\x89PNG", "image/png")
        .add("body {}", "text/css")
        .add("User-agent: *", "text/plain", uri="https://ledger.example/robots.txt")
        .add(b"Words.", "text/plain", uri="dns:ledger.example")
        .add("<rss><channel></channel></rss>", "application/rss+xml")
        .add(zipped({"a.txt": "x"}), "application/zip")
        .add(docx("Words."), "application/octet-stream", uri="https://ledger.example/a.docx")
    )
    answers = read_file(tmp_path / "a.warc", crawl.written)
    assert names(answers) == ["https://ledger.example/a.docx"]
    assert refusals(answers) == {}
    assert notes(tmp_path / "a.warc") == [
        "10 records were skipped: 2 that are feeds or archives, 1 of type application/warc-record, 1 metadata, "
        "1 with status 404, 1 with status 301, 1 of type image/png, 1 of type text/css, 1 with an address of no page, "
        "1 without HTTP header"
    ]
    nothing = read_file(tmp_path / "a.warc", Crawl().add(status="404 Not CrawlResult").written)
    assert list(reasons(nothing).values()) == ["contains no supported page"]


def test_captures_of_one_address_keep_their_order(tmp_path: Path) -> None:
    crawl = Crawl().add("<p>First.</p>").add("<p>Second.</p>", warc={"WARC-Date": "2025-05-13T08:30:00Z"})
    answers = read_file(tmp_path / "a.warc", crawl.written)
    assert [body_of(answer) for answer in answers] == [b"<p>First.</p>", b"<p>Second.</p>"]
    assert [resource.fetched_at.day for resource in resources(answers)] == [12, 13]


def test_a_capture_from_the_future_is_dated_when_it_is_read(tmp_path: Path) -> None:
    crawl = Crawl().add(warc={"WARC-Date": "2026-03-01T12:00:01Z"})
    [resource] = resources(read_file(tmp_path / "a.warc", crawl.written))
    assert resource.fetched_at == NOW
    assert resource.defaults["notes"] == (
        "date of the capture ignored, because it is in the future: 2026-03-01T12:00:01Z",
    )


def test_resources_conversions_and_other_good_answers_are_read(tmp_path: Path) -> None:
    text = {"Content-Type": "text/plain"}
    crawl = (
        Crawl()
        .add("Words.", record="resource", uri="ftp://ledger.example/a.txt", warc=text)
        .add("Words.", record="conversion", warc=text)
        .add(record="resource", uri="metadata://wget/log.txt", warc=text)
        .add()
        .add(status="203 Non-Authoritative", uri="https://ledger.example/b")
        .add(status="206 Partial Content", uri="https://ledger.example/c")
    )
    found = resources(read_file(tmp_path / "a.warc", crawl.written))
    assert [(made.final_uri, made.media_type) for made in found] == [
        ("", "text/plain"),
        ("https://ledger.example/cranes", "text/plain"),
        ("https://ledger.example/cranes", "text/html"),
        ("https://ledger.example/b", "text/html"),
        ("https://ledger.example/c", "text/html"),
    ]
    assert len({made.uri for made in found}) == 5, "a page and its text are two documents"
    assert "status 206" in found[-1].defaults["notes"][0]


def chunked(body: bytes, size: int = 10) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;note\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE.encode())),
        ("x-gzip", gzip.compress(PAGE.encode())),
        ("deflate", zlib.compress(PAGE.encode())),
        ("br", brotli.compress(PAGE.encode())),
        ("gzip", PAGE.encode()),
        ("br", PAGE.encode()),
        ("zstd", PAGE.encode()),
        ("zstd", zstd_compressed(PAGE.encode())),
        ("identity", PAGE.encode()),
        ("gzip, br", brotli.compress(gzip.compress(PAGE.encode()))),
    ],
)
def test_encodings_are_decoded_if_present(tmp_path: Path, encoding: str, body: bytes) -> None:
    for transfer, sent in (("chunked", chunked(body)), ("chunked", body), ("identity", body)):
        fields = {"Content-Encoding": encoding, "Transfer-Encoding": transfer}
        answers = read_file(tmp_path / "a.warc", Crawl().add(sent, fields=fields).written)
        assert [body_of(answer) for answer in answers] == [PAGE.encode()]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_bombs_are_refused_and_the_next_page_read(tmp_path: Path, encoding: str) -> None:
    bomb = b"word " * 8_000_000
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd_compressed}
    body = pack[encoding](bomb)
    crawl = Crawl().add(body, fields={"Content-Encoding": encoding}).add(uri="https://ledger.example/port")
    answers = read_file(tmp_path / "a.warc", crawl.written)
    assert refusals(answers) == {"https://ledger.example/cranes": "expands to more than 20 MB"}
    assert names(answers) == ["https://ledger.example/port"]


def test_empty_and_binary_pages_are_refused(tmp_path: Path) -> None:
    crawl = Crawl().add(b"").add(b"\x89PNG\r\n", uri="https://ledger.example/b").add("Words.", uri="https://c.example/")
    answers = read_file(tmp_path / "a.warc", crawl.written)
    assert refusals(answers) == {
        "https://ledger.example/cranes": "is empty",
        "https://ledger.example/b": "looks binary",
    }
    assert resources(answers)[0].media_type == "text/plain"


def test_a_truncated_page_has_a_note(tmp_path: Path) -> None:
    crawl = Crawl().add(warc={"WARC-Truncated": "length"})
    [resource] = resources(read_file(tmp_path / "a.warc", crawl.written))
    assert resource.defaults["notes"] == ("truncated when it was fetched, according to its WARC record",)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_that_ends_early_keeps_what_came_before(tmp_path: Path, name: str) -> None:
    whole = Crawl(compressed=name.endswith(".gz")).add().add(PAGE * 9, uri="https://ledger.example/port").written
    answers = read_file(tmp_path / name, whole[:-60])
    assert names(answers) == ["https://ledger.example/cranes"]
    assert len(reasons(answers)) == 1


HOSTILE = {
    "no WARC": b"Words and words.\n",
    "header alone": b"WARC/1.0\r\n",
    "endless header": b"WARC/1.0\r\nX: " + b"y" * 30_000_000,
    "many fields": b"WARC/1.0\r\n" + b"X: y\r\n" * 3_000_000,
    "no length": b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n\r\n"
    b"HTTP/1.1 200 OK\r\n\r\nx",
    "wrong length": b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
    b"Content-Length: -5\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx",
    "no address": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n",
    "no type": b"WARC/1.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    "odd address": b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://[a/\r\nContent-Length: 19\r\n\r\n"
    b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n",
    "binary": b"WARC/1.0\r\n" + bytes(range(256)) * 4_000,
    "escape": b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nabc\x1b[2J\r\n\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_have_an_outcome_in_time(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with processor_time_below(10):
        assert read_file(tmp_path / "a.warc", HOSTILE[name])
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_many_small_chunks_take_bounded_time(tmp_path: Path) -> None:
    with processor_time_below(10):
        crawl = Crawl().add(chunked(b"<p>" + b"x" * 600_000, 1), fields={"Transfer-Encoding": "chunked"})
        [resource] = resources(read_file(tmp_path / "a.warc", crawl.written))
        assert len(resource.body) == 600_003


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2025-05-12T08:30:00+09:00", "2025-05-11T23:30:00+00:00"),
        ("2025-05-12T08:30:00", "2025-05-12T08:30:00+00:00"),
        ("0001-01-01T00:00:00+09:00", NOW.isoformat()),
        ("yesterday", NOW.isoformat()),
    ],
)
def test_the_time_of_a_capture_is_reported_in_utc(tmp_path: Path, date: str, expected: str) -> None:
    crawl = Crawl().add(warc={"WARC-Date": date})
    (page,) = resources(read_file(tmp_path / "a.warc", crawl.written))
    assert page.fetched_at.isoformat() == expected


def test_a_large_page_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    crawl = Crawl().add(PAGE * 100).add(uri="https://ledger.example/port")
    answers = read_file(tmp_path / "a.warc", crawl.written, options=FileOptions(max_bytes=1_000))
    assert refusals(answers) == {"https://ledger.example/cranes": "is larger than 1000 bytes"}
    assert names(answers) == ["https://ledger.example/port"]
