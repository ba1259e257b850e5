"""`searchkit update` and `searchkit work`: fetch the due sources, add their documents, run the alerts."""

import os
import signal
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import click
from msgspec import to_builtins
from msgspec.structs import replace

from searchkit.cli import let_readers_first
from searchkit.cli.alerts import print_alerts, print_lines, sink_options
from searchkit.cli.errors import INTERRUPTED, SOME_FAILED, interrupt_on_sigterm
from searchkit.cli.index import print_report, run_options
from searchkit.cli.options import archive_option, create_archive, settings, wait_option
from searchkit.cli.output import say, source_progress_bar, write_json
from searchkit.config import Config
from searchkit.config.sources import period, sources
from searchkit.crawl.base import FILE_KINDS, Source
from searchkit.errors import ArchiveLocked, ConfigError, SearchkitError, UsageError
from searchkit.statements.text import minute_text, one_line, redacted
from searchkit.store.sources import SourceCounts
from searchkit.update import health, reports, running

_LEASE = 60.0


@click.command("update")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "every", is_flag=True, help="Fetch every source and every known page, due or not.")
@click.option("--retry-failed", is_flag=True, help="Retry what failed before and has not changed.")
@click.option("--warc", type=click.Path(file_okay=False), metavar="DIR", help="Also write all responses to WARC files.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one per core).")
@wait_option
@click.option(
    "--stale-after", metavar="TIME", help="Tolerate failed runs until the last success is older than TIME (24h)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, with all failures.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on success.")
@archive_option
def command(**given: Any) -> int:
    """Fetch the due sources of searchkit.toml, add their documents, and run the alerts.

    Run this from cron: `searchkit schedule cron` prints the line. Sources named as SOURCE are fetched even if they are
    not due. If another run is active, the command exits at once with code 75. Each run adds a line of JSON to
    runs.jsonl in the archive's folder.
    """
    chosen = SimpleNamespace(**given)
    interrupt_on_sigterm()
    let_readers_first()
    tolerance = _period(chosen.stale_after)
    config = settings(workers=chosen.workers)
    printed: list[str] = []
    options = replace(
        run_options(config, retry_failed=chosen.retry_failed, warc=chosen.warc),
        refetch=chosen.every,
        sinks=sink_options(config, printed.extend if chosen.as_json else print_lines),
    )
    wanted = chosen_sources(config, chosen.names)
    if not config.archive.exists():  # all sources are due; do not create an archive for a run that is refused
        require_contact(config, wanted)
    with create_archive(config) as opened, source_progress_bar() as watch:
        try:
            with opened.held(chosen.wait):
                # Only under the lock: the previous run may have fetched the same sources.
                now = datetime.now(UTC)
                due = wanted if chosen.every or chosen.names else health.due(wanted, opened.sources(), now)
                require_contact(config, due)
                report = running.run(opened, due, command="update", options=options, now=now, progress=watch)
        except ArchiveLocked:
            if _is_recent(running.last_success(config.archive), tolerance, datetime.now(UTC)):
                return 0
            raise
        late = _report_late(opened.sources(), report, tolerance, now)
        if not due and not chosen.quiet:
            _say_next(wanted, opened.sources())
    if chosen.as_json:
        stdout = {"stdout": printed} if printed else {}
        write_json({**to_builtins(report.record()), **stdout})
    else:
        print_report(report, quiet=chosen.quiet)
        if report.alerts is not None:
            print_alerts(report.alerts, quiet=chosen.quiet)
    return SOME_FAILED if report.failed or late or (report.alerts is not None and report.alerts.failures) else 0


def _say_next(sources: Iterable[Source], known: Iterable[SourceCounts]) -> None:
    """Print which of the `sources`, which have all run, is due next, and when."""
    counts = {record.source: record for record in known}
    times = [(at, source.name) for source in sources if (at := health.due_at(source, counts.get(source.name)))]
    if times:
        at, name = min(times)
        say(f"No source is due; next: {one_line(name)} at {minute_text(at.isoformat())}. Read all: update --all")


def _period(written: str | None) -> timedelta | None:
    if written is None:
        return None
    length = period(written)
    if length is None:
        raise UsageError(f'Invalid --stale-after "{written}".', hint='Write a duration: "24h", "90m", "2d".')
    return length


def chosen_sources(config: Config, names: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the named sources, or all. Raise UsageError for an unknown name, ConfigError if there are no sources."""
    known = {source.name: source for source in sources(config)}
    if not known:
        hint = 'Write a line [[source]] and below it: name = "ledger", kind = "feed", location = "https://...".'
        if config.file is None:
            raise ConfigError("No sources: there is no searchkit.toml in this folder or above.", hint=hint)
        raise ConfigError(f"No sources in {config.file}.", hint=hint)
    for name in names:
        if name not in known:
            raise UsageError(f'Unknown source "{name}".', hint=f"Sources: {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def require_contact(config: Config, due: Iterable[Source]) -> None:
    """Raise ConfigError if web sources are due and the site owners would not know whom to write to."""
    if not config.contact and any(source.kind not in FILE_KINDS for source in due):
        raise ConfigError(
            "No contact address for the owners of the sites.",
            hint=f'Write contact = "you@your-desk.example" at the top of {config.file}.',
        )


def _is_recent(last: datetime | None, tolerance: timedelta | None, now: datetime) -> bool:
    """Return whether a success is within the tolerance. A success in the future (the clock was set back) is not."""
    return last is not None and tolerance is not None and timedelta(0) <= now - last < tolerance


def _report_late(
    sources: Iterable[SourceCounts], report: reports.RunReport, tolerance: timedelta | None, now: datetime
) -> bool:
    """Print the failed sources whose last success is older than the tolerance; return whether there are any."""
    succeeded = {source.source: source.last_success for source in sources}
    late = False
    for source in report.sources:
        last = succeeded.get(source.name)
        if source.reason and not _is_recent(datetime.fromisoformat(last) if last else None, tolerance, now):
            since = f"last fetched {minute_text(last)}" if last else "not fetched yet"
            say(f"source {source.name}: {since}: {one_line(source.reason)}")
            late = True
    return late


@click.command("work")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one per core).")
@click.option(
    "--lease",
    type=click.FloatRange(1, 3600),
    default=_LEASE,
    show_default=True,
    metavar="SECONDS",
    help="Leave this worker's work to others when it is silent for so long.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print failures only.")
@archive_option
def work(workers: int | None, lease: float, quiet: bool) -> int:
    """Fetch and read the sources of searchkit.toml together with other workers.

    Run this on any number of machines whose archives have the same store in PostgreSQL; it does what `update` does on
    one machine, without end. A worker takes sources that are due, asks only hosts that no other worker asks, and reads
    pages that any worker fetched. `searchkit status` shows all workers. Ctrl-C or SIGTERM ends it: pages that it is
    reading are stored first; a second signal ends it at once, and loses nothing either. Run the alerts from cron:
    `searchkit alerts run --wait 600`.
    """
    let_readers_first()
    config = settings(workers=workers)
    chosen = chosen_sources(config, ())
    require_contact(config, chosen)
    last = [""]

    def on_report(report: reports.RunReport) -> None:
        for source in report.sources:
            if source.reason:
                say(f"source {one_line(source.name)}: {one_line(source.reason)}")
            elif not quiet:
                click.echo(f"source {one_line(source.name)}: fetched")
        if report.counts:
            print_report(report, quiet=quiet)

    def on_trouble(error: SearchkitError) -> None:
        if error.message != last[0]:  # it tries again every few seconds
            last[0] = error.message
            say(f"{one_line(redacted(error.message))} The worker tries again.")

    with create_archive(config) as opened:
        opened.databases.refuse_unshared()  # before psycopg is needed
        options = run_options(config, retry_failed=False, warc=None)
        working = import_module("searchkit.cluster.working")
        worker = working.Worker(opened, chosen, options, lease=lease, on_report=on_report, on_trouble=on_trouble)

        def stop(_signal: int, _frame: object) -> None:
            if worker.is_stopped:
                os._exit(INTERRUPTED)  # what was not committed is discarded, and the lease ends
            worker.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        if not quiet:
            click.echo("The worker runs until Ctrl-C.")
        worker.run()
    return 0
