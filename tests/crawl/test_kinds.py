"""Which files are read, and what bytes give away."""

import gzip
import random

import pytest

from searchkit.crawl.kinds import ENDINGS, is_blank, looks_binary, media_type, starts_with_markup

STORY = "The cranes of the port stood still. Die Kräne standen still. クレーンは止まった。\n" * 40


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a/story.txt", "text/plain"),
        ("/a/STORY.TXT", "text/plain"),
        ("a.text", "text/plain"),
        ("a.md", "text/markdown"),
        ("a.html", "text/html"),
        ("a.xhtml", "application/xhtml+xml"),
        ("a.jsonl", "application/jsonl"),
        ("a.jsonl.gz", "application/jsonl+gzip"),
        ("a.JSONL.GZ", "application/jsonl+gzip"),
        ("a.txt.gz", None),
        ("a.gz", None),
        ("a.txt.bak", None),
        ("a.pdf", None),
        ("txt", None),
        ("story.", None),
        ("a.txt/story", None),
        ("", None),
    ],
)
def test_media_types(path: str, kind: str | None) -> None:
    assert media_type(path) == kind


def test_every_ending_is_read() -> None:
    assert all(media_type(f"story{ending}") for ending in ENDINGS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "shift_jis", "iso2022_jp", "cp1252"])
def test_text_of_every_encoding_is_text(encoding: str) -> None:
    assert not looks_binary(STORY.encode(encoding, "replace"))


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
        gzip.compress(STORY.encode()),
        random.Random(1).randbytes(5_000),
        b"\0" * 100,
    ],
)
def test_formats_for_machines_are_not(body: bytes) -> None:
    assert looks_binary(body)


@pytest.mark.parametrize(("nuls", "binary"), [(0, False), (2, False), (3, True)])
def test_one_control_code_in_fifty_is_borne(nuls: int, binary: bool) -> None:
    assert looks_binary(b"\0" * nuls + b"a" * (100 - nuls)) is binary


def test_only_the_beginning_decides() -> None:
    assert not looks_binary(b"a" * 70_000 + b"\0" * 70_000)
    assert not looks_binary(b"")


@pytest.mark.parametrize(
    ("body", "markup"),
    [
        (b"<!DOCTYPE html>", True),
        (b"<?xml version='1.0'?>", True),
        (b"<!-- x --><p>", True),
        (b" \r\n\t<html>", True),
        (b"\xef\xbb\xbf<P>", True),
        (b"<3 from Velmar", False),
        (b"< html>", False),
        (b"Words <b>and</b> tags", False),
        (b"<", False),
        (b"", False),
    ],
)
def test_markup(body: bytes, markup: bool) -> None:
    assert starts_with_markup(body) is markup


@pytest.mark.parametrize(
    ("body", "blank"),
    [
        (b"", True),
        (b" \t\r\n\f\v\0", True),
        (b"\xef\xbb\xbf\n", True),
        ("\ufeff \n".encode("utf-16-le"), True),
        (b".", False),
        (b"\xef\xbb\xbf a", False),
    ],
)
def test_blank(body: bytes, blank: bool) -> None:
    assert is_blank(body) is blank
