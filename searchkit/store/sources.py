"""What came of each source: counted from small rows, without reading a record."""

from searchkit.store.base import NEWEST, Coverage, SourceCounts
from searchkit.store.connection import Connection

# A document counts for every source that gave one of its resources.
_COVERAGE = f"""
WITH held AS (SELECT DISTINCT document, source FROM resources),
placed AS (
    SELECT
        held.source,
        facts.*,
        row_number() OVER (PARTITION BY held.source ORDER BY facts.first_seen DESC, held.document DESC) AS place
    FROM held JOIN facts ON facts.document = held.document
)
SELECT source, place <= {NEWEST}, count(*), sum(dated), sum(signed), sum(quoted), sum(gone_at <> '')
FROM placed GROUP BY 1, 2
"""  # noqa: S608 - the only value in it is a constant of ours


def source_counts(connection: Connection) -> tuple[SourceCounts, ...]:
    """As `Store.sources`."""
    coverage: dict[tuple[str, bool], Coverage] = {}
    gone: dict[str, int] = {}
    for source, newest, documents, dated, signed, quoted, missing in connection.execute(_COVERAGE).fetchall():
        coverage[source, bool(newest)] = Coverage(documents=documents, dated=dated, signed=signed, quoted=quoted)
        gone[source] = gone.get(source, 0) + missing
    failures = dict(connection.execute("SELECT source, count(*) FROM failed GROUP BY source").fetchall())
    runs = {
        source: told
        for source, *told in connection.execute(
            "SELECT source, last_run, last_success, last_reason FROM runs"
        ).fetchall()
    }
    described = dict(connection.execute("SELECT source, description FROM described").fetchall())
    found = []
    for source in sorted({*gone, *failures, *runs}):
        newest, earlier = (coverage.get((source, part), Coverage()) for part in (True, False))
        last_run, last_success, last_reason = runs.get(source, ("", "", ""))
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
                description=described.get(source, ""),
            )
        )
    return tuple(found)


def note_run(connection: Connection, source: str, at: str, *, ok: bool, reason: str, description: str) -> None:
    """As `Store.note_run`."""
    connection.execute("INSERT OR REPLACE INTO described VALUES (?, ?)", source, description)
    connection.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET last_run = excluded.last_run, "
        "last_success = CASE WHEN ? THEN excluded.last_success ELSE last_success END, "
        "last_reason = excluded.last_reason",
        source,
        at,
        at if ok else "",
        "" if ok else reason,
        ok,
    )
