"""Counts and runs of each source, without reading records."""

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
    """As `SqliteStore.sources`."""
    coverage: dict[tuple[str, bool], Coverage] = {}
    gone: dict[str, int] = {}
    for source, newest, documents, dated, signed, quoted, missing in connection.execute(_COVERAGE).fetchall():
        coverage[source, bool(newest)] = Coverage(documents=documents, dated=dated, signed=signed, quoted=quoted)
        gone[source] = gone.get(source, 0) + missing
    failures = dict(connection.execute("SELECT source, count(*) FROM failures GROUP BY source").fetchall())
    runs = {
        source: run
        for source, *run in connection.execute(
            "SELECT source, last_run, last_success, last_reason, description FROM runs"
        ).fetchall()
    }
    found = []
    for source in sorted({*gone, *failures, *runs}):
        newest, earlier = (coverage.get((source, part), Coverage()) for part in (True, False))
        last_run, last_success, last_reason, description = runs.get(source, ("", "", "", ""))
        found.append(
            SourceCounts(
                source=source,
                documents=newest.documents + earlier.documents,
                gone=gone.get(source, 0),
                failures=failures.get(source, 0),
                newest=newest,
                earlier=earlier,
                last_run=last_run,
                last_success=last_success,
                last_reason=last_reason,
                description=description,
            )
        )
    return tuple(found)


def note_run(connection: Connection, source: str, at: str, *, ok: bool, reason: str, description: str) -> None:
    """As `SqliteStore.note_run`."""
    connection.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET last_run = excluded.last_run, "
        "last_success = CASE WHEN ? THEN excluded.last_success ELSE last_success END, "
        "last_reason = excluded.last_reason, description = excluded.description",
        source,
        at,
        at if ok else "",
        "" if ok else reason,
        description,
        ok,
    )
