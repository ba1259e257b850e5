"""`searchkit sources`: where documents come from, when last, and whether pages are still read as well as before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import Segment, counted, one_line, redacted, write_json, write_lines
from searchkit.config.sources import sources
from searchkit.crawl.base import Source
from searchkit.errors import ArchiveError
from searchkit.store.base import NEWEST, Coverage, Failure, SourceCounts
from searchkit.update import due_at

_MEASURES = ("dated", "signed", "quoted")
_CALLED = {"dated": "date", "signed": "byline", "quoted": "statement"}
# Fewer documents than this prove nothing: one without a date would be half of two.
_PROVEN = 10


@click.command("sources")
@click.option("--failures", is_flag=True, help="List what could not be read of each, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("-e", "--exit-status", is_flag=True, help="Exit 1 when a source failed last time or is read worse.")
@archive_option
@click.pass_context
def command(ctx: click.Context, failures: bool, as_json: bool, exit_status: bool, archive: str | None) -> int:
    """List the sources of searchkit.toml: when each was asked last, and what came of it.

    Of its documents the share that has a date, a byline and a statement is shown. When the newest fall to half of what
    the earlier ones had, the site has probably changed, and a warning says so. With --failures each page and file that
    could not be read is listed with the reason, those that were given by hand at the end.
    """
    config = settings(ctx, archive)
    described = {source.name: source for source in sources(config)}
    try:
        with Archive.open(config.archive) as opened:
            known = {one.source: one for one in opened.sources()}
            failed = {name: opened.failures(name) for name in known} if failures else {}
    except ArchiveError:
        if config.archive.exists() and any(config.archive.iterdir()):
            raise
        known, failed = {}, {}  # described, and never asked yet
    # Documents given by hand have no source; those of a source that is described no more are still there.
    names = [*described, *(name for name in known if name and name not in described)]
    names += [""] if failed.get("") else []
    told = [
        _Told(
            described.get(name),
            known.get(name, SourceCounts(source=name)),
            failed.get(name, ()) if failures else None,
        )
        for name in names
    ]
    now = datetime.now(UTC)
    if as_json:
        write_json({"schema": "searchkit.sources/1", "sources": [one.as_json(now) for one in told]})
    elif told:
        write_lines(line for one in told for line in one.lines(now))
    else:
        click.echo("No sources: searchkit.toml describes none. `searchkit update --help` says how.")
    return 1 if exit_status and any(one.counts.last_reason or one.warnings() for one in told) else 0


class _Told:
    """What is told of one source: as searchkit.toml describes it (None: not any more), and as the archive knows it;
    its failures one by one unless None."""

    def __init__(self, source: Source | None, counts: SourceCounts, failures: tuple[Failure, ...] | None) -> None:
        self.source = source
        self.counts = counts
        self.failures = failures

    def warnings(self) -> list[str]:
        """What the newest documents have less than half as often as those before."""
        newest, earlier = self.counts.newest, self.counts.earlier
        if newest.documents < NEWEST or earlier.documents < _PROVEN:
            return []
        return [
            f"{_CALLED[measure]} fell from {_percent(_share(earlier, measure))} to {_percent(_share(newest, measure))}"
            f" in the newest {newest.documents} documents"
            for measure in _MEASURES
            if _share(newest, measure) * 2 < _share(earlier, measure)
        ]

    def due_at(self) -> datetime | None:
        """When it is due; None for at once, and for one that is not described any more."""
        return due_at(self.source, self.counts) if self.source is not None else None

    def lines(self, now: datetime) -> Iterator[list[Segment]]:
        """For people."""
        counts, kind = self.counts, self.source.kind if self.source else "not in searchkit.toml"
        if counts.source:
            yield [(one_line(counts.source), "bold"), (f"  {kind} · {self._when(now)}", "")]
        else:
            yield [("given by hand", "bold")]
        if counts.last_reason:
            yield [("   failed: ", "red"), (one_line(redacted(counts.last_reason)), "")]
        numbers = [counted(counts.documents, "document")]
        numbers += [f"{counts.gone:,} gone"] if counts.gone else []
        numbers += [counted(counts.failures, "failure")] if counts.failures else []
        if counts.documents:
            whole = self._whole()
            numbers += [f"{_CALLED[measure]} {_percent(_share(whole, measure))}" for measure in _MEASURES]
        yield [("   " + " · ".join(numbers), "dim")]
        for warning in self.warnings():
            yield [("   warning: ", "yellow"), (f"{warning}: has the site changed?", "")]
        for one in self.failures or ():
            place = f"{one.uri} (in {one.container})" if one.container else one.uri
            since = f", since {one.at[:10]}" if one.at else ""
            yield [("   not read: ", "red"), (redacted(f"{one_line(place)}: {one_line(one.reason)}{since}"), "")]

    def as_json(self, now: datetime) -> dict[str, Any]:
        """For programs."""
        counts, source, due = self.counts, self.source, self.due_at()
        whole = self._whole()
        return {
            "name": counts.source,
            "kind": source.kind if source else None,
            "locations": [redacted(one) for one in source.locations] if source else [],
            "every_seconds": int(source.every.total_seconds()) if source else None,
            "due": source is not None and (due is None or due <= now),
            "last_run": counts.last_run or None,
            "last_success": counts.last_success or None,
            "reason": redacted(counts.last_reason),
            "documents": counts.documents,
            "gone": counts.gone,
            "failures": counts.failures,
            **({"failed": [_failure(one) for one in self.failures]} if self.failures is not None else {}),
            "coverage": {_CALLED[measure]: _share(whole, measure) for measure in _MEASURES},
            "newest": {
                "documents": counts.newest.documents,
                **{_CALLED[measure]: _share(counts.newest, measure) for measure in _MEASURES},
            },
            "warnings": self.warnings(),
        }

    def _when(self, now: datetime) -> str:
        last = self.counts.last_success
        told = f"last success {last[:16].replace('T', ' ')} UTC" if last else "never had"
        if self.source is None:
            return told
        due = self.due_at()
        if due is None or due <= now:
            return f"{told} · due now"
        minutes = int((due - now).total_seconds() // 60) + 1
        return f"{told} · due in {minutes} min" if minutes < 120 else f"{told} · due in {minutes // 60} h"

    def _whole(self) -> Coverage:
        newest, earlier = self.counts.newest, self.counts.earlier
        return Coverage(
            documents=newest.documents + earlier.documents,
            **{measure: getattr(newest, measure) + getattr(earlier, measure) for measure in _MEASURES},
        )


def _failure(failure: Failure) -> dict[str, str]:
    return {
        "uri": redacted(failure.uri),
        "in": redacted(failure.container),
        "reason": redacted(failure.reason),
        "since": failure.at,
    }


def _share(coverage: Coverage, measure: str) -> float:
    """0 to 1, in thousandths; 0 where there are no documents."""
    return round(getattr(coverage, measure) / coverage.documents, 3) if coverage.documents else 0.0


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
