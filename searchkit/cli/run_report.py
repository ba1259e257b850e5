"""A run told to a person: what came, and what there is to say of single resources."""

from typing import TYPE_CHECKING

import click

from searchkit.cli.output import counted, one_line, redacted, say

if TYPE_CHECKING:  # loaded when there is something to take in
    from searchkit.update import RunReport

# Said to a person only when there are any.
_RARE = frozenset({"gone", "skipped"})
# Of these, each with a reason is told: an update with one replaced the text of another address.
_TOLD = ("failed", "skipped", "updated", "gone")
# A cron mail with ten thousand lines is read by nobody; --json lists every one.
_SHOWN = 50


def told(report: "RunReport", status: str) -> list[dict[str, str]]:
    """Address and reason of each resource that became `status` and has one."""
    return [{"uri": redacted(one.uri), "reason": redacted(one.reason)} for one in report.with_status(status)]


def print_report(report: "RunReport", *, quiet: bool) -> None:
    """The reasons on standard error, the numbers on standard output; to be `quiet`, only when something failed."""
    from searchkit.update import STATUSES

    _print_reasons(report, quiet=quiet)
    if quiet and not report.failed:
        return
    shown = [status for status in STATUSES if status not in _RARE or report.counts.get(status)]
    numbers = ", ".join(f"{report.counts.get(status, 0)} {status}" for status in shown)
    click.echo(f"{counted(sum(report.counts.values()), 'document')}: {numbers} in {report.seconds:.1f} s")
    if report.annotated_again:
        click.echo(f"{report.annotated_again:,} annotated again")


def print_again(report: "RunReport", *, quiet: bool) -> None:
    """As `print_report`, of a run that only annotated again."""
    _print_reasons(report, quiet=quiet)
    if not quiet or report.failed:
        click.echo(f"{counted(report.annotated_again, 'document')} annotated again in {report.seconds:.1f} s")


def _print_reasons(report: "RunReport", *, quiet: bool) -> None:
    for status in _TOLD:
        if quiet and status != "failed":
            continue
        entries = told(report, status)
        for entry in entries[:_SHOWN]:
            say(f"{status}: {one_line(entry['uri'])}: {one_line(entry['reason'])}")
        if len(entries) > _SHOWN:
            say(f"... and {len(entries) - _SHOWN:,} more {status}; --json lists all.")
    for note in report.notes:
        say(f"note: {one_line(note)}")
