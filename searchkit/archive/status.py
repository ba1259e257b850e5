"""What an archive holds, and how large it is."""

from pathlib import Path

from msgspec import Struct

from searchkit.query.fields import Record
from searchkit.store.base import StoreCounts
from searchkit.store.failures import CrashingResource


class Status(Struct, frozen=True, kw_only=True):
    """What an archive holds. `sequence` counts the store's changes, `applied` those in the index. `rebuilt` is when the
    index was last rebuilt (ISO 8601), empty if unknown. `quarantined` resources are skipped."""

    folder: Path
    engine: str
    counts: StoreCounts
    indexed: dict[Record, int]
    sequence: int
    applied: int
    bytes_store: int
    bytes_index: int
    rebuilt: str = ""
    quarantined: tuple[CrashingResource, ...] = ()


def disk_usage(folder: Path) -> int:
    """Return the size of all files in a folder; a file with several names counts once."""
    sizes = {stat.st_ino: stat.st_size for path in folder.rglob("*") if path.is_file() for stat in (path.stat(),)}
    return sum(sizes.values())
