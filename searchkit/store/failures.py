"""Resources, or parts of one, that could not be read, and those that crashed a worker.

A resource that has crashed a worker in three runs is skipped. Changes are pending until the store commits.
"""

from collections.abc import Callable

from msgspec import Struct

from searchkit.sqlite import Connection, sql_text
from searchkit.store.base import IS_SHORTER, SHOWS_LESS, lies_within
from searchkit.store.connection import ChangeLog

# Once or twice, an overloaded machine may be the reason.
TRIES = 3
_KEY = "uri = ? AND digest = ? AND reason = ?"


class Failure(Struct, frozen=True, kw_only=True):
    """A resource, or a part of one, that could not be read, and the reason.

    `digest` is that of its bytes, empty if there were none; `version` is that of the program; `at` is when it first
    failed (ISO 8601 UTC). Failures with the same `key` are the same failure.
    """

    uri: str
    digest: str
    source: str
    reason: str
    at: str
    version: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Address, digest and reason, as stored: one address may have several bad parts."""
        return sql_text(self.uri), self.digest, sql_text(self.reason)

    @property
    def shows_less(self) -> bool:
        """Return whether the page was read, and shows less than its stored article."""
        return self.reason.startswith(SHOWS_LESS)


class Failures(ChangeLog):
    """The failures of a store."""

    def is_known(self, failure: Failure) -> bool:
        """Return whether this failure is stored with the same program version."""
        version = self._connection.scalar(f"SELECT version FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
        return bool(version == failure.version)

    def of_resource(self, uri: str) -> tuple[Failure, ...]:
        """Return why a resource could not be read when last tried."""
        return self._select("WHERE uri = ?", sql_text(uri))

    def of_source(self, source: str) -> tuple[Failure, ...]:
        """Return the failures of a source, by address; for the empty name, those of resources added manually."""
        return self._select("WHERE source = ? ORDER BY uri, reason", source)

    def within(self, location: str) -> tuple[Failure, ...]:
        """Return the failures within `location`, by address."""
        found = set(self._connection.within("SELECT uri FROM failures WHERE true", "uri", location))
        return tuple(failure for (uri,) in sorted(found) for failure in self.of_resource(uri))

    def note(self, failure: Failure, *, replaces: Failure | None = None) -> None:
        """Store a failure, which may be another form of an earlier one, until it is forgotten or its document is
        removed."""
        if replaces is not None:
            self._connection.execute(f"DELETE FROM failures WHERE {_KEY}", *replaces.key)  # noqa: S608 - a constant
        conflict = (
            "ON CONFLICT (uri, digest, reason) DO UPDATE SET source = excluded.source, version = excluded.version"
        )
        self._connection.insert("INSERT INTO failures", [failure], conflict)
        if replaces is None:
            self._log_view(failure)

    def forget(self, failure: Failure) -> None:
        """Remove a failure: the resource was read, is gone, or now fails otherwise."""
        self._connection.execute(f"DELETE FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
        self._log_view(failure)

    def _log_view(self, failure: Failure) -> None:
        """Log a change of the document whose page shows less, or no longer less: its history follows the log."""
        if failure.shows_less:
            self._log(
                self._connection.column("SELECT document FROM resources WHERE uri = ?", failure.key[0]), failure.at
            )

    def shorter_views(self) -> dict[str, Failure]:
        """Return the pages that show less than their stored article, by document."""
        found = self._connection.execute(
            f"SELECT document, uri FROM resources WHERE uri IN (SELECT uri FROM failures WHERE {IS_SHORTER})"  # noqa: S608
        )
        views = [(document, view) for document, uri in found.fetchall() for view in self.of_resource(uri)]
        return {document: view for document, view in views if view.shows_less}

    def _select(self, condition: str, *values: object) -> tuple[Failure, ...]:
        return self._connection.structs(Failure, f"FROM failures {condition}", *values)


class CrashingResource(Struct, frozen=True, kw_only=True):
    """A resource that crashed a worker process or exceeded its limits: the last reason, in how many runs, and since
    when (ISO 8601 UTC). `digest` is that of its bytes."""

    uri: str
    digest: str
    reason: str
    since: str
    tries: int

    @property
    def is_quarantined(self) -> bool:
        """Return whether it is skipped unless the user names it."""
        return self.tries >= TRIES


class Quarantine:
    """The resources of a store that have crashed workers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, uri: str, digest: str, *, reason: str, at: str) -> CrashingResource:
        """Count one more run in which a resource crashed a worker; changed bytes restart the count."""
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ? AND digest <> ?", sql_text(uri), digest)
        self._connection.insert(
            "INSERT INTO crashing_resources",
            [CrashingResource(uri=uri, digest=digest, reason=reason, since=at, tries=1)],
            "ON CONFLICT (uri, digest) DO UPDATE SET reason = excluded.reason, tries = crashing_resources.tries + 1",
        )
        return self._select("WHERE uri = ?", sql_text(uri))[0]

    def holds(self, uri: str, digest: str) -> CrashingResource | None:
        """Return the resource with these bytes if it is in quarantine."""
        found = self._select("WHERE uri = ? AND digest = ?", sql_text(uri), digest)
        return found[0] if found and found[0].is_quarantined else None

    def forget(self, uri: str) -> None:
        """Remove a resource that was read or is gone."""
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ?", sql_text(uri))

    def forget_within(self, location: str, is_gone: Callable[[CrashingResource], bool]) -> None:
        """Remove the resources within `location` that `is_gone`. Their addresses are as the store writes them
        (`sql_text`)."""
        for resource in self._select(""):
            if lies_within(resource.uri, location) and is_gone(resource):
                self.forget(resource.uri)

    def quarantined(self) -> tuple[CrashingResource, ...]:
        """Return the resources in quarantine, by address."""
        return self._select("WHERE tries >= ? ORDER BY uri", TRIES)

    def _select(self, condition: str, *values: object) -> tuple[CrashingResource, ...]:
        return self._connection.structs(CrashingResource, f"FROM crashing_resources {condition}", *values)
