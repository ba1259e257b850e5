"""The engines under test: the oracle, and Whoosh with each of its backends."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from searchkit.document import Document
from searchkit.index.base import Index, SearchRequest, SearchResult
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segments import Backend
from searchkit.index.whoosh.writer import WhooshWriter
from tests.oracle.memory import MemoryIndex

ORACLE, PURE, NUMPY = "memory:", "whoosh:", "whoosh: with numpy"
ENGINES = (ORACLE, PURE, NUMPY)
# The engines that are compared with the oracle. They have files, which another instance can open.
COMPARED = (PURE, NUMPY)


_STORES: defaultdict[Path, dict[str, Document]] = defaultdict(dict)


class StoredIndex(WhooshIndex):
    """Reads texts from the documents that were put into any index of this folder."""

    def __init__(self, folder: Path, backend: Backend | None = None) -> None:
        super().__init__(folder, _STORES[folder].get, backend)

    def writer(self) -> WhooshWriter:
        """Open a batch that also stores its documents."""
        writer = super().writer()
        put = writer.put

        def stored(documents: Iterable[Document]) -> None:
            for document in documents:
                _STORES[self.folder][document.id] = document
                put((document,))

        writer.put = stored  # type: ignore[method-assign]
        return writer


class PureIndex(StoredIndex):
    """Uses the pure backend for all but facets."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, pure)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a query; another index counts the facets."""
        found = super().search(replace(request, facets=()))
        if request.facets:
            index = StoredIndex(self.folder, kernels)
            found = replace(found, facets=index.search(request).facets)
            index.close()
        return found


def opened(engine: str, folder: Path) -> Index:
    """Open the index of an engine in `folder`."""
    if engine == PURE:
        return PureIndex(folder)
    return StoredIndex(folder, kernels) if engine == NUMPY else MemoryIndex(folder)
