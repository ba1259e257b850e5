"""`searchkit saved`: queries saved under a name, for searches and alerts."""

import re
from collections import ChainMap
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

import click
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from searchkit.alerts import folder
from searchkit.alerts.folder import SavedFile, SavedFolder, load, load_all
from searchkit.alerts.new_matches import parse_search
from searchkit.alerts.searches import OVER, AlertSettings, Every, GroupBy, Over, SavedSearch
from searchkit.alerts.sinks import sink_address
from searchkit.archive import Archive
from searchkit.cli.answers import answer_from_options, print_answer
from searchkit.cli.completion import complete_saved
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import QueryCommand, archive_option, json_option, open_archive, question_options, settings
from searchkit.cli.output import Segment, counted, say, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.scanner import SavedQuery
from searchkit.query.walk import interpreted
from searchkit.records import Count, Share
from searchkit.text import one_line

_TAG = "searchkit.saved/1"
_INVALID = 2


class AlertSettingsRecord(Struct, frozen=True, kw_only=True):
    """What an alert does."""

    sinks: Annotated[
        tuple[str, ...],
        Meta(description="Where it reports: stdout, atom:FILE, mbox:FILE, sendmail:ADDRESS, webhook:URL."),
    ]
    every: Annotated[Every, Meta(description="How often it runs.")]
    group_by: Annotated[str | None, Meta(description="How its digest is grouped; null to choose by the query.")]
    min_confidence: Annotated[Share, Meta(description="A statement below it is not a headline.")]
    per_group: Annotated[Count, Meta(description="Items of a group that a digest lists.")]


class SavedRecord(Struct, frozen=True, kw_only=True):
    """A saved search; with `fault` one whose file is invalid."""

    name: Annotated[str, Meta(description="Its name, which is that of its file.")]
    query: Annotated[str | UnsetType, Meta(description="As written; relative dates stay relative.")] = UNSET
    over: Annotated[Over | UnsetType, Meta(description="What it finds.")] = UNSET
    note: Annotated[str | UnsetType, Meta(description="Its purpose.")] = UNSET
    alert: AlertSettingsRecord | UnsetType | None = UNSET
    fault: Annotated[str | UnsetType, Meta(description="Why its file or its query is invalid.")] = UNSET


class ShownSearch(SavedRecord, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """A saved search."""

    interpreted_as: Annotated[str, Meta(description="The query with today's dates.")]
    file: Annotated[str, Meta(description="Path of its file.")]


class SavedList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """All saved searches."""

    saved: tuple[SavedRecord, ...]


@click.group("saved")
def command() -> None:
    """Save queries under a name, each in a file in the archive's folder saved/.

    Other queries refer to them as saved:NAME. A saved search with a table [alert] in its file is an alert:
    `searchkit alerts run` reports its new matches.
    """


@command.command("add", cls=QueryCommand)
@click.argument("name", metavar="NAME")
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option(
    "--over", type=click.Choice(["documents", "quotes"]), default="documents", show_default=True, help="What to find."
)
@click.option("--note", default="", metavar="TEXT", help="Its purpose.")
@click.option("--alert", "is_alert", is_flag=True, help="Make it an alert; the options below imply this.")
@click.option("--sink", "sinks", multiple=True, metavar="SINK", help="Where to report: stdout, atom:FILE, mbox:FILE...")
@click.option("--every", type=click.Choice(["run", "day", "week"]), help="How often it runs (default: each run).")
@click.option(
    "--group-by",
    type=click.Choice(["speaker", "about", "watchlist", "outlet", "nothing"]),
    help="How to group its digest (default: by the query).",
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="A statement below it is not a headline (0.6).")
@click.option("--replace", "replacing", is_flag=True, help="Replace a saved search of this name.")
@archive_option
def add(
    name: str,
    words: tuple[str, ...],
    over: str,
    note: str,
    is_alert: bool,
    sinks: tuple[str, ...],
    every: str | None,
    group_by: str | None,
    min_confidence: float | None,
    replacing: bool,
) -> None:
    """Save QUERY as NAME, in canonical form; show how it was read and what it finds today.

    Relative dates stay relative: date:7d means the seven days before each run. Sinks are stdout, atom:FILE, mbox:FILE,
    sendmail, sendmail:ADDRESS and webhook:https://...; relative file names are in the archive's folder. Repeat --sink
    for several sinks.
    """
    config = settings()
    chosen = (every, group_by, min_confidence)
    is_alert = is_alert or bool(sinks) or any(value is not None for value in chosen)
    alert = _alert(sinks, *chosen, allowed=config.alert_hosts) if is_alert else None
    search = SavedSearch(name=name, query=" ".join(words), record=OVER[over], note=note, alert=alert)
    if alert is not None and group_by in {"speaker", "about"} and over == "documents":
        raise click.UsageError(f"--group-by {group_by} needs --over quotes.")
    with Archive.create(config.archive, engine=config.engine) as opened:
        folder.file_of(opened.folder, name)  # raises UsageError for an invalid name
        search, notes = _canonical(opened, search)
        path = folder.save(opened.folder, search, replacing=replacing)
        reading, found = _reading(opened, search)
    write_lines([[(str(path), "bold")], [("  read as: ", "dim"), (one_line(reading), "")]])
    if found:
        write_lines([[("  finds now: ", "dim"), (found, "")]])
    if search.alert is not None:
        write_lines([[("  alert: ", "dim"), (_alert_text(search.alert), "")]])
        click.echo("  Its first run saves a baseline; later runs report new matches.")
    for text in notes:
        say(f"note: {one_line(text)}")


@command.command("list")
@json_option
@archive_option
def list_kept(as_json: bool) -> None:
    """List the saved searches; for an invalid file or query with the reason."""
    with open_archive() as opened:
        searches = _checked(opened)
    if as_json:
        write_json(SavedList(saved=tuple(map(_record, searches))))
        return
    width = max((len(kept.name) for kept in searches), default=0)
    write_lines(_line(kept, width) for kept in searches)


@command.command("show")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@json_option
@archive_option
def show(name: str, as_json: bool) -> None:
    """Print a saved search: its query as written and as read today, and what its alert does."""
    with open_archive() as opened:
        search = load(opened.folder, name)
        reading, found = _reading(opened, search)
        path = folder.file_of(opened.folder, name)
    if as_json:
        record = _record(SavedFile(name=name, search=search))
        write_json(ShownSearch(**asdict(record), interpreted_as=reading, file=str(path)))
        return
    facts = {
        "file": str(path),
        "query": search.query,
        "over": search.over,
        "note": search.note,
        "read as": reading,
        "finds now": found,
        "alert": _alert_text(search.alert) if search.alert else "",
    }
    write_lines([(f"{key:10} ", "dim"), (one_line(value), "")] for key, value in facts.items() if value)


@command.command("run")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@question_options
def run(name: str, **options: Any) -> int:
    """Run a saved search, like `searchkit query` or `searchkit quotes`; options add filters."""
    with open_archive() as opened:
        search = load(opened.folder, name)
        answer = answer_from_options(opened, (f"saved:{name}",), search.record, options)
        print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@archive_option
def remove(name: str) -> None:
    """Remove the file of a saved search. Matches that it has reported as an alert stay known."""
    with open_archive() as opened:
        used = _users(opened, name)
        if used:
            raise click.UsageError(f"saved:{name} is used by {', '.join(used)}. Change these first.")
        folder.remove(opened.folder, name)


@command.command("check")
@archive_option
def check() -> int:
    """Check every saved search, for example after an upgrade or an edit. Exit code 2 means that one is invalid."""
    with open_archive() as opened:
        searches = _checked(opened)
    faults = [kept for kept in searches if kept.fault]
    for kept in faults:
        say(f"{one_line(kept.name)}: {one_line(str(kept.fault))}")
    click.echo(f"{counted(len(searches), 'saved search', 'saved searches')}, {len(faults) or 'none'} invalid")
    return _INVALID if faults else 0


# --- settings and output ----------------------------------------------------------------------------------------------


def _alert(
    sinks: tuple[str, ...],
    every: str | None,
    group_by: str | None,
    min_confidence: float | None,
    *,
    allowed: Collection[str],
) -> AlertSettings:
    alert = AlertSettings()
    try:
        addresses = tuple(dict.fromkeys(sink_address(sink) for sink in sinks))
    except ValueError as error:
        raise click.UsageError(f"--sink: {error}.") from None
    for address in addresses:
        parts = urlsplit(address.target)
        if parts.scheme == "http" and parts.hostname not in allowed:
            raise click.UsageError(
                f"--sink: {address.shown} is not encrypted. Write https://..., or list the host in alert_hosts."
            )
    return AlertSettings(
        sinks=addresses or alert.sinks,
        every=cast("Every", every or alert.every),
        group_by=cast("GroupBy | None", group_by),
        min_confidence=alert.min_confidence if min_confidence is None else min_confidence,
    )


def _checked(archive: Archive) -> list[SavedFile]:
    """Return all saved searches, with the fault of each whose file or query is invalid."""
    checked = []
    for kept in load_all(archive.folder):
        try:
            if kept.search is not None:
                parse_search(archive, kept.search, datetime.now(UTC).date())
            checked.append(kept)
        except UsageError as error:
            checked.append(replace(kept, fault=error))
    return checked


def _canonical(archive: Archive, search: SavedSearch) -> tuple[SavedSearch, tuple[str, ...]]:
    """Return the search with its query in canonical form, and notes of the parser.

    The parser sees the search itself among the saved searches, so that it finds a cycle.
    """
    own = {search.name: SavedQuery(query=search.query, record=search.record)}
    known = ChainMap(own, SavedFolder(archive.folder))  # type: ignore[arg-type]  # written to only in its first map
    parsed = parse(search.query, today=datetime.now(UTC).date(), record=search.record, saved=known)
    return replace(search, query=str(parsed.tree)), parsed.notes


def _reading(archive: Archive, search: SavedSearch) -> tuple[str, str]:
    """Return the query with today's dates, and how much it finds today (empty for an empty archive)."""
    today = datetime.now(UTC).date()
    tree = parse_search(archive, search, today)
    if archive.is_empty:
        return interpreted(tree), ""
    lately = ast.conjunction(tree, parse("seen:7d", today=today).tree)
    every = archive.search(SearchRequest(query=tree, record=search.record, limit=0))
    newer = archive.search(SearchRequest(query=lately, record=search.record, limit=0)).total
    kind = "document" if search.record == "document" else "statement"
    found = counted(every.total, kind)
    return every.interpreted_as, f"{found}, {newer:,} of them first seen in the last 7 days" if every.total else found


def _users(archive: Archive, name: str) -> list[str]:
    """Return the names of other saved searches that use this one."""
    clause = re.compile(rf"saved:{re.escape(name)}(?![\w-])")
    others = (kept.search for kept in load_all(archive.folder) if kept.search and kept.name != name)
    return [search.name for search in others if clause.search(search.query.casefold())]


def _alert_text(alert: AlertSettings) -> str:
    sinks = ", ".join(sink.shown for sink in alert.sinks)
    every = "each run" if alert.every == "run" else f"every {alert.every}"
    return f"{sinks}; {every}" + (f"; grouped by {alert.group_by}" if alert.group_by else "")


def _record(kept: SavedFile) -> SavedRecord:
    search = kept.search
    if search is None:
        return SavedRecord(name=kept.name, fault=str(kept.fault))
    alert = search.alert
    return SavedRecord(
        name=kept.name,
        fault=str(kept.fault) if kept.fault else UNSET,
        query=search.query,
        over=search.over,
        note=search.note,
        alert=None
        if alert is None
        else AlertSettingsRecord(**{**asdict(alert), "sinks": tuple(sink.shown for sink in alert.sinks)}),
    )


def _line(kept: SavedFile, width: int) -> list[Segment]:
    search = kept.search
    name = (f"{one_line(kept.name):{width}}  ", "bold")
    if search is None:
        return [name, ("invalid: ", "red"), (one_line(str(kept.fault)), "")]
    sinks = f"  -> {', '.join(sink.shown for sink in search.alert.sinks)}" if search.alert else ""
    note = f"  {one_line(search.note)}" if search.note else ""
    fault = f"  invalid: {one_line(str(kept.fault))}" if kept.fault else ""
    query = (one_line(search.query), "")
    return [name, (f"{search.over:9}  ", "dim"), query, (fault, "red"), (sinks, "cyan"), (note, "dim")]
