"""Count what each source provided, without reading records."""

from collections import defaultdict
from typing import Any

from searchkit.store.base import NEWEST, Coverage, SourceCounts
from searchkit.store.connection import Connection

# A document counts for every source that provided one of its resources.
_COVERAGE = f"""
WITH provided AS (SELECT DISTINCT document, source FROM resources),
placed AS (
    SELECT
        provided.source,
        facts.*,
        row_number() OVER (PARTITION BY provided.source ORDER BY facts.first_seen DESC, provided.document DESC) AS place
    FROM provided JOIN facts ON facts.document = provided.document
)
SELECT source, place <= {NEWEST}, count(*), sum(dated), sum(signed), sum(quoted), sum(gone_at <> '')
FROM placed GROUP BY 1, 2
"""  # noqa: S608 - the only value in it is a constant of ours


def source_counts(connection: Connection) -> tuple[SourceCounts, ...]:
    """Return the counts of every source, see `SqliteStore.sources`."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for source, newest, documents, dated, signed, quoted, gone in connection.execute(_COVERAGE).fetchall():
        part = Coverage(documents=documents, dated=dated, signed=signed, quoted=quoted)
        found[source]["newest" if newest else "earlier"] = part
        found[source]["gone"] = found[source].get("gone", 0) + gone
    for source, failures in connection.execute("SELECT source, count(*) FROM failures GROUP BY source").fetchall():
        found[source]["failures"] = failures
    names = ("last_run", "last_success", "last_reason", "description")
    for source, *run in connection.execute(f"SELECT source, {', '.join(names)} FROM runs").fetchall():  # noqa: S608 - our own names
        found[source] |= zip(names, run, strict=True)
    return tuple(SourceCounts(source=source, **fields) for source, fields in sorted(found.items()))
