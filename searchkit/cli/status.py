"""`searchkit status`: what the archive holds and whether it is up to date."""

from datetime import UTC, datetime

import click

from searchkit.archive import Status
from searchkit.archive.erasure.blocklist import blocklist_fault
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import counted, one_line, redacted, write_json, write_lines

# More than a person reads at a glance; --json lists all.
_QUARANTINED_SHOWN = 5


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("-e", "--exit-status", is_flag=True, help="Exit 1 when the index is behind the store.")
@archive_option
@click.pass_context
def command(ctx: click.Context, as_json: bool, exit_status: bool, archive: str | None) -> int:
    """Say what the archive holds and whether it is up to date."""
    with open_archive(ctx, archive) as opened:
        status = opened.status()
        unfinished = opened.is_forgetting
    behind = status.sequence - status.applied
    if as_json:
        write_json(_json(status))
    else:
        counts = status.counts
        facts = {
            "archive": str(status.folder),
            "documents": f"{counts.documents:,}",
            "statements": f"{counts.statements:,}",
            "old revisions": f"{counts.revisions:,}",
            "gone": f"{counted(counts.gone, 'document')}; the query -gone:* leaves them out" if counts.gone else "",
            "not readable": counted(counts.failures, "resource") if counts.failures else "",
            "in quarantine": _quarantined(len(status.quarantined)),
            "engine": _engine(status, datetime.now(UTC)),
            "index": f"{counted(behind, 'change')} behind; the next command catches up" if behind else "up to date",
            "outdated": _outdated(counts.outdated),
            "unfinished": "`searchkit forget` was cut short; the same without arguments finishes it"
            if unfinished
            else "",
            "forgotten": blocklist_fault(status.folder),
            "store": _size(status.bytes_store),
            "index size": _size(status.bytes_index),
        }
        write_lines([[(f"{name:14}", "dim"), (one_line(value), "")] for name, value in facts.items() if value])
        write_lines(
            [("   ", ""), (one_line(redacted(one.uri)), ""), (f": {one_line(redacted(one.reason))}", "dim")]
            for one in status.quarantined[:_QUARANTINED_SHOWN]
        )
    return 1 if exit_status and behind else 0


def _engine(status: Status, now: datetime) -> str:
    try:
        days = (now - datetime.fromisoformat(status.rebuilt)).days
    except (ValueError, TypeError):  # not known, or written by hand
        return status.engine
    age = f"{counted(days, 'day')} ago" if days > 0 else "today"
    return f"{status.engine} made anew {age}, on {status.rebuilt[:10]}"


def _outdated(number: int) -> str:
    if not number:
        return ""
    were = f"{counted(number, 'document')} {'was' if number == 1 else 'were'}"
    return f"{were} annotated by another version or with other names; `searchkit index --outdated` renews them"


def _quarantined(number: int) -> str:
    if not number:
        return ""
    each, them = ("it", "it") if number == 1 else ("each", "one")
    told = "" if number <= _QUARANTINED_SHOWN else f" (the first {_QUARANTINED_SHOWN} below; --json lists all)"
    return (
        f"{counted(number, 'resource')}: {each} took what reads it to its limits in several runs; "
        f"`searchkit index --retry-failed PATH` tries {them} again{told}"
    )


def _json(status: Status) -> dict[str, object]:
    counts = status.counts
    return {
        "schema": "searchkit.status/1",
        "archive": str(status.folder),
        "engine": status.engine,
        "rebuilt": status.rebuilt or None,
        "documents": counts.documents,
        "statements": counts.statements,
        "revisions": counts.revisions,
        "outdated": counts.outdated,
        "gone": counts.gone,
        "failures": counts.failures,
        "quarantined": [
            {
                "uri": redacted(one.uri),
                "container": redacted(one.container),
                "reason": redacted(one.reason),
                "runs": one.tries,
                "since": one.since,
            }
            for one in status.quarantined
        ],
        "indexed": dict(status.indexed),
        "sequence": status.sequence,
        "applied": status.applied,
        "bytes": {"store": status.bytes_store, "index": status.bytes_index},
    }


def _size(number: int) -> str:
    return f"{number / 1_000_000:,.1f} MB"
