"""A run's walk through what its sources give: what needs no work, what does, and what was there before and is not now.

takes:    what sources give, the store
gives:    tasks for workers; the addresses that were given; those that were not
does not: store, but for failures that are forgotten
traps:    what was refused says nothing about what lies within it: an unreadable folder is not an empty one
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain

from searchkit import extract
from searchkit.crawl.base import Found, Gone, Postponed, Refused, Unmodified
from searchkit.document import Article, Resource
from searchkit.ingest.base import FailedBefore, IngestOptions, Result, Task, Twice, Unchanged
from searchkit.store.base import Known, Store, lies_within

# A task for a worker: enough work to outweigh its transport, little enough to keep all workers busy and memory flat.
_TASK_RESOURCES = 24
_TASK_BYTES = 250_000
_TASK_SETTLED = 200
# A crawl gives a page a second; what it gave is stored all the same within a few.
_TASK_SECONDS = 2.0


Expected = Callable[[str, str], bool]
"""Whether what has the first address is given, if it is there, with what stands within the second."""


def program_version(options: IngestOptions) -> str:
    """What a failure depends on beside the bytes: this program, and what the user says of names."""
    from searchkit import __version__

    register = options.register.version if options.register is not None else ""
    return f"{__version__}/{extract.extractor_version(register)}"


class Walk:
    """One pass over what is `found`."""

    def __init__(
        self, found: Iterable[Found], store: Store, options: IngestOptions, now: datetime, expected: Expected
    ) -> None:
        self._found = found
        self._store = store
        self._expected = expected
        self._retry_failed = options.retry_failed
        self._named = frozenset(options.named)
        self._version = program_version(options)
        self._refused: set[str] = set()
        self._tried: dict[str, tuple[str, str]] = {}
        self._now = now
        self._given: dict[str, datetime] = {}

    def tasks(self) -> Iterator[Task]:
        """Cut the stream into tasks: what needs no work, and the resources that do, bounded by number and bytes."""
        settled: list[Result] = []
        task: list[Resource | Article] = []
        size = 0
        begun = time.monotonic()
        for found in self._found:
            result = self._settled(found)
            if result is not None:
                settled.append(result)
            elif isinstance(found, Resource):
                task.append(found)
                size += len(found.body)
            late = time.monotonic() - begun > _TASK_SECONDS
            if late or len(task) >= _TASK_RESOURCES or size >= _TASK_BYTES or len(settled) >= _TASK_SETTLED:
                yield settled, task
                settled, task, size, begun = [], [], 0, time.monotonic()
        yield settled, task

    def tried(self, uri: str) -> tuple[str, str]:
        """Digest and source of a resource that comes back from a worker; empty for what had no bytes."""
        return self._tried.pop(uri, ("", ""))

    def absent(self, location: str) -> tuple[list[str], str]:
        """The resources within `location` that the store holds as there and the walk did not meet.

        None of them, and a note for the user, when it met nothing there at all: a disk may not be mounted.
        """
        absent = [uri for uri in self._store.unseen(location, self._given) if self._expected(uri, location)]
        if not absent:
            return [], ""
        if not any(lies_within(uri, location) for uri in chain(self._given, self._refused)):
            return [], f"Nothing was found at {location}, where {len(absent):,} were; none of them is taken for gone."
        return [uri for uri in absent if not self._is_hidden(uri)], ""

    def forget_failures(self, location: str) -> None:
        """Let the store forget the failures within `location` of what the walk did not meet."""
        met = self._given.keys() | self._refused
        self._store.forget_failures(location, met, lambda uri: self._expected(uri, location))

    def forget_quarantined(self, location: str) -> None:
        """Let the store forget what is in quarantine within `location` and was not met: it is not there any more."""
        met = self._given.keys() | self._refused
        self._store.quarantine.forget_within(location, met, lambda uri: self._expected(uri, location))

    def _is_hidden(self, uri: str) -> bool:
        """Whether something that holds this resource, or itself, was refused."""
        while uri not in self._refused:
            end = max(uri.rfind("/"), uri.rfind("#"))
            if end < 0:
                return False
            uri = uri[:end]
        return True

    def _settled(self, found: Found) -> Result | None:
        """What becomes of one thing found without further work; None for a resource that has to be read."""
        uri = found.uri
        if isinstance(found, Refused):
            self._refused.add(uri)
            return self._told_before(found) or found
        if isinstance(found, Gone):
            return found
        fetched_at = found.fetched_at if isinstance(found, Resource) else self._now
        if isinstance(found, Resource | Unmodified) and uri in self._given and fetched_at <= self._given[uri]:
            # Two texts under one address would take turns at every run, and each turn would be a revision. Captures of
            # one page say when each was made, so that the later ones are its newer states.
            return Twice(uri=uri)
        self._given[uri] = fetched_at
        if isinstance(found, Postponed):
            return found
        known = self._store.known(uri)
        if isinstance(found, Unmodified):
            return self._unmodified(uri, known)
        if known is not None and (known.digest == found.digest or self._is_older(found, known)):
            return Unchanged(uri=uri, document=known.document)
        deadly = self._store.quarantine.holds(uri, found.digest)
        if deadly is not None and not (self._retry_failed and uri.partition("#")[0] in self._named):
            return FailedBefore(uri=uri, reason=deadly.reason, quarantined=True)
        failure = None if self._retry_failed else self._store.failure(uri)
        if failure is not None and (failure.digest, failure.version) == (found.digest, self._version):
            return FailedBefore(uri=uri, reason=failure.reason)
        self._tried[uri] = found.digest, found.source
        return None

    def _is_older(self, found: Resource, known: Known) -> bool:
        """Whether a capture from an earlier day is of a page that the store has in a later state."""
        return found.fetched_at < self._now and found.fetched_at.isoformat(timespec="seconds") < known.fetched_at

    def _told_before(self, refused: Refused) -> FailedBefore | None:
        """What could not be had before, for the same reason: whoever runs this every hour need not be told again."""
        failure = None if self._retry_failed else self._store.failure(refused.uri)
        if failure is None or (failure.digest, failure.reason, failure.version) != ("", refused.reason, self._version):
            return None
        return FailedBefore(uri=refused.uri, reason=refused.reason)

    def _unmodified(self, uri: str, known: Known | None) -> Result:
        failure = self._store.failure(uri)
        if failure is not None and failure.digest:
            return FailedBefore(uri=uri, reason=failure.reason)
        if known is None:
            return Refused(uri=uri, reason="has not changed, says its source, but is not in the archive")
        return Unchanged(uri=uri, document=known.document)
