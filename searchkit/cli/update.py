"""`searchkit update`: fetch what is due, take it in, run the alerts."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from searchkit.archive import Archive
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import one_line, say, write_json
from searchkit.cli.progress import watching
from searchkit.cli.run_report import print_report
from searchkit.config import Config
from searchkit.config.sources import FILE_KINDS, period, sources
from searchkit.crawl.base import MEGABYTE, Source
from searchkit.errors import ArchiveLocked, ConfigError, UsageError
from searchkit.store.base import SourceCounts

if TYPE_CHECKING:
    from searchkit.update import RunReport


@click.command("update")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "every", is_flag=True, help="Ask every source, due or not.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed before and has not changed.")
@click.option("--warc", type=click.Path(file_okay=False), metavar="DIR", help="Write all that is fetched to WARC too.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one a core).")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@click.option("--stale-after", metavar="TIME", help="A run that cannot be is no error while the last is younger: 24h.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, every failure included.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when all went well.")
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    every: bool,
    retry_failed: bool,
    warc: str | None,
    workers: int | None,
    wait: float,
    stale_after: str | None,
    as_json: bool,
    quiet: bool,
    archive: str | None,
) -> int:
    """Fetch what is due from the sources in searchkit.toml, take it in, and run the alerts.

    This is what cron calls: `searchkit schedule cron` prints the line. Sources named here are asked whether they are
    due or not. A second run beside one that is at work ends at once with exit code 75. Each run is one line of JSON in
    runs.jsonl in the archive's folder.
    """
    from searchkit import update
    from searchkit.cli.alerts import print_alerts, print_lines, sink_options
    from searchkit.ingest import IngestOptions

    patience = _period(stale_after)
    config = settings(ctx, archive, workers=workers)
    printed: list[str] = []
    options = update.RunOptions(
        ingest=IngestOptions(workers=config.workers, retry_failed=retry_failed),
        contact=config.contact,
        warc=Path(warc) if warc else None,
        max_file_bytes=config.max_file_mb * MEGABYTE,
        sinks=sink_options(config, printed.extend if as_json else print_lines),
    )
    chosen = _chosen(config, names)
    if not config.archive.exists():  # so all are due; and nothing is made for a run that cannot be
        _refuse_anonymous(config, chosen)
    with Archive.create(config.archive, engine=config.engine) as opened, watching() as watch:
        try:
            with opened.held(wait):
                # Settled once all others are done, for they may have asked the same sources.
                now = datetime.now(UTC)
                asked = chosen if every or names else update.due(chosen, opened.sources(), now)
                _refuse_anonymous(config, asked)
                report = update.run(opened, asked, command="update", options=options, now=now, progress=watch)
        except ArchiveLocked:
            last = update.last_success(config.archive)
            if _is_recent(last, patience, datetime.now(UTC)):
                return 0
            raise
        late = _tell_late(opened.sources(), report, patience, now)
    told = report.alerts
    if as_json:
        write_json({**report.as_json(), **({"stdout": printed} if printed else {})})
    else:
        print_report(report, quiet=quiet)
        if told is not None:
            print_alerts(told, quiet=quiet)
    return SOME_FAILED if report.failed or late or (told is not None and told.failures) else 0


def _period(written: str | None) -> timedelta | None:
    if written is None:
        return None
    found = period(written)
    if found is None:
        raise UsageError(f'--stale-after is "{written}".', hint='Write a length of time: "24h", "90m", "2d".')
    return found


def _chosen(config: Config, names: tuple[str, ...]) -> tuple[Source, ...]:
    """The sources named, or all. UsageError for a name that no source has, ConfigError where there are none."""
    known = {source.name: source for source in sources(config)}
    if not known:
        where = config.file or "There is no searchkit.toml here or above. It"
        raise ConfigError(
            f"{where} describes no source.",
            hint='Write a line [[source]] and below it: name = "ledger", kind = "feed", location = "https://...".',
        )
    for name in names:
        if name not in known:
            raise UsageError(f'There is no source "{name}".', hint=f"Sources: {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def _refuse_anonymous(config: Config, asked: Iterable[Source]) -> None:
    """Whoever fetches every hour says who it is: the owner of a site has a right to know whom to write to."""
    if not config.contact and any(source.kind not in FILE_KINDS for source in asked):
        raise ConfigError(
            "There is no contact for the owners of the sites that are fetched.",
            hint=f'Write contact = "you@your-desk.example" at the top of {config.file}.',
        )


def _is_recent(last: datetime | None, patience: timedelta | None, now: datetime) -> bool:
    """Whether a success is no longer ago than one has patience. One that is still to come was noted by a clock that has
    been set back since, and excuses nothing."""
    return last is not None and patience is not None and timedelta(0) <= now - last < patience


def _tell_late(sources: Iterable[SourceCounts], report: "RunReport", patience: timedelta | None, now: datetime) -> bool:
    """Say which sources could not be had, once they could not for longer than one has patience; whether there are."""
    succeeded = {one.source: one.last_success for one in sources}
    late = False
    for source in report.sources:
        last = succeeded.get(source.name)
        if source.reason and not _is_recent(datetime.fromisoformat(last) if last else None, patience, now):
            since = f"since {last[:16].replace('T', ' ')} UTC" if last else "so far"
            say(f"source {source.name} could not be had {since}: {one_line(source.reason)}")
            late = True
    return late
