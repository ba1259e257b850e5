"""The state of each source: when it is due, its last run, what was not read, and whether extraction became worse."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from searchkit.archive import Archive
from searchkit.config import Config
from searchkit.config.sources import sources
from searchkit.crawl.base import Source
from searchkit.records import Count, Share
from searchkit.statements.text import redacted
from searchkit.store import sources as store_sources
from searchkit.store.sources import NEWEST, Coverage, Failure, SourceCounts

MEASURES = store_sources.FIELDS
# Fewer earlier documents are not enough to compare with.
_MIN_EARLIER = 10
# cron may start a job some seconds early; a daily source may be read half an hour earlier than the day before.
_EARLY = 0.05
_MAX_EARLY = timedelta(minutes=30)


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
    due_at: Annotated[str | None, Meta(description="When it is due, ISO 8601 UTC; null for at once or never.")]
    last_run: str | None
    last_success: str | None
    reason: Annotated[str, Meta(description="Why the last run failed; empty if it did not.")]
    documents: Count
    gone: Count
    failures: Count
    shows_less: Annotated[
        Count, Meta(description="Pages that now show less than the stored article, which stays: --failures names them.")
    ]
    failed: Annotated[
        tuple[FailureRecord, ...] | UnsetType, Meta(description="With --failures: what could not be read.")
    ] = UNSET
    not_read: Annotated[dict[str, Count], Meta(description="Files that the last run passed over, by kind.")]
    coverage: CoverageRecord
    newest: NewestRecord
    warnings: tuple[str, ...]


class SourcesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.sources/1"):
    """The sources, and the result of the last run of each."""

    total: Count
    items: tuple[SourceListing, ...]


def source_listings(
    archive: Archive | None, config: Config, *, failures: bool = False, only: str | None = None
) -> list[SourceListing]:
    """Return the sources of searchkit.toml and those that the archive knows, the latter last, or `only` the one of this
    name; with `failures` also what could not be read. Without an archive nothing was fetched yet. ConfigError for a
    mistake in searchkit.toml."""
    described = {source.name: source for source in sources(config)}
    known = {counts.source: counts for counts in archive.sources()} if archive else {}

    def failed(name: str) -> tuple[Failure, ...]:
        return archive.failures(name) if archive and name in known else ()

    # Manually added documents have no source; documents of a removed source are still in the archive.
    names = [*described, *(name for name in known if name and name not in described)]
    names += [""] if failures and failed("") else []
    now = datetime.now(UTC)
    return [
        _listing(
            described.get(name), known.get(name, SourceCounts(source=name)), failed(name) if failures else None, now
        )
        for name in names
        if only is None or name == only
    ]


def _listing(
    source: Source | None, counts: SourceCounts, failures: tuple[Failure, ...] | None, now: datetime
) -> SourceListing:
    """Return the record of a source as searchkit.toml describes it (None: no longer)."""
    due = due_at(source, counts) if source else None  # None: at once
    return SourceListing(
        name=counts.source,
        kind=source.kind if source else None,
        locations=tuple(map(redacted, source.locations)) if source else (),
        every_seconds=int(source.every.total_seconds()) if source else None,
        due=source is not None and (due is None or due <= now),
        due_at=due.isoformat(timespec="seconds") if due else None,
        last_run=counts.last_run or None,
        last_success=counts.last_success or None,
        reason=redacted(counts.last_reason),
        documents=counts.documents,
        gone=counts.gone,
        failures=counts.failures,
        shows_less=counts.shows_less,
        failed=UNSET
        if failures is None
        else tuple(
            FailureRecord(uri=redacted(failure.uri), reason=redacted(failure.reason), since=failure.at)
            for failure in failures
        ),
        not_read=dict(counts.not_read),
        coverage=CoverageRecord(**_shares(counts.newest, counts.earlier)),
        newest=NewestRecord(documents=counts.newest.documents, **_shares(counts.newest)),
        warnings=_warnings(counts),
    )


def _shares(*parts: Coverage) -> dict[str, float]:
    """Return the share of documents that have each of MEASURES, in thousandths; 0 without documents."""
    documents = sum(part.documents for part in parts) or 1
    return {name: round(sum(getattr(part, count) for part in parts) / documents, 3) for name, count in MEASURES.items()}


def _warnings(counts: SourceCounts) -> tuple[str, ...]:
    """Return what the newest documents have less than half as often as the earlier documents."""
    if counts.newest.documents < NEWEST or counts.earlier.documents < _MIN_EARLIER:
        return ()
    newest, earlier = _shares(counts.newest), _shares(counts.earlier)
    return tuple(
        f"{name} fell from {percent(earlier[name])} to {percent(newest[name])}"
        f" in the newest {counts.newest.documents} documents"
        for name in MEASURES
        if newest[name] * 2 < earlier[name]
    )


def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage."""
    return f"{share * 100:.0f} %"


def due(sources: Iterable[Source], known: Iterable[SourceCounts], now: datetime) -> tuple[Source, ...]:
    """Return the sources whose interval has passed, whose last run failed, or whose settings changed."""
    counts = {record.source: record for record in known}

    def is_due(source: Source) -> bool:
        at = due_at(source, counts.get(source.name))
        # A last run in the future was recorded by a wrong clock.
        return at is None or at - source.every > now or now >= at - min(source.every * _EARLY, _MAX_EARLY)

    return tuple(source for source in sources if is_due(source))


def due_at(source: Source, known: SourceCounts | None) -> datetime | None:
    """Return when a source is due; None for at once: it never ran, its last run failed, or its settings changed."""
    if known is None or not known.last_run or known.last_reason:
        return None
    if known.description not in {"", source.description()}:
        return None
    return datetime.fromisoformat(known.last_run) + source.every
