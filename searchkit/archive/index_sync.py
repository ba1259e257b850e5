"""How an index follows a store: documents as they come, commits in larger steps."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from searchkit.document import Document, weight
from searchkit.errors import StorageFull
from searchkit.index.base import Index, IndexWriter

if TYPE_CHECKING:  # a search changes nothing
    from searchkit.store.base import Change

# An index commit costs tens of milliseconds and a segment, so it comes less often than a store commit. A kill between
# the two loses nothing: the next command catches up.
_INDEX_COMMIT_DOCUMENTS = 5_000
_INDEX_COMMIT_SECONDS = 30.0
# What is put and not committed stands in memory, in about twenty times the room of its text. Five thousand articles
# of news stay below this; books and floods do not, and get more commits instead of more memory.
_INDEX_COMMIT_SIZE = 5_000_000
# A run of several commits that put this part of all documents ends with an index that is gathered: what is there is
# rewritten at most four times as often as it grows, and never by a run that adds the news of a day.
_WORTH_GATHERING = 0.25

Progress = Callable[[int, int], None]
"""Called with (done, total) documents while an index is built; with (done, 0) when what is left counts nothing."""


class Follower:
    """Keeps an index behind a store: documents as they come, a commit in larger steps."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._writer: IndexWriter | None = None
        self._documents = self._size = 0
        self._commits = self._put = 0
        self._sequence = index.applied
        self._since = time.monotonic()

    @property
    def applied(self) -> int:
        return self._index.applied

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._writer is not None:
            self._writer.__exit__(*exc)
            self._writer = None

    def put(self, documents: Iterable[Document], sequence: int) -> None:
        """Add or replace `documents`; commits when enough has come together. `sequence` is the store's, after them."""
        for document in documents:
            self._open().put((document,))
            self._documents += 1
            self._size += weight(document)
            if self._size >= _INDEX_COMMIT_SIZE:
                # Under the number of what was whole before: after a crash here these documents are put once more.
                self._commit()
        self._sequence = sequence
        if self._is_due():
            self._commit()

    def _is_due(self) -> bool:
        if self._writer is None:
            return False
        waited = time.monotonic() - self._since
        return self._documents >= _INDEX_COMMIT_DOCUMENTS or waited > _INDEX_COMMIT_SECONDS

    def apply(self, changes: "Iterable[Change]") -> None:
        """Follow a change log, whose changes come in order, each document once."""
        for change in changes:
            if change.document is None:
                self._open().delete([change.document_id])
                self._documents += 1
                self.put((), change.sequence)
            else:
                self.put((change.document,), change.sequence)

    def commit(self) -> None:
        """Make everything put so far visible, at the end of a run."""
        self._commit()
        if self._commits > 1 and self._put >= _WORTH_GATHERING * self._index.counts()["document"]:
            with suppress(StorageFull):  # everything is there; only slower to ask
                self._index.optimize()
        self._commits = self._put = 0

    def _commit(self) -> None:
        if self._writer is not None:
            self._writer.commit(self._sequence)
            self._writer.__exit__(None, None, None)
            self._writer = None
            self._commits += 1
            self._put += self._documents
        self._documents, self._size, self._since = 0, 0, time.monotonic()

    def _open(self) -> IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer().__enter__()
        return self._writer


def counted(changes: "Iterable[Change]", total: int, progress: Progress | None) -> "Iterator[Change]":
    done = 0
    for done, change in enumerate(changes, 1):
        yield change
        if progress is not None:
            progress(done, max(total, done))
    if progress is not None:
        progress(done, 0)  # the last commit, and gathering
