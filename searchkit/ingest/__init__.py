"""The ingest pipeline: resource -> article -> document -> store.

Worker processes parse and annotate; this process stores. A resource that fails is an outcome, not an exception.
"""

from searchkit.ingest.base import Background, Backlog, Batch, IngestOptions, Outcome
from searchkit.ingest.change_detection import IsGone
from searchkit.ingest.limits import Limits
from searchkit.ingest.pipeline import ingest, reannotate
from searchkit.ingest.pool import Reader
from searchkit.ingest.reading import annotate, article, explain

__all__ = [
    "Background", "Backlog", "Batch", "IngestOptions", "IsGone", "Limits", "Outcome", "Reader", "annotate", "article",
    "explain", "ingest", "reannotate",
]  # fmt: skip
