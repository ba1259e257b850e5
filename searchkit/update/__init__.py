"""Run over sources: fetch, index, re-annotate, run the alerts, and write one line to the archive's log `runs.jsonl`.

These names are imported on first use: the reading room shows the state of sources (`health.py`) and makes no run.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchkit.update.health import due, due_at
    from searchkit.update.log import LOG, findings, last_success
    from searchkit.update.reading import RunOptions
    from searchkit.update.reports import (
        STATUSES,
        Reason,
        Remarks,
        RunRecord,
        RunReport,
        SourceRecord,
        SourceReport,
        reasons,
    )
    from searchkit.update.running import Reannotation, reannotate, run

__all__ = [
    "LOG",
    "STATUSES",
    "Reannotation",
    "Reason",
    "Remarks",
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


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in ("log", "reading", "reports", "running", "health"):
            loaded = import_module(f"searchkit.update.{module}")
            if name in vars(loaded):
                return getattr(loaded, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
