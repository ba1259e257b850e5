"""Who may read an archive: its owner, whatever the umask. And an index that somebody else put into one."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.alerts import folder as saved
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.archive.folder import refuse_planted
from searchkit.archive.indexing import Indexing
from searchkit.cli import run as command
from searchkit.crawl.base import Source
from searchkit.crawl.web.frontier import Frontier
from searchkit.errors import ArchiveError
from searchkit.ingest import IngestOptions
from searchkit.names import folder as names
from searchkit.update.reading import RunOptions
from searchkit.update.running import run
from tests.ingest.hostile import NOW, STORY


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_new_archive_is_private(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "list.csv").write_text("id,name\n1,Nadia Korbel\n")
    folder = tmp_path / "archive"
    source = Source(name="", kind="folder", locations=(str(tmp_path / "story.txt"),))
    with Archive.create(folder) as archive:
        names.write_example(folder)
        with pytest.raises(SystemExit, match="0"):
            command(["--archive", str(folder), "watchlist", "add", str(tmp_path / "list.csv")])
        saved.save(folder, SavedSearch(name="cranes", query="crane", over="documents"))
        run(archive, [source], command="index", options=RunOptions(ingest=IngestOptions()), now=NOW)
        Indexing(archive).rebuild()
        Frontier(folder / "frontier.sqlite").close()
        found = {path.relative_to(folder).as_posix(): path.lstat() for path in folder.rglob("*")}
    assert {
        "store.sqlite",
        "lock",
        "runs.jsonl",
        "archive.json",
        "aliases.toml",
        "saved",
        "watchlists",
        "frontier.sqlite",
    } <= set(found)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {name: stat.S_IMODE(state.st_mode) for name, state in found.items()}
    wanted = {name: 0o700 if stat.S_ISDIR(state.st_mode) else 0o600 for name, state in found.items()}
    assert modes == wanted


def test_an_index_of_another_user_is_refused(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        Indexing(archive).rebuild()
        index = archive.folder / "whoosh"
    index.mkdir(exist_ok=True)
    refuse_planted(archive.folder, index, trusted=())
    refuse_planted(archive.folder, archive.folder / "not there", trusted=())
    if os.geteuid() == 0:
        os.chown(index, 12_345, -1)
    else:
        index = Path("/")  # root's
    with pytest.raises(ArchiveError, match="belongs to another user"):
        refuse_planted(archive.folder, index, trusted=())
    refuse_planted(archive.folder, index, trusted={index.stat().st_uid})
