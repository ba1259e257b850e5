"""`searchkit sources`: the sources, their last runs, and whether extraction has become worse."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from searchkit.cli.options import archive_option, json_option, open_archive, settings
from searchkit.cli.output import Segment, write_json, write_lines
from searchkit.crawl.base import in_words
from searchkit.errors import ArchiveError
from searchkit.statements.text import counted, minute_text, one_line
from searchkit.store.base import SHOWS_LESS
from searchkit.update.health import MEASURES, SourceListing, SourcesReport, percent, source_listings


@click.command("sources")
@click.option("--failures", is_flag=True, help="List the pages and files that could not be read.")
@json_option
@click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if a source failed or has a warning.")
@archive_option
def command(failures: bool, as_json: bool, exit_status: bool) -> int:
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
