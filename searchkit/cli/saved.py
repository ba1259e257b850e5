"""`searchkit saved`: queries saved under a name, for searches and alerts."""

from typing import Annotated, Any

import click
from msgspec import Meta
from msgspec.structs import asdict

from searchkit.alerts import editing, folder
from searchkit.alerts.folder import SavedFile, load
from searchkit.alerts.searches import AlertSettings, SavedSearch, search_of
from searchkit.archive import Archive
from searchkit.cli import options as shared
from searchkit.cli.alerts import print_lines, sink_options
from searchkit.cli.answers import answer_from_options, print_answer
from searchkit.cli.completion import complete_saved
from searchkit.cli.errors import NO_HITS
from searchkit.cli.output import Segment, say, say_notes, write_json, write_lines
from searchkit.export.records import RECORDS
from searchkit.statements.text import counted, one_line

_INVALID = 2


class ShownSearch(editing.SavedRecord, frozen=True, kw_only=True, tag_field="schema", tag=editing.SAVED_TAG):
    """A saved search."""

    interpreted_as: Annotated[str, Meta(description="The query with today's dates.")]
    file: Annotated[str, Meta(description="Path of its file.")]


@click.group("saved")
def command() -> None:
    """Save queries under a name, each in a file in the archive's folder saved/.

    Other queries refer to them as saved:NAME. A saved search with a table [alert] in its file is an alert:
    `searchkit alerts run` reports its new matches.
    """


@command.command("add", cls=shared.QueryCommand)
@click.argument("name", metavar="NAME")
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option("--over", type=click.Choice([*RECORDS]), default="documents", show_default=True, help="What to find.")
@click.option("--note", default="", metavar="TEXT", help="Its purpose.")
@click.option("--alert", "is_alert", is_flag=True, help="Make it an alert; the options below imply this.")
@click.option("--sink", "sinks", multiple=True, metavar="SINK", help="Where to report: stdout, atom:FILE, sendmail...")
@click.option("--every", type=click.Choice(["run", "day", "week"]), help="How often it runs (default: each run).")
@click.option(
    "--group-by",
    type=click.Choice(["speaker", "about", "watchlist", "outlet", "nothing"]),
    help="How to group its digest (default: by the query).",
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="A statement below it is not a headline (0.6).")
@click.option("--replace", "replacing", is_flag=True, help="Replace a saved search of this name.")
@shared.archive_option
def add(name: str, words: tuple[str, ...], is_alert: bool, replacing: bool, **given: Any) -> None:
    """Save QUERY as NAME, canonical unless it names saved searches; show how it was read and what it finds today.

    Relative dates stay relative: date:7d means the seven days before each run. Sinks are stdout, atom:FILE,
    sendmail, sendmail:ADDRESS and webhook:https://...; relative file names are in the archive's folder. Repeat --sink
    for several sinks.
    """
    config = shared.settings()
    alert = {key: value for key in AlertSettings.__struct_fields__ if (value := given.get(key)) not in (None, ())}
    table = {"name": name, "query": " ".join(words), "over": given["over"], "note": given["note"]}
    search = search_of({**table, "alert": alert if alert or is_alert else None}, "saved add")
    editing.refuse_unusable(search, sink_options(config, print_lines))
    with shared.create_archive(config) as opened:
        folder.file_of(opened.folder, name)  # raises UsageError for an invalid name
        search, notes = editing.canonical(opened, search)
        path = folder.save(opened.folder, search, replacing=replacing)
        reading, found = _reading(opened, search)
    write_lines([[(str(path), "bold")], [("  read as: ", "dim"), (one_line(reading), "")]])
    if found:
        write_lines([[("  finds now: ", "dim"), (found, "")]])
    if search.alert is not None:
        write_lines([[("  alert: ", "dim"), (editing.alert_text(search.alert), "")]])
        click.echo("  Its first run saves a baseline; later runs report new matches.")
    say_notes(notes)


@command.command("list")
@shared.json_option
@shared.archive_option
def list_kept(as_json: bool) -> None:
    """List the saved searches; for an invalid file or query with the reason."""
    with shared.open_archive() as opened:
        searches = editing.checked(opened)
    if as_json:
        write_json(editing.saved_list(searches))
        return
    width = max((len(kept.name) for kept in searches), default=0)
    write_lines(_line(kept, width) for kept in searches)


@command.command("show")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@shared.json_option
@shared.archive_option
def show(name: str, as_json: bool) -> None:
    """Print a saved search: its query as written and as read today, and what its alert does."""
    with shared.open_archive() as opened:
        search = load(opened.folder, name)
        reading, found = _reading(opened, search)
        path = folder.file_of(opened.folder, name)
    if as_json:
        record = editing.saved_record(SavedFile(name=name, search=search))
        write_json(ShownSearch(**asdict(record), interpreted_as=reading, file=str(path)))
        return
    facts = {
        "file": str(path),
        "query": search.query,
        "over": search.over,
        "note": search.note,
        "read as": reading,
        "finds now": found,
        "alert": editing.alert_text(search.alert) if search.alert else "",
    }
    write_lines([(f"{key:10} ", "dim"), (one_line(value), "")] for key, value in facts.items() if value)


@command.command("run")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@shared.question_options
def run(name: str, **options: Any) -> int:
    """Run a saved search, like `searchkit query` or `searchkit statements`; options add filters."""
    with shared.open_archive() as opened:
        search = load(opened.folder, name)
        answer = answer_from_options(opened, (f"saved:{name}",), search.record, options)
        print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@shared.archive_option
def remove(name: str) -> None:
    """Remove the file of a saved search. Matches that it has reported as an alert stay known."""
    with shared.open_archive() as opened:
        folder.remove(opened.folder, name)


@command.command("check")
@shared.archive_option
def check() -> int:
    """Check every saved search, for example after an upgrade or an edit. Exit code 2 means that one is invalid."""
    with shared.open_archive() as opened:
        searches = editing.checked(opened)
    faults = [kept for kept in searches if kept.fault]
    for kept in faults:
        say(f"{one_line(kept.name)}: {one_line(str(kept.fault))}")
    click.echo(f"{counted(len(searches), 'saved search', 'saved searches')}, {len(faults) or 'none'} invalid")
    return _INVALID if faults else 0


# --- output -----------------------------------------------------------------------------------------------------------


def _reading(archive: Archive, search: SavedSearch) -> tuple[str, str]:
    """Return the query with today's dates, and how much it finds today (empty for an empty archive)."""
    found = editing.found_today(archive, search)
    if archive.is_empty:
        return found.interpreted_as, ""
    text = counted(found.total, "document" if search.record == "document" else "statement")
    recent = f"{text}, {found.recent:,} of them first seen in the last 7 days"
    return found.interpreted_as, recent if found.total else text


def _line(kept: SavedFile, width: int) -> list[Segment]:
    search = kept.search
    name = (f"{one_line(kept.name):{width}}  ", "bold")
    if search is None:
        return [name, ("invalid: ", "red"), (one_line(str(kept.fault)), "")]
    sinks = f"  -> {', '.join(search.alert.shown_sinks)}" if search.alert else ""
    note = f"  {one_line(search.note)}" if search.note else ""
    fault = f"  invalid: {one_line(str(kept.fault))}" if kept.fault else ""
    query = (one_line(search.query), "")
    return [name, (f"{search.over:10}  ", "dim"), query, (fault, "red"), (sinks, "cyan"), (note, "dim")]
