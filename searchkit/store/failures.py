"""Failures: resources, or parts of one, that could not be read."""

from collections.abc import Iterator

from searchkit.store.base import Failure
from searchkit.store.connection import Connection, sql_text
from searchkit.store.locations import within

_ROW = "SELECT uri, container, digest, reason, source, at, version FROM failures"
_KEY = "uri = ? AND container = ? AND digest = ? AND reason = ?"


def _read(row: tuple[str, ...], uri: str = "") -> Failure:
    stored, container, digest, reason, source, at, version = row
    return Failure(
        uri=uri or stored, container=container, digest=digest, reason=reason, source=source, at=at, version=version
    )


def is_known(connection: Connection, failure: Failure) -> bool:
    """As `Store.is_known_failure`."""
    version = connection.scalar(f"SELECT version FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
    return bool(version == failure.version)


def of_resource(connection: Connection, uri: str, container: str) -> tuple[Failure, ...]:
    """As `Store.failures`."""
    rows = connection.execute(f"{_ROW} WHERE uri = ? AND container = ?", sql_text(uri), sql_text(container))
    return tuple(_read(row, uri) for row in rows.fetchall())


def of_source(connection: Connection, source: str) -> tuple[Failure, ...]:
    """As `Store.failures_of`."""
    rows = connection.execute(f"{_ROW} WHERE source = ? ORDER BY uri, container, reason", source).fetchall()
    return tuple(_read(row) for row in rows)


def of_location(connection: Connection, location: str) -> Iterator[Failure]:
    """As `Store.failures_within`."""
    rows = {
        row for column in ("uri", "container") for row in within(connection, f"{_ROW} WHERE true", column, location)
    }
    return (_read(row) for row in sorted(rows))


def note(connection: Connection, failure: Failure) -> None:
    """As `Store.note_failure`."""
    connection.execute(
        "INSERT INTO failures (uri, container, digest, reason, source, at, version) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET source = excluded.source, version = excluded.version",
        *failure.key,
        failure.source,
        failure.at,
        failure.version,
    )


def forget(connection: Connection, failure: Failure) -> None:
    """As `Store.forget_failure`."""
    connection.execute(f"DELETE FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
