"""Files compressed with gzip: what they hold keeps their address."""

import gzip
from pathlib import Path

import pytest

from searchkit.crawl import FileOptions
from tests.crawl.reading import STORY, body_of, read_file, reasons, resources, uris
from tests.formats import docx, mail, zipped


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("a.txt.gz", STORY.encode(), "text/plain"),
        ("a.html.GZ", b"<p>Words.</p>", "text/html"),
        ("a.pdf.gz", b"%PDF-1.4", "application/pdf"),
        ("a.eml.gz", mail(), "message/rfc822"),
        ("a.docx.gz", docx("x"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_one_document(tmp_path: Path, name: str, body: bytes, kind: str) -> None:
    [resource] = resources(read_file(tmp_path / name, gzip.compress(body)))
    assert (resource.uri, resource.media_type, resource.body) == ((tmp_path / name).as_uri(), kind, body)


def test_a_mailbox_with_the_name_of_a_text(tmp_path: Path) -> None:
    box = b"From a@b.example Mon May 12 10:00:00 2025\n" + mail() + b"\n"
    path = tmp_path / "2025-May.txt.gz"
    assert uris(read_file(path, gzip.compress(box))) == [f"{path.as_uri()}#one@ledger.example"]


def test_what_is_called_otherwise_is_found_out(tmp_path: Path) -> None:
    answers = read_file(tmp_path / "a.txt", gzip.compress(STORY.encode()))
    assert body_of(answers[0]) == STORY.encode()
    answers = read_file(tmp_path / "a.html.gz", b"<html><p>Not compressed at all</p></html>")
    assert resources(answers)[0].media_type == "text/html"


def test_archives_inside_are_not_opened(tmp_path: Path) -> None:
    for body in (zipped({"a.txt": STORY}), gzip.compress(STORY.encode())):
        [reason] = reasons(read_file(tmp_path / "a.txt.gz", gzip.compress(body))).values()
        assert reason == "is an archive inside another file, which is not opened"


def test_broken_ones(tmp_path: Path) -> None:
    whole = gzip.compress(STORY.encode() * 100)
    for body in (whole[:-9], whole[:30], whole[:-8] + b"\0\0\0\0" + whole[-4:], b"no gzip"):
        [reason] = reasons(read_file(tmp_path / "a.txt.gz", body)).values()
        assert reason.startswith("is a damaged gzip file (")
    assert list(reasons(read_file(tmp_path / "a.txt.gz", gzip.compress(b" "))).values()) == ["is empty"]
    assert list(reasons(read_file(tmp_path / "a.txt.gz", b"")).values()) == ["is empty"]


def test_members_behind_each_other_are_one_file(tmp_path: Path) -> None:
    body = gzip.compress(b"One. ") + gzip.compress(b"Two.")
    assert body_of(read_file(tmp_path / "a.txt.gz", body)[0]) == b"One. Two."


def test_a_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    body = gzip.compress(b"word " * 20_000_000)
    assert list(reasons(read_file(tmp_path / "a.txt.gz", body)).values()) == ["is larger than 20 MB"]
    box = gzip.compress(
        b"From a@b.example Mon May 12 10:00:00 2025\nSubject: x\n\n" + (b"word " * 200 + b"\n") * 100_000
    )
    [reason] = reasons(read_file(tmp_path / "a.mbox.gz", box)).values()
    assert reason == "expands more than 200 times; the rest is not read"


def test_small_limits_hold(tmp_path: Path) -> None:
    answers = read_file(tmp_path / "a.txt.gz", gzip.compress(b"word " * 10), options=FileOptions(max_bytes=20))
    assert list(reasons(answers).values()) == ["is larger than 20 bytes"]
