"""What a run did: for the user, for programs and for the log."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from searchkit.alerts import AlertsRecord, AlertsReport
from searchkit.crawl.base import NotRead, UnreadFiles
from searchkit.ingest import Batch, Outcome
from searchkit.records import Count
from searchkit.statements.text import redacted

STATUSES = ("added", "updated", "unchanged", "gone", "skipped", "failed")
# The fields of outcomes that a run counts as remarks.
_REMARKED = ("thin", "walled", "shows_less", "failed_sentences")
# Names in the log, which reports on articles.
_LOGGED = {"added": "new", "updated": "changed"}


class Reason(Struct, frozen=True, kw_only=True):
    """A resource, and why it failed, was skipped or is gone."""

    uri: str
    reason: str


class Remarks(Struct, frozen=True, kw_only=True):
    """What to look at among the documents that a run read."""

    thin: Annotated[Count, Meta(description="New or changed pages with almost no text for their size.")] = 0
    walled: Annotated[Count, Meta(description="New or changed documents with a wall.")] = 0
    shows_less: Annotated[Count, Meta(description="Pages that show less than their stored article, which stays.")] = 0
    failed_sentences: Annotated[
        Count, Meta(description="Sentences in new or changed documents for which a rule of searchkit failed.")
    ] = 0
    failed_views: Annotated[
        Count, Meta(description="Statements and documents that the histories lack because a rule of searchkit failed.")
    ] = 0

    def __str__(self) -> str:
        """Return the counts that are not zero, for the last line of a run."""
        labels = {
            "thin": "almost no text for the size of the page",
            "walled": "behind a wall",
            "shows_less": "page shows less, article kept",
            "failed_sentences": "sentences that could not be read",
            "failed_views": "statements or documents that could not be compared",
        }
        return "".join(f"; {label}: {count:,}" for name, label in labels.items() if (count := getattr(self, name)))


class SourceRecord(Struct, frozen=True, kw_only=True):
    """What a run did with the documents of a source."""

    new: Count
    changed: Count
    unchanged: Count
    gone: Count
    skipped: Count
    failed: Count
    not_read: Annotated[dict[str, Count], Meta(description="Files that were passed over, by kind.")]
    reason: Annotated[str, Meta(description="Why the source could not be fetched; empty if it could.")]
    cut_short: Annotated[
        str, Meta(description="Why not everything was fetched: the time was used up; empty otherwise.")
    ]


_Logged = Annotated[tuple[Reason, ...], Meta(description="In runs.jsonl at most 20.")]


class RunRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.run/1"):
    """What a run did, in documents."""

    command: Literal["index", "update", "work"]
    at: Annotated[str, Meta(description="When it began, ISO 8601 UTC.")]
    seconds: Annotated[float, Meta(ge=0)]
    new: Count
    changed: Count
    unchanged: Count
    gone: Count
    skipped: Count
    failed: Count
    statements: Annotated[Count, Meta(description="In the new and changed documents.")]
    annotated_again: Annotated[Count, Meta(description="Outdated documents that were re-annotated.")]
    ok: Annotated[bool | None, Meta(description="Whether every source could be fetched; null if none was due.")]
    sources: Annotated[dict[str, SourceRecord], Meta(description="By name.")]
    failures: _Logged
    gone_because: Annotated[_Logged, Meta(description="Documents whose source no longer has them, with the reason.")]
    withheld: Annotated[_Logged, Meta(description="Pages that did not replace a document, with the reason.")]
    conflicting: Annotated[
        Count, Meta(description="New documents that share their canonical URL with a page that has another text.")
    ]
    canonical_conflicts: Annotated[_Logged, Meta(description="These documents, each with the address of such a page.")]
    moved: Annotated[Count, Meta(description="Unchanged files that were found at another address than before.")]
    updated_ids: Annotated[tuple[str, ...], Meta(description="Changed documents. In runs.jsonl at most 20.")]
    moved_ids: Annotated[tuple[str, ...], Meta(description="Moved documents. In runs.jsonl at most 20.")]
    not_read: Annotated[tuple[NotRead, ...], Meta(description="Files in folders and archives that were passed over.")]
    remarks: Remarks
    files: Annotated[
        dict[str, str], Meta(description="SHA-256 of aliases, watchlists and saved searches at the end of the run.")
    ]
    alerts: Annotated[
        AlertsRecord | UnsetType, Meta(description="What the alerts found; missing without alerts or after `index`.")
    ] = UNSET


class SourceReport(Struct, frozen=True, kw_only=True):
    """The results of one source: the number per status, the files it passed over by kind, why it failed, and why it was
    ended before everything was fetched (empty: neither)."""

    name: str
    counts: Mapping[str, int]
    not_read: Mapping[str, int]
    reason: str = ""
    cut_short: str = ""


class RunReport(Struct, kw_only=True):
    """The results of a run so far. `statements` counts those of new or changed documents; `outcomes` are those with a
    reason; `notes` are for the user; `unread` are the files passed over, `ocr` as in RunOptions; `files` are
    the checksums of the user's own files."""

    command: Literal["index", "update", "work"]
    at: datetime
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    updated_ids: list[str] = field(default_factory=list)
    moved_ids: list[str] = field(default_factory=list)
    statements: int = 0
    failed_views: int = 0
    annotated_again: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: UnreadFiles = field(default_factory=UnreadFiles)
    remarked: Counter[str] = field(default_factory=Counter)
    ocr: bool = False
    sources: list[SourceReport] = field(default_factory=list)
    alerts: AlertsReport | None = None
    files: dict[str, str] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        written = {outcome.id for outcome in batch.outcomes if outcome.status in {"added", "updated"}}
        self.counts.update(outcome.status for outcome in batch.outcomes)
        self.moved += sum(outcome.moved for outcome in batch.outcomes)
        self.updated_ids += [outcome.id for outcome in batch.outcomes if outcome.status == "updated" and outcome.id]
        self.moved_ids += [outcome.id for outcome in batch.outcomes if outcome.moved and outcome.id]
        documents = [document for document in batch.changed if document.id in written]
        self.statements += sum(len(document.statements) for document in documents)
        self.outcomes += [outcome for outcome in batch.outcomes if outcome.reason]
        self.notes += batch.notes
        for outcome in batch.outcomes:
            if outcome.status in {"added", "updated"} or outcome.shows_less:
                self.remarked.update({name: int(getattr(outcome, name)) for name in _REMARKED})

    @property
    def remarks(self) -> Remarks:
        """What to look at."""
        return Remarks(**self.remarked, failed_views=self.failed_views)

    def with_status(self, status: str) -> tuple[Outcome, ...]:
        """Return the outcomes with this status and a reason. Failures that an earlier run reported are `skipped`."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """New failures."""
        return self.with_status("failed")

    @property
    def canonical_conflicts(self) -> tuple[Outcome, ...]:
        """Pages that have the same canonical URL as a page with another text."""
        return tuple(outcome for outcome in self.outcomes if outcome.has_canonical_conflict)

    @property
    def ok(self) -> bool | None:
        """Return whether every source that was due succeeded; None if none was due."""
        if self.command == "update" and not self.sources:
            return None
        return not any(source.reason for source in self.sources)

    def record(self, *, max_reasons: int | None = None) -> "RunRecord":
        """Return the report for programs, with at most `max_reasons` reasons in each list."""
        withheld = [outcome for outcome in self.outcomes if outcome.withheld and not outcome.known]
        return RunRecord(
            command=self.command,
            at=self.at.isoformat(timespec="seconds"),
            seconds=round(self.seconds, 3),
            **_logged(self.counts),
            statements=self.statements,
            annotated_again=self.annotated_again,
            ok=self.ok,
            sources={
                source.name: SourceRecord(
                    **_logged(source.counts),
                    not_read=dict(source.not_read),
                    reason=redacted(source.reason),
                    cut_short=source.cut_short,
                )
                for source in self.sources
            },
            failures=reasons(self.failed[:max_reasons]),
            gone_because=reasons(self.with_status("gone")[:max_reasons]),
            withheld=reasons(withheld[:max_reasons]),
            conflicting=len(self.canonical_conflicts),
            canonical_conflicts=reasons(self.canonical_conflicts[:max_reasons]),
            moved=self.moved,
            updated_ids=tuple(self.updated_ids[:max_reasons]),
            moved_ids=tuple(self.moved_ids[:max_reasons]),
            not_read=self.unread.records(),
            remarks=self.remarks,
            files=self.files,
            alerts=UNSET if self.alerts is None else self.alerts.record(),
        )


def reasons(outcomes: Iterable[Outcome]) -> tuple[Reason, ...]:
    """Return the address and reason of each outcome, without secrets."""
    return tuple(Reason(uri=redacted(one.uri), reason=redacted(one.reason)) for one in outcomes)


def _logged(counts: Mapping[str, int]) -> dict[str, int]:
    return {_LOGGED.get(status, status): counts.get(status, 0) for status in STATUSES}
