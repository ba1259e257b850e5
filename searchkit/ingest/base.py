"""What passes through the conductor: outcomes, batches, options, and the results of single resources on their way."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

from searchkit.crawl.base import Gone, Postponed, Refused, Withheld
from searchkit.document import Article, Document, Resource
from searchkit.extract.register import Register
from searchkit.ingest.limits import Limits
from searchkit.store.base import Failure
from searchkit.store.near_duplicates import Sketch

Status = Literal["added", "updated", "unchanged", "gone", "skipped", "failed"]


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one resource. `reason` explains what one may not expect; `id` is the document's, if any.

    `known` failures were told in an earlier run, and nothing has changed since: nobody need be told again. `withheld`
    is what the publisher asks not to take: no failure. `lost` is what its source says has not changed, though the
    archive does not have it: it has to be read again. Of one that is `same` the bytes are others than before, and the
    document is what it was.
    """

    uri: str
    status: Status
    reason: str = ""
    id: str | None = None
    known: bool = False
    withheld: bool = False
    lost: bool = False
    same: bool = False


class Batch(Struct, frozen=True, kw_only=True):
    """One committed batch: the outcomes, the documents that changed, and the store's sequence number after it.

    More documents may change than there are outcomes: those that became copies of one. `notes` are for the user.
    """

    outcomes: tuple[Outcome, ...]
    changed: tuple[Document, ...]
    sequence: int
    notes: tuple[str, ...] = ()


class IngestOptions(Struct, frozen=True, kw_only=True):
    """How a run works. `workers` processes annotate (0: one a core). A batch closes at `batch_size` resources or after
    `batch_seconds`, whichever is first: a kill costs at most that much work and no stored document. `register` is what
    the user says about names. `retry_failed` reads again what failed before and has not changed since, and what
    is in quarantine too where it is among those `named` (addresses). `source` is the
    source that failures count for whose resource names none. `limits` bound what one resource may take. `is_forgotten`
    tells of an address or a document's id whether it was forgotten: such is skipped."""

    workers: int = 0
    batch_size: int = 500
    batch_seconds: float = 5.0
    retry_failed: bool = False
    named: tuple[str, ...] = ()
    source: str = ""
    register: Register | None = None
    limits: Limits = field(default_factory=Limits)
    is_forgotten: Callable[[str], bool] = lambda _name: False


class Unchanged(Struct, frozen=True, kw_only=True):
    """A resource whose bytes the store knows already, and the document they were made into. `container` as in
    Resource."""

    uri: str
    document: str
    container: str = ""


class Annotated(Struct, frozen=True, kw_only=True):
    """A document made from the bytes with this `digest`, and the sketch of its text; not stored yet."""

    uri: str
    digest: str
    document: Document
    sketch: Sketch


class Twice(Struct, frozen=True, kw_only=True):
    """An address that came before in the same run, maybe from another `container`."""

    uri: str
    container: str = ""


class FailedBefore(Struct, frozen=True, kw_only=True):
    """A resource that could not be read before, and has not changed since; `reason` is the one given then.

    What is `quarantined` is tried again only when it is named."""

    uri: str
    reason: str
    quarantined: bool = False


class Lost(Struct, frozen=True, kw_only=True):
    """A resource that has not changed, says its source, but is not in the archive."""

    uri: str


class Left(Struct, frozen=True, kw_only=True):
    """A resource that the file `container` held when it was last read, and holds no more."""

    uri: str
    container: str


Result = Unchanged | Annotated | Twice | FailedBefore | Failure | Refused | Gone | Postponed | Withheld | Lost
"""What becomes of one thing found: a Failure before it is read, Refused when it is read and cannot be."""

Task = tuple[list[Result], list[Resource | Article]]
"""What needs no work, and what has to be annotated: resources, or articles that were parsed before."""
