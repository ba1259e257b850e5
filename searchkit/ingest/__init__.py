"""The conductor: resource -> article -> document -> store; one Outcome a resource.

takes:    what a source gives, which of its places it gives whole, an open store, the time
gives:    batches of outcomes, each committed before it is handed over
does not: fetch, search, print; what is read is read by worker processes, stored by this one
traps:    an input that fails is an outcome, not an exception: the run goes on
"""

from searchkit.ingest.base import Batch, IngestOptions, Outcome
from searchkit.ingest.change_detection import Expected
from searchkit.ingest.limits import Limits
from searchkit.ingest.pipeline import ingest, reannotate
from searchkit.ingest.pool import Reader
from searchkit.ingest.reading import annotate, explain

__all__ = [
    "Batch",
    "Expected",
    "IngestOptions",
    "Limits",
    "Outcome",
    "Reader",
    "annotate",
    "explain",
    "ingest",
    "reannotate",
]
