"""The statements that articles no longer have, as an archive of their own, which `current:no` searches.

Its index has a document for each revision with such statements: its key is the id with the revision, as in `abc123@2`.
The index follows the histories and is safe to delete.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from searchkit.archive.histories_sync import BEHIND
from searchkit.errors import ArchiveLocked, StorageFull
from searchkit.histories.database import Histories
from searchkit.index.base import FORMER, Index, IndexWriter, SearchRequest, open_index
from searchkit.query.ast import Node
from searchkit.query.fields import Record
from searchkit.statements.document import Document
from searchkit.store.base import Progress

if TYPE_CHECKING:
    from searchkit.archive.archive import Archive


_ALL = 10_000_000


class _Index:
    """An index of revisions, whose documents are named without their revision."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def matched(
        self, conditions: Sequence[Node], _document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of all matching records: there are few."""
        requests = (SearchRequest(query=one, record=record, limit=_ALL, copies=True) for one in conditions)
        return tuple(frozenset(hit.id for hit in self._index.search(request).hits) for request in requests)


class FormerStatements:
    """What answering a query needs of an archive, over the statements that later versions removed or hid. All else is
    that of the archive."""

    hindrance = None

    def __init__(self, archive: "Archive") -> None:
        self._archive = archive
        self.index = _Index(open_index("whoosh:", archive.folder / FORMER, self.get))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def refresh(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring histories and index up to date; return notes. Errors as `Archive.refresh_histories`; ArchiveLocked and
        StorageFull if there is no index and none can be made now."""
        notes = self._archive.refresh(progress=progress)
        histories = self._archive.refresh_histories(progress=progress)
        if self.index.position != histories.position:
            try:
                with self._archive.held(index_only=True), self.index.writer() as writer:
                    self._follow(histories, writer)
            except (ArchiveLocked, StorageFull):
                if not self.index.applied:
                    raise
                notes = (*notes, BEHIND)
        return (*notes, *self._archive.take_notes())

    catch_up = refresh

    def _follow(self, histories: Histories, writer: IndexWriter) -> None:
        keys = [f"{document}@{number}" for document, number in histories.former_since(self.index.applied)]
        writer.delete(keys)
        writer.put(replace(document, id=key) for key, document in self.get_several(keys).items())
        writer.commit(histories.position.sequence, mark=histories.position.mark)

    def get(self, key: str) -> Document | None:
        """Return a revision with only those of its statements that the article no longer has, gone since the next
        capture; None if there are none."""
        document_id, _, number = key.partition("@")
        gone = self._archive.histories().former(document_id).get(int(number))
        current, document = self._archive.get(document_id), self._archive.revision_alike(document_id, int(number))
        if not gone or current is None or document is None:
            return None
        kept = {part.id for quote in document.statements if quote.id in gone for part in document.parts_of(quote)}
        quotes = tuple(quote for quote in document.quotes if quote.id in kept)
        return replace(document, quotes=quotes, gone_at=max(gone.values()), last_seen=current.last_seen)

    def of(self, document_id: str) -> Iterable[Document]:
        """Return the revisions of a document with statements that it no longer has, as `get`."""
        return self.get_several(
            f"{document_id}@{number}" for number in self._archive.histories().former(document_id)
        ).values()

    def close(self) -> None:
        """Close the files of the index."""
        self.index.close()

    def get_several(self, keys: Iterable[str]) -> Mapping[str, Document]:
        """Return these revisions by key."""
        return {key: document for key in keys if (document := self.get(key)) is not None}
