"""`searchkit sources`: the sources, their last runs, and whether extraction has become worse."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import click
from msgspec import UNSET, Meta, Struct, UnsetType

from searchkit.archive import Archive
from searchkit.cli.options import archive_option, json_option, settings
from searchkit.cli.output import Segment, counted, write_json, write_lines
from searchkit.config.sources import sources
from searchkit.crawl.base import Source
from searchkit.crawl.unread import in_words
from searchkit.errors import ArchiveError
from searchkit.records import Count, Share
from searchkit.store.base import NEWEST, Coverage, Failure, SourceCounts
from searchkit.text import one_line, redacted
from searchkit.update import due_at

# The name of a share, and the count of such documents.
_MEASURES = {"date": "dated", "byline": "signed", "statement": "quoted"}
# Fewer earlier documents are not enough to compare with.
_MIN_EARLIER = 10


class FailureRecord(Struct, frozen=True, kw_only=True):
    """A page or file that could not be read."""

    uri: str
    reason: str
    since: Annotated[str, Meta(description="When it was first reported, ISO 8601 UTC.")]


class CoverageRecord(Struct, frozen=True, kw_only=True):
    """The share of documents that have a date, a byline and a statement."""

    date: Share
    byline: Share
    statement: Share


class NewestRecord(Struct, frozen=True, kw_only=True):
    """The same for the newest documents."""

    documents: Count
    date: Share
    byline: Share
    statement: Share


class SourceListing(Struct, frozen=True, kw_only=True):
    """A source."""

    name: Annotated[str, Meta(description="Empty for manually added documents.")]
    kind: Annotated[str | None, Meta(description="Null for a source that is no longer in searchkit.toml.")]
    locations: tuple[str, ...]
    every_seconds: Count | None
    due: bool
    last_run: str | None
    last_success: str | None
    reason: Annotated[str, Meta(description="Why the last run failed; empty if it did not.")]
    documents: Count
    gone: Count
    failures: Count
    failed: Annotated[
        tuple[FailureRecord, ...] | UnsetType, Meta(description="With --failures: what could not be read.")
    ] = UNSET
    canonical_conflicts: Annotated[
        Count, Meta(description="Documents that share their canonical URL with a page that has another text.")
    ]
    not_read: Annotated[dict[str, Count], Meta(description="Files that the last run passed over, by kind.")]
    coverage: CoverageRecord
    newest: NewestRecord
    warnings: tuple[str, ...]


class SourcesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.sources/1"):
    """The sources, and the result of the last run of each."""

    sources: tuple[SourceListing, ...]


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
    described = {source.name: source for source in sources(config)}
    try:
        with Archive.open(config.archive) as opened:
            known = {counts.source: counts for counts in opened.sources()}
            failed = {name: opened.failures(name) for name in known} if failures else {}
    except ArchiveError:
        if config.archive.exists() and any(config.archive.iterdir()):
            raise
        known, failed = {}, {}  # configured, but never fetched
    # Manually added documents have no source; documents of a removed source are still in the archive.
    names = [*described, *(name for name in known if name and name not in described)]
    names += [""] if failed.get("") else []
    now = datetime.now(UTC)
    listings = []
    for name in names:
        source, counts = described.get(name), known.get(name, SourceCounts(source=name))
        due = due_at(source, counts) if source else None
        listings.append((_listing(source, counts, failed.get(name, ()) if failures else None, due, now), due))
    if as_json:
        write_json(SourcesReport(sources=tuple(listing for listing, _ in listings)))
    elif listings:
        write_lines(line for listing, due in listings for line in _lines(listing, due, now))
    else:
        click.echo("No sources in searchkit.toml. To add a source, see `searchkit update --help`.")
    return 1 if exit_status and any(listing.reason or listing.warnings for listing, _ in listings) else 0


def _listing(
    source: Source | None,
    counts: SourceCounts,
    failures: tuple[Failure, ...] | None,
    due: datetime | None,
    now: datetime,
) -> SourceListing:
    """Return the record of a source as searchkit.toml describes it (None: no longer), due at `due` (None: at once)."""
    return SourceListing(
        name=counts.source,
        kind=source.kind if source else None,
        locations=tuple(map(redacted, source.locations)) if source else (),
        every_seconds=int(source.every.total_seconds()) if source else None,
        due=source is not None and (due is None or due <= now),
        last_run=counts.last_run or None,
        last_success=counts.last_success or None,
        reason=redacted(counts.last_reason),
        documents=counts.documents,
        gone=counts.gone,
        failures=counts.failures,
        failed=UNSET if failures is None else tuple(map(_failure_record, failures)),
        canonical_conflicts=counts.canonical_conflicts,
        not_read=dict(counts.not_read),
        coverage=CoverageRecord(**_shares(counts.newest, counts.earlier)),
        newest=NewestRecord(documents=counts.newest.documents, **_shares(counts.newest)),
        warnings=_warnings(counts),
    )


def _failure_record(failure: Failure) -> FailureRecord:
    return FailureRecord(
        uri=redacted(failure.uri),
        reason=redacted(failure.reason),
        since=failure.at,
    )


def _shares(*parts: Coverage) -> dict[str, float]:
    """Return the share of documents that have each of _MEASURES, in thousandths; 0 without documents."""
    documents = sum(part.documents for part in parts) or 1
    return {
        name: round(sum(getattr(part, count) for part in parts) / documents, 3) for name, count in _MEASURES.items()
    }


def _warnings(counts: SourceCounts) -> tuple[str, ...]:
    """Return what the newest documents have less than half as often as the earlier documents."""
    if counts.newest.documents < NEWEST or counts.earlier.documents < _MIN_EARLIER:
        return ()
    newest, earlier = _shares(counts.newest), _shares(counts.earlier)
    return tuple(
        f"{name} fell from {_percent(earlier[name])} to {_percent(newest[name])}"
        f" in the newest {counts.newest.documents} documents"
        for name in _MEASURES
        if newest[name] * 2 < earlier[name]
    )


def _lines(listing: SourceListing, due: datetime | None, now: datetime) -> Iterator[list[Segment]]:
    if listing.name:
        kind = listing.kind or "not in searchkit.toml"
        yield [(one_line(listing.name), "bold"), (f"  {kind} · {_when(listing, due, now)}", "")]
    else:
        yield [("added manually", "bold")]
    if listing.reason:
        yield [("   failed: ", "red"), (one_line(listing.reason), "")]
    numbers = [counted(listing.documents, "document")]
    numbers += [f"{listing.gone:,} gone"] if listing.gone else []
    numbers += [counted(listing.failures, "failure")] if listing.failures else []
    if listing.documents:
        numbers += [f"{name} {_percent(getattr(listing.coverage, name))}" for name in _MEASURES]
    yield [("   " + " · ".join(numbers), "dim")]
    if listing.not_read:
        yield [("   not read: ", "yellow"), (one_line(in_words(listing.not_read)), "")]
    if listing.canonical_conflicts:
        share = "share" if listing.canonical_conflicts > 1 else "shares"
        documents = counted(listing.canonical_conflicts, "document")
        text = f"{documents} {share} a canonical URL with another text; all are kept"
        yield [("   canonical conflicts: ", "yellow"), (text, "")]
    for warning in listing.warnings:
        yield [("   warning: ", "yellow"), (f"{warning}; has the site changed?", "")]
    for failure in listing.failed or ():
        since = f", since {failure.since[:10]}" if failure.since else ""
        yield [("   failed: ", "red"), (f"{one_line(failure.uri)}: {one_line(failure.reason)}{since}", "")]


def _when(listing: SourceListing, due: datetime | None, now: datetime) -> str:
    last = listing.last_success
    text = f"last success {last[:16].replace('T', ' ')} UTC" if last else "never fetched"
    if listing.due:
        text += " · due now"
    elif due is not None:
        minutes = int((due - now).total_seconds() // 60) + 1
        text += f" · due in {minutes} min" if minutes < 120 else f" · due in {minutes // 60} h"
    return text


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
