"""The engines under test: the oracle, and Whoosh with each of its backends."""

from pathlib import Path

from msgspec.structs import replace

from searchkit.index.base import Index, SearchRequest, SearchResult
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.oracle.memory import MemoryIndex

ORACLE, PURE, NUMPY = "memory:", "whoosh:", "whoosh: with numpy"
ENGINES = (ORACLE, PURE, NUMPY)
# The engines that are compared with the oracle. They have files, which another instance can open.
COMPARED = (PURE, NUMPY)


class PureIndex(WhooshIndex):
    """Uses the pure backend for all but facets."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, pure)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a query; another index counts the facets."""
        found = super().search(replace(request, facets=()))
        if request.facets:
            index = WhooshIndex(self.folder, kernels)
            found = replace(found, facets=index.search(request).facets)
            index.close()
        return found


def opened(engine: str, folder: Path) -> Index:
    """Open the index of an engine in `folder`."""
    if engine == PURE:
        return PureIndex(folder)
    return WhooshIndex(folder, kernels) if engine == NUMPY else MemoryIndex(folder)
