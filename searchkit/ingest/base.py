"""The values of the pipeline: outcomes, batches, options, and results of single resources."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from msgspec import Struct, field

from searchkit.crawl.base import Gone, Refused
from searchkit.ingest.limits import Limits
from searchkit.statements import Register
from searchkit.statements.document import Article, Document, LogPosition, Resource
from searchkit.store.encoding import decode
from searchkit.store.sources import Failure

Status = Literal["added", "updated", "unchanged", "gone", "skipped", "failed"]
Made = TypeVar("Made")
# Bounded in size too, because each waiting task may contain a resource of maximum size.
_MAX_SIZE = 16_000_000
_TASKS_A_WORKER = 3


class Outcome(Struct, frozen=True, kw_only=True):
    """What happened to a resource. `reason` explains it; `id` is the document's, if any.

    A `known` failure was reported in an earlier run. `withheld` resources are skipped at the publisher's request. A
    `lost` resource is unchanged at its source but not in the archive, so it has to be read again. For a `same`
    resource, the bytes changed but the document did not.

    A page that is a variant of another is `unchanged`, and `variant_of` is the resource of that document. `former` is a
    resource whose place this one takes. A page `has_canonical_conflict` if a page with another text has the same
    canonical URL. A `moved` file was elsewhere before. A page that `shows_less` than its stored article leaves it as it
    is. A new or changed document may be `walled` or `thin` (almost no text for the size of its page), and its
    statements may lack `failed_sentences`.
    """

    uri: str
    status: Status
    reason: str = ""
    id: str | None = None
    known: bool = False
    withheld: bool = False
    lost: bool = False
    same: bool = False
    variant_of: str = ""
    former: str = ""
    has_canonical_conflict: bool = False
    moved: bool = False
    shows_less: bool = False
    walled: bool = False
    thin: bool = False
    failed_sentences: int = 0


class Batch(Struct, frozen=True, kw_only=True):
    """A committed batch: the outcomes, the documents that changed, and the store's last change after it.

    Documents that became duplicates also change, so there may be more of them than outcomes. `notes` are for the user.
    """

    outcomes: tuple[Outcome, ...]
    changed: tuple[Document, ...]
    position: LogPosition
    notes: tuple[str, ...] = ()


class Backlog:
    """The tasks of each source that wait or are being read: each has an equal share, so that none fills the queue. Used
    by one thread."""

    def __init__(self, *, sources: int = 1, workers: int = 0) -> None:
        self._max_size = _MAX_SIZE // max(sources, 1)
        self._max_tasks = _TASKS_A_WORKER * (workers or os.cpu_count() or 1)
        self._sizes: Counter[str] = Counter()
        self._tasks: Counter[str] = Counter()

    def add(self, source: str, size: int) -> None:
        """Count a task of a source, with its size in bytes."""
        self._tasks[source] += 1
        self._sizes[source] += size

    def remove(self, source: str, size: int) -> None:
        """Count a task whose results are there as done."""
        self._tasks[source] -= 1
        self._sizes[source] -= size

    def is_full(self, source: str) -> bool:
        """Return whether a source should provide no more until some of its tasks are done."""
        return self._tasks[source] > self._max_tasks or self._sizes[source] > self._max_size


class Background:
    """Lends the worker processes of a run to others, while it has any. `submit` takes our own picklable function, and
    returns one that waits for its result: None if no process could compute it."""

    def __init__(self) -> None:
        self.submit: Callable[[Callable[[], Any]], Callable[[], Any]] | None = None


class IngestOptions(Struct, frozen=True, kw_only=True):
    """Options of a run.

    `workers` is the number of processes that annotate (0: one per core). A batch closes after `batch_size` resources or
    `batch_seconds`. `retry_failed` reads failed resources again, and quarantined resources that are among those `named`
    (addresses). `source_of` returns the name of the source of a result. `register` holds the aliases and
    watchlists, `limits` what a resource may use. `is_forgotten` decides by address or id which documents to skip.
    The run lends its worker processes to `background`. With a `backlog`, the source provides nothing for what `is_full`
    there; without, it is not asked while it is full. If other processes write to the store at the same time
    (`is_shared`), results are gathered and stored in one short transaction, and batches do not name what changed.
    """

    workers: int = 0
    batch_size: int = 500
    batch_seconds: float = 5.0
    retry_failed: bool = False
    named: tuple[str, ...] = ()
    source_of: Callable[[str], str] = lambda _uri: ""
    register: Register | None = None
    limits: Limits = field(default_factory=Limits)
    is_forgotten: Callable[[str], bool] = lambda _name: False
    backlog: Backlog | None = None
    background: Background = field(default_factory=Background)
    is_shared: bool = False


class Unchanged(Struct, frozen=True, kw_only=True):
    """A resource whose bytes are known, and the document made from them."""

    uri: str
    document: str


class Moved(Struct, frozen=True, kw_only=True):
    """A resource whose bytes are known from the address `before`, where they are no longer."""

    uri: str
    before: str
    source: str


class Annotated(Struct, frozen=True, kw_only=True):
    """A document made from the bytes with this `digest`, as a record of the store, with its packed sketch; not stored
    yet. Few bytes: results wait in memory until they are stored, and a text of 250 kB may contain 30,000 statements."""

    uri: str
    digest: str
    record: bytes
    sketch: bytes

    @property
    def document(self) -> Document:
        return decode(self.record, Document)


Result = Outcome | Unchanged | Moved | Annotated | Failure | Refused | Gone
"""The result for one resource: an Outcome if nothing is stored, a Failure before it is read, Refused if it cannot be
read."""


class Work(Struct, frozen=True, kw_only=True):
    """Work for a worker process besides reading: our own picklable function."""

    uri: str
    function: Callable[[], Any]


Task = tuple[str, list[Result], list[Resource | Article]]
"""The name of a source, results that need no work, and what has to be annotated: resources, or articles that were
parsed before."""

Serialized = bytes
"""A pickled result from a worker process."""
