"""Failures: resources, or parts of one, that could not be read."""

from collections.abc import Iterator

from searchkit.store.base import Failure
from searchkit.store.connection import Connection, sql_text
from searchkit.store.locations import within

_ROW = "SELECT uri, container, digest, reason, source, at, version FROM failures"
_KEY = "uri = ? AND container = ? AND digest = ? AND reason = ?"


class Failures:
    """The failures of a store. Changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_known(self, failure: Failure) -> bool:
        """Whether this failure is stored with the same program version."""
        version = self._connection.scalar(f"SELECT version FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
        return bool(version == failure.version)

    def of_resource(self, uri: str, container: str = "") -> tuple[Failure, ...]:
        """Return why a resource could not be read when last tried."""
        rows = self._connection.execute(f"{_ROW} WHERE uri = ? AND container = ?", sql_text(uri), sql_text(container))
        return tuple(_failure((uri, *row[1:])) for row in rows.fetchall())

    def of_source(self, source: str) -> tuple[Failure, ...]:
        """Return the failures of a source, by address; for the empty name, those of resources added manually."""
        rows = self._connection.execute(f"{_ROW} WHERE source = ? ORDER BY uri, container, reason", source)
        return tuple(map(_failure, rows.fetchall()))

    def within(self, location: str) -> Iterator[Failure]:
        """Yield the failures within `location`, or in files there. The caller may forget them."""
        rows = {
            row
            for column in ("uri", "container")
            for row in within(self._connection, f"{_ROW} WHERE true", column, location)
        }
        return map(_failure, sorted(rows))

    def note(self, failure: Failure) -> None:
        """Store a failure until it is forgotten or its document is removed."""
        self._connection.begin()
        self._connection.execute(
            "INSERT INTO failures (uri, container, digest, reason, source, at, version) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET source = excluded.source, version = excluded.version",
            *(*failure.key, failure.source, failure.at, failure.version),
        )

    def forget(self, failure: Failure) -> None:
        """Remove a failure: the resource was read, is gone, or now fails otherwise."""
        self._connection.begin()
        self._connection.execute(f"DELETE FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant


def _failure(row: tuple[str, ...]) -> Failure:
    uri, container, digest, reason, source, at, version = row
    return Failure(uri=uri, container=container, digest=digest, reason=reason, source=source, at=at, version=version)
