"""Send actions in bulk: requests of some megabytes, a few at a time, each action repeated until the cluster has it."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import msgspec
from msgspec import Struct

from searchkit.cluster.opensearch.client import WRITE_PATIENCE, Client, Refused, failure, pauses, unexpected
from searchkit.errors import TryAgain
from searchkit.query.fields import Record

REQUEST_BYTES = 8_000_000
# Requests under way; the next one waits, so that memory is limited.
_PARALLEL = 3
_PATH = "/_bulk?timeout=20s&filter_path=errors,items.*.status,items.*.error"
_ALREADY_NEWER, _NOT_FOUND = 409, 404
_NO_CHANGE = frozenset({_ALREADY_NEWER, _NOT_FOUND})


class Action(Struct, frozen=True):
    """An index action with a record, or a delete action without one. `id` and `owner` are as the index holds them."""

    record: Record
    id: str
    owner: str
    source: bytes | None = None


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
