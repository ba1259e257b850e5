"""Documents on their way to the index by way of worker processes, which write segments of them."""

from collections.abc import Callable

from searchkit.index.base import IndexWriter
from searchkit.ingest import Background
from searchkit.statements.document import Document
from searchkit.store.encoding import document_of, written

# A segment of so many documents takes a worker one or two seconds. A commit merges it with others as usual.
_DOCUMENTS = 1_000
_SIZE = 1_000_000


class SegmentQueue:
    """Keeps documents in order: those given to worker processes, and the next ones."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._sent: list[tuple[list[bytes], Callable[[], object]]] = []
        self._waiting: list[bytes] = []
        self._size = 0

    def put(self, document: Document, size: int, opened: Callable[[], IndexWriter]) -> bool:
        """Queue a document of this size; return False if there are no worker processes, so that it can be added at
        once. `opened` returns the open batch."""
        submit = self._background.submit
        if submit is None and not self._sent and not self._waiting:
            return False
        self._waiting.append(written(document))
        self._size += size
        if submit is not None and (len(self._waiting) >= _DOCUMENTS or self._size >= _SIZE):
            self._sent.append((self._waiting, submit(opened().work(self._waiting, document_of))))
            self._waiting, self._size = [], 0
        return True

    def gather(self, opened: Callable[[], IndexWriter]) -> int:
        """Add to the open batch what worker processes have written, and all that they have not; return how many
        segments they were given to write."""
        count = len(self._sent)
        for documents, result in self._sent:
            segments = result()
            if segments is None:
                opened().put(map(document_of, documents))
            else:
                opened().adopt(segments)
        if self._waiting:
            opened().put(map(document_of, self._waiting))
        self._sent, self._waiting, self._size = [], [], 0
        return count
