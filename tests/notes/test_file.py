"""Notes on statements: what a user may write, how a note finds its statement again, and the file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.errors import ArchiveError, NewerArchive, UsageError
from searchkit.notes import MARKS, NOTES
from searchkit.notes.file import (
    MAX_TAGS,
    MAX_TEXT,
    Notes,
    StatementNote,
    TypedNote,
    follow,
    found_again,
    made_note,
    read,
    recover,
    was_edited,
    write,
)
from searchkit.statements.document import Document, LogPosition, Quote, quote_id
from searchkit.statements.text import Span, paragraphs
from tests.cases import cases
from tests.samples import TEXT, document, present

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DOCUMENT = document()
FIRST, SECOND = DOCUMENT.quotes


def noted(quote: Quote = FIRST, of: Document = DOCUMENT, **given: Any) -> StatementNote:
    return present(made_note(quote, of, TypedNote(**({"mark": "checked"} | given)), now=NOW))


def with_words(quote: Quote, words: str, text: str = TEXT) -> Quote:
    """The statement as other rules would cut it."""
    content = Span(text.index(words), text.index(words) + len(words))
    return replace(quote, id=quote_id(DOCUMENT.id, words, {}), content=content)


# --- what a user may write --------------------------------------------------------------------------------------------


def test_a_note_keeps_the_words_that_the_user_judged() -> None:
    note = noted(text="Call\r\nback ", tags=[" budget ", "", "budget", "to  call"], by="Ana")
    assert (note.id, note.document) == (FIRST.id, DOCUMENT.id)
    assert note.words.exact == '"Meridian Optics ignored three warnings,"'
    assert (note.text, note.tags, note.by, note.at) == (
        "Call\nback",
        ("budget", "to call"),
        "Ana",
        "2026-03-04T05:06:07+00:00",
    )


def test_another_speaker_is_a_correction() -> None:
    assert noted(mark="", speaker=" Petr  Havel ").fields.correction == "Petr Havel"
    assert noted(mark="", speaker="Petr Havel").mark == "wrong-speaker"
    with pytest.raises(UsageError, match="another speaker"):
        noted(mark="checked", speaker="Petr Havel")


def test_nothing_typed_is_no_note() -> None:
    assert made_note(FIRST, DOCUMENT, TypedNote(text=" \n", tags=["", " "], by="Ana"), now=NOW) is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mark": "wrong"}, "mark is 'wrong'"),
        ({"text": "a" * (MAX_TEXT + 1)}, "text is"),
        ({"tags": ["a" * 61]}, "tags is"),
        ({"tags": [str(number) for number in range(MAX_TAGS + 1)]}, "tags is"),
        ({"mark": "", "speaker": "a" * 201}, "speaker is"),
    ],
)
def test_what_is_not_valid_is_refused_with_the_reason(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        noted(**given)


# --- finding the statement again --------------------------------------------------------------------------------------


def test_a_note_follows_its_words_to_a_statement_with_other_bounds() -> None:
    longer = with_words(FIRST, '"Meridian Optics ignored three warnings," Nadia Korbel')
    now = replace(DOCUMENT, quotes=(longer, SECOND))
    followed = follow(Notes([noted()], position=LogPosition(1)), [DOCUMENT.id], {DOCUMENT.id: now}.get, LogPosition(2))
    assert list(followed) == [longer.id]
    assert followed[longer.id].words == noted().words
    assert followed.position.sequence == 2
    # And back, when the old bounds return.
    again = follow(followed, [DOCUMENT.id], {DOCUMENT.id: DOCUMENT}.get, LogPosition(3))
    assert list(again) == [FIRST.id]


def test_a_note_follows_its_words_within_an_edited_text() -> None:
    text = f"VELMAR (Reuters) - A new beginning of the article.\n{TEXT}"
    edited = document(text, quotes=(with_words(FIRST, '"Meridian Optics ignored three warnings,"', text),))
    edited = replace(edited, quotes=(replace(edited.quotes[0], id="other"),), paragraphs=paragraphs(text))
    found = present(found_again(noted(), edited))
    assert found.id == "other"


@pytest.mark.parametrize("words", cases(__file__, "test_a_note_never_moves_to_other_words"))
def test_a_note_never_moves_to_other_words(words: str) -> None:
    assert found_again(noted(), replace(DOCUMENT, quotes=(with_words(FIRST, words),))) is None


def test_a_note_on_reworded_words_stays_behind() -> None:
    text = TEXT.replace("ignored three warnings", "ignored four warnings")
    edited = document(text, quotes=(with_words(FIRST, '"Meridian Optics ignored four warnings,"', text),))
    followed = follow(Notes([noted()]), [DOCUMENT.id], {DOCUMENT.id: edited}.get, LogPosition(2))
    assert list(followed) == [FIRST.id]


def test_of_two_notes_on_one_statement_both_are_kept() -> None:
    joined = with_words(FIRST, TEXT[TEXT.index('"Meridian') :])
    notes = Notes([noted(FIRST), noted(SECOND, mark="false-match")])
    both = [FIRST.id, SECOND.id]
    now = replace(DOCUMENT, quotes=(joined,))
    assert list(follow(notes, [DOCUMENT.id], {DOCUMENT.id: now}.get, LogPosition(2))) == both  # neither is half of it
    same = replace(DOCUMENT, quotes=(replace(FIRST, id="same"),))
    twice = Notes([noted(FIRST), replace(noted(FIRST), id="lost", mark="false-match")])
    followed = follow(twice, [DOCUMENT.id], {DOCUMENT.id: same}.get, LogPosition(2))
    assert [(note.id, note.mark) for note in followed.values()] == [("same", "checked"), ("lost", "false-match")]


def test_a_note_on_a_document_that_is_gone_is_kept() -> None:
    assert list(follow(Notes([noted()]), [DOCUMENT.id], lambda _: None, LogPosition(2))) == [FIRST.id]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    notes = Notes([noted(), noted(SECOND, mark="", speaker="Petr Havel", tags=["a"])], position=LogPosition(7, "3f"))
    write(tmp_path, notes)
    again = read(tmp_path)
    assert (dict(again), again.position) == (dict(notes), LogPosition(7, "3f"))
    assert not was_edited(tmp_path)
    assert (tmp_path / NOTES).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [NOTES]


def test_without_a_file_there_are_no_notes(tmp_path: Path) -> None:
    assert not read(tmp_path)
    assert not was_edited(tmp_path)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["", *MARKS]))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str, tag: str, mark: str) -> None:
    note = made_note(FIRST, DOCUMENT, TypedNote(mark=mark, text=text, tags=[tag], by=tag), now=NOW)
    if note is not None:
        folder = tmp_path_factory.mktemp("notes")
        write(folder, Notes([note]))
        assert list(read(folder).values()) == [note]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-30],
        lambda content: content[: content.rindex(b"\n", 0, -1) + 1],
        lambda content: content.replace(b'"checked"', b'"frobbed"'),
        lambda content: content.replace(b"searchkit_notes", b"searchkit_nodes"),
        lambda content: b"\xff" + content,
        lambda content: content.replace(b'"sequence":0', b'"sequence":1180591620717411303424'),
        lambda content: content[:0],
    ],
)
def test_damage_is_reported_and_the_readable_lines_are_recovered(tmp_path: Path, damage: Any) -> None:
    write(tmp_path, Notes([noted(), noted(SECOND)]))
    (tmp_path / NOTES).write_bytes(damage((tmp_path / NOTES).read_bytes()))
    with pytest.raises(ArchiveError, match="is damaged"):
        read(tmp_path)
    assert len(recover(tmp_path)) <= 2


def test_a_truncated_file_keeps_its_complete_lines(tmp_path: Path) -> None:
    write(tmp_path, Notes([noted(), noted(SECOND)]))
    (tmp_path / NOTES).write_bytes((tmp_path / NOTES).read_bytes()[:-30])
    assert list(recover(tmp_path)) == [FIRST.id]


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / NOTES).write_text(json.dumps({"searchkit_notes": 2, "shape": "new"}) + "\n")
    with pytest.raises(NewerArchive, match="has version 2"):
        read(tmp_path)


def test_an_edited_file_is_read_and_noticed(tmp_path: Path) -> None:
    write(tmp_path, Notes([noted(text="by hand")]))
    (tmp_path / NOTES).write_bytes((tmp_path / NOTES).read_bytes().replace(b"by hand", b"by Hand"))
    assert read(tmp_path)[FIRST.id].text == "by Hand"
    assert was_edited(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"{}")
    (tmp_path / NOTES).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="cannot be used"):
        read(tmp_path)
