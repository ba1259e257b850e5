"""Which addresses lie within a location: a folder, a site, or a container."""

from collections.abc import Iterator
from typing import Any

from searchkit.store.connection import Connection, sql_text


def lies_within(uri: str, location: str) -> bool:
    """Whether a resource belongs to a location: to a folder or site, or to the container that it is.

    Members of containers and records of JSON Lines have addresses with a `#`."""
    place = location.rstrip("/")
    return uri == place or uri.startswith((f"{place}/", f"{place}#"))


def within(connection: Connection, statement: str, column: str, location: str) -> Iterator[Any]:
    """Yield the rows of a statement with a WHERE whose address in `column` lies within `location`.

    It looks up three ranges and scans nothing."""
    place = sql_text(location).rstrip("/")
    for first, after in ((place, place + "\0"), (place + "/", place + "0"), (place + "#", place + "$")):
        yield from connection.execute(f"{statement} AND {column} >= ? AND {column} < ?", first, after)
