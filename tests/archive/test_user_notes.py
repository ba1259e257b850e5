"""Notes of users in an archive: editors at the same time, re-annotation, backup, check, repair and erasure."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.archive.backup import FILES, back_up, restore
from searchkit.archive.checking import findings
from searchkit.archive.erasure import find_targets, forget, make_plan
from searchkit.archive.indexing import Indexing
from searchkit.archive.repairing import repair
from searchkit.archive.user_notes import note_records, remove_note, set_note
from searchkit.errors import ArchiveError, NewerArchive, NotInArchive, UsageError
from searchkit.notes import NOTES, NOTES_LOCK
from searchkit.notes.file import TypedNote, read
from searchkit.query.parser import parse
from searchkit.search.answer import QueryRequest, answer
from searchkit.statements.text import Span
from tests.cli.harbor import NOW

BOTH_STORES = True  # tests/conftest.py


@pytest.fixture
def ids(harbor_read_only: Path) -> list[str]:
    with Archive.open(harbor_read_only) as archive:
        return found(archive, "*")


def found(archive: Archive, query: str) -> list[str]:
    request = QueryRequest(query=query, record="quote", today=NOW.date(), sort="newest")
    return [hit.id for hit in answer(archive, request).result.hits]


def write(archive: Archive, statement_id: str, seen: str | None = None, **given: Any) -> None:
    set_note(archive, statement_id, TypedNote(**({"mark": "checked"} | given)), now=NOW, seen=seen)


def test_a_note_replaces_the_earlier_one(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
        write(archive, ids[1])
        write(archive, ids[0], mark="false-match")
        assert [(note.id, note.mark) for note in archive.notes().values()] == [
            (ids[0], "false-match"),
            (ids[1], "checked"),
        ]
        write(archive, ids[0], mark="")
        assert list(archive.notes()) == [ids[1]]
        remove_note(archive, ids[1])
        assert not archive.notes()
        with pytest.raises(NotInArchive, match="no note"):
            remove_note(archive, ids[1])


def test_notes_are_on_statements_of_the_archive(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        with pytest.raises(NotInArchive):
            write(archive, "0123456789ab-01234567")
        with pytest.raises(UsageError, match="id of a document"):
            write(archive, ids[0].partition("-")[0])
    assert not (harbor / NOTES_LOCK).exists()


def test_an_editor_does_not_overwrite_what_another_one_wrote(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0], by="Ana", seen="")
        with pytest.raises(UsageError, match="Ana has changed the note"):
            write(archive, ids[0], mark="false-match", by="Bo", seen="")
        state = archive.notes()[ids[0]].state
        write(archive, ids[0], mark="false-match", by="Bo", seen=state)
        remove_note(archive, ids[0])
        with pytest.raises(UsageError, match="removed the note"):
            write(archive, ids[0], by="Ana", seen=state)


def test_editors_at_the_same_time_lose_nothing(harbor: Path, ids: list[str]) -> None:
    def edit(statement_id: str) -> None:
        with Archive.open(harbor) as archive:
            for number in range(5):
                write(archive, statement_id, text=str(number))

    threads = [Thread(target=edit, args=(statement_id,)) for statement_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {note.id: note.text for note in read(harbor).values()} == dict.fromkeys(ids, "4")


def test_a_note_can_be_written_during_a_run(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as running, running.held(), Archive.open(harbor) as archive:
        write(archive, ids[0])
    assert list(read(harbor)) == [ids[0]]


def test_a_reader_sees_a_note_of_another_process(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as reader, Archive.open(harbor) as editor:
        assert not reader.notes()
        write(editor, ids[0])
        assert list(reader.notes()) == [ids[0]]
        write(editor, ids[0], mark="false-match")
        assert reader.notes()[ids[0]].mark == "false-match"
        remove_note(editor, ids[0])
        assert not reader.notes()


def test_an_open_editor_cannot_write_on_a_document_that_was_removed(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as editor, Archive.open(harbor) as eraser:
        assert editor.find(ids[0])
        with eraser.changing() as store:
            store.delete(ids[0].partition("-")[0], NOW.isoformat())
            store.commit()
        with pytest.raises(NotInArchive):
            write(editor, ids[0])
        assert not read(harbor)


# --- queries ----------------------------------------------------------------------------------------------------------


def test_marks_and_tags_are_found_at_once(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        every = set(ids)
        set_note(archive, ids[0], TypedNote(mark="checked", tags=["Büdget", "to call"]), now=NOW)
        set_note(archive, ids[1], TypedNote(speaker="Petr Havel", text="ask"), now=NOW)
        for query, expected in {
            "mark:checked": {ids[0]},
            "mark:wrong": {ids[1]},
            "mark:wrong-speaker": {ids[1]},
            "mark:note": {ids[1]},
            "-mark:wrong": every - {ids[1]},
            "mark:*": {ids[0], ids[1]},
            "has:mark": {ids[0], ids[1]},
            "mark:(checked OR wrong)": {ids[0], ids[1]},
            "mark:(wrong AND note)": {ids[1]},
            "tag:budget": {ids[0]},
            'tag:="to call"': {ids[0]},
            "tag:bud*": {ids[0]},
            "tag:budgets~1": {ids[0]},
            "tag:/b.*t/": {ids[0]},
            "tag:call": set(),
            "tag:budget -mark:checked": set(),
        }.items():
            assert set(found(archive, query)) == expected, query


def test_a_document_is_found_by_the_marks_of_its_statements(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
        for query, number in {"mark:checked": 1, "-mark:checked": 2, "quote:{mark:checked speaker:*}": 1}.items():
            request = QueryRequest(query=query, today=NOW.date())
            assert len(answer(archive, request).result.hits) == number, query
        (hit,) = answer(archive, QueryRequest(query="mark:checked", today=NOW.date())).records
        assert hit.opened.note(ids[0]).mark == "checked"


def test_an_unknown_mark_is_reported(harbor: Path) -> None:
    with Archive.open(harbor) as archive:
        request = QueryRequest(query="mark:frob", record="quote", today=NOW.date())
        assert any('Unknown value "frob" of mark' in note for note in answer(archive, request).result.notes)


def test_the_canonical_form_keeps_the_mark() -> None:
    assert str(parse("MARK:Checked -tag:bu*", today=NOW.date(), record="quote").tree) == "mark:Checked AND NOT tag:bu*"


# --- what happens to the statement ------------------------------------------------------------------------------------


def _shift(harbor: Path, statement_id: str) -> str:
    """Annotate the document of a statement again, with its words cut otherwise; return the new id."""
    with Archive.open(harbor) as archive, archive.changing() as store:
        document, quote = archive.find(statement_id)
        assert quote is not None
        content = Span(quote.content.start + 1, quote.content.end - 1)
        new = f"{document.id}-11111111"
        quotes = tuple(
            replace(other, id=new, content=content) if other is quote else other for other in document.quotes
        )
        store.replace_annotations(replace(document, quotes=quotes))
        store.commit()
    return new


def test_a_note_follows_its_statement_through_re_annotation(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
        new = _shift(harbor, ids[0])
        assert found(archive, "mark:checked") == [new]
        assert list(read(harbor)) == [new]  # whoever wrote the store has written the new id
        Indexing(archive).rebuild()
        assert found(archive, "mark:checked") == [new]


def test_a_reader_follows_a_change_that_no_writer_has_noted(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
    before = (harbor / NOTES).read_bytes()
    new = _shift(harbor, ids[0])
    (harbor / NOTES).write_bytes(before)  # as if the writer had been killed in between
    with Archive.open(harbor) as archive:
        assert found(archive, "mark:checked") == [new]
        write(archive, new, mark="false-match")
        assert [(note.id, note.mark) for note in read(harbor).values()] == [(new, "false-match")]


def test_a_note_whose_statement_is_gone_is_kept_and_listed(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
        write(archive, ids[1])
        with archive.changing() as store:
            store.delete(ids[0].partition("-")[0], NOW.isoformat())
            store.commit()
        assert {record.id: record.gone for record in note_records(archive)} == {ids[0]: True, ids[1]: False}
        assert found(archive, "mark:checked") == [ids[1]]


# --- maintenance ------------------------------------------------------------------------------------------------------


def test_notes_come_back_from_a_backup(harbor: Path, ids: list[str], tmp_path: Path) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0], text="ask again")
    back_up(harbor, tmp_path / "backup", now=NOW)
    assert NOTES_LOCK not in {path.name for path in (tmp_path / "backup" / FILES).iterdir()}
    restore(tmp_path / "backup", tmp_path / "again")
    with Archive.open(tmp_path / "again") as archive:
        assert archive.notes()[ids[0]].text == "ask again"


def test_a_damaged_file_is_reported_and_repaired(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0])
        write(archive, ids[1])
        assert not list(findings(harbor, full=False))
        (harbor / NOTES).write_bytes((harbor / NOTES).read_bytes()[:-30])
        (finding,) = findings(harbor, full=False)
        assert (finding.where, finding.what) == (NOTES, "is damaged")
        with pytest.raises(ArchiveError, match="is damaged"):
            found(archive, "mark:checked")
        request = QueryRequest(query="speaker:Korbel", record="quote", today=NOW.date())
        assert any("is damaged" in note for note in answer(archive, request).result.notes)
    assert NOTES in " ".join(repair(harbor, now=NOW, dry_run=True).done)
    assert list(findings(harbor, full=False))
    repaired = repair(harbor, now=NOW)
    assert any("recovered (1)" in line for line in repaired.done)
    assert list(read(harbor)) == [ids[0]]
    assert not list(findings(harbor, full=False))


def test_an_edited_file_is_no_damage(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0], text="before")
    (harbor / NOTES).write_bytes((harbor / NOTES).read_bytes().replace(b"before", b"after!"))
    (finding,) = findings(harbor, full=False)
    assert (finding.where, finding.damage) == (NOTES, False)


def test_the_notes_on_an_erased_document_are_erased(harbor: Path, ids: list[str]) -> None:
    with Archive.open(harbor) as archive:
        write(archive, ids[0], text="about the crane")
        write(archive, ids[1])
        erased = ids[0].partition("-")[0]
        with archive.held():
            targets, _ = find_targets(archive, [erased], copies=False)
            done = forget(archive, make_plan(archive, targets), now=datetime.now(UTC))
        assert done.mentioned_in == ()
        assert list(archive.notes()) == [ids[1]]
        assert b"about the crane" not in (harbor / NOTES).read_bytes()


def test_a_backup_with_notes_of_a_later_version_is_refused(harbor: Path, tmp_path: Path) -> None:
    (harbor / NOTES).write_text('{"searchkit_notes": 2}\n')
    back_up(harbor, tmp_path / "backup", now=NOW)
    with pytest.raises(NewerArchive):
        restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again").exists()
