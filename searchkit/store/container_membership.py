"""Which files contain resources with addresses of their own: pages of WARC files, linked items of feeds, records.

A resource without a row here is found at its own address alone. Otherwise it has a row for each file that contains it,
and one with an empty container if it was found at its own address too. A row is marked as gone, not deleted, when the
resource disappears from the file.
"""

from searchkit.store.connection import Connection, sql_text

# A resource that files contain is missed at its own address only if it was found there.
AT_ITS_OWN_ADDRESS = (
    "coalesce((SELECT max(container = '' AND NOT gone) FROM container_members AS members "
    "WHERE members.uri = resources.uri), 1)"
)


def note(connection: Connection, uri: str, container: str) -> None:
    """Record that a resource is available in `container`, or at its own address if that is empty."""
    uri = sql_text(uri)
    if container:
        # A known resource without a row was found at its own address.
        connection.execute(
            "INSERT INTO container_members SELECT uri, '', gone_at <> '' FROM resources "
            "WHERE uri = ?1 AND NOT EXISTS (SELECT 1 FROM container_members WHERE uri = ?1)",
            uri,
        )
    elif connection.scalar("SELECT 1 FROM container_members WHERE uri = ? LIMIT 1", uri) is None:
        return
    connection.execute(
        "INSERT INTO container_members VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET gone = 0 WHERE gone",
        uri,
        sql_text(container),
    )


def leave(connection: Connection, uri: str, container: str) -> bool:
    """Record that a resource is gone from there; return whether it is gone everywhere."""
    uri = sql_text(uri)
    connection.execute(
        "UPDATE container_members SET gone = 1 WHERE uri = ? AND container = ?", uri, sql_text(container)
    )
    return connection.scalar("SELECT 1 FROM container_members WHERE uri = ? AND NOT gone", uri) is None


def places(connection: Connection, uri: str) -> tuple[str, ...]:
    """Return all places where a resource was ever found: files, and its own address."""
    found = connection.column("SELECT container FROM container_members WHERE uri = ?", uri)
    return tuple(container or uri for container in found) or (uri,)
