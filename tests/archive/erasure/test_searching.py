"""Every byte of a folder is searched, packed or not; what cannot be is told."""

import gzip
import mailbox
import os
import sqlite3
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest

from searchkit.archive.erasure.searching import Found, search
from searchkit.archive.erasure.traces import Sought, Trace

WORDS = Trace(kind="words", document="0123456789ab", text="the crane stood still for days")
PLAIN = WORDS.text.encode()
WANTED = Sought([WORDS])


def found_in(folder: Path) -> list[str]:
    return [one.path for one in search(folder, WANTED).found]


def test_plain_packed_and_within(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "digest"
    message.set_content(f"Größe: {WORDS.text}", cte="base64")
    box = mailbox.mbox(tmp_path / "desk.mbox")
    box.add(message)
    box.close()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "plain").write_bytes(b"\xff" * 13 + PLAIN)
    (tmp_path / "page.gz").write_bytes(gzip.compress(b"<p>" + PLAIN.replace(b" ", b"\n   ") + b"</p>"))
    (tmp_path / "segment.arrays").write_bytes(
        b"\x78\x01x^\x78\x9c" * 9 + zlib.compress(PLAIN + b"." * 90_000, 1) + b"tail"
    )
    (tmp_path / "other.gz").write_bytes(gzip.compress(b"nothing of that kind" * 99))
    (tmp_path / "empty.arrays").touch()
    assert found_in(tmp_path) == ["desk.mbox", "page.gz", "segment.arrays", "deep/er/plain"]


@pytest.mark.parametrize("before", [(4 << 20) - 15, (4 << 20) - 1, 4 << 20])
def test_across_the_pieces_in_which_files_are_read(tmp_path: Path, before: int) -> None:
    (tmp_path / "large").write_bytes(b"." * before + PLAIN + b"." * 100)
    (tmp_path / "large.gz").write_bytes(gzip.compress(b"." * before + PLAIN, 1))
    assert found_in(tmp_path) == ["large", "large.gz"]


def test_how_much_was_searched(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"." * 1000)
    (tmp_path / "two").write_bytes(b"." * 500)
    os.link(tmp_path / "two", tmp_path / "again")
    (tmp_path / "left.out").write_bytes(PLAIN)
    seen: list[tuple[int, int]] = []
    searched = search(tmp_path, WANTED, leaving_out={"left.out"}, progress=lambda done, all_: seen.append((done, all_)))
    assert (searched.files, searched.size, searched.found) == (2, 1500, ())
    assert seen[-1] == (1500, 1500)


def test_folders_that_links_lead_to_are_searched_once(tmp_path: Path) -> None:
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    (elsewhere / "page").write_bytes(PLAIN)
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "captures").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(archive)
    (archive / "dangling").symlink_to(tmp_path / "nowhere")
    assert found_in(archive) == ["captures/page"]


def test_what_cannot_be_unpacked_proves_nothing(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(5000))
    (tmp_path / "cut.gz").write_bytes(whole[:-100])
    (tmp_path / "flipped.gz").write_bytes(whole[:-6] + b"\0\0" + whole[-4:])
    searched = search(tmp_path, WANTED)
    assert [(one.path, one.trace) for one in searched.found] == [("cut.gz", None), ("flipped.gz", None)]
    assert all(one.reason.startswith("cannot be searched: ") for one in searched.found)
    assert isinstance(searched.found[0], Found)


def test_the_end_of_one_value_and_the_beginning_of_the_next_are_no_address(tmp_path: Path) -> None:
    """In a database the address of line 1 stands before a digest that begins with 2."""
    wanted = Sought([Trace(kind="address", document="0123456789ab", text="file:///wire.jsonl#12")])
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE resources (uri TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID")
        connection.execute("INSERT INTO resources VALUES ('file:///wire.jsonl#1', '2abcdef')")
    assert b"file:///wire.jsonl#12abcdef" in path.read_bytes()
    assert search(tmp_path, wanted).found == ()
    with connection:
        connection.execute("INSERT INTO resources VALUES ('file:///wire.jsonl#12', 'abcdef')")
    assert [one.path for one in search(tmp_path, wanted).found] == ["store.sqlite"]
    with connection:
        connection.execute("DELETE FROM resources WHERE uri LIKE '%#12'")
        connection.execute("CREATE TABLE other (a)")
        connection.execute("DROP TABLE other")
    assert [one.path for one in search(tmp_path, wanted).found] == ["store.sqlite"], "free pages may hold anything"
    connection.execute("VACUUM")
    connection.close()
    assert search(tmp_path, wanted).found == ()
