"""Count what each source provided, without reading records, and note its runs."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from searchkit.store.base import NEWEST, Coverage, SourceCounts
from searchkit.store.connection import Connection, from_json_column, sql_text

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
# As `Addresses.rival`.
_CANONICAL_CONFLICTS = """
SELECT source, count(*)
FROM (SELECT DISTINCT document, source FROM resources) AS provided JOIN facts ON facts.document = provided.document
WHERE canonical <> '' AND (
    EXISTS (SELECT 1 FROM facts AS other WHERE other.uri = facts.canonical AND other.document <> facts.document)
    OR EXISTS (
        SELECT 1 FROM facts AS other
        WHERE other.canonical <> '' AND other.canonical = facts.canonical AND other.document <> facts.document
    )
)
GROUP BY source
"""


def source_counts(connection: Connection) -> tuple[SourceCounts, ...]:
    """Return the counts of every source, see `SqliteStore.sources`."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for source, newest, documents, dated, signed, quoted, gone in connection.execute(_COVERAGE).fetchall():
        part = Coverage(documents=documents, dated=dated, signed=signed, quoted=quoted)
        found[source]["newest" if newest else "earlier"] = part
        found[source]["gone"] = found[source].get("gone", 0) + gone
    for source, failures in connection.execute("SELECT source, count(*) FROM failures GROUP BY source").fetchall():
        found[source]["failures"] = failures
    for source, conflicts in connection.execute(_CANONICAL_CONFLICTS).fetchall():
        found[source]["canonical_conflicts"] = conflicts
    names = ("last_run", "last_success", "last_reason", "description", "not_read")
    for source, *run in connection.execute(f"SELECT source, {', '.join(names)} FROM runs").fetchall():  # noqa: S608 - our own names
        found[source] |= zip(names, (*run[:-1], from_json_column(run[-1])), strict=True)
    return tuple(SourceCounts(source=source, **fields) for source, fields in sorted(found.items()))


def note_run(
    connection: Connection,
    source: str,
    at: str,
    *,
    ok: bool,
    reason: str = "",
    description: str = "",
    not_read: Mapping[str, int] | None = None,
) -> None:
    """Store the time and result of a source's run: why it failed, and how many files it passed over, by kind."""
    connection.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET last_run = excluded.last_run, "
        "last_success = CASE WHEN ? THEN excluded.last_success ELSE last_success END, "
        "last_reason = excluded.last_reason, description = excluded.description, not_read = excluded.not_read",
        *(source, at, at if ok else "", "" if ok else sql_text(reason), description),
        *(json.dumps(dict(not_read or {})), ok),
    )
