"""Run over sources: fetch, index, re-annotate, run the alerts, and write one line to the archive's log `runs.jsonl`."""

from searchkit.update.log import LOG, findings, last_success
from searchkit.update.reports import (
    STATUSES,
    Reason,
    RunRecord,
    RunReport,
    SourceRecord,
    SourceReport,
    reasons,
)
from searchkit.update.running import Reannotation, RunOptions, due, due_at, reannotate, run

__all__ = [
    "LOG",
    "STATUSES",
    "Reannotation",
    "Reason",
    "RunOptions",
    "RunRecord",
    "RunReport",
    "SourceRecord",
    "SourceReport",
    "due",
    "due_at",
    "findings",
    "last_success",
    "reannotate",
    "reasons",
    "run",
]
