import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.indexing import Indexing
from searchkit.archive.status import unknown_documents
from searchkit.archive.writing import Writing
from searchkit.crawl.base import FileOptions
from searchkit.crawl.files import resources
from searchkit.errors import ArchiveError, ArchiveLocked, ConfigError, NotInArchive, UsageError
from searchkit.index.base import FacetRequest, SearchRequest, SearchResult
from searchkit.ingest import Batch, IngestOptions
from searchkit.names import similar
from searchkit.names.similar import count_entities
from searchkit.query.parser import parse
from searchkit.store.lock import exclusive
from tests.samples import present

BOTH_STORES = True  # tests/conftest.py

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FINE = (
    "Optics maker fined\n\n"
    "The Ostrava Trade Office fined Meridian Optics Ltd on Tuesday for shipping lenses without a license.\n\n"
    '"Meridian Optics ignored three warnings," said Nadia Korbel, spokesperson for the Ostrava Trade Office.\n'
)
WORKER = IngestOptions(workers=1)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "fine.txt").write_text(FINE)
    (folder / "other.txt").write_text("A quiet day\n\nNothing of note was said in the harbor town on this long day.\n")
    return folder


def _ingest(archive: Archive, *paths: Path) -> dict[str, str]:
    """Status by file name."""
    found = resources([str(path) for path in paths], FileOptions(), now=NOW)
    batches: list[Batch] = list(archive.ingest(found, options=WORKER, now=NOW))
    return {outcome.uri.rpartition("/")[2]: outcome.status for batch in batches for outcome in batch.outcomes}


def _ask(archive: Archive, query: str, **options: object) -> SearchResult:
    tree = parse(query, today=date(2026, 3, 4)).tree
    return archive.search(SearchRequest(query=tree, **options))  # type: ignore[arg-type]  # passed through


def test_from_files_to_an_answer(archive: Archive, articles: Path) -> None:
    assert _ingest(archive, articles) == {"fine.txt": "added", "other.txt": "added"}
    result = _ask(archive, "warnings", facets=(FacetRequest(field="speaker"),))
    assert result.total == 1
    assert result.interpreted_as == "warnings"
    assert [count.value for count in result.facets[0].counts] == [
        "Nadia Korbel",
        "spokesperson for Ostrava Trade Office",
    ]
    document, quote = archive.find(result.hits[0].id)
    assert (document.title, quote) == ("Optics maker fined", None)
    (statement,) = document.quotes
    assert archive.find(statement.id) == (document, statement)


def test_the_same_input_is_unchanged_and_an_edit_is_an_update(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    assert set(_ingest(archive, articles).values()) == {"unchanged"}
    (articles / "fine.txt").write_text(FINE.replace("three warnings", "four letters"))
    assert _ingest(archive, articles) == {"fine.txt": "updated", "other.txt": "unchanged"}
    assert _ask(archive, "warnings").total == 0
    assert _ask(archive, "letters").total == 1
    old = present(archive.revision(_ask(archive, "letters").hits[0].id, 1))
    assert "three warnings" in old.text


def test_a_kill_between_store_and_index_loses_nothing(archive: Archive, articles: Path, tmp_path: Path) -> None:
    _ingest(archive, articles / "other.txt")
    found = resources([str(articles)], FileOptions(), now=NOW)
    for _ in archive.ingest(found, options=WORKER, now=NOW):
        break  # the batch is in the store, the index has not been committed
    archive.close()
    with Archive.open(tmp_path / "archive") as again:
        status = again.status()
        assert status.applied < status.sequence
        assert _ask(again, "meridian").total == 1
        assert again.status().applied == status.sequence


def test_while_another_process_writes_answers_carry_a_note(archive: Archive, articles: Path, tmp_path: Path) -> None:
    _ingest(archive, articles / "other.txt")
    for _ in archive.ingest(resources([str(articles)], FileOptions(), now=NOW), options=IngestOptions(), now=NOW):
        break
    archive.close()
    with exclusive(tmp_path / "archive" / "lock"), Archive.open(tmp_path / "archive") as reader:
        assert "newest documents may be missing" in _ask(reader, "meridian").notes[0]
        with pytest.raises(ArchiveLocked, match="process"):
            _ingest(reader, articles)
    shutil.rmtree(tmp_path / "archive" / "whoosh")
    lock = tmp_path / "archive" / "lock"
    # Without an index there is no answer.
    with Archive.open(lock.parent) as reader, exclusive(lock), pytest.raises(ArchiveLocked):
        _ask(reader, "meridian")


def test_a_run_holds_the_lock_between_its_steps(archive: Archive, articles: Path, tmp_path: Path) -> None:
    with archive.held(), Archive.open(tmp_path / "archive") as other:
        _ingest(archive, articles)
        with pytest.raises(ArchiveLocked, match="process"):
            _ingest(other, articles)
        Indexing(archive).rebuild()
    with Archive.open(tmp_path / "archive") as other:
        assert set(_ingest(other, articles).values()) == {"unchanged"}


def test_a_read_only_archive_answers_from_an_old_index(
    archive: Archive, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ingest(archive, articles / "other.txt")
    for _ in archive.ingest(resources([str(articles)], FileOptions(), now=NOW), options=IngestOptions(), now=NOW):
        break
    archive.close()
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write anywhere
    with Archive.open(tmp_path / "archive") as reader:
        assert "newest documents may be missing" in _ask(reader, "meridian").notes[0]
    shutil.rmtree(tmp_path / "archive" / "whoosh")
    with Archive.open(tmp_path / "archive") as reader, pytest.raises(ArchiveError, match="has no index") as caught:
        _ask(reader, "meridian")
    assert "searchkit rebuild" in caught.value.hint


def _say(archive: Archive, text: str) -> None:
    (archive.folder / "aliases.toml").write_text(text)


OFFICE = '[[entity]]\nname = "Trade Office of Ostrava"\nkind = "agency"\naliases = ["Ostrava Trade Office"]\n'


def test_aliases_are_applied_to_new_documents(archive: Archive, articles: Path) -> None:
    _say(archive, OFFICE)
    _ingest(archive, articles)
    result = _ask(archive, "agency:ostrava", facets=(FacetRequest(field="agency"),))
    assert [count.value for count in result.facets[0].counts] == ["Trade Office of Ostrava"]
    assert result.notes == ()
    assert archive.status().outdated == 0


def test_documents_annotated_before_are_reported_and_annotated_again(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    _say(archive, f"# nothing yet\n#{OFFICE[:9]}\n")
    assert _ask(archive, "*").notes == ()
    _say(archive, OFFICE)
    result = _ask(archive, 'agency:="Trade Office of Ostrava"')
    assert result.total == 0
    assert "has changed since 2 documents were annotated; `searchkit index --outdated`" in result.notes[0]
    assert archive.status().outdated == archive.outdated() == 2
    list(Writing(archive).reannotate(options=WORKER, now=NOW))
    result = _ask(archive, 'agency:="Trade Office of Ostrava"')
    assert (result.total, result.notes) == (1, ())
    document, _ = archive.find(result.hits[0].id)
    assert document.revision == 1
    _say(archive, "")
    assert "has changed since 2" in _ask(archive, "*").notes[0]
    list(Writing(archive).reannotate(options=WORKER, now=NOW, follow=False))
    assert archive.status().applied < archive.status().sequence
    assert _ask(archive, 'agency:="Ostrava Trade Office"').total == 1, "the index caught up"


def test_unknown_documents_in_aliases_are_reported(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    (hit, *_) = _ask(archive, "*").hits
    address = (articles / "other.txt").as_uri()
    _say(archive, f'[[hide]]\nname = "Vell"\ndocuments = ["{hit.id}", "{address}", "ac46cbe9ee9d", "file:none.txt"]\n')
    assert unknown_documents(archive.folder, archive.store()) == ("ac46cbe9ee9d", "file:none.txt")


def test_damaged_aliases_stop_writing_but_not_reading(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles / "other.txt")
    _say(archive, "[[entity]]\nnam = 1\n")
    with pytest.raises(ConfigError, match='unknown key "nam"'):
        _ingest(archive, articles)
    assert 'unknown key "nam"' in _ask(archive, "harbor").notes[0]
    lists = archive.folder / "watchlists"
    lists.mkdir()
    (lists / "harbor.jsonl").write_bytes(b"\xff")
    result = _ask(archive, "harbor")
    assert result.total == 1
    assert "is damaged or was edited" in result.notes[0]


def test_aliases_may_be_there_before_the_archive(tmp_path: Path, articles: Path) -> None:
    (tmp_path / "aliases.toml").write_text(OFFICE)
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "articles").rename(tmp_path.parent / f"{tmp_path.name}-articles")
    with Archive.create(tmp_path) as archive:
        _ingest(archive, tmp_path.parent / f"{tmp_path.name}-articles")
        assert _ask(archive, 'agency:="Trade Office of Ostrava"').total == 1


@pytest.mark.slow
def test_files_that_claim_one_address_are_linked(archive: Archive, tmp_path: Path) -> None:
    page = (
        '<html><head><title>{0}</title><link rel="canonical" href="https://ledger.example.org/2022/fine">'
        "</head><body><article><h1>{0}</h1><p>"
        + "The office fined Meridian Optics over lenses it shipped. "
        * 8
        + "</p>"
        "</article></body></html>"
    )
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text(page.format(f"Version {name}"))
    paths = [tmp_path / "a.html", tmp_path / "b.html"]
    found = resources([str(path) for path in paths], FileOptions(), now=NOW)
    batches = list(archive.ingest(found, options=WORKER, now=NOW))
    first, second = (outcome for batch in batches for outcome in batch.outcomes)
    assert (first.status, second.status) == ("added", "added")
    documents = [archive.at(path.as_uri()) for path in paths]
    assert [archive.linked(made) for made in documents if made] == [(second.id,), (first.id,)]
    assert _ingest(archive, *paths) == {"a.html": "unchanged", "b.html": "unchanged"}


def test_unknown_ids(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    for wrong in ("nothing", "nothing-1", _ask(archive, "meridian").hits[0].id + "-0"):
        with pytest.raises(NotInArchive, match=wrong):
            archive.find(wrong)


def test_a_folder_that_is_not_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive at"):
        Archive.open(tmp_path / "none")
    (tmp_path / "thesis.doc").write_text("precious")
    for opening in (Archive.open, Archive.create):
        with pytest.raises(ArchiveError, match="is not a searchkit archive"):
            opening(tmp_path)


@pytest.mark.usefixtures("in_files")
def test_a_lost_marker_is_rewritten_by_the_next_run(archive: Archive, articles: Path, tmp_path: Path) -> None:
    _ingest(archive, articles)
    archive.close()
    (tmp_path / "archive" / "archive.json").unlink()
    with pytest.raises(ArchiveError, match=r"archive\.json is missing"):
        Archive.open(tmp_path / "archive")
    with Archive.create(tmp_path / "archive") as again:
        assert set(_ingest(again, articles).values()) == {"unchanged"}
        assert _ask(again, "meridian").total == 1


def test_an_unknown_engine_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nosuch"):
        Archive.create(tmp_path / "a", engine="nosuch:")
    assert not (tmp_path / "a").exists()


def test_pruned_documents_leave_the_index(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    (articles / "fine.txt").unlink()
    place = articles.as_uri()
    found = resources([str(articles)], FileOptions(), now=NOW)
    list(archive.ingest(found, options=WORKER, now=NOW, complete_locations=[place]))
    assert _ask(archive, "gone:* meridian").total == 1
    with pytest.raises(UsageError, match="1 of the 2 documents known there is gone"):
        Writing(archive).prune([place], now=NOW)
    assert _ask(archive, "meridian").total == 1
    assert Writing(archive).prune([place], now=NOW, anyway=True) == 1
    assert archive.status().applied == archive.status().sequence
    assert (_ask(archive, "meridian").total, _ask(archive, "*").total) == (0, 1)
    assert Writing(archive).prune([place], now=NOW) == 0


def test_a_kill_between_pruning_and_the_index_loses_nothing(archive: Archive, articles: Path) -> None:
    _ingest(archive, articles)
    (hit,) = _ask(archive, "meridian").hits
    archive.close()
    store = archive.databases.open_store(writable=True)
    store.delete(hit.document, NOW.isoformat())
    store.commit()
    store.close()
    with Archive.open(archive.folder) as again:
        assert (_ask(again, "meridian").total, _ask(again, "*").total) == (0, 1)
        assert Indexing(again).rebuild() == 1


def test_a_duplicate_group_can_be_queried(archive: Archive, tmp_path: Path) -> None:
    text = " ".join(f"Crane {number} of the harbor stood still." for number in range(30))
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"Cranes {name}\n\n{text}\n")
    _ingest(archive, tmp_path / "a.txt", tmp_path / "b.txt")
    (hit,) = _ask(archive, "harbor").hits
    document = present(archive.get(hit.id))
    group = document.copies
    assert (hit.copies, len(hit.copy_ids), group) == (1, 1, min(hit.id, *hit.copy_ids))
    totals = {f"copies:{group}": 2, f"harbor copies:={group}": 2, "copies:*": 1, f"-copies:{group}": 0}
    assert {query: _ask(archive, query).total for query in totals} == totals
    assert _ask(archive, "harbor", copies=True).total == 2
    assert {entity.name: entity.documents for entity in count_entities(archive.index)[1]} == {
        entity.name: 2 for entity in count_entities(archive.index)[1]
    }, "entities are counted in every document"


@pytest.mark.usefixtures("in_files")
def test_a_lost_store_is_not_an_empty_archive(archive: Archive, articles: Path) -> None:
    folder = archive.folder
    with Archive.create(folder.with_name("other")) as made, pytest.raises(ArchiveError, match="is empty"):
        made.status()
    _ingest(archive, articles)
    assert similar.variants(archive.store())["person:nadia-korbel"] == {"Nadia Korbel": 1}
    archive.close()
    (folder / "store.sqlite").unlink()
    with Archive.open(folder) as opened, pytest.raises(ArchiveError, match="missing"):
        opened.status()
