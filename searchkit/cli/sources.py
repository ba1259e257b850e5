"""`searchkit sources`: the sources, their last runs, and whether extraction has become worse."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import click
from msgspec import UNSET, Meta, Struct, UnsetType, field

from searchkit.archive import Archive
from searchkit.cli.options import archive_option, json_option, settings
from searchkit.cli.output import Segment, counted, one_line, redacted, write_json, write_lines
from searchkit.config.sources import sources
from searchkit.crawl.base import Source
from searchkit.errors import ArchiveError
from searchkit.records import Count, Share
from searchkit.store.base import NEWEST, Coverage, Failure, SourceCounts
from searchkit.update import due_at

_MEASURES = ("dated", "signed", "quoted")
_CALLED = {"dated": "date", "signed": "byline", "quoted": "statement"}
# Fewer earlier documents are not enough to compare with.
_MIN_EARLIER = 10


class FailureRecord(Struct, frozen=True, kw_only=True):
    """A page or file that could not be read."""

    uri: str
    container: Annotated[
        str, Meta(description="The file that contains it, if its address does not show it; else empty.")
    ] = field(name="in")
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
    views = [
        _SourceView(
            described.get(name),
            known.get(name, SourceCounts(source=name)),
            failed.get(name, ()) if failures else None,
        )
        for name in names
    ]
    now = datetime.now(UTC)
    if as_json:
        write_json(SourcesReport(sources=tuple(view.record(now) for view in views)))
    elif views:
        write_lines(line for view in views for line in view.lines(now))
    else:
        click.echo("No sources in searchkit.toml. To add a source, see `searchkit update --help`.")
    return 1 if exit_status and any(view.counts.last_reason or view.warnings() for view in views) else 0


class _SourceView:
    """A source as searchkit.toml describes it (None: no longer), and its counts and failures in the archive."""

    def __init__(self, source: Source | None, counts: SourceCounts, failures: tuple[Failure, ...] | None) -> None:
        self.source = source
        self.counts = counts
        self.failures = failures

    def warnings(self) -> list[str]:
        """Return what the newest documents have less than half as often as the earlier documents."""
        newest, earlier = self.counts.newest, self.counts.earlier
        if newest.documents < NEWEST or earlier.documents < _MIN_EARLIER:
            return []
        return [
            f"{_CALLED[measure]} fell from {_percent(_share(earlier, measure))} to {_percent(_share(newest, measure))}"
            f" in the newest {newest.documents} documents"
            for measure in _MEASURES
            if _share(newest, measure) * 2 < _share(earlier, measure)
        ]

    def due_at(self) -> datetime | None:
        """Return when it is due; None for now, and for a source that is no longer configured."""
        return due_at(self.source, self.counts) if self.source is not None else None

    def lines(self, now: datetime) -> Iterator[list[Segment]]:
        """Yield lines for a terminal."""
        counts, kind = self.counts, self.source.kind if self.source else "not in searchkit.toml"
        if counts.source:
            yield [(one_line(counts.source), "bold"), (f"  {kind} · {self._when(now)}", "")]
        else:
            yield [("added manually", "bold")]
        if counts.last_reason:
            yield [("   failed: ", "red"), (one_line(redacted(counts.last_reason)), "")]
        numbers = [counted(counts.documents, "document")]
        numbers += [f"{counts.gone:,} gone"] if counts.gone else []
        numbers += [counted(counts.failures, "failure")] if counts.failures else []
        if counts.documents:
            coverage = self._coverage()
            numbers += [f"{_CALLED[measure]} {_percent(_share(coverage, measure))}" for measure in _MEASURES]
        yield [("   " + " · ".join(numbers), "dim")]
        for warning in self.warnings():
            yield [("   warning: ", "yellow"), (f"{warning}; has the site changed?", "")]
        for failure in self.failures or ():
            place = f"{failure.uri} (in {failure.container})" if failure.container else failure.uri
            since = f", since {failure.at[:10]}" if failure.at else ""
            yield [("   failed: ", "red"), (redacted(f"{one_line(place)}: {one_line(failure.reason)}{since}"), "")]

    def record(self, now: datetime) -> SourceListing:
        """Return the source for programs."""
        counts, source, due = self.counts, self.source, self.due_at()
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
            failed=UNSET if self.failures is None else tuple(map(_failure_record, self.failures)),
            coverage=CoverageRecord(**_shares(self._coverage())),
            newest=NewestRecord(documents=counts.newest.documents, **_shares(counts.newest)),
            warnings=tuple(self.warnings()),
        )

    def _when(self, now: datetime) -> str:
        last = self.counts.last_success
        fetched = f"last success {last[:16].replace('T', ' ')} UTC" if last else "never fetched"
        if self.source is None:
            return fetched
        due = self.due_at()
        if due is None or due <= now:
            return f"{fetched} · due now"
        minutes = int((due - now).total_seconds() // 60) + 1
        return f"{fetched} · due in {minutes} min" if minutes < 120 else f"{fetched} · due in {minutes // 60} h"

    def _coverage(self) -> Coverage:
        newest, earlier = self.counts.newest, self.counts.earlier
        return Coverage(
            documents=newest.documents + earlier.documents,
            **{measure: getattr(newest, measure) + getattr(earlier, measure) for measure in _MEASURES},
        )


def _shares(coverage: Coverage) -> dict[str, float]:
    return {_CALLED[measure]: _share(coverage, measure) for measure in _MEASURES}


def _failure_record(failure: Failure) -> FailureRecord:
    return FailureRecord(
        uri=redacted(failure.uri),
        container=redacted(failure.container),
        reason=redacted(failure.reason),
        since=failure.at,
    )


def _share(coverage: Coverage, measure: str) -> float:
    """Return a share in thousandths; 0 without documents."""
    return round(getattr(coverage, measure) / coverage.documents, 3) if coverage.documents else 0.0


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
