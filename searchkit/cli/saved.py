"""`searchkit saved`: queries kept under a name, for questions and for alerts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import click
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.completion import complete_saved
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import QueryCommand, archive_option, open_archive, question_options, settings
from searchkit.cli.output import Segment, counted, one_line, say, write_json, write_lines

if TYPE_CHECKING:
    from searchkit.alerts.folder import SavedFile
    from searchkit.alerts.searches import AlertSettings, Every, GroupBy, SavedSearch

SCHEMA = "searchkit.saved/1"
_UNREADABLE = 2


@click.group("saved")
def command() -> None:
    """Keep queries under a name, each in a file of the archive's folder saved/.

    A query names them: saved:NAME. A saved search with a table [alert] in its file is an alert: `searchkit alerts run`
    tells what it finds that is new.
    """


@command.command("add", cls=QueryCommand)
@click.argument("name", metavar="NAME")
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option(
    "--over", type=click.Choice(["documents", "quotes"]), default="documents", show_default=True, help="It asks for."
)
@click.option("--note", default="", metavar="TEXT", help="What it is for.")
@click.option("--alert", "is_alert", is_flag=True, help="Make it an alert; so do the options below.")
@click.option("--sink", "sinks", multiple=True, metavar="SINK", help="Where it tells: stdout, atom:FILE, mbox:FILE...")
@click.option("--every", type=click.Choice(["run", "day", "week"]), help="How often it is asked (default: each run).")
@click.option(
    "--group-by",
    type=click.Choice(["speaker", "about", "watchlist", "outlet", "nothing"]),
    help="What its digest is grouped by (default: what fits the query).",
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="Below it a statement is no headline (0.6).")
@click.option("--replace", "replacing", is_flag=True, help="Replace a search of this name.")
@archive_option
@click.pass_context
def add(
    ctx: click.Context,
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
    archive: str | None,
) -> None:
    """Keep QUERY as NAME, in its canonical form; say how it was read and what it finds today.

    Relative dates stay relative: date:7d means the seven days before each time it is asked. Sinks are stdout,
    atom:FILE, mbox:FILE, sendmail, sendmail:ADDRESS and webhook:https://...; relative files lie in the archive's
    folder. Say --sink once for each.
    """
    from searchkit.alerts import folder
    from searchkit.alerts.searches import OVER, SavedSearch

    config = settings(ctx, archive or ctx.obj)
    chosen = (every, group_by, min_confidence)
    alert = _alert(sinks, *chosen) if is_alert or sinks or any(one is not None for one in chosen) else None
    search = SavedSearch(name=name, query=" ".join(words), record=OVER[over], note=note, alert=alert)
    if alert is not None and group_by in {"speaker", "about"} and over == "documents":
        raise click.UsageError(f"--group-by {group_by} goes with --over quotes.", ctx)
    with Archive.create(config.archive, engine=config.engine) as opened:
        folder.file_of(opened.folder, name)  # refuses what is no name before anything else is looked at
        search, notes = _canonical(opened, search)
        path = folder.save(opened.folder, search, replacing=replacing)
        reading, found = _reading(opened, search)
    write_lines([[(str(path), "bold")], [("  read as: ", "dim"), (one_line(reading), "")]])
    if found:
        write_lines([[("  finds now: ", "dim"), (found, "")]])
    if search.alert is not None:
        write_lines([[("  alert: ", "dim"), (_alert_text(search.alert), "")]])
        click.echo("  Its first run remembers what is there; from the second on it tells what is new.")
    for text in notes:
        say(f"note: {one_line(text)}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_obj
def list_kept(given: str | None, as_json: bool, archive: str | None) -> None:
    """List the saved searches, those that cannot be read with the reason."""
    from searchkit.alerts.folder import load_all

    with open_archive(click.get_current_context(), archive or given) as opened:
        found = load_all(opened.folder)
    if as_json:
        write_json({"schema": SCHEMA, "saved": [_json(one) for one in found]})
        return
    width = max((len(one.name) for one in found), default=0)
    write_lines(_line(one, width) for one in found)


@command.command("show")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_obj
def show(given: str | None, name: str, as_json: bool, archive: str | None) -> None:
    """Print a saved search: its query as written and as read today, and what its alert does."""
    from searchkit.alerts.folder import SavedFile, file_of, load

    with open_archive(click.get_current_context(), archive or given) as opened:
        search = load(opened.folder, name)
        reading, found = _reading(opened, search)
        path = file_of(opened.folder, name)
    if as_json:
        kept = _json(SavedFile(name=name, search=search))
        write_json({"schema": SCHEMA, **kept, "interpreted_as": reading, "file": str(path)})
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
@click.pass_context
def run(ctx: click.Context, /, name: str, **options: Any) -> int:
    """Ask a saved search, as `searchkit query` or `searchkit quotes` would; options narrow it."""
    from searchkit.alerts.folder import load
    from searchkit.cli.answers import print_answer
    from searchkit.cli.question import ask

    with open_archive(ctx, options.pop("archive") or ctx.obj) as opened:
        search = load(opened.folder, name)
        answer = ask(opened, (f"saved:{name}",), search.record, options)
        print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@archive_option
@click.pass_obj
def remove(given: str | None, name: str, archive: str | None) -> None:
    """Remove the file of a saved search. What an alert of that name has told stays known."""
    from searchkit.alerts import folder

    with open_archive(click.get_current_context(), archive or given) as opened:
        used = _users(opened, name)
        if used:
            raise click.UsageError(f"saved:{name} is part of {', '.join(used)}. Change that first.")
        folder.remove(opened.folder, name)


@command.command("check")
@archive_option
@click.pass_obj
def check(given: str | None, archive: str | None) -> int:
    """Read every saved search, as after an upgrade or an edit. Exit code 2 when one cannot be read."""
    from searchkit.alerts.folder import load_all
    from searchkit.alerts.new_matches import read
    from searchkit.errors import UsageError

    faults = 0
    with open_archive(click.get_current_context(), archive or given) as opened:
        found = load_all(opened.folder)
        for one in found:
            try:
                if one.search is None:
                    raise one.fault or UsageError("It cannot be read.")
                read(opened, one.search, datetime.now(UTC).date())
            except UsageError as error:
                faults += 1
                say(f"{one_line(one.name)}: {one_line(str(error))}")
    click.echo(f"{counted(len(found), 'saved search', 'saved searches')}, {faults or 'none'} cannot be read")
    return _UNREADABLE if faults else 0


# --- what is told ----------------------------------------------------------------------------------------------------


def _alert(
    sinks: tuple[str, ...], every: str | None, group_by: str | None, min_confidence: float | None
) -> "AlertSettings":
    from searchkit.alerts.searches import AlertSettings
    from searchkit.alerts.sinks.addresses import sink_address

    alert = AlertSettings()
    try:
        addresses = tuple(dict.fromkeys(sink_address(sink) for sink in sinks))
    except ValueError as error:
        raise click.UsageError(f"--sink: {error}.") from None
    return AlertSettings(
        sinks=addresses or alert.sinks,
        every=cast("Every", every or alert.every),
        group_by=cast("GroupBy | None", group_by),
        min_confidence=alert.min_confidence if min_confidence is None else min_confidence,
    )


def _canonical(archive: Archive, search: "SavedSearch") -> "tuple[SavedSearch, tuple[str, ...]]":
    """The search with its query in canonical form, and what there is to say of how it was read.

    It is read with itself among the saved searches, so that a circle is seen now."""
    from collections import ChainMap

    from searchkit.alerts.folder import SavedFolder
    from searchkit.query.parser import parse
    from searchkit.query.saved import SavedQuery

    own = {search.name: SavedQuery(query=search.query, record=search.record)}
    known = ChainMap(own, SavedFolder(archive.folder))  # type: ignore[arg-type]  # written to in its first map only
    parsed = parse(search.query, today=datetime.now(UTC).date(), record=search.record, saved=known)
    return replace(search, query=str(parsed.tree)), parsed.notes


def _reading(archive: Archive, search: "SavedSearch") -> tuple[str, str]:
    """The query with days in it, and how much it finds today (empty in an archive without documents)."""
    from searchkit.alerts.new_matches import read
    from searchkit.index.base import SearchRequest
    from searchkit.query import ast
    from searchkit.query.parser import parse
    from searchkit.query.walk import interpreted

    today = datetime.now(UTC).date()
    tree = read(archive, search, today)
    if archive.is_empty:
        return interpreted(tree), ""
    lately = ast.conjunction(tree, parse("seen:7d", today=today).tree)
    every = archive.search(SearchRequest(query=tree, record=search.record, limit=0))
    newer = archive.search(SearchRequest(query=lately, record=search.record, limit=0)).total
    kind = "document" if search.record == "document" else "statement"
    found = counted(every.total, kind)
    return every.interpreted_as, f"{found}, {newer:,} of them seen in the last 7 days" if every.total else found


def _users(archive: Archive, name: str) -> list[str]:
    """The other saved searches that name this one."""
    from searchkit.alerts.folder import load_all

    clause = f"saved:{name}"
    return [
        one.name
        for one in load_all(archive.folder)
        if one.search is not None and one.name != name and _names(one.search.query, clause)
    ]


def _names(query: str, clause: str) -> bool:
    """Whether a query names a saved search: written so, and nothing of a name behind it."""
    following = query.casefold().split(clause)[1:]
    return any(not rest or not (rest[0].isalnum() or rest[0] in "-_") for rest in following)


def _alert_text(alert: "AlertSettings") -> str:
    sinks = ", ".join(sink.shown for sink in alert.sinks)
    every = "each run" if alert.every == "run" else f"every {alert.every}"
    return f"{sinks}; {every}" + (f"; grouped by {alert.group_by}" if alert.group_by else "")


def _json(one: "SavedFile") -> dict[str, Any]:
    search = one.search
    if search is None:
        return {"name": one.name, "fault": str(one.fault)}
    alert = search.alert
    return {
        "name": one.name,
        "query": search.query,
        "over": search.over,
        "note": search.note,
        "alert": alert
        and {
            "sinks": [sink.shown for sink in alert.sinks],
            "every": alert.every,
            "group_by": alert.group_by,
            "min_confidence": alert.min_confidence,
            "per_group": alert.per_group,
        },
    }


def _line(one: "SavedFile", width: int) -> list[Segment]:
    search = one.search
    name = (f"{one_line(one.name):{width}}  ", "bold")
    if search is None:
        return [name, ("cannot be read: ", "red"), (one_line(str(one.fault)), "")]
    told = f"  -> {', '.join(sink.shown for sink in search.alert.sinks)}" if search.alert else ""
    note = f"  {one_line(search.note)}" if search.note else ""
    return [name, (f"{search.over:9}  ", "dim"), (one_line(search.query), ""), (told, "cyan"), (note, "dim")]
