"""Zip archives and gzip files: complete, odd and hostile."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest

from searchkit.crawl.base import Damaged, FileOptions, digest_of
from searchkit.crawl.unpack import GrowthLimit, UnpackedStream
from tests.crawl.reading import STORY, body_of, read, read_file, reason, reasons, resources, uris
from tests.formats import docx, mail, zipped


def test_members_are_documents_in_order_of_their_names(tmp_path: Path) -> None:
    answers = read_file(
        tmp_path / "a.zip",
        zipped(
            {"z.txt": STORY, "news/b.html": f"<p>{STORY}</p>", "news/a.docx": docx(STORY), "photo.jpg": b"\xff\xd8"}
        ),
    )
    base = (tmp_path / "a.zip").as_uri()
    assert uris(answers) == [f"{base}#news/a.docx", f"{base}#news/b.html", f"{base}#z.txt"]
    assert body_of(answers[2]) == STORY.encode()


def test_containers_but_not_archives_in_an_archive_are_unpacked(tmp_path: Path) -> None:
    line = b'{"text": "One."}'
    answers = read_file(
        tmp_path / "a.zip",
        zipped(
            {
                "box.mbox": b"From a@b.example Mon May 12 10:00:00 2025\n" + mail(),
                "inner.zip": zipped({"a.txt": STORY}),
                "story.txt.gz": b"\x1f\x8b\x08rest",
                "wire.jsonl": line + b"\n",
            }
        ),
    )
    base = (tmp_path / "a.zip").as_uri()
    assert uris(answers) == [f"{base}#box.mbox!/one@ledger.example", f"{base}#wire.jsonl!/line-{digest_of(line)[:12]}"]
    assert reasons(answers) == {
        f"{base}#inner.zip": "archive inside another file; not opened",
        f"{base}#story.txt.gz": "archive inside another file; not opened",
    }


def test_hidden_members_links_and_readmes_are_skipped(tmp_path: Path) -> None:
    stream = io.BytesIO(
        zipped({"__MACOSX/._a.txt": STORY, ".git/a.txt": STORY, "README.md": STORY, "x/": b"", "a.txt": STORY})
    )
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert uris(read_file(tmp_path / "a.zip", stream.getvalue())) == [(tmp_path / "a.zip").as_uri() + "#a.txt"]


def test_names_lead_nowhere_and_are_shown_escaped(tmp_path: Path) -> None:
    names = ["../../up.txt", "/etc/abs.txt", "..\\back.txt", "esc\x1b[2J\n.txt", "café.txt", "a#b.txt"]
    answers = read_file(tmp_path / "a.zip", zipped(dict.fromkeys(names, STORY)))
    shown = [uri.partition("#")[2] for uri in uris(answers)]
    assert sorted(shown) == [
        "..%5Cback.txt",
        "../../up.txt",
        "/etc/abs.txt",
        "a%23b.txt",
        "caf%C3%A9.txt",
        "esc%1B%5B2J%0A.txt",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_have_addresses_that_stay(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", STORY)
        archive.writestr("a.txt", STORY + "More.")
    first, second = uris(read_file(tmp_path / "a.zip", stream.getvalue()))
    assert second.startswith(first + "~")
    assert uris(read_file(tmp_path / "a.zip", stream.getvalue())) == [first, second]


def test_patterns_choose_members(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"news/a.txt": STORY, "news/b.md": STORY, "sport/a.txt": STORY}))

    def chosen(include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
        answers = read(tmp_path, options=FileOptions(include=include, exclude=exclude))
        assert not reasons(answers)
        return [uri.partition("#")[2] for uri in uris(answers)]

    assert chosen(include=("*.md",)) == ["news/b.md"]
    assert chosen(include=("a.zip/sport/*",)) == ["sport/a.txt"]
    assert chosen(include=("sport/*",)) == ["sport/a.txt"]
    assert chosen(exclude=("*/news/*",)) == ["sport/a.txt"]
    assert chosen(exclude=("*.txt",)) == ["news/b.md"]
    assert chosen(exclude=("*.zip",)) == []


def test_an_encrypted_member_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    body = bytearray(zipped({"a.txt": STORY, "b.txt": STORY}))
    body[6] |= 1  # the flag in the header of the first member, and in the list of contents
    body[body.find(b"PK\x01\x02") + 8] |= 1
    answers = read_file(tmp_path / "a.zip", bytes(body))
    assert list(reasons(answers).values()) == ["is encrypted"]
    assert len(uris(answers)) == 1


def test_broken_archives(tmp_path: Path) -> None:
    whole = zipped({"a.txt": STORY * 50, "b.txt": STORY}, zipfile.ZIP_STORED)
    path = tmp_path / "a.zip"
    for body in (whole[: len(whole) // 2], whole[:40], b"PK\x03\x04", b"no zip at all"):
        assert reason(read_file(path, body)).startswith("damaged or truncated zip archive")
    damaged = read_file(path, whole.replace(b"Nadia", b"NADIA", 1))
    assert list(reasons(damaged)) == [f"{path.as_uri()}#a.txt"]
    assert "damaged member of a zip archive" in next(iter(reasons(damaged).values()))
    assert uris(damaged) == [f"{path.as_uri()}#b.txt"]
    assert reason(read_file(path, zipped({}))) == "contains no supported file"
    assert reason(read_file(path, zipped({"a.jpg": b"x"}))) == "contains no supported file"
    assert reason(read_file(path, zipped({"a.txt": b" \n"}))) == "is empty"


def test_other_compression_methods_are_refused(tmp_path: Path) -> None:
    body = zipped({"a.txt": STORY * 50}, zipfile.ZIP_BZIP2)
    assert reason(read_file(tmp_path / "a.zip", body)) == "unsupported compression (supported: stored, deflated)"


def test_a_member_beyond_the_limit_is_refused_unread(tmp_path: Path) -> None:
    body = zipped({"a.txt": b"word " * 10_000_000, "b.txt": STORY})
    answers = read_file(tmp_path / "a.zip", body)
    assert list(reasons(answers).values()) == ["is larger than 20 MB (47.7 MB)"]
    assert len(uris(answers)) == 1


def test_a_bomb_of_many_members_ends_early(tmp_path: Path) -> None:
    body = zipped({f"{number:03}.txt": b"word " * 1_000_000 for number in range(12)})
    answers = read_file(tmp_path / "a.zip", body)
    assert len(uris(answers)) < 6
    assert list(reasons(answers).values()) == [
        "expands more than 200 times; the rest was skipped",
        "expands too much; the rest was skipped",
    ]


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.txt", b"")
    assert reason(read_file(tmp_path / "a.zip", stream.getvalue())) == "contains more than 10,000 files (10,001)"
    lying = bytearray(stream.getvalue())
    lying[-10:-6] = (90_000_000).to_bytes(4, "little")  # the length of the list of contents
    assert reason(read_file(tmp_path / "a.zip", bytes(lying))) == "contains more than 10,000 files"


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
def test_a_gzip_file_is_one_document(tmp_path: Path, name: str, body: bytes, kind: str) -> None:
    [resource] = resources(read_file(tmp_path / name, gzip.compress(body)))
    assert (resource.uri, resource.media_type, resource.body) == ((tmp_path / name).as_uri(), kind, body)


def test_broken_gzip_files(tmp_path: Path) -> None:
    whole = gzip.compress(STORY.encode() * 100)
    for body in (whole[:-9], whole[:30], whole[:-8] + b"\0\0\0\0" + whole[-4:], b"no gzip"):
        assert reason(read_file(tmp_path / "a.txt.gz", body)).startswith("damaged gzip file (")
    assert reason(read_file(tmp_path / "a.txt.gz", gzip.compress(b" "))) == "is empty"
    assert reason(read_file(tmp_path / "a.txt.gz", b"")) == "is empty"


def test_gzip_members_are_joined(tmp_path: Path) -> None:
    body = gzip.compress(b"One. ") + gzip.compress(b"Two.")
    assert body_of(read_file(tmp_path / "a.txt.gz", body)[0]) == b"One. Two."


@pytest.mark.slow
def test_a_gzip_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    body = gzip.compress(b"word " * 20_000_000)
    assert reason(read_file(tmp_path / "a.txt.gz", body)) in {
        "is larger than 20 MB",
        "expands more than 200 times; the rest was skipped",
    }  # by version of Python
    box = gzip.compress(
        b"From a@b.example Mon May 12 10:00:00 2025\nSubject: x\n\n" + (b"word " * 200 + b"\n") * 100_000
    )
    assert reason(read_file(tmp_path / "a.mbox.gz", box)) == "expands more than 200 times; the rest was skipped"


class Faulty(io.BytesIO):
    def read1(self, _size: int | None = -1, /) -> bytes:
        raise OSError(5, "bad disk")


def test_disk_errors_are_not_damage() -> None:
    with pytest.raises(OSError, match="bad disk"):
        UnpackedStream(Faulty(), GrowthLimit(1), "is damaged").read()


def test_data_before_damage_is_returned(tmp_path: Path) -> None:
    rows = "".join(f'{{"id": {number}, "text": "Crane {number} stood still."}}\n' for number in range(9_000))
    answers = read_file(tmp_path / "a.jsonl.gz", gzip.compress(rows.encode())[:-20])
    assert len(uris(answers)) > 8_000
    assert next(iter(reasons(answers).values())).startswith("damaged gzip file (")
    whole = zipped({"a.jsonl": rows, "b.txt": STORY}, zipfile.ZIP_STORED)
    answers = read_file(tmp_path / "a.zip", whole.replace(b"Crane 8999", b"Plane 8999"))
    assert len(uris(answers)) > 8_000
    assert any("damaged member" in reason for reason in reasons(answers).values())


def test_a_stream_reads_as_any_other() -> None:
    content = b"One line\nand another\n\nand a last one"
    stream = UnpackedStream(io.BytesIO(content), GrowthLimit(1_000_000), "is damaged")
    assert stream.read(4) == b"One "
    assert stream.readline() == b"line\n"
    assert stream.readline(3) == b"and"
    assert stream.readline(100) == b" another\n"
    assert stream.readline() == b"\n"
    assert stream.read() == b"and a last one"
    assert (stream.read(), stream.read(5), stream.readline()) == (b"", b"", b"")
    stream.seek(0)
    assert stream.read(0) == b""
    assert stream.read() == content


def test_growth_has_an_end() -> None:
    growth = GrowthLimit(1_000)
    growth.add(20 * 1024 * 1024)
    with pytest.raises(Damaged, match="expands more than 200 times"):
        growth.add(1)
    assert growth.exceeded
    large = GrowthLimit(1_000_000)
    large.add(190_000_000)
    assert not large.exceeded
