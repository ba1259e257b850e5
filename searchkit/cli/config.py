"""`searchkit config`, `sources` and `schedule`: the settings, the last run of each source, and when runs start."""

import getpass
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from msgspec import Struct

from searchkit.cli.options import archive_option, json_option, open_archive, settings
from searchkit.cli.output import Segment, write_json, write_lines
from searchkit.config import load
from searchkit.crawl.base import in_words
from searchkit.errors import ArchiveError, UsageError
from searchkit.files import shipped_text
from searchkit.statements.text import counted, minute_text, one_line
from searchkit.store.base import SHOWS_LESS
from searchkit.update.health import MEASURES, SourceListing, SourcesReport, percent, source_listings


class SettingRecord(Struct, frozen=True, kw_only=True):
    """The value of a setting, and what set it."""

    value: str
    origin: str


class SettingsReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.config/1"):
    """The settings by name."""

    settings: dict[str, SettingRecord]


@click.command("config")
@json_option
@archive_option
def command(as_json: bool) -> None:
    """List the settings, their values and where each comes from.

    The first of these that sets a value wins: an option, the environment (SEARCHKIT_ARCHIVE...), searchkit.toml in this
    folder or above, the default.
    """
    listed = settings().settings()
    if as_json:
        values = {setting.name: SettingRecord(value=setting.value, origin=setting.origin) for setting in listed}
        write_json(SettingsReport(settings=values))
        return
    names = max(len(setting.name) for setting in listed)
    width = max(len(setting.value) for setting in listed)
    write_lines(
        [
            (f"{setting.name:{names}} ", "bold"),
            (f"{setting.value.removesuffix(':'):{width}}  ", ""),
            (f"from {setting.origin}: {setting.describes}", "dim"),
        ]
        for setting in listed
    )


@click.command("sources")
@click.option("--failures", is_flag=True, help="List the pages and files that could not be read.")
@json_option
@click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if a source failed or has a warning.")
@archive_option
def sources(failures: bool, as_json: bool, exit_status: bool) -> int:
    """List the sources of searchkit.toml, and the result of the last run of each.

    For each source the list shows the share of its documents that have a date, a byline and a statement. If a share
    falls to half in the newest documents, a warning says that the site has probably changed. --failures lists each page
    and file that could not be read, with the reason; those added manually are at the end.
    """
    config = settings()
    try:
        with open_archive(config) as opened:
            listings = source_listings(opened, config, failures=failures)
    except ArchiveError:
        if config.archive.exists() and any(config.archive.iterdir()):
            raise
        listings = source_listings(None, config)  # configured, but never fetched
    now = datetime.now(UTC)
    if as_json:
        write_json(SourcesReport(total=len(listings), items=tuple(listings)))
    elif listings:
        write_lines(line for listing in listings for line in _lines(listing, now))
    else:
        click.echo("No sources in searchkit.toml. To add a source, see `searchkit update --help`.")
    return 1 if exit_status and any(listing.reason or listing.warnings for listing in listings) else 0


def _lines(listing: SourceListing, now: datetime) -> Iterator[list[Segment]]:
    if listing.name:
        kind = listing.kind or "not in searchkit.toml"
        yield [(one_line(listing.name), "bold"), (f"  {kind} · {_when(listing, now)}", "")]
    else:
        yield [("added manually", "bold")]
    if listing.reason:
        yield [("   failed: ", "red"), (one_line(listing.reason), "")]
    numbers = [counted(listing.documents, "document")]
    numbers += [f"{listing.gone:,} gone"] if listing.gone else []
    numbers += [counted(listing.failures, "failure")] if listing.failures else []
    if listing.documents:
        numbers += [f"{name} {percent(getattr(listing.coverage, name))}" for name in MEASURES]
    yield [("   " + " · ".join(numbers), "dim")]
    if listing.shows_less:
        text = f"{counted(listing.shows_less, 'document')}; the archive keeps the text; --failures names the pages"
        yield [("   the page shows less: ", "yellow"), (text, "")]
    if listing.not_read:
        yield [("   not read: ", "yellow"), (one_line(in_words(listing.not_read)), "")]
    for warning in listing.warnings:
        yield [("   warning: ", "yellow"), (f"{warning}; has the site changed?", "")]
    for failure in listing.failed or ():
        since = f", since {failure.since[:10]}" if failure.since else ""
        label = ("   kept: ", "yellow") if failure.reason.startswith(SHOWS_LESS) else ("   failed: ", "red")
        yield [label, (f"{one_line(failure.uri)}: {one_line(failure.reason)}{since}", "")]


def _when(listing: SourceListing, now: datetime) -> str:
    last = listing.last_success
    text = f"last success {minute_text(last)}" if last else "never fetched"
    if listing.due:
        text += " · due now"
    elif listing.due_at is not None:
        minutes = int((datetime.fromisoformat(listing.due_at) - now).total_seconds() // 60) + 1
        text += f" · due in {minutes} min" if minutes < 120 else f" · due in {minutes // 60} h"
    return text


# The line for cron does not begin at the full hour, when every other job starts.
# cron reads % as a line end, systemd as a variable, and each has its own way with blanks and quotation marks.
_PLAIN = re.compile(r"[\w./@+-]{1,4096}")


@click.command("schedule")
@click.argument("system", type=click.Choice(["cron", "systemd"]))
@click.option("--serve", "serves", is_flag=True, help="Print the unit of the reading room too (systemd only).")
@click.option("--command", "program", metavar="PATH", help="The searchkit command (default: this one).")
@click.option("--folder", metavar="PATH", help="Folder of searchkit.toml (default: searched from here upwards).")
@click.option("--user", metavar="NAME", help="User that runs it (default: you).")
@archive_option
@click.pass_context
def schedule(
    ctx: click.Context, system: str, program: str | None, folder: str | None, user: str | None, *, serves: bool
) -> None:
    """Print a crontab line or systemd units that keep the archive up to date.

    `searchkit schedule cron | crontab -` replaces your crontab; to keep its lines, add the line with `crontab -e`. For
    systemd, the command prints two files one after the other, and with --serve a third one; the first line of each is
    its name.
    """
    if serves and system == "cron":
        raise UsageError("--serve and cron cannot be combined.", hint="Write: searchkit schedule systemd --serve")
    config = load({"archive": ctx.obj}, folder=Path(folder).absolute() if folder else None)
    where = Path(folder or (config.file.parent if config.file else Path.cwd())).absolute()
    # As every other command would find it from here; by default it is beside searchkit.toml.
    place = where / config.archive if config.origins["archive"] == "default" else config.archive
    served = " ".join(config.serve_archives)
    named = {
        "command": str(Path(program or shutil.which("searchkit") or sys.argv[0]).absolute()),
        "archive": str(place.absolute()),
        "folder": str(where),
        "user": user or getpass.getuser(),
    }
    for name, value in [*named.items(), *(("archive", path) for path in config.serve_archives)]:
        if not _PLAIN.fullmatch(value):
            raise UsageError(
                f"The {name} {value!r} contains characters that are unsafe in cron and systemd files.",
                hint="Use letters, digits, and . _ - + @ / in names and paths.",
            )
    printed = ["crontab"] if system == "cron" else ["searchkit.service", "searchkit.timer"]
    texts = [_unit(name, named) for name in printed]
    if serves:  # of several archives, searchkit.toml has the list
        chosen = "" if served else f"--archive {named['archive']} "
        texts.append(
            _unit("searchkit-serve.service", {**named, "archive": served or named["archive"], "chosen": chosen})
        )
    click.echo("\n".join(texts), nl=False)


def _unit(name: str, values: Mapping[str, str]) -> str:
    """Return a file of units/ with values in the place of its fields."""
    limits = shipped_text("searchkit.cli", "units/limits").format(**values)
    return shipped_text("searchkit.cli", f"units/{name}").format(**values, limits=limits)
