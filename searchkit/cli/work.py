"""`searchkit work`: one of several processes that keep an archive in PostgreSQL up to date."""

import os
import signal
from importlib import import_module

import click

from searchkit.cli import let_readers_first
from searchkit.cli.index import print_report, run_options
from searchkit.cli.options import archive_option, create_archive, settings
from searchkit.cli.output import say
from searchkit.cli.update import chosen_sources, require_contact
from searchkit.errors import SearchkitError
from searchkit.statements.text import one_line, redacted
from searchkit.update import reports

_LEASE = 60.0
_INTERRUPTED = 130


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
def command(workers: int | None, lease: float, quiet: bool) -> int:
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
                os._exit(_INTERRUPTED)  # what was not committed is discarded, and the lease ends
            worker.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        if not quiet:
            click.echo("The worker runs until Ctrl-C.")
        worker.run()
    return 0
