"""The Atom file: valid, bounded, never half written, and no one else's."""

import resource
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from searchkit.alerts.atom import MAX_ENTRIES, write_feed
from searchkit.alerts.items import Item
from searchkit.alerts.sinks import SinkFailed
from searchkit.crawl.feeds import parse_feed
from tests.alerts.digest import AT, digest, hostile, item
from tests.samples import present

ATOM = "{http://www.w3.org/2005/Atom}"


def none(_count: int) -> Sequence[Item]:
    return ()


def test_a_feed_that_readers_understand(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    write_feed(digest(item(1), item(2, record="document", title="Crane closed")), path, none)
    feed = parse_feed(path.read_bytes(), "")
    assert feed.title == "searchkit alerts"
    assert [entry.title for entry in feed.entries] == [
        'Nadia Korbel (spokesperson) said: "We will close the bridge,"',
        "Crane closed",
    ]
    assert feed.entries[0].link == "https://ledger.example/one"
    assert "We will close the [bridge]," in feed.entries[0].content
    tree = etree.fromstring(path.read_bytes())
    for entry in tree.iter(f"{ATOM}entry"):  # what RFC 4287 wants of each
        for name in ("id", "title", "updated"):
            found = present(entry.find(f"{ATOM}{name}"))
            assert found.text
    for updated in tree.iter(f"{ATOM}updated"):
        assert datetime.fromisoformat(updated.text or "").isoformat() == AT


def test_ids_stay_and_the_newest_come_first(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    write_feed(digest(item(1)), path, none)
    before = parse_feed(path.read_bytes(), "")
    write_feed(digest(item(2), item(1)), path, lambda _count: (item(1),))
    after = parse_feed(path.read_bytes(), "")
    assert len(after.entries) == 2
    assert after.entries[1].guid == before.entries[0].guid != ""


def test_the_number_of_entries_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    asked: list[int] = []

    def earlier(count: int) -> list[Item]:
        asked.append(count)
        return [item(number) for number in range(1_000, 1_000 + count)]

    write_feed(digest(item(1)), path, earlier)
    assert len(parse_feed(path.read_bytes(), "").entries) == asked[0] == MAX_ENTRIES


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    write_feed(digest(hostile()), path, none)
    written = path.read_bytes()
    entry = present(etree.fromstring(written).find(f"{ATOM}entry"))
    content = present(entry.find(f"{ATOM}content"))
    assert content.text is not None
    assert "<script" not in content.text
    assert entry.find(f"{ATOM}link") is None  # no address that a reader could be made to run
    assert "[&lt;script&gt;]" in content.text
    assert not {"\x1b", "\u202e", "\x00", "\ufffe"} & set(written.decode())


@pytest.mark.parametrize("content", [b"<html>somebody else's</html>", b"root:x:0:0\n"])
def test_what_is_not_a_feed_of_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "alerts.xml"
    path.write_bytes(content)
    with pytest.raises(SinkFailed, match="not overwritten"):
        write_feed(digest(), path, none)
    assert path.read_bytes() == content


def test_an_empty_file_a_link_and_its_mode_are_kept(tmp_path: Path) -> None:
    real = tmp_path / "www" / "alerts.xml"
    real.parent.mkdir()
    real.touch(mode=0o644)
    real.chmod(0o640)
    link = tmp_path / "alerts.xml"
    link.symlink_to(real)
    write_feed(digest(), link, none)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert b"<feed" in real.read_bytes()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "alerts.xml", tmp_path, Path("/proc/x.xml")):
        with pytest.raises(SinkFailed):
            write_feed(digest(), path, none)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    write_feed(digest(), tmp_path / "feeds" / "desk" / "alerts.xml", none)
    assert (tmp_path / "feeds" / "desk" / "alerts.xml").is_file()


def test_a_disk_that_is_full_leaves_the_old_feed_whole(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    write_feed(digest(), path, none)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(SinkFailed, match="cannot be written"):
            write_feed(digest(item(1), item(2)), path, none)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["alerts.xml"]
