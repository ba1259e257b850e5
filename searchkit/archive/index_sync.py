"""Update an index from a store: documents as they come, commits in larger steps."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from searchkit.errors import DamagedIndex, StorageFull
from searchkit.index.base import Index, IndexWriter
from searchkit.statements.document import BEGINNING, Document, LogPosition, weight
from searchkit.store.base import Change, Progress
from searchkit.store.encoding import document_of, written
from searchkit.store.store import Store

if TYPE_CHECKING:  # a query loads no worker
    from searchkit.ingest import Background

# An index commit costs tens of milliseconds and a segment, so there are fewer of them than of store commits. If the
# process is killed between the two, the next command updates the index. The time is for slow crawls: it must not cut
# the batches of a fast run on a busy machine, because each batch is merged again.
_COMMIT_DOCUMENTS = 5_000
_COMMIT_SECONDS = 600.0
# Uncommitted documents take about twenty times the size of their text in memory. Five thousand news articles stay below
# this limit; books get more commits instead of more memory.
_COMMIT_SIZE = 5_000_000
# Segments are merged once, at the end of a run: all of them if it had several commits and added this part of all
# documents. So documents are rewritten at most four times as often as the index grows, and never for the news of a day.
_WORTH_MERGING = 0.25
# A segment of so many documents takes a worker one or two seconds. A commit merges it with others as usual.
_SEGMENT_DOCUMENTS = 1_000
_SEGMENT_SIZE = 1_000_000
OTHER_STATE = (
    "The store is in another state than before, for example because a backup was restored: what is derived from it was "
    "rebuilt."
)
MISSING = "The index was missing or made by another version: it was rebuilt from the store."
_AGAIN = "Run the command again; if that does not help: searchkit check --full"


class IndexSync:
    """Updates an index from a store.

    `position` is the last change in the index. Every file is verified first, because a damaged block may only make an
    answer wrong. Once the index turns out to be corrupt, `damage` has the error, and nothing more is written: the index
    has to be rebuilt from the store, which has all documents. `rebuilt` says why it was, if so.
    """

    rebuilt = ""

    def __init__(self, index: Index, queue: "SegmentQueue | None" = None) -> None:
        self._index = index
        self._queue = queue
        self._writer: IndexWriter | None = None
        self._documents = self._size = 0
        self._commits = self._put = 0
        self.position = self._next = BEGINNING
        self.damage: DamagedIndex | None = None
        self._since = time.monotonic()
        self._attempt(self._begin)

    def _begin(self) -> None:
        self._index.verify()
        self.position = self._next = self._index.position

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._writer is not None:
            self._writer.__exit__(*exc)
            self._writer = None

    def put(self, documents: Iterable[Document], position: LogPosition) -> None:
        """Add or replace `documents`, and commit if enough are pending. `position` is the store's after them."""
        self._attempt(lambda: self._write(documents, position))

    def _write(self, documents: Iterable[Document], position: LogPosition) -> None:
        for document in documents:
            size = weight(document)
            if self._queue is None or not self._queue.put(document, size, self._open):
                self._open().put((document,))
            self._documents += 1
            self._size += size
            if self._size >= _COMMIT_SIZE:
                # With the last complete position: after a crash here, these documents are put again.
                self._commit(last=False)
        self._next = position
        late = time.monotonic() - self._since > _COMMIT_SECONDS
        if self._writer is not None and (late or self._documents >= _COMMIT_DOCUMENTS):
            self._commit(last=False)

    def apply(self, changes: Iterable[Change]) -> None:
        """Apply changes, which come in order, each document once."""
        self._attempt(lambda: self._follow(changes))

    def _follow(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.document is None:
                self._gather()
                self._open().delete([change.document_id])
                self._documents += 1
                self._write((), change.position)
            else:
                self._write((change.document,), change.position)

    def commit(self) -> None:
        """Make all changes visible, at the end of a run."""
        self._attempt(self._finish)

    def expunge(self) -> None:
        """Make all changes visible, and remove deleted records from all files."""
        self.commit()
        self._attempt(self._index.expunge)

    def _finish(self) -> None:
        self._gather()
        several = self._commits + (self._writer is not None) > 1
        merges_all = several and self._put + self._documents >= _WORTH_MERGING * self._index.counts()["document"]
        self._commit(last=not merges_all)
        if merges_all:
            with suppress(StorageFull):  # the index is complete, only slower
                self._index.optimize()
        self._commits = self._put = 0

    def _attempt(self, step: Callable[[], None]) -> None:
        """Take a step, unless the index is corrupt."""
        if self.damage is not None:
            return
        try:
            step()
        except DamagedIndex as error:
            self.damage = error
            self.__exit__(None, None, None)

    def _commit(self, *, last: bool) -> None:
        self._gather()
        if self._writer is not None:
            self._writer.commit(self._next.sequence, mark=self._next.mark, last=last)
            self._writer.__exit__(None, None, None)
            self._writer = None
            self._commits += 1
            self._put += self._documents
        self._documents, self._size, self._since = 0, 0, time.monotonic()

    def _gather(self) -> None:
        if self._queue is not None:
            # Each of their segments is one to merge at the end, like that of a commit.
            self._commits += self._queue.gather(self._open)

    def _open(self) -> IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer().__enter__()
        return self._writer


class SegmentQueue:
    """Keeps documents in order on their way to the index: those given to worker processes, which write segments of
    them, and the next ones."""

    def __init__(self, background: "Background") -> None:
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
        if submit is not None and (len(self._waiting) >= _SEGMENT_DOCUMENTS or self._size >= _SEGMENT_SIZE):
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


@contextmanager
def synced(index: Index, store: Store, queue: "SegmentQueue | None" = None) -> Iterator[IndexSync]:
    """Yield what updates an index from the store, and commit at the end of the block.

    If the index turns out to be corrupt, it is dropped and rebuilt from the store at the end. An index with a position
    that the store does not have was made from another state of the store, for example because a backup was restored:
    its sequence numbers mean other changes, so it is rebuilt at once."""
    sync = IndexSync(index, queue)
    is_new = sync.damage is None and not sync.position.sequence and store.sequence > 0
    rebuilt = MISSING if is_new else ""
    if sync.damage is None and not store.has(sync.position):
        rebuilt = OTHER_STATE if sync.position.mark else MISSING
        index.drop()
        sync = IndexSync(index, queue)
    with sync:
        yield sync
        sync.commit()
    if sync.damage is not None:
        index.drop()
        fill(index, store)
        rebuilt = f"{sync.damage.message} It was rebuilt from the store."
    sync.rebuilt = rebuilt


def fill(index: Index, store: Store, progress: Progress | None = None) -> None:
    """Put all documents of a store into a new index."""
    with IndexSync(index) as sync:
        sync.apply(with_progress(store.changes(0), store.counts("").documents, progress))
        sync.commit()
    if sync.damage is not None:
        raise sync.damage
    indexed, stored = index.counts()["document"], store.counts("").documents
    if indexed != stored:
        raise DamagedIndex(f"The new index has {indexed:,} documents, but the store has {stored:,}.", hint=_AGAIN)


def with_progress(changes: Iterable[Change], total: int, progress: Progress | None) -> Iterator[Change]:
    """Yield `changes` and report progress."""
    done = 0
    for done, change in enumerate(changes, 1):
        yield change
        if progress is not None:
            progress(done, max(total, done))
    if progress is not None:
        progress(done, 0)  # the last commit, and merging
