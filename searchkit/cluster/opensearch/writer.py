"""Write a batch of changes: kept here until the commit, then sent in bulk, made visible, and noted.

A commit that fails leaves the notes as they were. So the changes are sent again, and the versions of the records, which
are the numbers of the store's changes, make that harmless.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Self

import msgspec

from searchkit.cluster.opensearch.bulk import Action, Sender, encoded
from searchkit.cluster.opensearch.client import Client
from searchkit.cluster.opensearch.records import key_of, records_of, safe, unsafe
from searchkit.cluster.opensearch.snapshot import Gone, Snapshot
from searchkit.cluster.opensearch.state import Indexes, State
from searchkit.errors import TryAgain
from searchkit.statements.document import Document, LogPosition

_Written = dict[str, list[Action]]
# Documents whose statements are looked for in one request.
_MANY = 5_000


class OpenSearchWriter:
    """One open batch of an OpenSearchIndex."""

    def __init__(self, client: Client, indexes: Indexes, state: State, after_commit: Callable[[State], None]) -> None:
        """Write to the indexes of `state`; if it has none, the first commit makes new ones and points to them."""
        self._client = client
        self._indexes = indexes
        self._state = state
        self._after_commit = after_commit
        self._pending: _Written = {}  # by document; nothing for one to delete

    def put(self, documents: Iterable[Document]) -> None:
        for document in documents:
            self._add(document.id, actions_of(document))

    def work(self, documents: Sequence[bytes], read: Callable[[bytes], Document]) -> Callable[[], _Written]:
        return partial(_written, documents, read)

    def adopt(self, segments: _Written) -> None:
        for document_id, actions in segments.items():
            self._add(document_id, actions)

    def delete(self, document_ids: Iterable[str]) -> None:
        for document_id in document_ids:
            self._add(document_id, [])

    def _add(self, document_id: str, actions: list[Action]) -> None:
        self._pending.pop(document_id, None)  # the last one counts, in its order
        self._pending[document_id] = actions

    def commit(self, sequence: int, *, mark: str = "", last: bool = True) -> None:
        del last  # the cluster merges by itself
        is_new = not self._state.names
        state = self._indexes.create() if is_new else self._state
        if not is_new:
            self._indexes.refresh(state)  # a commit that failed may have left statements that are not visible yet
        sender = Sender(self._client)
        try:
            for action in self._actions(() if is_new else self._stale(state)):
                sender.add(encoded(action, state.names[action.record], max(sequence, 0)))
            sender.finish()
        finally:
            sender.cancel()
        self._indexes.refresh(state)
        state = self._indexes.note(state, LogPosition(sequence, mark))
        if is_new:
            self._indexes.copy(state)
            self._indexes.point_to(state)
        self._state = state
        self._pending = {}
        self._after_commit(state)

    def _actions(self, stale: Iterable[Action]) -> Iterator[Action]:
        yield from stale
        for document_id, actions in self._pending.items():
            if actions:
                yield from actions
            else:
                yield Action("document", key_of(document_id), safe(document_id))

    def _stale(self, state: State) -> Iterator[Action]:
        """Yield the deletion of the statements that the documents of the batch no longer have."""
        snapshot = Snapshot(self._client, state.names, state.position, lambda _: None)
        try:
            pending = [*self._pending]
            for start in range(0, len(pending), _MANY):
                some = [*map(safe, pending[start : start + _MANY])]
                found = snapshot.rows("quote", {"terms": {"document": some}}, ("id", "document"))
                for hit in found:
                    owner, key = hit["fields"]["document"][0], key_of(unsafe(hit["fields"]["id"][0]))
                    kept = {action.id for action in self._pending[unsafe(owner)] if action.record == "quote"}
                    if key not in kept:
                        yield Action("quote", key, owner)
        except Gone as error:
            raise TryAgain(
                f"A node of the search cluster at {self._client.location.servers[0]} failed during a commit.",
                hint="The store has all documents. Try again.",
            ) from error
        finally:
            snapshot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._pending = {}


class StreamingWriter(OpenSearchWriter):
    """A batch of an index under construction, which has no readers: its records are sent as they come.

    Each document comes once, so no order has to be kept. Later changes have higher versions."""

    def __init__(self, client: Client, indexes: Indexes, state: State, after_commit: Callable[[State], None]) -> None:
        super().__init__(client, indexes, state, after_commit)
        self._sender = Sender(client)

    def _add(self, document_id: str, actions: list[Action]) -> None:
        del document_id
        for action in actions:
            self._sender.add(encoded(action, self._state.names[action.record], 0))

    def commit(self, sequence: int, *, mark: str = "", last: bool = True) -> None:
        del last
        self._sender.finish()
        self._state = self._indexes.note(self._state, LogPosition(sequence, mark))
        self._sender = Sender(self._client)
        self._after_commit(self._state)

    def __exit__(self, *exc: object) -> None:
        self._sender.cancel()


def actions_of(document: Document) -> list[Action]:
    return [
        Action(record, key_of(unsafe(content["id"])), content["document"], msgspec.json.encode(content))
        for record, content in records_of(document)
    ]


def _written(documents: Iterable[bytes], read: Callable[[bytes], Document]) -> _Written:
    return {document.id: actions_of(document) for document in map(read, documents)}
