"""After a kill or a flipped bit, nothing acknowledged is lost, no answer is wrong, and the next run needs no help."""

import os
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.folder import FORGETTING, FORGOTTEN
from searchkit.crawl.base import CrawlOptions
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.crawler import Crawler
from tests.faults.flipping import flip, flips, judged
from tests.faults.forgetting import forgets
from tests.faults.killing import kills
from tests.faults.rotting import rots
from tests.faults.writer import NOW, put


def test_killed_writers(tmp_path: Path, seed: int) -> None:
    assert kills(tmp_path, 4, seed=seed, each=2, seconds=0.6).wrong == []


def test_killed_erasures(tmp_path: Path, seed: int) -> None:
    """The next run finishes the erasure, and no byte of the documents is left."""
    assert forgets(tmp_path, 2, seed=seed).wrong == []


def test_a_kill_while_the_archive_is_made(tmp_path: Path) -> None:
    """The folder holds nothing but a half-written marker."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archive.json.tmp").write_text('{"searchk')
    with Archive.create(folder) as archive:
        assert archive.is_empty
    assert [path.name for path in folder.iterdir()] == ["archive.json"]


@pytest.mark.parametrize("name", [FORGETTING, FORGOTTEN])
def test_a_kill_while_an_erasure_begins(tmp_path: Path, name: str) -> None:
    """Half a plan, which names what was to go, is removed by the next writer, whatever that does."""
    with Archive.create(tmp_path / "archive") as archive:
        half = archive.folder / f"{name}.tmp"
        half.write_text('{"searchkit_forgetting":1,"targets":[{"id":"')
        list(put(archive, (1, 1)))
        assert not half.exists()


def test_a_kill_while_a_page_is_kept(tmp_path: Path) -> None:
    """Half a capture is swept by a run of the next day, a whole one is not: another machine may be writing."""
    captures = Captures(tmp_path / "captures")
    whole = captures.path(captures.keep(b"bytes of a page"))
    half = whole.with_name(f".{whole.stem}.{'5' * 16}")
    half.write_bytes(b"half of")
    Crawler(tmp_path, CrawlOptions(), now=lambda: NOW).close()
    assert half.exists()
    os.utime(half, (0, 0))
    Crawler(tmp_path, CrawlOptions(), now=lambda: NOW).close()
    assert [path for path in (tmp_path / "captures").rglob("*") if path.is_file()] == [whole]


def test_flipped_bits_are_reported_or_change_no_answer(tmp_path: Path, seed: int) -> None:
    report = flips(tmp_path, 16, seed=seed)
    assert report.wrong == []
    assert report.seen["reported"]


def test_a_flipped_bit_is_not_merged(tmp_path: Path, seed: int) -> None:
    report = rots(tmp_path, 2, seed=seed)
    assert report.wrong == []


def test_wrong_answers_are_detected(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\x00\x01")
    flip(path, 8)
    assert path.read_bytes() == b"\x00\x00"
    flip(path, 3)
    assert path.read_bytes() == b"\x08\x00"
    answer = {"interpreted_as": "crates", "total": 2}
    assert judged([(0, answer)], [(0, dict(answer))]) == "same answers"
    assert judged([(0, answer)], [(0, {**answer, "total": 1})]) == "silently wrong"
    assert judged([(0, answer)], [(0, {**answer, "interpreted_as": "crapes"})]) == "silently wrong"
    assert judged([(0, answer)], [(3, "")]) == "reported"
    assert judged([(0, answer)], [(70, "")]) == "internal error"
