"""`searchkit watchlist`: lists of names to look for, stored in the archive."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import click
from msgspec import Meta, Struct, convert

from searchkit.archive import Archive
from searchkit.cli.completion import complete_watchlist
from searchkit.cli.options import archive_option, create_archive, json_option, open_archive, settings
from searchkit.cli.output import say_notes, write_json, write_lines
from searchkit.index.base import ValuesRequest
from searchkit.index.values import WEAK
from searchkit.names import folder
from searchkit.names.watchlists import read
from searchkit.query import ast
from searchkit.records import Count
from searchkit.statements.text import counted, one_line

# Names in a message.
_MAX_SHOWN = 10


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

    total: Count
    items: tuple[WatchlistRecord, ...]


class WatchlistEntryRecord(Struct, frozen=True, kw_only=True):
    """An entry of a watchlist, and how many documents name it, duplicates collapsed."""

    id: str
    name: str
    kind: str
    documents: Annotated[Count, Meta(description="Documents with a strong match.")]
    weak: Annotated[Count, Meta(description="Documents with a weak match.")]


class WatchlistEntriesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.watchlist/1"):
    """The entries of a watchlist, and what was checked."""

    watchlist: str
    added: Annotated[str, Meta(description="When the list was added, ISO 8601 UTC.")]
    checksum: Annotated[str, Meta(description="SHA-256 of its entries: the version of the list.")]
    documents: Annotated[Count, Meta(description="Documents in which the names were looked for.")]
    total: Count
    items: tuple[WatchlistEntryRecord, ...]
    notes: tuple[str, ...]


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
    with create_archive(config) as opened:
        kept = folder.save(
            opened.folder, list_name, reading.entries, form=reading.form, source=path.name, now=datetime.now(UTC)
        )
    entries = counted(kept.entries, "entry", "entries")
    names = counted(kept.names, "name")
    click.echo(f"{kept.name}: {entries} with {names}, from {counted(reading.rows, 'row')} of {kept.form}")
    for reason, count in sorted(reading.skipped.items(), key=lambda pair: -pair[1]):
        example = reading.examples[reason]
        click.echo(f"  {counted(count, 'row')} skipped: {reason}" + (f' ("{one_line(example)}")' if example else ""))
    if reading.merged:
        shown = _listed(f'"{one_line(name)}"' for name in reading.merged)
        click.echo(
            f"  {counted(len(reading.merged), 'row')} merged into an earlier row with the same id and name: {shown}"
        )
    if reading.renamed:
        shown = _listed(f'{one_line(entry.id)} ("{one_line(entry.name)}")' for entry in reading.renamed)
        click.echo(
            f"  {counted(len(reading.renamed), 'row')} with the id of another name, each an entry of its own: {shown}"
        )
    click.echo("To apply the watchlist to existing documents, run: searchkit index --outdated")


@command.command("list")
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_watchlist)
@json_option
@archive_option
def list_kept(name: str | None, as_json: bool) -> None:
    """List the watchlists of the archive, or the entries of NAME with their documents.

    Documents with a match by a weak name are counted separately. An entry that no document names has 0.
    """
    with open_archive() as opened:
        if name is not None:
            _print_entries(opened, folder.watchlist(opened.folder, name), as_json=as_json)
            return
        watchlists = folder.watchlists(opened.folder)
    if as_json:
        items = convert(watchlists, tuple[WatchlistRecord, ...], from_attributes=True)
        write_json(WatchlistReport(total=len(items), items=items))
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


def _listed(texts: Iterable[str]) -> str:
    first = [*texts]
    more = len(first) - _MAX_SHOWN
    return ", ".join(first[:_MAX_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _print_entries(archive: Archive, watchlist: folder.Watchlist, *, as_json: bool) -> None:
    notes = archive.refresh()
    within = ast.Field(name="watchlist", value=ast.Term(text=watchlist.name))
    found = archive.index.values(ValuesRequest(field="watchlist", query=within))
    documents = {value.id: value.count for value in found}
    kept = folder.entries_of(archive.folder, watchlist)
    report = WatchlistEntriesReport(
        watchlist=watchlist.name,
        added=watchlist.added,
        checksum=watchlist.checksum,
        documents=archive.store().counts("").documents,
        total=len(kept),
        items=tuple(
            WatchlistEntryRecord(
                id=entry.id,
                name=entry.name,
                kind=entry.kind,
                documents=documents.get(entry.id, 0),
                weak=documents.get(entry.id + WEAK, 0),
            )
            for entry in kept
        ),
        notes=notes,
    )
    if as_json:
        write_json(report)
        return
    read_in = counted(report.documents, "document")
    write_lines(
        [
            [(f"{watchlist.name} ({watchlist.version_text}), looked for in {read_in}", "dim")],
            [("names are compared, as they are written in the list; identities are not verified", "dim")],
        ]
    )
    width = min(max((len(one_line(entry.id)) for entry in kept), default=0), 40)
    write_lines([[(f"documents    weak  {'id':{width}}  name", "dim")]])
    write_lines(
        [
            (f"{entry.documents:9,}  {entry.weak:6,}  ", "dim" if not entry.documents + entry.weak else ""),
            (f"{one_line(entry.id):{width}}  ", "dim"),
            (one_line(entry.name), "bold"),
        ]
        for entry in report.items
    )
    say_notes(notes)


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_watchlist)
@archive_option
def remove(name: str) -> None:
    """Remove a watchlist from the archive."""
    with open_archive() as opened:
        folder.remove(opened.folder, name)
    click.echo("To remove its matches from existing documents, run: searchkit index --outdated")
