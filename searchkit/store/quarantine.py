"""What ends the worker processes that read it: tried in so many runs, and then left alone."""

from collections.abc import Callable

from msgspec import Struct

from searchkit.store.base import lies_within
from searchkit.store.connection import Connection, sql_text

# A machine with too much to do, or too little memory left, may be the reason once and twice.
TRIES = 3
_ROW = "SELECT uri, digest, reason, since, tries, container FROM deadly"


class Deadly(Struct, frozen=True, kw_only=True):
    """A resource whose reading ended a worker process, or took it to its limits: why last, in how many runs, and since
    when (ISO 8601 UTC). `digest` is that of its bytes, `container` the file that holds it, if it has an address of its
    own."""

    uri: str
    digest: str
    reason: str
    since: str
    tries: int
    container: str = ""

    @property
    def is_quarantined(self) -> bool:
        """Whether it is read no more, unless somebody names it."""
        return self.tries >= TRIES


class Quarantine:
    """The resources that have ended worker processes. Changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, uri: str, digest: str, *, reason: str, at: str, container: str = "") -> Deadly:
        """Count one more run that it ended a process of; with other bytes than before the count begins anew."""
        uri = sql_text(uri)
        self._connection.begin()
        self._connection.execute("DELETE FROM deadly WHERE uri = ? AND digest <> ?", uri, digest)
        self._connection.execute(
            "INSERT INTO deadly (uri, digest, reason, since, tries, container) VALUES (?, ?, ?, ?, 1, ?) "
            "ON CONFLICT DO UPDATE SET reason = excluded.reason, tries = tries + 1, container = excluded.container",
            uri,
            digest,
            sql_text(reason),
            at,
            sql_text(container),
        )
        return self._all("WHERE uri = ?", uri)[0]

    def holds(self, uri: str, digest: str) -> Deadly | None:
        """What is known of the resource with these bytes, if it is in quarantine."""
        found = self._all("WHERE uri = ? AND digest = ?", sql_text(uri), digest)
        return found[0] if found and found[0].is_quarantined else None

    def forget(self, uri: str) -> None:
        """It was read, or is gone."""
        self._connection.begin()
        self._connection.execute("DELETE FROM deadly WHERE uri = ?", sql_text(uri))

    def forget_within(self, location: str, is_left: Callable[[Deadly], bool]) -> None:
        """Forget what lies within `location`, or in files there, and `is_left` says was not met: it is there no more.
        Its addresses are as the store writes them (`sql_text`)."""
        for one in self._all(""):
            if lies_within(one.container or one.uri, location) and is_left(one):
                self.forget(one.uri)

    def quarantined(self) -> tuple[Deadly, ...]:
        """All that are read no more, by address."""
        return tuple(self._all("WHERE tries >= ? ORDER BY uri", TRIES))

    def _all(self, condition: str, *values: object) -> list[Deadly]:
        # A store of an earlier version that may only be read has no such table.
        if not self._connection.one("SELECT count(*) FROM sqlite_master WHERE name = 'deadly'"):
            return []
        rows = self._connection.execute(f"{_ROW} {condition}", *values).fetchall()
        return [
            Deadly(uri=uri, digest=digest, reason=reason, since=since, tries=tries, container=container)
            for uri, digest, reason, since, tries, container in rows
        ]
