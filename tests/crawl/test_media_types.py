"""Which files are read, and what bytes give away."""

import gzip
import random

import pytest

from searchkit.crawl.media_types import CONTAINERS, detect, looks_binary, media_type, unsupported_reason
from tests.cases import cases
from tests.formats import docx, epub, mail, odt, pdf, printed, zipped

STORY = "The cranes of the port stood still. Die Kräne standen still. クレーンは止まった。\n" * 40

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BY_PATH = cases(__file__, "test_media_types")


@pytest.mark.parametrize(
    ("path", "kind"), [("", None), *((path, kind) for kind, paths in BY_PATH for path in paths.split())]
)
def test_media_types(path: str, kind: str | None) -> None:
    assert media_type(path) == kind


@pytest.mark.parametrize(
    "body",
    [
        b"\x7fELF\x02" + STORY.encode(),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0 JFIF",
        b"GIF89a",
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04 docx",
        b"SQLite format 3\0",
        b"filedesc://a.arc 0.0.0.0 20050512083000 text/plain 9\n",
        gzip.compress(STORY.encode()),
        random.Random(1).randbytes(5_000),
        b"\0" * 100,
        # Uncompressed pictures, and Word before 2007.
        *(
            start + b"\xff" * 9_000
            for start in (b"BM\x36\x10\x30\0\0\0\0\0", b"II*\0", b"MM\0*", b"RIFF\x01\x02\x03\x04WEBP")
        ),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"words " * 900,
    ],
)
def test_binary_formats_are_recognized(body: bytes) -> None:
    assert looks_binary(body)


PAGE = b"<!DOCTYPE html><html><body><p>The cranes stood still.</p></body></html>"
WORDS = b"The cranes of the port stood still.\n"
RSS = b"<?xml version='1.0'?>\n<!-- made by hand -->\n<rss version='2.0'><channel></channel></rss>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
MAILBOX = b"From nadia@ledger.example Mon May 12 10:00:00 2025\n" + mail()
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"


@pytest.mark.parametrize(
    ("promised", "body", "kind"),
    [
        *cases(__file__, "test_the_type_of_bytes"),
        ("message/rfc822", mail(), "message/rfc822"),
        ("multipart/related", mail(), "multipart/related"),
        ("application/mbox", MAILBOX, "application/mbox"),
        ("", mail(), "message/rfc822"),
        ("", MAILBOX, "application/mbox"),
        ("", gzip.compress(PAGE), "application/gzip"),
        ("", zipped({"a.txt": WORDS}), "application/zip"),
        ("", docx("Words."), DOCX),
        ("", odt("Words."), ODT),
        ("", odt(kind="spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
        ("", odt(kind="presentation"), "application/vnd.oasis.opendocument.presentation"),
        ("", odt(kind="graphics"), None),
        ("", epub("Words."), EPUB),
        ("text/html", "<p>Wörter</p>".encode("utf-16"), "text/html"),
        ("text/html", "Wörter".encode("utf-16"), "text/plain"),
        ("text/plain", MAILBOX, "application/mbox"),
        ("text/plain", mail(), "message/rfc822"),
        ("application/mbox", mail(), "message/rfc822"),
        ("application/zip", docx("Words."), DOCX),
        (DOCX, odt("Words."), ODT),
        (DOCX, docx("Words.")[:-40], DOCX),
        (DOCX, OLD_WORD, DOCX),
        ("text/html", bytes(500), None),
        ("application/pdf", random.Random(1).randbytes(5_000), None),
        ("text/html", OLD_WORD, None),
        ("application/zip", zipped({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}), XLSX),
        ("application/zip", zipped({"mimetype": b"x", "META-INF/manifest.xml": b"<a/>", "content.xml": b"<a/>"}), None),
        ("application/zip", zipped({"META-INF/MANIFEST.MF": b"", "Main.class": b""}), None),
    ],
)
def test_the_type_of_bytes(promised: str, body: bytes | str, kind: str | None) -> None:
    body = body.encode("latin-1") if isinstance(body, str) else body
    assert detect(promised, body) == kind
    if kind is None:
        reason = unsupported_reason(promised, body)
        assert reason
        assert "\n" not in reason


def test_a_story_that_only_looks_like_mail_stays_text() -> None:
    assert detect("text/plain", b"Title: Cranes\nBy: Nadia Korbel\n\nThe cranes stood still.") == "text/plain"
    assert detect("text/plain", b"From 10:15 on Monday the cranes stood still.\nNobody knew why.") == "text/plain"


def test_detection_is_cheap_on_hostile_bytes() -> None:
    for piece in (b"<!--", b"<?x?>", b"From ", b"a:\n", b"<!"):
        assert detect("", piece * 5_000_000) not in CONTAINERS
    assert detect("", b"PK\x03\x04" + b"PK\x01\x02" * 5_000_000) == "application/zip"


def test_a_pdf_without_its_beginning_is_no_text() -> None:
    rest = pdf(printed("The cranes of the port stood still."), printed("Nobody knew why."))
    for start in range(100, len(rest) - 300, 200):
        assert detect("application/pdf", rest[start:]) == "application/pdf"
        assert detect("text/plain", rest[start:]) == "text/plain", "it may be about PDF"
    assert detect("application/pdf", b"<!doctype html><html><p>endobj</p></html>") == "text/html"
    assert detect("application/pdf", STORY.encode()) == "text/plain"
