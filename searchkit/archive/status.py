"""What an archive holds, and how large it is."""

from pathlib import Path

from msgspec import Struct

from searchkit.archive.databases import Databases
from searchkit.archive.folder import read_rebuilt
from searchkit.archive.histories_sync import failed_views
from searchkit.errors import TryAgain
from searchkit.index.base import Index
from searchkit.query.fields import Record
from searchkit.statements.document import BEGINNING
from searchkit.store.base import StoreCounts, WorkReport
from searchkit.store.failures import CrashingResource
from searchkit.store.store import Store


class Status(Struct, frozen=True, kw_only=True):
    """What an archive holds. `sequence` counts the store's changes, `applied` those in the index. `rebuilt` is when the
    index was last rebuilt (ISO 8601), empty if unknown. `quarantined` resources are skipped.
    `store_address` is where the store is, empty for the folder. `work` is what workers do, None if there were none.
    The index `is_of_other_store` if it was made from another state of the store, and `failure` says why a cluster does
    not answer; then `applied` is 0 and nothing is `indexed`. `failed_views` are missing in the histories because a rule
    failed; `failed_view` is one of them, with the reason."""

    folder: Path
    engine: str
    counts: StoreCounts
    indexed: dict[Record, int]
    sequence: int
    applied: int
    bytes_store: int
    bytes_index: int
    store_address: str = ""
    rebuilt: str = ""
    quarantined: tuple[CrashingResource, ...] = ()
    work: WorkReport | None = None
    is_of_other_store: bool = False
    failure: TryAgain | None = None
    failed_views: int = 0
    failed_view: str = ""


def status_of(
    databases: Databases, folder: Path, engine: str, store: Store, index: Index, extractor_version: str
) -> Status:
    """Return what the archive in `folder` holds, and how many documents another extractor version annotated. The file
    of histories counts as a part of the index."""
    indexed: dict[Record, int] = {}
    position, bytes_index, failure = BEGINNING, 0, None
    try:
        indexed, position, bytes_index = index.counts(), index.position, index.size()
    except TryAgain as error:
        failure = error
    failed, example = failed_views(folder)
    return Status(
        folder=folder,
        engine=engine,
        counts=store.counts(extractor_version),
        indexed=indexed,
        sequence=store.sequence,
        applied=position.sequence,
        bytes_store=databases.size() or _size(folder, "store.sqlite*"),
        store_address=databases.shared.store,
        bytes_index=bytes_index + _size(folder, "histories.sqlite*"),
        rebuilt=read_rebuilt(folder),
        quarantined=store.quarantine.quarantined(),
        work=databases.work_report(),
        is_of_other_store=not store.has(position),
        failure=failure,
        failed_views=failed,
        failed_view=example,
    )


def _size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))
