"""`searchkit status`: what the archive contains and whether it is up to date."""

from datetime import UTC, datetime
from typing import Annotated

import click
from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.archive.blocklist import blocklist_fault
from searchkit.archive.status import Status
from searchkit.cli.options import archive_option, json_option, open_archive
from searchkit.cli.output import write_json, write_lines
from searchkit.records import Count, Version
from searchkit.statements.text import counted, one_line, redacted
from searchkit.store.base import WorkerRow, WorkReport

# --json lists all.
_QUARANTINED_SHOWN = 5
_SHORTENED = f" (the first {_QUARANTINED_SHOWN} below; --json lists all)"


class QuarantinedRecord(Struct, frozen=True, kw_only=True):
    """A resource that exceeded the limits of the parser in several runs and is no longer read."""

    uri: str
    reason: Annotated[str, Meta(description="Reason in the last run.")]
    runs: Version
    since: Annotated[str, Meta(description="The first failed run, ISO 8601 UTC.")]


class IndexedRecord(Struct, frozen=True, kw_only=True):
    """Records in the index, by kind."""

    document: Count
    quote: Count


class SizeRecord(Struct, frozen=True, kw_only=True):
    """Sizes in bytes."""

    store: Count
    index: Count


class WorkerRecord(Struct, frozen=True, kw_only=True):
    """A worker that is alive."""

    name: str
    doing: str
    since: Annotated[str, Meta(description="When it began, ISO 8601 UTC.")]
    seen: Annotated[str, Meta(description="When it last renewed its lease, ISO 8601 UTC.")]
    pages: Annotated[Count, Meta(description="Pages that it read.")]
    rate: Annotated[float, Meta(description="Pages per second, in the last minute.", ge=0)]


class WorkRecord(Struct, frozen=True, kw_only=True):
    """What workers do (`searchkit work`)."""

    workers: tuple[WorkerRecord, ...]
    unread: Annotated[Count, Meta(description="Pages that were fetched and are not yet read.")]
    claimed: Annotated[Count, Meta(description="How many of these a worker has.")]
    sources: Annotated[dict[str, str], Meta(description="Sources that are being fetched, each with its worker.")]
    hosts: Annotated[dict[str, str], Meta(description="Hosts, each with the only worker that asks it.")]


class StatusReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.status/1"):
    """What the archive contains."""

    archive: str
    engine: str
    rebuilt: Annotated[str | None, Meta(description="When the index was last rebuilt, ISO 8601 UTC; null if unknown.")]
    documents: Count
    statements: Count
    revisions: Annotated[Count, Meta(description="Old revisions.")]
    outdated: Annotated[Count, Meta(description="Documents annotated by another version or with other names.")]
    gone: Count
    failures: Count
    shows_less: Annotated[Count, Meta(description="Pages that show less than their article, whose text stays.")]
    failed_sentences: Annotated[
        Count, Meta(description="Sentences whose statements are missing because a rule of searchkit failed.")
    ]
    failed_views: Annotated[
        Count, Meta(description="Statements and documents that the histories lack because a rule of searchkit failed.")
    ]
    quarantined: tuple[QuarantinedRecord, ...]
    indexed: Annotated[IndexedRecord | None, Meta(description="Null if the search cluster does not answer.")]
    sequence: Annotated[Count, Meta(description="Changes in the store.")]
    applied: Annotated[Count, Meta(description="Changes that the index contains.")]
    bytes: SizeRecord
    work: Annotated[WorkRecord | None, Meta(description="Null if the archive never had workers.")]
    other_store: Annotated[
        bool, Meta(description="The index was made from another state of the store; the next command rebuilds it.")
    ]


@click.command("status")
@json_option
@click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if the index is behind the store.")
@archive_option
def command(as_json: bool, exit_status: bool) -> int:
    """Show what the archive contains and whether it is up to date."""
    with open_archive() as opened:
        status = opened.status()
        unfinished = opened.is_forgetting
    is_stale = status.sequence != status.applied or status.is_of_other_store
    if as_json:
        write_json(_record(status))
    else:
        counts = status.counts
        there = f" at {redacted(status.store_address)}" if status.store_address else ""
        facts = {
            "archive": str(status.folder),
            "documents": f"{counts.documents:,}",
            "statements": f"{counts.statements:,}",
            "old revisions": f"{counts.revisions:,}",
            "gone": _if_any(counts.gone, "document", "; to exclude them, search with -gone:*"),
            "not readable": _if_any(counts.failures, "resource"),
            "shows less": _if_any(counts.shows_less, "document", "; the text is kept"),
            "not extracted": _if_any(
                counts.failed_sentences,
                "sentence",
                " in which a rule of searchkit failed; the other statements are there. `searchkit show ID` notes it; "
                "please report it",
            ),
            "not compared": _if_any(
                status.failed_views,
                "statement or document",
                f" for which a rule failed; `searchkit rebuild` tries again. Please report it: {status.failed_view}",
                "statements or documents",
            ),
            "in quarantine": _if_any(
                len(status.quarantined),
                "resource",
                " crashed the parser or exceeded its limits in several runs; to retry, run "
                f"`searchkit index --retry-failed PATH`{_SHORTENED if status.quarantined[_QUARANTINED_SHOWN:] else ''}",
            ),
            "engine": _engine(status, datetime.now(UTC)),
            "index": _index(status),
            "outdated": _if_any(
                counts.outdated,
                "document",
                f" {'was' if counts.outdated == 1 else 'were'} annotated by another version or with other names; "
                "run `searchkit index --outdated` to re-annotate",
            ),
            "unfinished": "`searchkit forget` was interrupted; run it without arguments to finish"
            if unfinished
            else "",
            "forgotten": blocklist_fault(status.folder),
            "store": f"{status.bytes_store / 1_000_000:,.1f} MB{there}",
            "index size": f"{status.bytes_index / 1_000_000:,.1f} MB" if status.failure is None else "",
            "queue": _queue(status.work),
            "workers": _workers(status.work),
        }
        write_lines([[(f"{name:14}", "dim"), (one_line(value), "")] for name, value in facts.items() if value])
        write_lines(
            [
                ("   ", ""),
                (one_line(redacted(resource.uri)), ""),
                (f": {one_line(redacted(resource.reason))}", "dim"),
            ]
            for resource in status.quarantined[:_QUARANTINED_SHOWN]
        )
        if status.work is not None:
            write_lines([("   ", ""), (_worker(worker), "")] for worker in status.work.workers)
    if status.failure is not None:
        raise status.failure
    return 1 if exit_status and is_stale else 0


def _if_any(number: int, what: str, then: str = "", several: str = "") -> str:
    return f"{counted(number, what, several)}{then}" if number else ""


def _index(status: Status) -> str:
    if status.failure is not None:
        return "does not answer"
    if status.is_of_other_store:
        return "made from another state of the store; the next command rebuilds it"
    behind = status.sequence - status.applied
    return f"{counted(behind, 'change')} behind; the next command updates it" if behind else "up to date"


def _engine(status: Status, now: datetime) -> str:
    engine = status.engine.removesuffix(":")
    try:
        days = (now - datetime.fromisoformat(status.rebuilt)).days
    except (ValueError, TypeError):  # unknown, or edited by hand
        return engine
    age = f"{counted(days, 'day')} ago" if days > 0 else "today"
    return f"{engine}; index rebuilt {age}, on {status.rebuilt[:10]}"


def _queue(work: WorkReport | None) -> str:
    if work is None or not (work.workers or work.unread):
        return ""
    fetched = f"{counted(work.unread, 'page')} fetched and not yet read ({work.claimed:,} claimed)"
    hosts = f" from {counted(len(work.hosts), 'host')}" if work.hosts else ""
    return f"{fetched}; {counted(len(work.sources), 'source')} being fetched{hosts}"


def _workers(work: WorkReport | None) -> str:
    if work is None:
        return ""
    rate = sum(worker.rate for worker in work.workers)
    return f"{len(work.workers)}, {rate:.1f} pages a second" if work.workers else "none"


def _worker(worker: "WorkerRow") -> str:
    doing = one_line(redacted(worker.doing))
    return f"{worker.name}: {doing}; {counted(worker.pages, 'page')} read, {worker.rate:.1f} a second"


def _work_record(work: WorkReport | None) -> WorkRecord | None:
    if work is None:
        return None

    def iso(at: float) -> str:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

    return WorkRecord(
        workers=tuple(
            WorkerRecord(
                name=worker.name,
                doing=redacted(worker.doing),
                since=iso(worker.started_at),
                seen=iso(worker.seen_at),
                pages=worker.pages,
                rate=round(worker.rate, 1),
            )
            for worker in work.workers
        ),
        unread=work.unread,
        claimed=work.claimed,
        sources=dict(work.sources),
        hosts=dict(work.hosts),
    )


def _record(status: Status) -> StatusReport:
    return StatusReport(
        archive=str(status.folder),
        engine=status.engine,
        rebuilt=status.rebuilt or None,
        **asdict(status.counts),
        failed_views=status.failed_views,
        quarantined=tuple(
            QuarantinedRecord(
                uri=redacted(resource.uri),
                reason=redacted(resource.reason),
                runs=resource.tries,
                since=resource.since,
            )
            for resource in status.quarantined
        ),
        indexed=IndexedRecord(**status.indexed) if status.indexed else None,
        sequence=status.sequence,
        applied=status.applied,
        bytes=SizeRecord(store=status.bytes_store, index=status.bytes_index),
        work=_work_record(status.work),
        other_store=status.is_of_other_store,
    )
