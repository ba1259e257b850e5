"""`searchkit watchlist`: lists of names to look for, kept in the archive."""

from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.archive import Archive
from searchkit.cli.completion import complete_watchlist
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import counted, one_line, write_json, write_lines

SCHEMA = "searchkit.watchlist/1"


@click.group("watchlist")
def command() -> None:
    """Add, list and remove lists of names to look for.

    Where a name of a list stands in an article, article and statement are marked with the list and the entry: as a
    match of names, never as identity.
    """


@command.command("add")
@click.argument("file", metavar="FILE")
@click.option("--name", help="What the list is called in queries (default: the name of the file).")
@archive_option
@click.pass_obj
def add(given: str | None, file: str, name: str | None, archive: str | None) -> None:
    """Add the list in FILE, in the place of one of the same name.

    FILE is CSV with a column "name" and any of "id", "aliases" and "weak_aliases" (parted by ";"), "kind", "country",
    "topics"; one name a line; OpenSanctions' targets.simple.csv; or FollowTheMoney entities as JSON lines.
    """
    from searchkit.extract.register import MOST_BEARERS
    from searchkit.names.folder import list_name, save
    from searchkit.names.watchlists import read

    path = Path(file)
    called = list_name(name if name is not None else path.name.partition(".")[0])
    ctx = click.get_current_context()
    config = settings(ctx, archive or given)
    reading = read(path, called)
    with Archive.create(config.archive, engine=config.engine) as opened:
        made = save(opened.folder, called, reading.entries, form=reading.form, source=path.name, now=datetime.now(UTC))
    entries = counted(made.entries, "entry", "entries")
    click.echo(f"{made.name}: {entries} with {counted(made.names, 'name')}, read as {made.form}")
    for reason, count in sorted(reading.skipped.items(), key=lambda pair: -pair[1]):
        click.echo(f"  {counted(count, 'row')} left out: {reason}")
    if many := reading.overused_names():
        have = f"{counted(many, 'name')} {'has' if many == 1 else 'have'}"
        click.echo(f"  {have} more than {MOST_BEARERS} entries each: a match tells {MOST_BEARERS} of them")
    click.echo("To look for them in the documents there are: searchkit rebuild")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_obj
def list_kept(given: str | None, as_json: bool, archive: str | None) -> None:
    """List the watchlists of the archive."""
    from searchkit.names.folder import watchlists

    with open_archive(click.get_current_context(), archive or given) as opened:
        found = watchlists(opened.folder)
    if as_json:
        lists = [
            {
                "name": one.name,
                "entries": one.entries,
                "names": one.names,
                "source": one.source,
                "form": one.form,
                "added": one.added,
            }
            for one in found
        ]
        write_json({"schema": SCHEMA, "watchlists": lists})
        return
    width = max((len(one.name) for one in found), default=0)
    write_lines(
        [
            (f"{one.name:{width}}", "bold"),
            (f"  {counted(one.entries, 'entry', 'entries'):>17}  {counted(one.names, 'name'):>15}  ", ""),
            (f"{one_line(one.source)} ({one_line(one.form)}), {one_line(one.added[:10])}", "dim"),
        ]
        for one in found
    )


@command.command("remove")
@click.argument("name", metavar="NAME", shell_complete=complete_watchlist)
@archive_option
@click.pass_obj
def remove(given: str | None, name: str, archive: str | None) -> None:
    """Remove a watchlist from the archive."""
    from searchkit.names.folder import remove as remove_list

    with open_archive(click.get_current_context(), archive or given) as opened:
        remove_list(opened.folder, name)
    click.echo("To take its marks from the documents there are: searchkit rebuild")
