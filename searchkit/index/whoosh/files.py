"""The folder of a generation as Whoosh's writer sees it."""

import io
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import StructFile

from searchkit.index.whoosh.codec import WhooshSegment
from searchkit.index.whoosh.tables import unpickled


class _TableFile(StructFile):
    def read_pickle(self) -> Any:
        """What was pickled, if it is made of nothing but segments and plain values."""
        return unpickled(self.file, WhooshSegment)


class _NoLock:
    """What Whoosh's lock is here: nothing, since a generation has one writer from its beginning."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return


class GenerationStorage(FileStorage):
    """Whoosh's folder, one generation of ours, with two differences: a table of contents is unpickled by an allow-list,
    and nothing is locked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._path = folder

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Whoosh opens its tables of contents only, which are small; segments are read by sections.py."""
        return _TableFile(io.BytesIO((self._path / name).read_bytes()), name=name, **kwargs)

    def lock(self, name: str) -> _NoLock:
        """No file, so that a generation holds nothing but what it is made of."""
        del name
        return _NoLock()

    def temp_storage(self, name: str | None = None) -> RamStorage:
        """Nothing temporary is written."""
        del name
        return RamStorage()
