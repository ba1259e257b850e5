"""After a kill, nothing acknowledged is lost, no batch is stored in part, and the next run needs no help."""

import random
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.crawl.base import CrawlOptions
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.crawler import Crawler
from tests.faults.killing import kills
from tests.faults.writer import NOW

pytestmark = pytest.mark.slow


def test_kills(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    done = kills(tmp_path, 4, seed=seed, a_folder=2, seconds=0.6)
    assert done.wrong == []
    assert done.count == 4


def test_a_kill_while_the_archive_is_made(tmp_path: Path) -> None:
    """The folder holds nothing but a half-written marker."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archive.json.tmp").write_text('{"searchk')
    with Archive.create(folder) as archive:
        assert archive.is_empty
    assert [path.name for path in folder.iterdir()] == ["archive.json"]


def test_a_kill_while_a_page_is_kept(tmp_path: Path) -> None:
    """Half a capture is swept by the next run, a whole one is not."""
    captures = Captures(tmp_path / "captures")
    whole = captures.path(captures.keep(b"bytes of a page"))
    whole.with_name(f".{whole.stem}.123.456").write_bytes(b"half of")
    Crawler(tmp_path, CrawlOptions(), now=lambda: NOW).close()
    assert [path for path in (tmp_path / "captures").rglob("*") if path.is_file()] == [whole]
