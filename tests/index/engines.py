"""The engines under test: the oracle, Whoosh with each of its backends, and OpenSearch on one node and on three."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace

from searchkit.cluster.opensearch.searcher import OpenSearchIndex
from searchkit.cluster.opensearch.writer import OpenSearchWriter
from searchkit.index.base import Index, SearchRequest, SearchResult
from searchkit.index.values import value_key
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segments import Backend
from searchkit.index.whoosh.writer import WhooshWriter
from searchkit.query import ast
from searchkit.query.walk import walk
from searchkit.statements.document import Document
from tests.cluster.shared import shared
from tests.oracle.memory import MemoryIndex

ORACLE, PURE, NUMPY = "memory:", "whoosh:", "whoosh: with numpy"
ON_ONE_NODE, ON_THREE_NODES = "opensearch: on one node", "opensearch: on three nodes"
_NODES = {ON_ONE_NODE: 1, ON_THREE_NODES: 3}
_ON_CLUSTERS = tuple(pytest.param(engine, marks=pytest.mark.cluster) for engine in _NODES)
EMBEDDED = (PURE, NUMPY)
ENGINES = (ORACLE, *EMBEDDED, *_ON_CLUSTERS)
# The engines that are compared with the oracle. Another instance can open the same index.
COMPARED = (*EMBEDDED, _ON_CLUSTERS[-1])


_Writer = TypeVar("_Writer", WhooshWriter, OpenSearchWriter)
_STORES: defaultdict[Path, dict[str, Document]] = defaultdict(dict)


def storing(writer: _Writer, folder: Path) -> _Writer:
    """Let a writer store its documents for the indexes of a folder."""
    put = writer.put

    def stored(documents: Iterable[Document]) -> None:
        for document in documents:
            _STORES[folder][document.id] = document
            put((document,))

    writer.put = stored  # type: ignore[method-assign]
    return writer


class StoredIndex(WhooshIndex):
    """Reads texts from the documents that were put into any index of this folder."""

    def __init__(self, folder: Path, backend: Backend | None = None) -> None:
        super().__init__(folder, _STORES[folder].get, backend)

    def writer(self) -> WhooshWriter:
        """Open a batch that also stores its documents."""
        return storing(super().writer(), self.folder)


class OnCluster(OpenSearchIndex):
    """Reads texts as StoredIndex. The indexes of each folder have a prefix of their own."""

    def __init__(self, folder: Path, nodes: int) -> None:
        prefix = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        super().__init__(folder, _STORES[folder].get, shared(nodes).engine(prefix))

    def writer(self) -> OpenSearchWriter:
        """Open a batch that also stores its documents."""
        return storing(super().writer(), self._folder)


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


def may_refuse(engine: str, *conditions: ast.Node) -> bool:
    """Return whether an engine is a cluster that may refuse one of these conditions; docs/cluster.md lists them."""
    return engine in _NODES and any(map(_may_refuse, chain.from_iterable(map(walk, conditions))))


def _may_refuse(node: ast.Node) -> bool:
    match node:
        case ast.Near(left=left, right=right):
            return any(not isinstance(side, ast.Term) and getattr(side, "slop", 1) for side in (left, right))
        case ast.Fuzzy(text=text, distance=distance):
            return len(value_key(text)) <= distance
    return isinstance(node, ast.Regex)


def opened(engine: str, folder: Path) -> Index:
    """Open the index of an engine in `folder`."""
    if engine == PURE:
        return PureIndex(folder)
    if engine in _NODES:
        return OnCluster(folder, _NODES[engine])
    return StoredIndex(folder, kernels) if engine == NUMPY else MemoryIndex(folder)
