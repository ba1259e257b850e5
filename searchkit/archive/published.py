"""Documents with their outlets as readers see them: with the host, where the index has several of one name."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from searchkit.errors import SearchkitError
from searchkit.index.base import Index, ValuesRequest
from searchkit.statements.document import Document, DocumentOutline, LogPosition
from searchkit.statements.outlets import Outlets, outlet_value

if TYPE_CHECKING:
    from searchkit.search.answer import StoredRecord

_Found = TypeVar("_Found", Document, Document | None)


class PublishedDocuments:
    """Completes documents that were read from the store; `index` opens the index."""

    def __init__(self, index: Callable[[], Index]) -> None:
        self._index = index
        self._outlets: Outlets | None = None
        self._position: LogPosition | None = None

    def follow(self, position: LogPosition) -> None:
        """Forget the outlets of an index that was at another position."""
        if position != self._position:
            self._outlets, self._position = None, position

    def outlets(self) -> Outlets:
        """Return the outlets of the documents in the index."""
        if self._outlets is None:
            values = self._index().values(ValuesRequest(field="outlet", copies=True))
            self._outlets = Outlets(value.id for value in values)
        return self._outlets

    def current(self, document: _Found) -> _Found:
        """Return a document with its outlet as readers see it; with the host, if the index cannot be read now."""
        if document is None or not document.outlet:
            return document
        shown = value = outlet_value(document.outlet, document.host)
        with suppress(SearchkitError):
            shown = self.outlets().shown(value)
        return document if shown == document.outlet else replace(document, outlet_and_host=shown)

    def records(self, found: "Mapping[str, StoredRecord]") -> "Mapping[str, StoredRecord]":
        """Return records whose documents are current."""
        return {known: _Record(record, self) for known, record in found.items()}


class _Record:
    """A record. Errors as StoredRecord."""

    def __init__(self, record: "StoredRecord", published: PublishedDocuments) -> None:
        self._record, self._published = record, published

    def outline(self) -> DocumentOutline:
        """Return the fields from which excerpts are cut."""
        return self._record.outline()

    def document(self) -> Document:
        """Return the document."""
        return self._published.current(self._record.document())
