"""Verify the indexes of a cluster: documents and statements against each other, and both against the store's documents.

The cluster verifies its files by itself; what it cannot know is whether they have what the store has.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from searchkit.cluster.opensearch.client import Client
from searchkit.cluster.opensearch.location import credentials, location
from searchkit.cluster.opensearch.queries import EVERY, TIES
from searchkit.cluster.opensearch.records import safe, source_checksum
from searchkit.cluster.opensearch.snapshot import Gone, Snapshot
from searchkit.cluster.opensearch.state import Indexes
from searchkit.index.base import without_store
from searchkit.query.fields import Record
from searchkit.statements.document import Document

_KINDS: dict[Record, str] = {"document": "document", "quote": "statement"}
_MANY = 2_000


class OpenSearchVerifier:
    """An IndexVerifier for the current indexes of an archive; base.py describes its methods."""

    def __init__(self, folder: Path, uri: str) -> None:
        self._client = Client(location(uri), credentials())
        self._indexes = Indexes(self._client, folder)
        state = self._indexes.current()
        self._indexes.refuse_red(state)
        self.applied = state.position.sequence
        self._snapshot = Snapshot(self._client, state.names, state.position, without_store)

    def faults(self) -> Iterator[str]:
        """Yield the statements whose documents are missing."""
        owners = self._snapshot.values("quote", EVERY, "document")
        documents = self._snapshot.values("document", EVERY, "document")
        for owner in sorted(owners.keys() - documents.keys()):
            yield f"statements: their document {owner} is missing"
        for document, count in documents.items():
            if count > 1:
                yield f"documents: {document} is there {count} times"

    def differences(self, documents: Iterable[Document]) -> Iterator[str]:
        expected: dict[Record, dict[str, str]] = {"document": {}, "quote": {}}
        owners = []
        for document in documents:
            source = source_checksum(document)
            owners.append(safe(document.id))
            expected["document"][safe(document.id)] = source
            expected["quote"].update((safe(quote.id), source) for quote in document.statements)
        try:
            for record, wanted in expected.items():
                yield from self._differences(record, wanted, owners)
        except Gone:
            yield "was replaced during the check"

    def _differences(self, record: Record, wanted: dict[str, str], owners: list[str]) -> Iterator[str]:
        found: dict[str, str] = {}
        for start in range(0, len(owners), _MANY):
            query = {"terms": {"document": owners[start : start + _MANY]}}
            for hit in self._snapshot.rows(record, query, TIES, ("id", "source")):
                found[hit["fields"]["id"][0]] = hit["fields"]["source"][0]
        for row_id, source in wanted.items():
            if row_id not in found:
                yield f"lacks {_KINDS[record]} {row_id}"
            elif found[row_id] != source:
                yield f"has another version of {_KINDS[record]} {row_id} than the store"
        for row_id in found.keys() - wanted.keys():
            yield f"has {_KINDS[record]} {row_id}, which the store lacks"
