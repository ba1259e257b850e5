"""The folder of a generation as a storage of Whoosh."""

import io
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import StructFile

from searchkit.index.whoosh.codec import WhooshSegment
from searchkit.index.whoosh.tables import unpickled


class _TableFile(StructFile):
    def read_pickle(self) -> Any:
        return unpickled(self.file, WhooshSegment)


class _NoLock:
    """Replaces Whoosh's lock: a generation has a single writer from its beginning."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return


class GenerationStorage(FileStorage):
    """Whoosh's folder storage, except that tables of contents are unpickled by an allow-list, and nothing is locked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._path = folder

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Open a table of contents; Whoosh opens no other files."""
        return _TableFile(io.BytesIO((self._path / name).read_bytes()), name=name, **kwargs)

    def lock(self, name: str) -> _NoLock:
        """Return a lock that creates no file."""
        del name
        return _NoLock()

    def temp_storage(self, name: str | None = None) -> RamStorage:
        """Return a storage in memory; Whoosh writes nothing temporary with our codec."""
        del name
        return RamStorage()
