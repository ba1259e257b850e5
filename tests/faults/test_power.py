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
from searchkit.index.base import SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.cli.harbor import archive_of_the_harbor
from tests.faults.disk import PowerCuts, Survival
from tests.index.records import fill, verify
from tests.index.whoosh.test_writer import numbered

pytestmark = pytest.mark.slow

EVERYTHING = SearchRequest(query=ast.All(), limit=1000, sort="newest", copies=True)
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def answers(folder: Path) -> tuple[int, list[str]]:
    """What an index holds, read whole: the last change applied, and all its documents."""
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


class Cutting:
    """Power cuts during `commits`, looked at as they come; `share` of them, chosen by chance."""

    def __init__(self, folder: Path, seed: int, share: float) -> None:
        self._disk = PowerCuts(folder / "index", at_call=self._at_call)
        self._images = folder / "images"
        self._chance = random.Random(seed)
        self._share = share
        self.known: dict[int, list[str]] = {0: []}
        self.cuts = 0
        self.wrong: list[str] = []

    def run(self, *, syncs: bool = True) -> None:
        (self._disk.folder).mkdir(parents=True)
        self._disk.syncs = syncs
        expected = self._disk.folder.parent / "expected"
        expected.mkdir()
        for _ in commits(expected):
            applied, ids = answers(expected)
            self.known[applied] = ids
        with self._disk.running():
            for _ in commits(self._disk.folder):
                self._acknowledged = answers(self._disk.folder)[0]
                self._at_call()

    _acknowledged = 0

    def _at_call(self) -> None:
        survivals: tuple[Survival, ...] = ("synced", "names", "random")
        for survival in survivals:
            if self._chance.random() >= self._share:
                continue
            self.cuts += 1
            image = self._disk.image(self._images / str(self.cuts), survival, self._chance)
            try:
                applied, ids = answers(image)
                fine = applied in {self._acknowledged, self._acknowledged + 1} and ids == self.known[applied]
                after = self._next(image, applied) if fine else ids
                fine = fine and after == sorted([*ids, "n0999"])
            except ArchiveError as error:
                self.wrong.append(f"cut {self.cuts}, {survival}: {error}")
            else:
                if not fine:
                    self.wrong.append(f"cut {self.cuts}, {survival}: {applied} after {self._acknowledged}, {ids}")
            shutil.rmtree(image)

    @staticmethod
    def _next(image: Path, applied: int) -> list[str]:
        """What there is after the next writer, which sweeps."""
        index = WhooshIndex(image)
        fill(index, numbered(999), sequence=applied + 1)
        index.close()
        assert len(list(image.iterdir())) <= 3
        return sorted(answers(image)[1])


def test_the_index_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    cutting = Cutting(tmp_path, seed, share=0.03)
    cutting.run()
    assert cutting.wrong == []
    assert cutting.cuts > 12


def test_without_syncs_a_power_cut_loses_commits(tmp_path: Path) -> None:
    """That these tests would see it."""
    cutting = Cutting(tmp_path, 1, share=0.03)
    cutting.run(syncs=False)
    assert cutting.wrong


def _saved(folder: Path) -> Callable[[Path], bool]:
    search = SavedSearch(name="port", query="speaker:Korbel", record="quote")
    saved.save(folder, search)
    return lambda image: saved.load(image, "port") == search


def _captured(folder: Path) -> Callable[[Path], bool]:
    digest = Captures(folder / "captures").keep(b"bytes of a page")
    return lambda image: Captures(image / "captures").read(digest, max_bytes=100) == b"bytes of a page"


def _marked(folder: Path) -> Callable[[Path], bool]:
    write_marker(folder, "whoosh:")
    return lambda image: read_marker(image) == "whoosh:"


def _created(folder: Path) -> Callable[[Path], bool]:
    Archive.create(folder / "desk" / "archive").close()
    return lambda image: read_marker(image / "desk" / "archive") == "whoosh:"


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
            return archive.status().counts.documents == 3

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
