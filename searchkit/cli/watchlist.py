"""`searchkit watchlist`: lists of names to look for, stored in the archive."""

from datetime import UTC, datetime
from pathlib import Path

import click
from msgspec import Struct, convert

from searchkit.archive import Archive
from searchkit.cli.completion import complete_watchlist
from searchkit.cli.options import archive_option, json_option, open_archive, settings
from searchkit.cli.output import write_json, write_lines
from searchkit.extract.register import MOST_BEARERS
from searchkit.names import folder
from searchkit.names.watchlists import read
from searchkit.records import Count
from searchkit.text import counted, one_line


class WatchlistRecord(Struct, frozen=True, kw_only=True):
    """A watchlist."""

    name: str
    entries: Count
    names: Count
    source: str
    form: str
    added: str


class WatchlistReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.watchlist/1"):
    """The watchlists of the archive."""

    watchlists: tuple[WatchlistRecord, ...]


@click.group("watchlist")
def command() -> None:
    """Add, list and remove watchlists.

    Where an article contains a name of a watchlist, the article and the statement are marked with the watchlist and the
    entry. The match is by name only; identity is not verified.
    """


@command.command("add")
@click.argument("file", metavar="FILE")
@click.option("--name", help="Name of the watchlist in queries (default: the name of the file).")
@archive_option
def add(file: str, name: str | None) -> None:
    """Add the watchlist in FILE; replace a watchlist of the same name.

    FILE is CSV with a column "name" and any of "id", "aliases" and "weak_aliases" (separated by ";"), "kind",
    "country", "topics"; a name per line; targets.simple.csv of OpenSanctions; or FollowTheMoney entities as JSON Lines.
    """
    path = Path(file)
    list_name = folder.list_name(name if name is not None else path.name.partition(".")[0])
    config = settings()
    reading = read(path, list_name)
    with Archive.create(config.archive, engine=config.engine) as opened:
        kept = folder.save(
            opened.folder, list_name, reading.entries, form=reading.form, source=path.name, now=datetime.now(UTC)
        )
    entries = counted(kept.entries, "entry", "entries")
    click.echo(f"{kept.name}: {entries} with {counted(kept.names, 'name')}, read as {kept.form}")
    for reason, count in sorted(reading.skipped.items(), key=lambda pair: -pair[1]):
        example = reading.examples[reason]
        click.echo(f"  {counted(count, 'row')} skipped: {reason}" + (f' ("{one_line(example)}")' if example else ""))
    if reading.merged:
        click.echo(f"  {counted(reading.merged, 'row')} merged into an earlier row with the same id and name")
    if reading.separated:
        have = "entry has" if reading.separated == 1 else "entries have"
        click.echo(
            f"  {reading.separated:,} {have} the id of an earlier row with another name: each is an entry of its own"
        )
    if many := reading.overused_names():
        have = f"{counted(many, 'name')} {'has' if many == 1 else 'have'}"
        click.echo(f"  {have} more than {MOST_BEARERS} entries each: a match lists {MOST_BEARERS} of them")
    click.echo("To apply the watchlist to existing documents, run: searchkit index --outdated")


@command.command("list")
@json_option
@archive_option
def list_kept(as_json: bool) -> None:
    """List the watchlists of the archive."""
    with open_archive() as opened:
        watchlists = folder.watchlists(opened.folder)
    if as_json:
        write_json(WatchlistReport(watchlists=convert(watchlists, tuple[WatchlistRecord, ...], from_attributes=True)))
        return
    width = max((len(watchlist.name) for watchlist in watchlists), default=0)
    write_lines(
        [
            (f"{watchlist.name:{width}}", "bold"),
            (f"  {counted(watchlist.entries, 'entry', 'entries'):>17}  {counted(watchlist.names, 'name'):>15}  ", ""),
            (f"{one_line(watchlist.source)} ({one_line(watchlist.form)}), {one_line(watchlist.added[:10])}", "dim"),
        ]
        for watchlist in watchlists
    )


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_watchlist)
@archive_option
def remove(name: str) -> None:
    """Remove a watchlist from the archive."""
    with open_archive() as opened:
        folder.remove(opened.folder, name)
    click.echo("To remove its matches from existing documents, run: searchkit index --outdated")
