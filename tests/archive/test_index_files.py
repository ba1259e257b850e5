"""The index of an archive: rebuilt, truncated, half-written, and of other versions."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.checking import findings
from searchkit.archive.index_sync import MISSING
from searchkit.archive.indexing import Indexing
from searchkit.errors import ArchiveError
from searchkit.index import generations
from searchkit.index.base import FacetRequest, SearchRequest, SearchResult
from searchkit.ingest import IngestOptions
from searchkit.query.parser import parse
from tests.archive.damage import flip
from tests.archive.taken import NOW, TEXT, take
from tests.samples import present

QUERIES = (
    "gate",
    '"closed the gate"',
    "speaker:Korbel",
    "quote:{speaker:Malt about:Korbel}",
    "-papers",
    "crat*",
    "date:2026",
)


def _answers(archive: Archive) -> list[tuple[object, ...]]:
    def essence(result: SearchResult) -> tuple[object, ...]:
        return tuple(hit.id for hit in result.hits), result.total, result.facets, result.notes

    return [
        essence(
            archive.search(
                SearchRequest(
                    query=parse(query, today=date(2026, 3, 4)).tree,
                    sort="newest",
                    facets=(FacetRequest(field="speaker"), FacetRequest(field="outlet")),
                )
            )
        )
        for query in QUERIES
    ]


def _filled(folder: Path) -> list[tuple[object, ...]]:
    """An archive of three articles, one of them taken in twice; its answers."""
    with Archive.create(folder) as archive:
        take(archive)
        take(archive, "A quiet day in the harbor town.", uri="https://ledger.example/quiet", outlet="Dockside")
        take(archive, "A first version.", uri="https://ledger.example/revised")
        take(archive, f"Corrected. {TEXT}", uri="https://ledger.example/revised", days=1)
        return _answers(archive)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """Return the answers of an archive of which nothing is damaged."""
    return _filled(tmp_path_factory.mktemp("expected") / "archive")


def test_answers_are_the_same_before_and_after_a_rebuild(expected: list[tuple[object, ...]], tmp_path: Path) -> None:
    assert _filled(tmp_path / "archive") == expected
    with Archive.open(tmp_path / "archive") as archive:
        assert _answers(archive) == expected  # opened again
        seen: list[tuple[int, int]] = []
        assert Indexing(archive).rebuild(progress=lambda done, total: seen.append((done, total))) == 3
        assert seen[-2:] == [(3, 3), (3, 0)]  # the last step is not counted
        assert _answers(archive) == expected
        status = archive.status()
        assert status.indexed is not None
        assert (status.applied, status.indexed.document) == (status.sequence, 3)
    shutil.rmtree(tmp_path / "archive" / "whoosh", ignore_errors=True)
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.refresh() == (MISSING,)
        assert _answers(archive) == expected  # a missing index is rebuilt


def _current(folder: Path) -> Path:
    return present(generations.current(folder))


def _files(generation: Path) -> list[Path]:
    return sorted(path for path in generation.rglob("*") if path.is_file() and path.stat().st_size)


def test_a_truncated_file_is_reported_and_rebuilt(expected: list[tuple[object, ...]], tmp_path: Path) -> None:
    """Or answers as before, where nothing of the file was needed."""
    _filled(tmp_path / "archive")
    folder = tmp_path / "archive" / "whoosh"
    reported = 0
    for path in _files(_current(folder)):
        path.chmod(0o600)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with Archive.open(tmp_path / "archive") as archive:
            try:
                assert _answers(archive) == expected, path.name
            except ArchiveError as error:
                reported += 1
                assert error.message.startswith(f"The index in {folder} is corrupt (")
                assert "\n" not in str(error)
                assert error.hint == "Run `searchkit rebuild`."
        path.write_bytes(whole)
    assert reported > 1
    cut = max(_files(_current(folder)), key=lambda path: path.stat().st_size)
    cut.write_bytes(b"")
    with Archive.open(tmp_path / "archive") as archive:
        Indexing(archive).rebuild()
        assert _answers(archive) == expected


def test_an_index_of_an_earlier_version_is_rebuilt(expected: list[tuple[object, ...]], tmp_path: Path) -> None:
    _filled(tmp_path / "archive")
    folder = tmp_path / "archive" / "whoosh"
    manifest = generations.read_manifest(_current(folder))
    _publish_as(folder, schema=0)
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.status().applied == 0
        assert archive.refresh() == (MISSING,)
        assert _answers(archive) == expected
        assert archive.status().applied == archive.status().sequence
    assert generations.read_manifest(_current(folder)).versions == manifest.versions


def _publish_as(folder: Path, *, schema: int) -> None:
    """One more generation, that says to be of another version of the schema."""
    manifest = generations.read_manifest(_current(folder))
    with generations.NewGeneration(folder, _current(folder)) as other:
        versions = {**manifest.versions, "schema": schema}
        other.publish(applied=manifest.applied, mark=manifest.mark, versions=versions, engine=manifest.engine)


def test_a_run_without_changes_rebuilds_a_corrupt_index(expected: list[tuple[object, ...]], tmp_path: Path) -> None:
    """Whichever file is corrupt, although the run itself reads and merges none; no corrupt generation is left."""
    _filled(tmp_path / "index")
    number = 0
    while number < len(files := _files(_current(tmp_path / "index" / "whoosh"))):
        flip(files[number], files[number].stat().st_size // 2)
        with Archive.open(tmp_path / "index") as archive:
            (note,) = _run_without_changes(archive)
            assert note.endswith(" It was rebuilt from the store.")
            assert _answers(archive) == expected
            assert _run_without_changes(archive) == []
        assert [*findings(tmp_path / "index", full=True)] == []
        number += 1


def _run_without_changes(archive: Archive) -> list[str]:
    batches = archive.ingest([], options=IngestOptions(workers=1), now=NOW)
    return [note for batch in batches for note in batch.notes]


def test_the_index_of_a_diverged_copy_is_rebuilt(tmp_path: Path) -> None:
    """Both have the same number of changes."""
    _filled(tmp_path / "p")
    shutil.copytree(tmp_path / "p", tmp_path / "q")
    for name in ("p", "q"):
        with Archive.open(tmp_path / name) as archive:
            take(archive, f"The word of this copy is kalim{name}.", uri=f"https://ledger.example/{name}")
    shutil.rmtree(tmp_path / "p" / "whoosh")
    shutil.copytree(tmp_path / "q" / "whoosh", tmp_path / "p" / "whoosh")
    (found,) = (finding for finding in findings(tmp_path / "p", full=False) if finding.damage)
    assert (found.what, found.do) == ("was made from another state of the store", "searchkit rebuild")
    with Archive.open(tmp_path / "p") as archive:
        take(archive, TEXT, uri="https://ledger.example/r")
        for word, count in (("kalimp", 1), ("kalimq", 0)):
            assert archive.search(SearchRequest(query=parse(word, today=date(2026, 3, 3)).tree, limit=1)).total == count
