"""What sources provided and when they ran; resources, or parts of one, that could not be read; and those that crashed
a worker. A resource that has crashed a worker in three runs is skipped.

Records are not read. Changes are pending until the store commits.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from searchkit.sqlite import Connection, sql_text
from searchkit.store.base import COUNTED, IS_SHORTER, SHOWS_LESS, ChangeLog, from_json_column, lies_within

# A source's newest documents, which show whether its pages are still read as well as before.
NEWEST = 20
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
SELECT source, place <= {NEWEST}, count(*), sum(dated), sum(signed), sum(quoted), count(*) FILTER (WHERE gone_at <> '')
FROM placed GROUP BY 1, 2
"""  # noqa: S608 - the only value in it is our own constant
# Each field, and the column of `facts` that says whether a document has it.
FIELDS = {"date": "dated", "byline": "signed", "statement": "quoted"}
# Once or twice, an overloaded machine may be the reason.
TRIES = 3
_KEY = "uri = ? AND digest = ? AND reason = ?"


class Coverage(Struct, frozen=True, kw_only=True):
    """How many of the documents have a publication date (not a guess), a byline, and a statement."""

    documents: int = 0
    dated: int = 0
    signed: int = 0
    quoted: int = 0


class SourceCounts(Struct, frozen=True, kw_only=True):
    """What a source provided; its name is empty for what was added manually.

    `newest` are the NEWEST documents by first_seen, `earlier` all others. `last_run` and `last_success` are times (ISO
    8601 UTC), empty for never; `last_reason` says why the last run failed. `description` is the source's description in
    that run, `not_read` the files that it passed over, by kind.
    """

    source: str
    gone: int = 0
    failures: int = 0
    shows_less: int = 0
    newest: Coverage = Coverage()
    earlier: Coverage = Coverage()
    last_run: str = ""
    last_success: str = ""
    last_reason: str = ""
    description: str = ""
    not_read: Mapping[str, int] = {}

    @property
    def documents(self) -> int:
        """How many documents it provided."""
        return self.newest.documents + self.earlier.documents


class SourceRuns:
    """The runs of the sources; changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self) -> tuple[SourceCounts, ...]:
        """Return counts for each source that has documents, failures or runs, by name."""
        found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for source, newest, documents, dated, signed, quoted, gone in self._connection.execute(_COVERAGE).fetchall():
            part = Coverage(documents=documents, dated=dated, signed=signed, quoted=quoted)
            found[source]["newest" if newest else "earlier"] = part
            found[source]["gone"] = found[source].get("gone", 0) + gone
        for source, *counts in self._connection.execute(
            f"SELECT source, {', '.join(COUNTED.values())} FROM failures GROUP BY source"  # noqa: S608 - constants
        ).fetchall():
            found[source] |= zip(COUNTED, counts, strict=True)
        names = ("last_run", "last_success", "last_reason", "description", "not_read")
        for source, *run in self._connection.execute(f"SELECT source, {', '.join(names)} FROM runs").fetchall():  # noqa: S608 - our own names
            found[source] |= zip(names, (*run[:-1], from_json_column(run[-1])), strict=True)
        return tuple(SourceCounts(source=source, **fields) for source, fields in sorted(found.items()))

    def note(
        self,
        source: str,
        at: str,
        *,
        ok: bool,
        reason: str = "",
        description: str = "",
        not_read: Mapping[str, int] | None = None,
    ) -> None:
        """Store the time and result of a source's run: why it failed, and how many files it passed over, by kind."""
        self._connection.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (source) DO UPDATE SET last_run = excluded.last_run, "
            "last_success = CASE WHEN ? <> 0 THEN excluded.last_success ELSE runs.last_success END, "
            "last_reason = excluded.last_reason, description = excluded.description, not_read = excluded.not_read",
            *(source, at, at if ok else "", "" if ok else sql_text(reason), description),
            *(json.dumps(dict(not_read or {})), ok),
        )

    def coverage(self, source: str, runs: int) -> dict[str, Coverage]:
        """Return what the documents of a source have that its last runs added, by the time of the run, the last one
        first."""
        found = self._connection.execute(
            "SELECT first_seen, count(*), sum(dated), sum(signed), sum(quoted) FROM facts WHERE document IN "
            "(SELECT document FROM resources WHERE source = ?) GROUP BY first_seen ORDER BY first_seen DESC LIMIT ?",
            *(source, runs),
        )
        return {at: Coverage(**dict(zip(Coverage.__struct_fields__, row, strict=True))) for at, *row in found}


# --- failures ---------------------------------------------------------------------------------------------------------


class Failure(Struct, frozen=True, kw_only=True):
    """A resource, or a part of one, that could not be read, and the reason.

    `digest` is that of its bytes, empty if there were none; `version` is that of the program; `at` is when it first
    failed (ISO 8601 UTC). Failures with the same `key` are the same failure.
    """

    uri: str
    digest: str
    source: str
    reason: str
    at: str
    version: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Address, digest and reason, as stored: one address may have several bad parts."""
        return sql_text(self.uri), self.digest, sql_text(self.reason)

    @property
    def shows_less(self) -> bool:
        """Return whether the page was read, and shows less than its stored article."""
        return self.reason.startswith(SHOWS_LESS)


class Failures(ChangeLog):
    """The failures of a store."""

    def is_known(self, failure: Failure) -> bool:
        """Return whether this failure is stored with the same program version."""
        version = self._connection.scalar(f"SELECT version FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
        return bool(version == failure.version)

    def of_resource(self, uri: str) -> tuple[Failure, ...]:
        """Return why a resource could not be read when last tried."""
        return self._select("WHERE uri = ?", sql_text(uri))

    def of_source(self, source: str) -> tuple[Failure, ...]:
        """Return the failures of a source, by address; for the empty name, those of resources added manually."""
        return self._select("WHERE source = ? ORDER BY uri, reason", source)

    def within(self, location: str) -> tuple[Failure, ...]:
        """Return the failures within `location`, by address."""
        found = set(self._connection.within("SELECT uri FROM failures WHERE true", "uri", location))
        return tuple(failure for (uri,) in sorted(found) for failure in self.of_resource(uri))

    def note(self, failure: Failure, *, replaces: Failure | None = None) -> None:
        """Store a failure, which may be another form of an earlier one, until it is forgotten or its document is
        removed."""
        if replaces is not None:
            self._connection.execute(f"DELETE FROM failures WHERE {_KEY}", *replaces.key)  # noqa: S608 - a constant
        conflict = (
            "ON CONFLICT (uri, digest, reason) DO UPDATE SET source = excluded.source, version = excluded.version"
        )
        self._connection.insert("INSERT INTO failures", [failure], conflict)
        if replaces is None:
            self._log_view(failure)

    def forget(self, failure: Failure) -> None:
        """Remove a failure: the resource was read, is gone, or now fails otherwise."""
        self._connection.execute(f"DELETE FROM failures WHERE {_KEY}", *failure.key)  # noqa: S608 - a constant
        self._log_view(failure)

    def _log_view(self, failure: Failure) -> None:
        """Log a change of the document whose page shows less, or no longer less: its history follows the log."""
        if failure.shows_less:
            self._log(
                self._connection.column("SELECT document FROM resources WHERE uri = ?", failure.key[0]), failure.at
            )

    def shorter_views(self) -> dict[str, Failure]:
        """Return the pages that show less than their stored article, by document."""
        found = self._connection.execute(
            f"SELECT document, uri FROM resources WHERE uri IN (SELECT uri FROM failures WHERE {IS_SHORTER})"  # noqa: S608
        )
        views = [(document, view) for document, uri in found.fetchall() for view in self.of_resource(uri)]
        return {document: view for document, view in views if view.shows_less}

    def _select(self, condition: str, *values: object) -> tuple[Failure, ...]:
        return self._connection.structs(Failure, f"FROM failures {condition}", *values)


class CrashingResource(Struct, frozen=True, kw_only=True):
    """A resource that crashed a worker process or exceeded its limits: the last reason, in how many runs, and since
    when (ISO 8601 UTC). `digest` is that of its bytes."""

    uri: str
    digest: str
    reason: str
    since: str
    tries: int

    @property
    def is_quarantined(self) -> bool:
        """Return whether it is skipped unless the user names it."""
        return self.tries >= TRIES


class Quarantine:
    """The resources of a store that have crashed workers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, uri: str, digest: str, *, reason: str, at: str) -> CrashingResource:
        """Count one more run in which a resource crashed a worker; changed bytes restart the count."""
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ? AND digest <> ?", sql_text(uri), digest)
        self._connection.insert(
            "INSERT INTO crashing_resources",
            [CrashingResource(uri=uri, digest=digest, reason=reason, since=at, tries=1)],
            "ON CONFLICT (uri, digest) DO UPDATE SET reason = excluded.reason, tries = crashing_resources.tries + 1",
        )
        return self._select("WHERE uri = ?", sql_text(uri))[0]

    def holds(self, uri: str, digest: str) -> CrashingResource | None:
        """Return the resource with these bytes if it is in quarantine."""
        found = self._select("WHERE uri = ? AND digest = ?", sql_text(uri), digest)
        return found[0] if found and found[0].is_quarantined else None

    def forget(self, uri: str) -> None:
        """Remove a resource that was read or is gone."""
        self._connection.execute("DELETE FROM crashing_resources WHERE uri = ?", sql_text(uri))

    def forget_within(self, location: str, is_gone: Callable[[CrashingResource], bool]) -> None:
        """Remove the resources within `location` that `is_gone`. Their addresses are as the store writes them
        (`sql_text`)."""
        for resource in self._select(""):
            if lies_within(resource.uri, location) and is_gone(resource):
                self.forget(resource.uri)

    def quarantined(self) -> tuple[CrashingResource, ...]:
        """Return the resources in quarantine, by address."""
        return self._select("WHERE tries >= ? ORDER BY uri", TRIES)

    def _select(self, condition: str, *values: object) -> tuple[CrashingResource, ...]:
        return self._connection.structs(CrashingResource, f"FROM crashing_resources {condition}", *values)
