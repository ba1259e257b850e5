"""Detect what changed: which resources need no work, which have to be read, and which are gone.

A refused folder or container shows nothing about its members: an unreadable folder is not an empty one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from msgspec.structs import replace

from searchkit import statements
from searchkit.crawl import base
from searchkit.crawl.files import file_exists
from searchkit.ingest.base import IngestOptions, Moved, Outcome, Result, Task, Unchanged
from searchkit.ingest.reading import size_of
from searchkit.sqlite import sql_text
from searchkit.statements.document import Resource
from searchkit.store.base import Known, lies_within
from searchkit.store.sources import CrashingResource, Failure
from searchkit.store.store import Store
from searchkit.version import __version__

# A task for a worker: enough work to outweigh its transport, small enough to keep all workers busy and memory low.
_TASK_RESOURCES = 24
_TASK_BYTES = 250_000
_TASK_RESULTS = 200
# A crawl provides about a page a second; pages are stored within a few seconds all the same.
_TASK_SECONDS = 2.0
IsGone = Callable[[str, str, bool], bool]
"""`is_gone(uri, location, was_read)`: return whether `uri`, which a full run over `location` did not yield, no longer
exists; `was_read` is whether the run read its file."""


def extractor_version(options: IngestOptions) -> str:
    """Return the version of the rules and of the names."""
    return statements.extractor_version(options.register.version if options.register is not None else "")


class ChangeDetector:
    """Compares what a source provides with the store. This run reads `complete_locations` in full: what it does
    not provide there may be gone. `notes` are the remarks of the source so far."""

    def __init__(
        self,
        found: Iterable[base.CrawlResult | None],
        store: Store,
        options: IngestOptions,
        now: datetime,
        *,
        complete_locations: Sequence[str],
        is_gone: IsGone,
    ) -> None:
        self._found = found
        self._store = store
        self._complete_locations = complete_locations
        self._is_gone = is_gone
        self._retry_failed = options.retry_failed
        self._is_forgotten = options.is_forgotten
        self._source_of = options.source_of
        self._named_uris = frozenset(options.named)
        # A failure depends on it besides the bytes.
        self._version = f"{__version__}/{extractor_version(options)}"
        self._now = now
        self._now_text = now.isoformat(timespec="seconds")
        self._refused_uris: set[str] = set()
        self._sent_to_worker: dict[str, Resource] = {}  # by address, without bodies
        self._fetched_at_by_uri: dict[str, datetime] = {}
        self._moved_uris: set[str] = set()  # where files were before
        self._failure_keys: set[tuple[str, str, str]] = set()
        self.notes: list[str] = []

    def tasks(self) -> Iterator[Task]:
        """Yield tasks of bounded size, each of one source: results that need no work, and resources that do."""
        gathered: dict[str, Task] = {}
        started = time.monotonic()
        for found in self._found:
            if isinstance(found, base.Noted):
                self.notes.append(f"{found.uri}: {found.note}")
                continue
            if found is not None and not self._store.takes(found.uri):
                self.notes.append(f"{found.uri[:200]}...: not read: its address is too long for a store in PostgreSQL")
                continue
            if isinstance(found, base.Recovered | base.Withheld):
                self.forget_failures_of(found.uri)
            if found is not None and not isinstance(found, base.Recovered):
                source = self._source_of(found.uri)
                _, results, task = gathered.setdefault(source, (source, [], []))
                result = self._compared(found)
                if isinstance(result, Resource):
                    task.append(result)
                else:
                    results.append(result)
                is_large = sum(map(size_of, task)) >= _TASK_BYTES
                if is_large or len(task) >= _TASK_RESOURCES or len(results) >= _TASK_RESULTS:
                    yield gathered.pop(source)
            if time.monotonic() - started > _TASK_SECONDS:
                yield from gathered.values() or [("", [], [])]
                gathered, started = {}, time.monotonic()
        yield from gathered.values()

    def take_sent(self, uri: str) -> Resource | None:
        """Remove and return a resource, without its body, that a worker has read; None for an article."""
        return self._sent_to_worker.pop(uri, None)

    # --- what is gone ------------------------------------------------------------------------------------------------

    def absent(self, location: str) -> tuple[list[str], str]:
        """Return the known resources within `location` that the source did not provide.

        If it provided nothing there at all, return none and a note: a disk may not be mounted.
        """
        read = self._files_read()
        absent = [
            uri for uri in self._store.unseen(location, self._fetched_at_by_uri) if self._is_lost(uri, location, read)
        ]
        if not absent:
            return [], ""
        if not any(lies_within(uri, location) for uri in chain(self._fetched_at_by_uri, self._refused_uris)):
            count = len(absent)
            them = "1 resource was; it was not" if count == 1 else f"{count:,} resources were; none of them was"
            return [], f"Nothing was found at {location}, where {them} marked as gone."
        return [uri for uri in absent if not self._is_hidden(uri)], ""

    def forget_quarantined(self, location: str) -> None:
        """Remove quarantined resources within `location` that the source did not provide."""
        present = {sql_text(uri) for uri in self._fetched_at_by_uri.keys() | self._refused_uris}

        read = self._files_read()

        def is_gone(resource: CrashingResource) -> bool:
            there = resource.uri in present
            return not there and self._is_lost(resource.uri, location, read) and not self._is_hidden(resource.uri)

        self._store.quarantine.forget_within(location, is_gone)

    def _files_read(self) -> set[str]:
        """Return the files that this run read, or tried to."""
        provided = chain(self._fetched_at_by_uri, self._refused_uris)
        return {uri.partition("#")[0] for uri in provided}

    def _is_lost(self, uri: str, location: str, read: set[str]) -> bool:
        return self._is_gone(uri, location, uri.partition("#")[0] in read)

    def _is_hidden(self, uri: str) -> bool:
        """Return whether this resource or something that contains it was refused."""
        while uri not in self._refused_uris:
            uri = _above(uri)
            if not uri:
                return False
        return True

    # --- failures ----------------------------------------------------------------------------------------------------

    def failure(self, refused: base.Refused, sent: Resource | None = None) -> Failure:
        """Return a refusal as a Failure for the store; `sent` is the resource if a worker refused it."""
        failure = Failure(
            uri=refused.uri,
            digest=refused.digest or (sent.digest if sent else ""),
            source=(sent.source if sent else "") or self._source_of(refused.uri),
            reason=refused.reason,
            at=self._now_text,
            version=self._version_for(sent),
        )
        self._failure_keys.add(failure.key)
        return failure

    def _version_for(self, resource: Resource | None) -> str:
        return f"{self._version}/ocr" if resource is not None and resource.ocr else self._version

    def forget_failures_of(self, uri: str) -> None:
        """Remove earlier failures of a resource, except those of this run. Within complete locations, they are kept
        until the end: a message may be readable and its attachment not."""
        if not any(lies_within(uri, location) for location in self._complete_locations):
            self._forget(self._store.failures.of_resource(uri))

    def forget_failures_within(self, location: str) -> None:
        """Remove the failures within `location` that did not occur in this run."""
        read = self._files_read()
        found = self._store.failures.within(location)
        self._forget(
            failure
            for failure in found
            if self._is_lost(failure.uri, location, read) and not self._is_hidden(_above(failure.uri))
        )

    def _forget(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            if failure.key not in self._failure_keys:
                self._store.failures.forget(failure)

    # --- single resources --------------------------------------------------------------------------------------------

    def _compared(
        self, found: Resource | base.Refused | base.Unmodified | base.Gone | base.Postponed | base.Withheld
    ) -> Result | Resource:
        """Return the result if it needs no further work, or the resource if it has to be read."""
        uri = found.uri
        if self._is_forgotten(uri):
            self._fetched_at_by_uri[uri] = self._now  # it is there: a folder of forgotten files is not an empty one
            return Outcome(uri=uri, status="skipped", reason=base.FORGOTTEN)
        if isinstance(found, base.Refused):
            return self._refusal(found)
        if isinstance(found, base.Gone):
            return found
        if isinstance(found, base.Withheld):
            return Outcome(uri=uri, status="skipped", reason=found.reason, known=found.reported, withheld=True)
        fetched_at = found.fetched_at if isinstance(found, Resource) else self._now
        if (
            isinstance(found, Resource | base.Unmodified)
            and uri in self._fetched_at_by_uri
            and fetched_at <= self._fetched_at_by_uri[uri]
        ):
            # Two texts at one address would alternate in every run, each time as a revision. Captures of one page have
            # times, so that later ones are newer states.
            return Outcome(uri=uri, status="skipped", reason="this address occurred earlier in the same run")
        self._fetched_at_by_uri[uri] = fetched_at
        if isinstance(found, base.Postponed):
            return Outcome(uri=uri, status="skipped", reason=found.reason)
        known = self._store.known(uri)
        return self._unmodified(uri, known) if isinstance(found, base.Unmodified) else self._to_read(found, known)

    def _to_read(self, found: Resource, known: Known | None) -> Result | Resource:
        """Return a resource, or the result if its bytes are known, in quarantine, or could not be read before."""
        uri = found.uri
        if known is not None and (known.digest == found.digest or self._is_older(found, known)):
            return Unchanged(uri=uri, document=known.document)
        moved = self._moved(found) if known is None else None
        if moved is not None:
            return moved
        quarantined = self._store.quarantine.holds(uri, found.digest)
        failures = self._store.failures.of_resource(uri)
        # The user may name the resource or the file that contains it.
        is_named = uri.partition("#")[0] in self._named_uris
        if quarantined is not None and not (self._retry_failed and is_named):
            self._failure_keys.update(failure.key for failure in failures)
            reason = f"in quarantine: {quarantined.reason} (name it with --retry-failed to try again)"
            return Outcome(uri=uri, status="skipped", reason=reason, known=True)
        for failure in () if self._retry_failed else failures:
            if (failure.digest, failure.version) == (found.digest, self._version_for(found)):
                return self._failed_before(failure)
        self._sent_to_worker[uri] = replace(found, body=b"")
        return self._with_identity(found, known)

    def _is_older(self, found: Resource, known: Known) -> bool:
        """Return whether the store has a later state of a captured page."""
        if not known.fetched_at or found.fetched_at >= self._now:
            return False
        at = datetime.fromisoformat(known.fetched_at)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        # The store's times have seconds. A time in the future comes from a clock that has been set back.
        return found.fetched_at.replace(microsecond=0) < at <= self._now

    def _with_identity(self, resource: Resource, known: Known | None) -> Resource:
        """Return a resource with the identity of its stored document, if it is `known`."""
        document = self._store.get(known.document) if known is not None else None
        return replace(resource, identity=document.identity if document is not None else "")

    def _moved(self, found: Resource) -> Moved | None:
        """Return the move of a file that is new here, if a file with the same bytes is no longer where it was."""

        def is_there(uri: str) -> bool:
            return uri in self._moved_uris or uri in self._fetched_at_by_uri or file_exists(uri)

        if not found.uri.startswith("file:"):
            return None
        before = self._store.addresses.before_move(found.uri, found.digest, is_there)
        if not before:
            return None
        self._moved_uris.add(before)
        return Moved(uri=found.uri, before=before, source=found.source)

    def _refusal(self, refused: base.Refused) -> Result:
        """Return a failure, or an outcome if it was already reported for the same reason."""
        self._refused_uris.add(refused.uri)
        failure = self.failure(refused)
        is_known = refused.reported
        if is_known is None:
            is_known = not self._retry_failed and self._store.failures.is_known(failure)
        return self._failed_before(failure) if is_known else failure

    def _unmodified(self, uri: str, known: Known | None) -> Result:
        for failure in self._store.failures.of_resource(uri):
            if failure.digest:
                return self._failed_before(failure)
        if known is None:
            reason = "unchanged at its source but not in the archive; it is read again"
            return Outcome(uri=uri, status="skipped", reason=reason, lost=True)
        return Unchanged(uri=uri, document=known.document)

    def _failed_before(self, failure: Failure) -> Outcome:
        self._failure_keys.add(failure.key)
        reason = f"failed before and unchanged: {failure.reason} (--retry-failed tries again)"
        if failure.shows_less:
            reason = f"{failure.reason}, since {failure.at[:10]}"
        return Outcome(uri=failure.uri, status="skipped", reason=reason, known=True, shows_less=failure.shows_less)


def _above(uri: str) -> str:
    """Return the address of the folder or container of a resource; empty at the top."""
    file, hash_sign, part = uri.partition("#")
    if hash_sign:
        return f"{file}#{part.rpartition('!/')[0]}".removesuffix("#")
    return file[: max(file.rfind("/"), 0)]
