"""Skip resources that have crashed a worker in three runs."""

from collections.abc import Callable

from msgspec import Struct

from searchkit.store.connection import Connection, sql_text
from searchkit.store.locations import lies_within

# Once or twice, an overloaded machine may be the reason.
TRIES = 3
_ROW = "SELECT uri, digest, reason, since, tries, container FROM crashing_resources"


class CrashingResource(Struct, frozen=True, kw_only=True):
    """A resource that crashed a worker process or exceeded its limits: the last reason, in how many runs, and since
    when (ISO 8601 UTC). `digest` is that of its bytes; `container` is the file that contains it, if it has its own
    address."""

    uri: str
    digest: str
    reason: str
    since: str
    tries: int
    container: str = ""

    @property
    def is_quarantined(self) -> bool:
        """Whether it is skipped unless the user names it."""
        return self.tries >= TRIES


class Quarantine:
    """The resources that have crashed workers. Changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, uri: str, digest: str, *, reason: str, at: str, container: str = "") -> CrashingResource:
        """Count one more run in which a resource crashed a worker; changed bytes restart the count."""
        uri = sql_text(uri)
        self._connection.begin()
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ? AND digest <> ?", uri, digest)
        self._connection.execute(
            "INSERT INTO crashing_resources (uri, digest, reason, since, tries, container) VALUES (?, ?, ?, ?, 1, ?) "
            "ON CONFLICT DO UPDATE SET reason = excluded.reason, tries = tries + 1, container = excluded.container",
            uri,
            digest,
            sql_text(reason),
            at,
            sql_text(container),
        )
        return self._all("WHERE uri = ?", uri)[0]

    def holds(self, uri: str, digest: str) -> CrashingResource | None:
        """Return the resource with these bytes if it is in quarantine."""
        found = self._all("WHERE uri = ? AND digest = ?", sql_text(uri), digest)
        return found[0] if found and found[0].is_quarantined else None

    def forget(self, uri: str) -> None:
        """Remove a resource that was read or is gone."""
        self._connection.begin()
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ?", sql_text(uri))

    def forget_within(self, location: str, is_gone: Callable[[CrashingResource], bool]) -> None:
        """Remove the resources within `location`, or in files there, that `is_gone`. Their addresses are as the store
        writes them (`sql_text`)."""
        for resource in self._all(""):
            if lies_within(resource.container or resource.uri, location) and is_gone(resource):
                self.forget(resource.uri)

    def quarantined(self) -> tuple[CrashingResource, ...]:
        """Return the resources in quarantine, by address."""
        return tuple(self._all("WHERE tries >= ? ORDER BY uri", TRIES))

    def _all(self, condition: str, *values: object) -> list[CrashingResource]:
        rows = self._connection.execute(f"{_ROW} {condition}", *values).fetchall()
        return [
            CrashingResource(uri=uri, digest=digest, reason=reason, since=since, tries=tries, container=container)
            for uri, digest, reason, since, tries, container in rows
        ]
