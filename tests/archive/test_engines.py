"""The change of an archive to another engine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.engines import PAYS_FROM, advice, engine_uri
from searchkit.archive.folder import read_marker, read_rebuilt
from searchkit.errors import ConfigError
from searchkit.index.base import SearchRequest, SearchResult
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.cli.harbor import archive_of_the_harbor

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVERYTHING = SearchRequest(query=ast.All())


def test_a_switch_keeps_the_answers_and_removes_the_old_index(tmp_path: Path) -> None:
    archive = archive_of_the_harbor(tmp_path / "archive")
    before = [hit.id for hit in archive.search(EVERYTHING).hits]
    reader = Archive.open(archive.folder)
    assert reader.search(EVERYTHING).total == len(before)
    assert archive.rebuild(engine="tantivy:", now=NOW) == len(before)
    assert (archive.engine, read_marker(archive.folder)) == ("tantivy:", "tantivy:")
    assert read_rebuilt(archive.folder) == "2026-03-04T05:06:07+00:00"
    assert not (archive.folder / "whoosh").exists()
    assert (archive.folder / "tantivy").stat().st_mode & 0o077 == 0
    assert [hit.id for hit in archive.search(EVERYTHING).hits] == before
    # Whoever had it open goes on with the new engine, and makes no index of the old one.
    assert [hit.id for hit in reader.search(EVERYTHING).hits] == before
    assert not (archive.folder / "whoosh").exists()
    assert archive.rebuild(engine="whoosh:") == len(before)
    assert not (archive.folder / "tantivy").exists()
    archive.close()
    reader.close()


def test_before_the_switch_the_old_engine_answers(tmp_path: Path) -> None:
    archive = archive_of_the_harbor(tmp_path / "archive")
    total = archive.search(EVERYTHING).total

    def cut_short(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.rebuild(engine="tantivy:", progress=cut_short)
    assert archive.engine == read_marker(archive.folder) == "whoosh:"
    assert archive.search(EVERYTHING).total == total
    archive.rebuild()
    assert not (archive.folder / "tantivy").exists()
    archive.close()


def test_a_question_asked_while_the_engine_changes_is_answered_by_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of_the_harbor(tmp_path / "archive")
    total = archive.search(EVERYTHING).total
    reader = Archive.open(archive.folder)
    reader.catch_up()
    index = WhooshIndex(archive.folder / "whoosh")

    def changed_meanwhile(request: SearchRequest) -> SearchResult:
        archive.rebuild(engine="tantivy:")
        return WhooshIndex(archive.folder / "whoosh").search(request)

    monkeypatch.setattr(index, "search", changed_meanwhile)
    monkeypatch.setattr(reader, "_index", index)
    assert reader.search(EVERYTHING).total == total
    assert reader.engine == "tantivy:"
    archive.close()
    reader.close()


def test_engines_by_name() -> None:
    assert engine_uri("tantivy") == engine_uri("tantivy:") == "tantivy:"
    with pytest.raises(ConfigError, match="nosuch"):
        engine_uri("nosuch")


def test_advice_is_for_large_archives_on_the_default_engine() -> None:
    assert advice("whoosh:", 50_000, pays_from=50_000)[-1] == "searchkit rebuild --engine tantivy"
    assert advice("whoosh:", 49_999, pays_from=50_000) == advice("tantivy:", 50_000, pays_from=50_000) == ()
    assert advice("whoosh:", 1_000_000_000, pays_from=None) == ()


def test_no_change_is_advised_that_was_not_measured_to_pay() -> None:
    assert PAYS_FROM is None
    assert advice("whoosh:", 1_000_000_000) == ()
