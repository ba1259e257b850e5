"""A batch of changes: added to a copy of the current generation that is made of links, as new segments.

takes:    Documents; ids to delete
gives:    a committed index: both kinds of record change together or not at all
does not: lock the archive
traps:    until `commit` nothing is visible; a crash at any moment leaves the last state, and the batch can be applied
          again (a document put twice replaces itself). A tantivy writer that failed once cannot be used again
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import tantivy

from searchkit.document import Document
from searchkit.index.generations import NewGeneration
from searchkit.index.rows import document_row, quote_rows
from searchkit.index.tantivy.fields import TERMS, document_term, register, schema
from searchkit.index.tantivy.rendering import Rendering
from searchkit.index.tantivy.storage import INDEX_NAMES, VERSIONS, open_index, read_state, remove_locks, reported
from searchkit.query.fields import Record

# What tantivy may gather for a segment of each kind of record before it writes it: some 11,000 articles of news, or
# 24,000 statements. It merges eight segments of like size, and fewer than 16,800 rows are like the few of a day. All
# that is merged at a time counts as memory of this process: 200,000 articles took 620 MB at most, and 744 MB with 96 MB
# for articles, whose segments are then never merged with a day's. With like bounds for both, both merge at once.
_HEAPS: dict[Record, int] = {"document": 64_000_000, "quote": 48_000_000}


class TantivyWriter:
    """One open batch of a TantivyIndex."""

    is_bounded = True

    def __init__(self, folder: Path, after_commit: Callable[[], None]) -> None:
        self._folder = folder
        self._after_commit = after_commit
        self._generation: NewGeneration | None = None
        self._writers: dict[Record, Any] = {}
        self._before: Any = None  # the documents that stood there, opened for reading
        self._put: set[str] = set()
        self._next_row = 0
        self._rendering = Rendering()

    def put(self, documents: Iterable[Document]) -> None:
        """Add or replace documents (by id) with all their statements."""
        for document in documents:
            rows = document_row(document), quote_rows(document)
            with reported(self._folder):
                self._remove(document.id)
                self._put.add(document.id)
                writers, owner, render = self._writers, self._next_row, self._rendering.document
                writers["document"].add_document(render(rows[0], owner, owner))
                for number, row in enumerate(rows[1], owner + 1):
                    writers["quote"].add_document(render(row, number, owner))
                self._next_row += 1 + len(rows[1])

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents and their statements; unknown ids are fine."""
        for document_id in document_ids:
            with reported(self._folder):
                self._remove(document_id)

    def commit(self, sequence: int) -> None:
        """Make the batch durable and visible."""
        with reported(self._folder):
            generation = self._open()
            try:
                while self._writers:  # one after the other: what is merged stands in memory meanwhile
                    _, writer = self._writers.popitem()
                    writer.commit()
                    writer.garbage_collect_files()
                    writer.wait_merging_threads()
                remove_locks(generation.path)
                generation.publish(applied=sequence, versions=VERSIONS, engine={"next_row": self._next_row})
            finally:
                self._cancel()
        self._after_commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._cancel()

    def _cancel(self) -> None:
        self._writers, self._before = {}, None
        self._put.clear()
        if self._generation is not None:
            self._generation.close()
            self._generation = None

    def _remove(self, document_id: str) -> None:
        self._open()
        told = document_term(document_id)
        # Of every four documents that are written, to remove one that is not there would cost a third one's time.
        if document_id in self._put or self._before.doc_freq(TERMS, told):
            for writer in self._writers.values():
                writer.delete_documents_by_term(TERMS, told)

    def _open(self) -> NewGeneration:
        """The new generation with its two writers, made with the first change."""
        if self._generation is None:
            state = read_state(self._folder)
            self._next_row = state.next_row
            generation = self._generation = NewGeneration(self._folder, state.folder)
            try:
                for record, name in INDEX_NAMES.items():
                    if state.folder is None:
                        (generation.path / name).mkdir(mode=0o700)
                        index = tantivy.Index(schema(record), path=str(generation.path / name))
                        register(index)
                    else:
                        index = open_index(generation.path, record)
                    self._writers[record] = index.writer(_HEAPS[record], 1)
                    if record == "document":
                        index.config_reader("manual")
                        self._before = index.searcher()
            except BaseException:
                self._cancel()
                raise
        return self._generation
