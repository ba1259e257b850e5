"""A run's walk through what its sources give: what needs no work, what does, and what was there before and is not now.

takes:    what sources give, the store
gives:    tasks for workers; the addresses that were given; those that were not
does not: store, but for failures that are forgotten
traps:    what was refused says nothing about what lies within it: an unreadable folder is not an empty one
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from searchkit import extract
from searchkit.crawl.base import FORGOTTEN, Found, Gone, Mended, Postponed, Refused, Unmodified, Withheld
from searchkit.document import Article, Resource
from searchkit.ingest.base import FailedBefore, IngestOptions, Left, Lost, Result, Task, Twice, Unchanged
from searchkit.store.base import Failure, Known, Store
from searchkit.store.connection import sql_text
from searchkit.store.locations import lies_within

if TYPE_CHECKING:
    from searchkit.store.quarantine import CrashingResource

# A task for a worker: enough work to outweigh its transport, little enough to keep all workers busy and memory flat.
_TASK_RESOURCES = 24
_TASK_BYTES = 250_000
_TASK_SETTLED = 200
# A crawl gives a page a second; what it gave is stored all the same within a few.
_TASK_SECONDS = 2.0


_Told = Resource | Refused | Unmodified | Gone | Postponed | Withheld
Expected = Callable[[str, str], bool]
"""Whether what has the first address is given, if it is there, with what stands within the second."""


def program_version(options: IngestOptions) -> str:
    """What a failure depends on beside the bytes: this program, and what the user says of names."""
    from searchkit import __version__

    register = options.register.version if options.register is not None else ""
    return f"{__version__}/{extract.extractor_version(register)}"


class Tried(Struct, frozen=True, kw_only=True):
    """What is known of a resource while it is read: fields of Resource."""

    digest: str = ""
    source: str = ""
    container: str = ""


class Walk:
    """One pass over what is `found`. `whole` are the addresses of which everything `expected` is given."""

    def __init__(
        self,
        found: Iterable[Found],
        store: Store,
        options: IngestOptions,
        now: datetime,
        *,
        whole: Sequence[str],
        expected: Expected,
    ) -> None:
        self._found = found
        self._store = store
        self._whole = whole
        self._expected = expected
        self._retry_failed = options.retry_failed
        self._is_forgotten = options.is_forgotten
        self._source = options.source
        self._by_hand = frozenset(options.named)
        self._version = program_version(options)
        self._now = now
        self._at = now.isoformat(timespec="seconds")
        self._refused: set[str] = set()
        self._tried: dict[str, Tried] = {}
        self._given: dict[str, datetime] = {}
        self._met: dict[str, set[str]] = {}  # by container
        self._failed: set[tuple[str, str, str, str]] = set()  # keys of failures

    def tasks(self) -> Iterator[Task]:
        """Cut the stream into tasks: what needs no work, and the resources that do, bounded by number and bytes."""
        settled: list[Result] = []
        task: list[Resource | Article] = []
        size = 0
        begun = time.monotonic()
        for found in self._found:
            if isinstance(found, Mended | Withheld):
                self.forget_failures_of(found.uri)
            if isinstance(found, Mended):
                continue
            result = self._settled(found)
            if result is not None:
                settled.append(result)
            elif isinstance(found, Resource):
                task.append(self._named(found))
                size += len(found.body)
            late = time.monotonic() - begun > _TASK_SECONDS
            if late or len(task) >= _TASK_RESOURCES or size >= _TASK_BYTES or len(settled) >= _TASK_SETTLED:
                yield settled, task
                settled, task, size, begun = [], [], 0, time.monotonic()
        yield settled, task

    def tried(self, uri: str) -> Tried:
        """What is known of a resource that comes back from a worker; nothing of what had no bytes."""
        return self._tried.pop(uri, Tried())

    # --- what is not there any more ----------------------------------------------------------------------------------

    def absent(self, location: str) -> tuple[list[Gone | Left], str]:
        """What lies within `location`, or in files there, is there as the store knows it, and the walk did not meet.

        None of it, and a note for the user, when it met nothing there at all: a disk may not be mounted.
        """
        reason = "is not there any more"
        absent = [uri for uri in self._store.unseen(location, self._given) if self._expected(uri, location)]
        left = [
            Left(uri=uri, container=container)
            for container, uri in self._store.missing_members(location, self._met)
            if self._expected(container, location)
        ]
        if not absent and not left:
            return [], ""
        if not any(lies_within(uri, location) for uri in chain(self._given, self._refused, self._met)):
            count = len({*absent, *(one.uri for one in left)})
            return [], f"Nothing was found at {location}, where {count:,} were; none of them is taken for gone."
        return [
            *(Gone(uri=uri, reason=reason) for uri in absent if not self._is_hidden(uri)),
            *(one for one in left if not self._is_hidden(one.container)),
        ], ""

    def forget_quarantined(self, location: str) -> None:
        """Let the store forget what is in quarantine within `location`, or in files there, and was not met: it is not
        there any more."""
        met = {sql_text(uri) for uri in self._given.keys() | self._refused}
        held = {sql_text(container): {sql_text(uri) for uri in uris} for container, uris in self._met.items()}

        def is_left(one: "CrashingResource") -> bool:
            place = one.container or one.uri
            there = one.uri in (held.get(one.container, ()) if one.container else met)
            return not there and self._expected(place, location) and not self._is_hidden(place)

        self._store.quarantine.forget_within(location, is_left)

    def _is_hidden(self, uri: str) -> bool:
        """Whether something that holds this resource, or itself, was refused."""
        while uri not in self._refused:
            uri = _above(uri)
            if not uri:
                return False
        return True

    # --- failures ----------------------------------------------------------------------------------------------------

    def failure(self, refused: Refused, tried: Tried | None = None) -> Failure:
        """A refusal as the store remembers it; what was `tried` had bytes. It counts as met."""
        tried = tried or Tried()
        failure = Failure(
            uri=refused.uri,
            container=refused.container or tried.container,
            digest=refused.digest or tried.digest,
            source=tried.source or self._source,
            reason=refused.reason,
            at=self._at,
            version=self._version,
        )
        self._failed.add(failure.key)
        return failure

    def forget_failures_of(self, uri: str, container: str = "") -> None:
        """Let the store forget why a resource could not be read before, but for what the walk met. What belongs to a
        place that is read whole is kept until its end: a message may be read and a file attached to it not."""
        place = container or uri
        if not any(lies_within(place, location) for location in self._whole):
            self._forget(self._store.failures(uri, container))

    def forget_failures_within(self, location: str) -> None:
        """Let the store forget the failures within `location` that the walk did not meet."""
        found = self._store.failures_within(location)
        self._forget(
            failure
            for failure in found
            if self._expected(failure.container or failure.uri, location)
            and not self._is_hidden(failure.container or _above(failure.uri))
        )

    def _forget(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            if failure.key not in self._failed:
                self._store.forget_failure(failure)

    # --- one thing found ---------------------------------------------------------------------------------------------

    def _settled(self, found: _Told) -> Result | None:
        """What becomes of one thing found without further work; None for a resource that has to be read."""
        uri = found.uri
        if self._is_forgotten(uri):
            return Postponed(uri=uri, reason=FORGOTTEN)
        if isinstance(found, Refused | Resource) and found.container:
            self._met.setdefault(found.container, set()).add(uri)
        if isinstance(found, Refused):
            return self._refusal(found)
        if isinstance(found, Gone | Withheld):
            return found
        fetched_at = found.fetched_at if isinstance(found, Resource) else self._now
        if isinstance(found, Resource | Unmodified) and uri in self._given and fetched_at <= self._given[uri]:
            # Two texts under one address would take turns at every run, and each turn would be a revision. Captures of
            # one page say when each was made, so that the later ones are its newer states.
            return Twice(uri=uri, container=found.container if isinstance(found, Resource) else "")
        self._given[uri] = fetched_at
        if isinstance(found, Postponed):
            return found
        known = self._store.known(uri)
        if isinstance(found, Unmodified):
            return self._unmodified(uri, known)
        if known is not None and (known.digest == found.digest or self._is_older(found, known)):
            return Unchanged(uri=uri, document=known.document, container=found.container)
        deadly = self._store.quarantine.holds(uri, found.digest)
        if deadly is not None and not (self._retry_failed and self._is_named(found)):
            self._failed.update(one.key for one in self._store.failures(uri, found.container))
            return FailedBefore(uri=uri, reason=deadly.reason, quarantined=True)
        for failure in () if self._retry_failed else self._store.failures(uri, found.container):
            if (failure.digest, failure.version) == (found.digest, self._version):
                return self._failed_before(failure)
        self._tried[uri] = Tried(digest=found.digest, source=found.source, container=found.container)
        return None

    def _is_named(self, found: Resource) -> bool:
        """Whether the user named this resource, or the file that holds it."""
        return any(one.partition("#")[0] in self._by_hand for one in (found.uri, found.container))

    def _is_older(self, found: Resource, known: Known) -> bool:
        """Whether a capture from an earlier day is of a page that the store has in a later state."""
        if not known.fetched_at or found.fetched_at >= self._now:
            return False
        at = datetime.fromisoformat(known.fetched_at)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        # To the second, which is how the store writes it. A time to come is that of a clock that was set back since.
        return found.fetched_at.replace(microsecond=0) < at <= self._now

    def _named(self, resource: Resource) -> Resource:
        """A resource that has moved keeps the address of its document as the store has it, or has none to keep."""
        if not resource.known_as:
            return resource
        known = self._store.known(resource.uri)
        document = self._store.get(known.document) if known is not None else None
        kept = document.canonical_url or document.uri if document is not None else ""
        return replace(resource, known_as=kept)

    def _refusal(self, refused: Refused) -> Result:
        """What could not be had before, for the same reason, need not be told again to whoever runs this every hour."""
        if not refused.container:
            self._refused.add(refused.uri)
        failure = self.failure(refused)
        if refused.told is not None:
            return self._failed_before(failure) if refused.told else failure
        return (
            failure if self._retry_failed or not self._store.is_known_failure(failure) else self._failed_before(failure)
        )

    def _unmodified(self, uri: str, known: Known | None) -> Result:
        for failure in self._store.failures(uri):
            if failure.digest:
                return self._failed_before(failure)
        if known is None:
            return Lost(uri=uri)
        return Unchanged(uri=uri, document=known.document)

    def _failed_before(self, failure: Failure) -> FailedBefore:
        self._failed.add(failure.key)
        return FailedBefore(uri=failure.uri, reason=failure.reason)


def _above(uri: str) -> str:
    """The address of what holds the resource with this one; empty at the top."""
    return uri[: max(uri.rfind("/"), uri.rfind("#"), 0)]
