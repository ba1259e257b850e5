"""`searchkit alerts`: report new matches for saved searches."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import click
from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.alerts import AlertsRecord, AlertsReport, running
from searchkit.alerts.digests import digest_lines
from searchkit.alerts.editing import AlertRecord, alert_records
from searchkit.alerts.folder import confirm, load, load_all, refuse_off
from searchkit.alerts.sinks import SinkOptions
from searchkit.cli.completion import complete_saved
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, json_option, open_archive, settings, wait_option
from searchkit.cli.output import Segment, is_closed, say, say_notes, write_json, write_lines
from searchkit.config import Config
from searchkit.errors import UsageError
from searchkit.records import Count
from searchkit.statements.text import counted, minute_text, one_line

_TAG = "searchkit.alerts/1"


class AlertsRun(AlertsRecord, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """What a run of the alerts did."""

    stdout: Annotated[tuple[str, ...], Meta(description="Lines for the sink stdout.")]


class AlertList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """All alerts."""

    total: Count
    items: tuple[AlertRecord, ...]


@click.group("alerts")
def command() -> None:
    """Report new matches for saved searches.

    An alert is a saved search with a table [alert] in its file; `searchkit saved add NAME QUERY --sink SINK` writes
    such a file. `searchkit update` runs the alerts at its end.
    """


@command.command("run")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_saved)
@click.option("--backfill", is_flag=True, help="On a first run, report existing matches instead of a baseline.")
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print only failures and what the sink stdout receives.")
@archive_option
def run(names: tuple[str, ...], backfill: bool, wait: float, as_json: bool, quiet: bool) -> int:
    """Run the alerts that are due, or those named, and report new matches to their sinks.

    Each match is reported once, also after a rebuild. The next run retries a sink that failed. If an alert or a sink
    fails, the others still run, and the exit code is 4.
    """
    config = settings()
    printed: list[str] = []
    options = sink_options(config, printed.extend if as_json else print_lines)
    with open_archive() as opened, opened.held(wait):
        report = running.run(opened, options=options, now=datetime.now(UTC), names=names, backfill=backfill)
    if as_json:
        write_json(AlertsRun(**asdict(report.record()), stdout=tuple(printed)))
    else:
        print_alerts(report, quiet=quiet)
    return SOME_FAILED if report.failures else 0


@command.command("list")
@json_option
@archive_option
def list_alerts(as_json: bool) -> None:
    """List the alerts: their age, last new matches, and undelivered items."""
    with open_archive() as opened:
        alerts = alert_records(opened)
    if as_json:
        write_json(AlertList(total=len(alerts), items=alerts))
    elif alerts:
        write_lines(line for alert in alerts for line in _lines(alert))
    else:
        click.echo("No alerts. To create an alert: searchkit saved add NAME QUERY --alert")


@command.command("show")
@click.argument("number", type=click.IntRange(1), required=False, metavar="[RUN]")
@json_option
@archive_option
def show(number: int | None, as_json: bool) -> None:
    """Print all new matches of a run; without RUN, of the last run that found something."""
    with open_archive() as opened:
        digest = running.stored(opened, number)
    if as_json:
        write_json(digest.record())
    else:
        print_lines(digest_lines(digest, complete=True))


@command.command("test")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@click.option("-n", "--limit", type=click.IntRange(1, 100), default=3, show_default=True, help="Matches.")
@click.option("--send", "sending", is_flag=True, help="Send it to the sinks, marked as a trial.")
@archive_option
def test(name: str, limit: int, sending: bool) -> int:
    """Print a digest of the latest matches of an alert, new or not. This does not change the state of the alert."""
    config = settings()
    with open_archive() as opened:
        search = load(opened.folder, name)
        if search.alert is None:
            raise UsageError(
                f'The saved search "{name}" is not an alert.',
                hint="To make it an alert, add a line [alert] to its file.",
            )
        if sending:
            refuse_off(opened.folder, name)
        digest = running.trial(opened, search, now=datetime.now(UTC), count=limit)
    if not sending:
        print_lines(digest_lines(digest, complete=True))
        return 0
    failed = False
    for report in running.send(digest, search, sink_options(config, print_lines)):
        failed = failed or bool(report.reason)
        say(f"{one_line(report.sink)}: {one_line(report.reason) or 'accepted'}")
    return SOME_FAILED if failed else 0


@command.command("reset")
@click.argument("name", metavar="NAME", shell_complete=complete_saved)
@archive_option
def reset(name: str) -> None:
    """Reset an alert; its next run saves a new baseline and reports nothing."""
    with open_archive() as opened:
        if not opened.is_empty and name not in opened.store().alerts.states():
            raise UsageError(f'Unknown alert "{name}".', hint="List the alerts: searchkit alerts list")
        with opened.changing() as store:
            store.alerts.forget(name)
            store.commit()
    click.echo(f"The next run of {one_line(name)} saves a new baseline and reports nothing.")


@command.command("confirm")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_saved)
@archive_option
def confirm_alerts(names: tuple[str, ...]) -> None:
    """Turn on alerts that came with a restored backup. Check first where they send to: searchkit alerts list."""
    with open_archive() as opened:
        for name in names:
            alert = load(opened.folder, name).alert
            if alert is None:
                raise UsageError(f'The saved search "{name}" is not an alert.', hint="Nothing has to be confirmed.")
            with opened.held():
                confirm(opened.folder, name)
            shown = ", ".join(map(one_line, alert.shown_sinks))
            click.echo(f"alert {one_line(name)} is on -> {shown}")


def print_alerts_off(folder: Path) -> None:
    """Print the alerts that are off, with their sinks and how to turn them on."""
    off = [file for file in load_all(folder) if file.off]
    if not off:
        return
    alerts, are = counted(len(off), "alert"), "is" if len(off) == 1 else "are"
    click.echo(f"{alerts} of the backup {are} off. To turn one on: searchkit alerts confirm NAME")
    for file in off:
        sinks = file.search.alert.shown_sinks if file.search and file.search.alert else ()
        shown = ", ".join(map(one_line, sinks)) or "its file cannot be read"
        click.echo(f"  {one_line(file.name)} -> {shown}")


# --- shared with `searchkit update` -----------------------------------------------------------------------------------


def sink_options(config: Config, write: Callable[[Iterable[str]], None]) -> SinkOptions:
    """Return the settings for sinks. If standard output is closed, the sink stdout has no writer."""
    return SinkOptions(
        folder=config.archive,
        other_folder=Path(config.alert_folder) if config.alert_folder else None,
        contact=config.contact,
        sendmail=config.sendmail,
        allow_hosts=config.alert_hosts,
        write=None if is_closed(sys.stdout) else write,
    )


def print_lines(lines: Iterable[str]) -> None:
    """Print lines and flush them."""
    write_lines([(line, "")] for line in lines)
    sys.stdout.flush()


def print_alerts(report: AlertsReport, *, quiet: bool) -> None:
    """Print failures on standard error and, unless `quiet`, a summary."""
    for failure in report.failures:
        say(one_line(failure))
    if quiet:
        return
    say_notes(report.notes)
    for alert in report.alerts:
        if alert.first and alert.baseline:
            matches = counted(alert.baseline, "match", "matches")
            click.echo(f"alert {one_line(alert.name)}: baseline saved ({matches}); new matches will be reported")
    if report.alerts:
        others = f", {report.others:,} more to review" if report.others else ""
        click.echo(f"{counted(len(report.alerts), 'alert')}: {report.new:,} new{others}")
    for sink in report.sinks:
        if not sink.reason:
            click.echo(f"{counted(sink.items, 'item')} sent to {one_line(sink.sink)}")


def _lines(alert: AlertRecord) -> Iterator[list[Segment]]:
    yield [(one_line(alert.name), "bold"), (f"  {one_line(alert.query or '')}", "")]
    if alert.off:
        state = f"off: it came with a restored backup; to turn it on: searchkit alerts confirm {one_line(alert.name)}"
    elif alert.since is None:
        state = "not run yet: the first run saves a baseline"
    else:
        last = f"last new match {minute_text(alert.last_new)}" if alert.last_new else "no new match yet"
        run = f" · last run {minute_text(alert.last_run)}" if alert.last_run else ""
        state = f"since {minute_text(alert.since)} · {alert.found:,} reported · {last}{run}"
    yield [(f"   {state}", "dim")]
    if alert.sinks:
        yield [(f"   -> {', '.join(map(one_line, alert.sinks))}", "dim")]
    if alert.owed:
        yield [("   not delivered yet: ", "yellow"), (f"{alert.owed:,}", "")]
    if alert.reason:
        yield [("   failed: ", "red"), (one_line(alert.reason), "")]
