"""Write a batch of changes: kept here until the commit, then sent in bulk, made visible, and noted.

A commit that fails leaves the notes as they were. So the changes are sent again, and the versions of the records, which
are the numbers of the store's changes, make that harmless. Requests have some megabytes; a few are under way at a time,
and each action is repeated until the cluster has it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, Self

import msgspec
from msgspec import Struct

from searchkit.cluster.opensearch.client import WRITE_PATIENCE, Client, Refused, failure, pauses, unexpected
from searchkit.cluster.opensearch.records import key_of, records_of, safe, unsafe
from searchkit.cluster.opensearch.snapshot import Gone, Snapshot
from searchkit.cluster.opensearch.state import Indexes, State
from searchkit.errors import TryAgain
from searchkit.query.fields import Record
from searchkit.statements.document import Document, LogPosition

REQUEST_BYTES = 8_000_000
# Requests under way; the next one waits, so that memory is limited.
_PARALLEL = 3
_PATH = "/_bulk?timeout=20s&filter_path=errors,items.*.status,items.*.error"
_ALREADY_NEWER, _NOT_FOUND = 409, 404
_NO_CHANGE = frozenset({_ALREADY_NEWER, _NOT_FOUND})
# Documents whose statements are looked for in one request.
_MANY = 5_000


class Action(Struct, frozen=True):
    """An index action with a record, or a delete action without one. `id` and `owner` are as the index holds them."""

    record: Record
    id: str
    owner: str
    source: bytes | None = None


_Written = dict[str, list[Action]]


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


# --- requests ---------------------------------------------------------------------------------------------------------


class Sender:
    """Sends encoded actions while more are added. Its threads end with `finish` or `cancel`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(_PARALLEL)
        self._under_way: set[Future[None]] = set()
        self._request: list[bytes] = []
        self._size = 0

    def add(self, action: bytes) -> None:
        """Add an action; wait while enough requests are under way. TryAgain if the cluster does not take one for some
        time, StorageFull if its disks are full, ArchiveError if it refuses one."""
        if self._request and self._size + len(action) > REQUEST_BYTES:
            self._submit()
        self._request.append(action)
        self._size += len(action)

    def finish(self) -> None:
        """Send what is left, and wait until the cluster has everything. Errors as `add`."""
        try:
            if self._request:
                self._submit()
            for each in self._under_way:
                each.result()
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Send nothing more."""
        self._threads.shutdown(cancel_futures=True)
        self._under_way, self._request, self._size = set(), [], 0

    def _submit(self) -> None:
        if len(self._under_way) >= _PARALLEL:
            done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
        self._under_way.add(self._threads.submit(_send, self._client, self._request))
        self._request, self._size = [], 0


def encoded(action: Action, index: str, version: int) -> bytes:
    """Return an action as lines of a request. The version makes it safe to send it twice, and late."""
    target = {
        "_index": index,
        "_id": action.id,
        "routing": action.owner,
        "version": version,
        "version_type": "external_gte",
    }
    if action.source is None:
        return msgspec.json.encode({"delete": target}) + b"\n"
    return b"%b\n%b\n" % (msgspec.json.encode({"index": target}), action.source)


def _send(client: Client, request: list[bytes]) -> None:
    end = time.monotonic() + WRITE_PATIENCE
    for pause in pauses():
        answer = client.send("POST", _PATH, b"".join(request), patience=max(end - time.monotonic(), 0))
        errors = [_error(client, item) for item in answer["items"]] if answer["errors"] else []
        failed = [error for error in errors if error is not None]
        if not failed:
            return
        # All but a busy cluster is final: a full disk does not free itself.
        final = next((error for error in failed if type(error) is not TryAgain), None)
        if final is not None or time.monotonic() + pause > end:
            raise final or failed[0]
        time.sleep(pause)
        request = [action for action, error in zip(request, errors, strict=True) if error is not None]


def _error(client: Client, item: dict[str, dict[str, Any]]) -> Exception | None:
    """Return the error of an action; None if it was done, or a newer version was there."""
    (result,) = item.values()
    status, error = result["status"], result.get("error")
    if status < 300 or (status in _NO_CHANGE and (error is None or status == _ALREADY_NEWER)):
        return None
    kind, reason = str((error or {}).get("type", "")), str((error or {}).get("reason", ""))
    if cause := (error or {}).get("caused_by"):
        reason = f"{reason}: {cause.get('reason', '')}"
    found = failure(client.location.servers[0], status, kind, reason)
    if isinstance(found, Refused):
        return unexpected(client.location, found)
    return found
