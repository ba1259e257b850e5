"""`searchkit alerts`: saved searches that tell what is new."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from searchkit.cli.completion import complete_saved
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import Segment, counted, is_closed, one_line, say, write_json, write_lines
from searchkit.config import Config
from searchkit.errors import UsageError

if TYPE_CHECKING:
    from searchkit.alerts.folder import SavedFile
    from searchkit.alerts.running import AlertsReport
    from searchkit.alerts.sinks.base import SinkOptions
    from searchkit.archive import Archive
    from searchkit.store.alerts import AlertState

SCHEMA = "searchkit.alerts/1"


@click.group("alerts")
def command() -> None:
    """Tell what saved searches find that is new.

    An alert is a saved search with a table [alert] in its file; `searchkit saved add NAME QUERY --sink SINK` writes
    one. `searchkit update` ends with its alerts.
    """


@command.command("run")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_saved)
@click.option("--backfill", is_flag=True, help="A first run tells all there is, instead of remembering it.")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but what fails and what the sink stdout is told.")
@archive_option
@click.pass_obj
def run(
    given: str | None,
    names: tuple[str, ...],
    backfill: bool,
    wait: float,
    as_json: bool,
    quiet: bool,
    archive: str | None,
) -> int:
    """Ask the alerts that are due, or those named, and tell their sinks what is new.

    What was told once is not told again, whatever is indexed anew. A sink that fails is tried again by the next run. An
    alert that cannot be asked is kept, and the exit code is 4.
    """
    from searchkit.alerts import running

    ctx = click.get_current_context()
    config = settings(ctx, archive or given)
    printed: list[str] = []
    options = sink_options(config, printed.extend if as_json else print_lines)
    with open_archive(ctx, archive or given) as opened, opened.held(wait):
        report = running.run(opened, options=options, now=datetime.now(UTC), names=names, backfill=backfill)
    if as_json:
        write_json({"schema": SCHEMA, **report.as_json(), "stdout": printed})
    else:
        print_alerts(report, quiet=quiet)
    return SOME_FAILED if report.failures else 0


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_obj
def list_alerts(given: str | None, as_json: bool, archive: str | None) -> None:
    """List the alerts: since when each tells, what it found last, and what its sinks have not taken yet."""
    from searchkit.alerts.folder import load_all

    with open_archive(click.get_current_context(), archive or given) as opened:
        told = [
            _Told(one, opened) for one in load_all(opened.folder) if one.search is None or one.search.alert is not None
        ]
    if as_json:
        write_json({"schema": SCHEMA, "alerts": [one.as_json() for one in told]})
    elif told:
        write_lines(line for one in told for line in one.lines())
    else:
        click.echo("No alerts. Make one: searchkit saved add NAME QUERY --alert")


@command.command("show")
@click.argument("number", type=click.IntRange(1), required=False, metavar="[RUN]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_obj
def show(given: str | None, number: int | None, as_json: bool, archive: str | None) -> None:
    """Print all that a run found, as it was told; without RUN, the last that found something."""
    from searchkit.alerts.digests import digest_lines
    from searchkit.alerts.running import stored

    with open_archive(click.get_current_context(), archive or given) as opened:
        digest = stored(opened, number)
    if as_json:
        write_json(digest.as_json())
    else:
        print_lines(digest_lines(digest, complete=True))


@command.command("test")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@click.option("-n", "--limit", type=click.IntRange(1, 100), default=3, show_default=True, help="Matches.")
@click.option("--send", "sending", is_flag=True, help="Give it to the sinks, marked as a trial.")
@archive_option
@click.pass_obj
def test(given: str | None, name: str, limit: int, sending: bool, archive: str | None) -> int:
    """Print a digest of the newest matches of an alert, new or not. Nothing is remembered of it."""
    from searchkit.alerts import running
    from searchkit.alerts.digests import digest_lines
    from searchkit.alerts.folder import load

    ctx = click.get_current_context()
    config = settings(ctx, archive or given)
    with open_archive(ctx, archive or given) as opened:
        search = load(opened.folder, name)
        if search.alert is None:
            raise UsageError(f'"{name}" is a saved search, and no alert.', hint="Write a line [alert] into its file.")
        digest = running.trial(opened, search, now=datetime.now(UTC), count=limit)
    if not sending:
        print_lines(digest_lines(digest, complete=True))
        return 0
    failed = False
    for report in running.send(digest, search, sink_options(config, print_lines)):
        failed = failed or bool(report.reason)
        say(f"{one_line(report.sink)}: {one_line(report.reason) or 'taken'}")
    return SOME_FAILED if failed else 0


@command.command("reset")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@archive_option
@click.pass_obj
def reset(given: str | None, name: str, archive: str | None) -> None:
    """Forget what an alert has found and told: its next run is its first."""
    with open_archive(click.get_current_context(), archive or given) as opened:
        if not opened.is_empty and name not in opened.alert_ledger().states():
            raise UsageError(f'Nothing is known of an alert "{name}".', hint="searchkit alerts list")
        with opened.ledger() as ledger:
            ledger.forget(name)
            ledger.commit()
    click.echo(f"The next run of {one_line(name)} remembers what is there, and tells nothing.")


# --- shared with `searchkit update` -----------------------------------------------------------------------------------


def sink_options(config: Config, write: Callable[[Iterable[str]], None]) -> "SinkOptions":
    """What sinks need to know, from the settings. Where standard output is closed, nobody can be told there."""
    from searchkit.alerts.sinks.base import SinkOptions

    return SinkOptions(
        folder=config.archive,
        contact=config.contact,
        sendmail=config.sendmail,
        allow_hosts=config.alert_hosts,
        write=None if is_closed(sys.stdout) else write,
    )


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, and make sure that they are out."""
    write_lines([(line, "")] for line in lines)
    sys.stdout.flush()


def print_alerts(report: "AlertsReport", *, quiet: bool) -> None:
    """What failed on standard error, always; what there is beside the digests, unless `quiet`."""
    for failure in report.failures:
        say(one_line(failure))
    if quiet:
        return
    for note in report.notes:
        say(f"note: {one_line(note)}")
    for alert in report.alerts:
        if alert.first and alert.baseline:
            click.echo(f"alert {one_line(alert.name)}: {alert.baseline:,} known from now on; what is new will be told")
    if report.alerts:
        others = f", {report.others:,} more to look at" if report.others else ""
        click.echo(f"{counted(len(report.alerts), 'alert')}: {report.new:,} new{others}")
    for sink in report.sinks:
        if not sink.reason:
            click.echo(f"told {one_line(sink.sink)}: {sink.items:,}")


class _Told:
    """What is told of one alert."""

    def __init__(self, one: "SavedFile", archive: "Archive") -> None:
        self._one = one
        ledger = None if archive.is_empty else archive.alert_ledger()
        self._state: AlertState | None = ledger.states().get(one.name) if ledger else None
        self._found = ledger.counts().get(one.name, 0) if ledger else 0
        self._owed = ledger.pending_counts().get(one.name, 0) if ledger else 0

    def lines(self) -> Iterator[list[Segment]]:
        """For people."""
        one, state = self._one, self._state
        yield [(one_line(one.name), "bold"), (f"  {one_line(one.search.query) if one.search else ''}", "")]
        if state is None or not state.since:
            told = "not run yet: its first run remembers what is there"
        else:
            last = f"last found something {_minute(state.last_new)}" if state.last_new else "found nothing yet"
            told = f"since {_minute(state.since)} · {self._found:,} told · {last} · last run {_minute(state.last_run)}"
        yield [(f"   {told}", "dim")]
        if one.search is not None and one.search.alert is not None:
            yield [(f"   -> {', '.join(one_line(sink.shown) for sink in one.search.alert.sinks)}", "dim")]
        if self._owed:
            yield [("   not taken yet: ", "yellow"), (f"{self._owed:,}", "")]
        if reason := self._reason():
            yield [("   failed: ", "red"), (one_line(reason), "")]

    def _reason(self) -> str:
        return str(self._one.fault) if self._one.fault else self._state.failure if self._state else ""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        one, state = self._one, self._state
        alert = one.search.alert if one.search else None
        return {
            "name": one.name,
            "query": one.search.query if one.search else None,
            "over": one.search.over if one.search else None,
            "sinks": [sink.shown for sink in alert.sinks] if alert else [],
            "every": alert.every if alert else None,
            "since": (state.since if state else "") or None,
            "last_run": (state.last_run if state else "") or None,
            "last_new": (state.last_new if state else "") or None,
            "found": self._found,
            "owed": self._owed,
            "reason": self._reason(),
        }


def _minute(time: str) -> str:
    return f"{time[:16].replace('T', ' ')} UTC"
