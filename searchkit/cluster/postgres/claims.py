"""Claims of workers: which worker has which source, which host, and which fetched page.

A worker is a row that says until when it lives. The worker extends that time itself. When it is over, other workers
remove the row and free its claims. The number of the row is never used again: it is the fencing number. Each
transaction of the worker locks the row before it commits (connection.py), so a worker that was removed cannot commit.
All times are those of the server.
"""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal

from searchkit.cluster.postgres.connection import PostgresConnection
from searchkit.cluster.postgres.tables import checksum
from searchkit.errors import ArchiveLocked, TryAgain
from searchkit.files import shipped_sections, sql_script
from searchkit.migrations import Schema
from searchkit.sqlite import sql_text
from searchkit.statements.text import counted, redacted
from searchkit.store.base import WorkerRecord, WorkRecord

Kind = Literal["source", "host", "page"]

CLAIMS_SCHEMA = Schema(version=1, create=sql_script(__file__, "claims.sql"), row_checksum=checksum)
# A page that so many workers had when they ended is read alone: one of those that were read together is the reason.
SUSPECT_TRIES = 5
_NOW = "extract(epoch FROM clock_timestamp())::float8"
_SQL = {
    name: statement.strip().replace("NOW", _NOW).replace("SUSPECT", str(SUSPECT_TRIES))
    for name, statement in shipped_sections("searchkit.cluster.postgres", "claim_statements.txt").items()
}


def register(connection: PostgresConnection, name: str, *, version: str, names: str, lease: float) -> int:
    """Add a worker that lives for `lease` seconds; return its number.

    Raises ArchiveLocked while another process holds the writer's lock, TryAgain if another worker has another version,
    or other sources, aliases or watchlists."""
    connection.begin()
    if not connection.shares_lock():
        connection.rollback()
        raise ArchiveLocked(
            "Another process is writing to this archive.", hint="Start the worker again when that is done."
        )
    for other, its_version, its_names in connection.rows(_SQL["others"]):
        if (its_version, its_names) != (version, names):
            connection.rollback()
            what, hint = "another version of searchkit", "Install the same version on all machines."
            if its_version == version:
                what = "other sources, aliases or watchlists"
                hint = "Let [[source]] in searchkit.toml, aliases.toml and watchlists/ be the same on all machines."
            raise TryAgain(f"The {other} works with {what}.", hint=f"{hint} Then start this worker again.")
    number = connection.insert_row(_SQL["register"], name, version, names, lease)
    connection.commit()
    return number


def renew(connection: PostgresConnection, number: int, *, lease: float, doing: str, pages: int, rate: float) -> bool:
    """Let a worker live for `lease` seconds from now; return whether its row was still there. Remove workers whose time
    is over, and free their claims."""
    found = connection.execute(_SQL["renew"], lease, doing, pages, rate, number).rowcount
    connection.commit()
    _remove_dead(connection)
    return bool(found)


def leave(connection: PostgresConnection, number: int) -> None:
    """Remove a worker and its claims."""
    connection.execute("DELETE FROM claims WHERE worker = ?", number)
    connection.execute("DELETE FROM workers WHERE number = ?", number)
    connection.commit()


def claim(connection: PostgresConnection, number: int, kind: Kind, names: Collection[str]) -> set[str]:
    """Claim what no other worker has; return the names that this worker has now. The caller commits."""
    rows = connection.rows(_SQL["claim"], kind, number, json.dumps([sql_text(name) for name in names]))
    return {name for (name,) in rows}


def claim_pages(connection: PostgresConnection, number: int, most: int) -> dict[str, int]:
    """Claim up to so many fetched pages that no worker has; return their addresses, each with how many workers ended
    while they had it."""
    return dict(connection.rows(_SQL["claim-pages"], number, most))


def claim_suspect(connection: PostgresConnection, number: int) -> dict[str, int]:
    """Do the same as `claim_pages` for one page that has to be read alone."""
    return dict(connection.rows(_SQL["claim-suspect"], number))


def release(connection: PostgresConnection, number: int, kind: Kind, names: Collection[str] | None = None) -> None:
    """End claims of a worker: those with these names, or all of a kind. The caller commits."""
    statement = "DELETE FROM claims WHERE worker = ? AND kind = ?"
    if names is None:
        connection.execute(statement, number, kind)
    else:
        among = json.dumps([sql_text(name) for name in names])
        connection.execute(f"{statement} AND name IN (SELECT value FROM json_each(?))", number, kind, among)  # noqa: S608 - ours


def refuse_workers(connection: PostgresConnection) -> None:
    """Raise ArchiveLocked if a worker is alive. Remove those whose time is over. The caller holds the writer's lock, so
    none is added."""
    _remove_dead(connection)
    alive = _alive(connection)
    if alive:
        others = f" and {counted(len(alive) - 1, 'other worker')}" if alive[1:] else ""
        raise ArchiveLocked(
            f"The {alive[0].name}{others} {'fetch' if others else 'fetches'} pages for this archive.",
            hint="Stop all workers first; `searchkit status` lists them.",
        )


def report(connection: PostgresConnection) -> WorkRecord:
    """Return what is under way."""
    claims = connection.rows(_SQL["claimed"])
    return WorkRecord(
        workers=_alive(connection),
        unread=connection.scalar("SELECT count(*) FROM pages WHERE state = 'fetched'"),
        claimed=connection.scalar("SELECT count(*) FROM claims WHERE worker > 0 AND kind = 'page'"),
        sources={name: worker for kind, name, worker in claims if kind == "source"},
        hosts={name: worker for kind, name, worker in claims if kind == "host"},
    )


def _remove_dead(connection: PostgresConnection) -> None:
    for name in ("remove-workers", "free-claims"):
        # The line break before it: not as a change, so each is a transaction of its own.
        connection.execute(f"\n{_SQL[name]}")


def _alive(connection: PostgresConnection) -> tuple[WorkerRecord, ...]:
    rows = connection.rows(_SQL["alive"])
    return tuple(
        WorkerRecord(
            name=name, doing=redacted(doing), since=_iso(began), seen=_iso(seen), pages=pages, rate=round(rate, 1)
        )
        for name, doing, began, seen, pages, rate in rows
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
