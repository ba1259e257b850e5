"""Files and folders that move: the same bytes at another path are the same document."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.addresses import document_at
from searchkit.cli.index import print_report
from searchkit.crawl.base import Source
from searchkit.export.citation import as_text, cite
from searchkit.statements.document import Document
from searchkit.update.reports import RunReport
from searchkit.update.running import run
from tests.formats import mail, zipped
from tests.test_update import NOW, OPTIONS

BOTH_STORES = True  # tests/conftest.py

WORDS = "Crane {0}\n\nNadia Korbel said on Monday that crane {0} of the port of Velmar stood still all day.\n"


class Desk:
    """An archive and a folder of files; each run is an hour later."""

    def __init__(self, folder: Path, archive: Archive) -> None:
        self.folder = folder / "files"
        self.old = self.folder / "old"
        self.new = self.folder / "new"
        self.archive = archive
        self._hours = 0
        self.old.mkdir(parents=True)

    def run(self, *folders: Path) -> RunReport:
        """Index folders, by default the common one."""
        self._hours += 1
        places = tuple(map(str, folders or (self.folder,)))
        source = Source(name="", kind="folder", locations=places)
        return run(self.archive, [source], command="index", options=OPTIONS, now=NOW + timedelta(hours=self._hours))

    def documents(self) -> dict[str, Document]:
        """The documents by id."""
        store = self.archive.store()
        return {name: found for name in store.ids() if (found := store.get(name)) is not None}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Archive.create(tmp_path / "archive") as opened:
        yield Desk(tmp_path, opened)


def fill(folder: Path) -> None:
    (folder / "a.txt").write_text(WORDS.format("a"))
    (folder / "b.txt").write_text(WORDS.format("b"))
    rows = [{"id": name, "text": WORDS.format(name)} for name in ("row-1", "row-2")]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "held.zip").write_bytes(zipped({"in/z.txt": WORDS.format("z")}))
    letters = (mail(WORDS.format(name), message_id=f"<{name}@velmar.example>") for name in ("m-1", "m-2"))
    lines = b"From desk@velmar.example Mon Mar  2 08:00:00 2026\n"
    (folder / "box.mbox").write_bytes(b"".join(lines + letter + b"\n" for letter in letters))


@pytest.mark.slow
@pytest.mark.parametrize("together", [True, False], ids=["in one run", "found later"])
def test_a_folder_that_moves_keeps_its_documents(
    desk: Desk, capsys: pytest.CaptureFixture[str], together: bool
) -> None:
    fill(desk.old)
    assert desk.run().counts == {"added": 7}
    before = desk.documents()
    desk.old.rename(desk.new)
    if not together:
        desk.new.rename(desk.folder.parent / "new")
        desk.new = desk.folder.parent / "new"
        (desk.folder / "c.txt").write_text(WORDS.format("c"))
        assert desk.run().counts == {"added": 1, "gone": 7}
        (desk.folder / "c.txt").unlink()
    report = desk.run(desk.new)
    assert (report.counts, report.moved) == ({"unchanged": 7}, 7)
    print_report(report, quiet=False)
    assert "7 unchanged (7 moved)" in capsys.readouterr().out
    after = desk.documents()
    assert after.keys() >= before.keys()
    for name, document in before.items():
        moved = after[name]
        assert moved.uri == document.uri.replace(desk.old.as_uri(), desk.new.as_uri())
        assert (moved.revision, moved.gone_at, moved.text) == (1, "", document.text)
        assert [quote.id for quote in moved.quotes] == [quote.id for quote in document.quotes]
        assert moved.uri in as_text(cite(moved))
        assert document_at(desk.archive, moved.uri) == document_at(desk.archive, document.uri) == moved
    assert desk.run(desk.new).counts == {"unchanged": 7}
    # What changes at the new path is a revision; what is at the old path is another document.
    (desk.new / "a.txt").write_text(WORDS.format("a") + "\nIt rained.\n")
    desk.old.mkdir()
    (desk.old / "a.txt").write_text(WORDS.format("other"))
    report = desk.run(desk.new, desk.old)
    assert (report.counts["updated"], report.counts["added"]) == (1, 1)
    current = desk.archive.at((desk.new / "a.txt").as_uri())
    other = desk.archive.at((desk.old / "a.txt").as_uri())
    assert current is not None
    assert other is not None
    assert (current.id in before, current.revision) == (True, 2)
    assert other.id not in before
    assert [quote.id.partition("-")[0] for quote in other.quotes] == [other.id]


@pytest.mark.slow
def test_a_copy_is_another_document(desk: Desk) -> None:
    fill(desk.old)
    desk.run()
    shutil.copytree(desk.old, desk.new)
    report = desk.run()
    assert (report.counts, report.moved) == ({"unchanged": 7, "added": 7}, 0)
    shutil.rmtree(desk.old)
    assert desk.run().counts == {"unchanged": 7, "gone": 7}


def test_files_with_the_same_bytes_move_by_name(desk: Desk) -> None:
    for name in ("x.txt", "y.txt"):
        (desk.old / name).write_text(WORDS.format("twin"))
    desk.run()
    before = {document.uri: name for name, document in desk.documents().items()}
    desk.old.rename(desk.new)
    assert desk.run().moved == 2
    moved = {document.uri: name for name, document in desk.documents().items()}
    assert moved == {uri.replace("/old/", "/new/"): name for uri, name in before.items()}
    # One of them takes the place of both: the other is gone.
    (desk.new / "x.txt").rename(desk.folder / "z.txt")
    (desk.new / "y.txt").unlink()
    assert desk.run().counts == {"unchanged": 1, "gone": 1}


def test_a_file_that_moved_and_changed_is_another_document(desk: Desk) -> None:
    (desk.old / "a.txt").write_text(WORDS.format("a"))
    desk.run()
    (desk.old / "a.txt").unlink()
    desk.new.mkdir()
    (desk.new / "a.txt").write_text(WORDS.format("a") + "\nIt rained.\n")
    report = desk.run()
    assert (report.counts, report.moved) == ({"added": 1, "gone": 1}, 0)


def test_a_file_moves_back_under_its_first_address(desk: Desk) -> None:
    (desk.old / "a.txt").write_text(WORDS.format("a"))
    desk.run()
    (before,) = desk.documents().values()
    desk.old.rename(desk.new)
    desk.run()
    desk.new.rename(desk.old)
    assert desk.run().moved == 1
    (document,) = desk.documents().values()
    assert (document.id, document.uri, document.origin) == (before.id, before.uri, "")


def test_moved_documents_are_annotated_again_under_their_ids(desk: Desk) -> None:
    (desk.old / "a.txt").write_text(WORDS.format("a"))
    desk.run()
    desk.old.rename(desk.new)
    desk.run()
    (before,) = desk.documents().values()
    entity = '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\naliases = ["N. Korbel"]\n'
    (desk.archive.folder / "aliases.toml").write_text(entity)
    assert desk.run().annotated_again == 1
    (document,) = desk.documents().values()
    assert (document.id, document.uri, document.quotes[0].id) == (before.id, before.uri, before.quotes[0].id)
    assert document.extractor_version != before.extractor_version
