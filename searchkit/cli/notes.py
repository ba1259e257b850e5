"""`searchkit notes`: the user's own marks, corrections, tags and notes on statements."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from searchkit.archive.user_notes import NoteList, NoteRecord, note_records, remove_note, set_note
from searchkit.cli.options import archive_option, json_option, open_archive
from searchkit.cli.output import Segment, say, write_json, write_lines
from searchkit.notes import MARKS
from searchkit.notes.file import TypedNote
from searchkit.search.statement_text import note_texts
from searchkit.statements.text import counted, one_line

_WORDS_SHOWN = 200


@click.group("notes")
def command() -> None:
    """Mark statements as checked or wrong; list the marks, corrections, tags and notes of users.

    They are in the file notes.jsonl of the archive. The fields mark and tag find them: mark:checked, -mark:wrong,
    tag:budget.
    """


@command.command("list")
@json_option
@archive_option
def list_notes(as_json: bool) -> None:
    """List all notes; those whose statement is gone say so."""
    with open_archive() as opened:
        records = note_records(opened)
    if as_json:
        write_json(NoteList(total=len(records), items=records))
        return
    write_lines(line for record in records for line in _lines(record))
    if gone := sum(record.gone for record in records):
        say(f"note: {counted(gone, 'statement')} {'is' if gone == 1 else 'are'} no longer in the archive.")


@command.command("set")
@click.argument("statement_id", metavar="ID")
@click.option("--mark", type=click.Choice(MARKS), default=None, help="Your verdict on the statement.")
@click.option("--speaker", default="", metavar="NAME", help="The right speaker; implies --mark wrong-speaker.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeat for several.")
@click.option("--note", default="", metavar="TEXT", help="A note.")
@click.option("--by", default="", metavar="NAME", help="Your name.")
@archive_option
def set_command(statement_id: str, mark: str | None, speaker: str, tags: tuple[str, ...], note: str, by: str) -> None:
    """Write the note on a statement, in the place of an earlier one.

    ID is as printed by `searchkit statements`. A correction is shown as yours; the statement keeps the speaker that was
    found.
    """
    if not (mark or speaker or any(tags) or note.strip()):
        raise click.UsageError("Nothing was given: use --mark, --speaker, --tag or --note.")
    with open_archive() as opened:
        typed = TypedNote(mark=mark or "", speaker=speaker, text=note, tags=tags, by=by)
        written = set_note(opened, statement_id, typed, now=datetime.now(UTC))
    write_lines([[(text, "")] for text in note_texts(written.fields)] if written else [])


@command.command("remove")
@click.argument("statement_id", metavar="ID")
@archive_option
def remove(statement_id: str) -> None:
    """Remove the note on a statement."""
    with open_archive() as opened:
        remove_note(opened, statement_id)


def _lines(record: NoteRecord) -> Iterator[list[Segment]]:
    words = one_line(record.words)
    shown = words if len(words) <= _WORDS_SHOWN else f"{words[:_WORDS_SHOWN]}…"
    yield [(record.id, "bold"), ("  gone" if record.gone else "", "red")]
    yield [(f"   {' · '.join(note_texts(record))}", "cyan")]
    yield [(f"   {shown}", "dim")]
