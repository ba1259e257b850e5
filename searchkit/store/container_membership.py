"""Which files hold what is known by an address of its own: pages of WARC files, linked items of feed files, records.

A resource without a row here is found at its own address alone, and so needs none. One that a file holds has a row for
each such file, and one with an empty container when it was found at its own address too. A row stays when its file has
the resource no more, marked, so that it is known where the resource was.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from searchkit.store.connection import Connection, sql_text, within

# Of those that a file holds as well, only what was found at its own address can be missed there.
AT_ITS_OWN_ADDRESS = "coalesce((SELECT max(container = '' AND NOT gone) FROM held WHERE held.uri = resources.uri), 1)"


def note(connection: Connection, uri: str, container: str) -> None:
    """There is such a resource: in `container`, or at its own address when that is empty."""
    uri = sql_text(uri)
    if container:
        # What was known before without a row was found at its own address.
        connection.execute(
            "INSERT INTO held SELECT uri, '', gone_at <> '' FROM resources "
            "WHERE uri = ?1 AND NOT EXISTS (SELECT 1 FROM held WHERE uri = ?1)",
            uri,
        )
    elif connection.one("SELECT 1 FROM held WHERE uri = ? LIMIT 1", uri) is None:
        return
    connection.execute(
        "INSERT INTO held VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET gone = 0 WHERE gone", uri, sql_text(container)
    )


def leave(connection: Connection, uri: str, container: str) -> bool:
    """The resource is there no more, as in `note`; whether it is nowhere now."""
    uri = sql_text(uri)
    connection.execute("UPDATE held SET gone = 1 WHERE uri = ? AND container = ?", uri, sql_text(container))
    return connection.one("SELECT 1 FROM held WHERE uri = ? AND NOT gone", uri) is None


def unmet(connection: Connection, location: str, met: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    """As `Store.unmet`."""
    written: dict[str, set[str]] = {}
    for container, uri in within(connection, "SELECT container, uri FROM held WHERE NOT gone", "container", location):
        if uri in met.get(container, ()):
            continue
        if container not in written:  # names that SQLite cannot hold stand in it otherwise written
            written[container] = {sql_text(one) for one in met.get(container, ()) if not one.isascii()}
        if uri not in written[container]:
            yield container, uri


def places(connection: Connection, uri: str) -> tuple[str, ...]:
    """Wherever a resource was ever found: the files that held it, its own address."""
    found = connection.execute("SELECT container FROM held WHERE uri = ?", uri).fetchall()
    return tuple(container or uri for (container,) in found) or (uri,)


def documents_within(connection: Connection, location: str) -> Iterator[str]:
    """The documents of what files within `location` hold or held; some several times."""
    statement = "SELECT document FROM held JOIN resources ON resources.uri = held.uri WHERE true"
    for (document,) in within(connection, statement, "container", location):
        yield document


def forget(connection: Connection, uris: Iterable[str]) -> None:
    """Forget where these resources are."""
    for uri in uris:
        connection.execute("DELETE FROM held WHERE uri = ?", uri)
