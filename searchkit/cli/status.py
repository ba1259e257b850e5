"""`searchkit status`: what the archive contains and whether it is up to date."""

from collections.abc import Iterator

import click

from searchkit.archive.blocklist import blocklist_fault
from searchkit.archive.histories_sync import failed_views
from searchkit.archive.status import StatusReport
from searchkit.cli.options import archive_option, json_option, open_archive
from searchkit.cli.output import Segment, write_json, write_lines
from searchkit.statements.text import counted, one_line, redacted
from searchkit.store.base import WorkRecord

# What there may be: the field, its noun, and what to say about it.
_SHARES = {
    "gone": ("gone", "document", "; to exclude them, search with -gone:*"),
    "not readable": ("failures", "resource", ""),
    "shows less": ("shows_less", "document", "; the text is kept"),
    "not extracted": (
        "failed_sentences",
        "sentence",
        " in which a rule of searchkit failed; the other statements are there. `searchkit show ID` notes it; please "
        "report it",
    ),
    "outdated": (
        "outdated",
        "document",
        ", annotated by another version or with other names; run `searchkit index --outdated` to re-annotate",
    ),
}


@click.command("status")
@json_option
@click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if the index is behind the store.")
@archive_option
def command(as_json: bool, exit_status: bool) -> int:
    """Show what the archive contains and whether it is up to date."""
    with open_archive() as opened:
        status = opened.status()
        if as_json:
            write_json(status)
        else:
            address = redacted(opened.databases.shared.store)
            store = f"{status.bytes.store / 1_000_000:,.1f} MB{f' at {address}' if address else ''}"
            unfinished = "`searchkit forget` was interrupted; run it without arguments to finish"
            what = counted(status.failed_views, "statement or document", "statements or documents")
            then = "for which a rule failed; `searchkit rebuild` tries again. Please report it: "
            facts = _facts(status) | {
                "not compared": f"{what} {then}{failed_views(opened.folder)[1]}" if status.failed_views else "",
                "unfinished": unfinished if opened.is_forgetting else "",
                "forgotten": blocklist_fault(opened.folder),
                "store": store,
            }
            write_lines([(f"{name:14}", "dim"), (one_line(value), "")] for name, value in facts.items() if value)
            write_lines(_lists(status))
        if status.indexed is None:
            opened.index.counts()  # says why the cluster does not answer
    is_stale = status.sequence != status.applied or status.other_store
    return 1 if exit_status and is_stale else 0


def _facts(status: StatusReport) -> dict[str, str]:
    facts = {
        "archive": status.archive,
        "documents": f"{status.documents:,}",
        "statements": f"{status.statements:,}",
        "old revisions": f"{status.revisions:,}",
    }
    for name, (field, noun, then) in _SHARES.items():
        count = getattr(status, field)
        facts[name] = f"{counted(count, noun)}{then}" if count else ""
    if status.quarantined:
        facts["in quarantine"] = (
            f"{counted(len(status.quarantined), 'resource')} crashed the parser or exceeded its limits in several "
            "runs; to retry, run `searchkit index --retry-failed PATH`"
        )
    facts |= {"engine": status.engine.removesuffix(":"), "index": _index(status)}
    facts["index size"] = f"{status.bytes.index / 1_000_000:,.1f} MB" if status.indexed else ""
    return facts | (_work(status.work) if status.work else {})


def _index(status: StatusReport) -> str:
    if status.indexed is None:
        return "does not answer"
    if status.other_store:
        return "made from another state of the store; the next command rebuilds it"
    behind = status.sequence - status.applied
    return f"{counted(behind, 'change')} behind; the next command updates it" if behind else "up to date"


def _work(work: WorkRecord) -> dict[str, str]:
    facts = {"workers": "none"}
    if work.workers:
        rate = sum(worker.rate for worker in work.workers)
        facts["workers"] = f"{len(work.workers)}, {rate:.1f} pages a second"
    if work.workers or work.unread:
        hosts = f" from {counted(len(work.hosts), 'host')}" if work.hosts else ""
        fetched = f"{counted(work.unread, 'page')} fetched and not yet read ({work.claimed:,} claimed)"
        facts["queue"] = f"{fetched}; {counted(len(work.sources), 'source')} being fetched{hosts}"
    return facts


def _lists(status: StatusReport) -> Iterator[list[Segment]]:
    for resource in status.quarantined:
        yield [("   ", ""), (one_line(resource.uri), ""), (f": {one_line(resource.reason)}", "dim")]
    for worker in status.work.workers if status.work else ():
        read = f"{counted(worker.pages, 'page')} read, {worker.rate:.1f} a second"
        yield [("   ", ""), (f"{worker.name}: {one_line(worker.doing)}; {read}", "")]
