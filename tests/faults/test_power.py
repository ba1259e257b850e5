"""After a power cut at any relevant call, an index is as before the commit or as after it."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.alerts import folder as saved
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.archive.backup import back_up, read, restore
from searchkit.archive.folder import read_marker, write_marker
from searchkit.crawl.web.captures import Captures
from searchkit.errors import ArchiveError
from searchkit.index import generations
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.cli.harbor import archive_of_the_harbor
from tests.faults.commands import EVERYTHING, Report
from tests.faults.disk import PowerCuts, Survival
from tests.index.records import fill, verify
from tests.index.whoosh.test_writer import numbered

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def answers(folder: Path) -> tuple[int, list[str]]:
    """Return the last change that an index has applied, and the ids of all its documents."""
    index = WhooshIndex(folder)
    try:
        verify(folder)
        return index.applied, [hit.id for hit in index.search(EVERYTHING).hits]
    finally:
        index.close()


def commits(folder: Path) -> Iterator[None]:
    """Many commits, with merges and deletions in them, and then a rebuild."""
    index = WhooshIndex(folder)
    for number in range(1, 12):
        fill(index, numbered(number), numbered(number // 2, text="Replaced: she spoke of ferries."), sequence=number)
        yield
    with index.writer() as writer:
        writer.delete(["n0003", "n0004"])
        writer.commit(12)
    yield
    index.close()
    built = folder / generations.REBUILT
    new = WhooshIndex(built)
    fill(new, *map(numbered, range(5)), sequence=13)
    new.close()
    generations.adopt(folder, built)
    yield


def index_cuts(folder: Path, *, seed: int, share: float = 1.0, syncs: bool = True) -> Report:
    """Cut the power during `commits`, at a random `share` of the calls that sync or change names."""
    report, chance = Report(), random.Random(seed)
    known: dict[int, list[str]] = {0: []}
    (folder / "index").mkdir(parents=True)
    (folder / "expected").mkdir()
    for _ in commits(folder / "expected"):
        applied, ids = answers(folder / "expected")
        known[applied] = ids
    acknowledged = 0

    def cut() -> None:
        survivals: tuple[Survival, ...] = ("synced", "names", "random")
        for survival in survivals:
            if chance.random() >= share:
                continue
            report.seen["cuts"] += 1
            image = disk.image(folder / "images" / str(report.seen["cuts"]), survival, chance)
            found = ""
            try:
                applied, ids = answers(image)
                if applied not in {acknowledged, acknowledged + 1} or ids != known[applied]:
                    found = f"{applied} after {acknowledged}, {ids}"
                elif write_next(image, applied) != sorted([*ids, "n0999"]):
                    found = "the next commit is lost"
            except ArchiveError as error:
                found = str(error)
            if found:
                report.wrong.append(f"cut {report.seen['cuts']}, {survival}: {found}")
            shutil.rmtree(image)

    disk = PowerCuts(folder / "index", at_call=cut, syncs=syncs)
    with disk.running():
        for _ in commits(disk.folder):
            acknowledged = answers(disk.folder)[0]
            cut()
    return report


def write_next(image: Path, applied: int) -> list[str]:
    """Commit once more, which removes what is left over; return the ids that are then found."""
    index = WhooshIndex(image)
    fill(index, numbered(999), sequence=applied + 1)
    index.close()
    assert len(list(image.iterdir())) <= 3
    return sorted(answers(image)[1])


def test_the_index_loses_nothing_that_was_committed(tmp_path: Path, seed: int) -> None:
    report = index_cuts(tmp_path, seed=seed, share=0.03)
    assert report.wrong == []
    assert report.seen["cuts"] > 12


def test_without_syncs_a_power_cut_loses_commits(tmp_path: Path) -> None:
    assert index_cuts(tmp_path, seed=1, share=0.03, syncs=False).wrong


def _saved(folder: Path) -> Callable[[Path], bool]:
    search = SavedSearch(name="port", query="speaker:Korbel", over="statements")
    saved.save(folder, search)
    return lambda image: saved.load(image, "port") == search


def _captured(folder: Path) -> Callable[[Path], bool]:
    digest = Captures(folder / "captures").keep(b"bytes of a page")
    return lambda image: Captures(image / "captures").read(digest, max_bytes=100) == b"bytes of a page"


def _marked(folder: Path) -> Callable[[Path], bool]:
    write_marker(folder, "whoosh:")
    return lambda image: read_marker(image) == "whoosh:"


def _created(folder: Path) -> Callable[[Path], bool]:
    Archive.create(folder / "new" / "archive").close()
    return lambda image: read_marker(image / "new" / "archive") == "whoosh:"


def _backed_up(folder: Path) -> Callable[[Path], bool]:
    archive = folder.parent / "archive"
    archive_of_the_harbor(archive).close()
    back_up(archive, folder / "backups" / "monday", now=NOW)
    return lambda image: len(read(image / "backups" / "monday")) == 2


def _restored(folder: Path) -> Callable[[Path], bool]:
    _backed_up(folder)
    restore(folder / "backups" / "monday", folder / "again")

    def is_whole(image: Path) -> bool:
        with Archive.open(image / "again") as archive:
            return archive.status().documents == 3

    return is_whole


@pytest.mark.parametrize("write", [_saved, _captured, _marked, _created, _backed_up, _restored])
@pytest.mark.parametrize("survival", ["synced", "names"])
def test_acknowledged_writes_survive_a_power_cut(
    tmp_path: Path, write: Callable[[Path], Callable[[Path], bool]], survival: Survival
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = PowerCuts(folder)
    with disk.running():
        is_there = write(folder)
        image = disk.image(tmp_path / "image", survival)
    assert is_there(image)
