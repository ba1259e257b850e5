"""PostgreSQL's errors as ours: what to do about each, in one line."""

import re

import psycopg

from searchkit.cluster.postgres.address import Address
from searchkit.errors import ArchiveError, ConfigError, SearchkitError, StorageFull, TryAgain, UsageError

_NOTHING_LOST = "what was not committed is discarded, nothing else is lost"
_PASSWORD = "Put the password into PGPASSWORD or the file ~/.pgpass (readable by you alone)."  # noqa: S105 - a hint
_AGAIN = f"Run the same command again when it is back; {_NOTHING_LOST}."
# What the server writes when it refuses a connection; libpq passes no code for these.
_REFUSALS: tuple[tuple[str, type[SearchkitError], str, str], ...] = (
    (r"too many clients|connection slots are reserved|too many connections", TryAgain, "has no free connection",
     "Try again later, or raise max_connections of the server."),
    (r"starting up|shutting down|in recovery mode|not yet accepting", TryAgain, "is starting or stopping", _AGAIN),
    (r"password authentication failed|no password supplied|empty password", ConfigError,
     "refuses the user or the password", _PASSWORD),
    (r'role "[^"]{0,100}" does not exist', ConfigError, "does not know this user", "Name the user before the @."),
    (r'database "[^"]{0,100}" does not exist', ConfigError, "has no such database",
     "Create it: createdb --encoding=UTF8 --template=template0 NAME"),
    (r"no pg_hba.conf entry|no encryption", ConfigError, "does not let this machine in",
     "Ask its administrator to add the machine to pg_hba.conf."),
    (r"server does not support SSL|certificate|SSL error|root\.crt|sslrootcert", ConfigError,
     "cannot be trusted: its connection is not secured by TLS with a certificate that this machine knows",
     "Set up TLS, name the authority with ?sslrootcert=FILE, or add ?sslmode=disable in a network that you trust."),
)  # fmt: skip
# By the first characters of the code (SQLSTATE) of a statement's error.
_STATES: tuple[tuple[str, type[SearchkitError], str, str], ...] = (
    ("53100", StorageFull, "has no space left", "Free some space and run the same command again."),
    ("53300", TryAgain, "has no free connection", "Try again later, or raise max_connections of the server."),
    ("53", TryAgain, "is out of resources", _AGAIN),
    ("57P01", TryAgain, "was shut down", _AGAIN),
    ("57", TryAgain, "was interrupted", _AGAIN),
    ("08", TryAgain, "was interrupted", _AGAIN),
    ("40", TryAgain, "was changed at the same time by another process", "Run the same command again."),
    ("55P03", TryAgain, "is busy: another process is writing", "Try again in a moment."),
    ("25P0", TryAgain, "ended a change that took too long", "Run the same command again."),
    ("25006", ArchiveError, "can only be read: it is a standby, or set so", "Name the server that accepts changes."),
    ("42501", ArchiveError, "refuses this user", "Let the owner grant the rights that docs/cluster.md lists."),
    ("54000", UsageError, "cannot hold a text that is this long", "Keep it in an archive without PostgreSQL."),
    ("58", ArchiveError, "has a fault of its disk", "Check the disk of the server."),
    ("XX", ArchiveError, "is damaged", "Check the disk of the server, and restore a backup if needed."),
)
_PREFIX = re.compile(r"^(?:connection (?:to server )?(?:failed|at [^:]{0,200}failed): ?){1,9}")


def translated(error: Exception, address: Address, *, connecting: bool = False) -> SearchkitError:
    """Return our error for one of psycopg."""
    what = f"The store {address}"
    state = getattr(error, "sqlstate", None) or ""
    for begin, kind, says, hint in _STATES:
        if state.startswith(begin):
            return kind(f"{what} {says}.", hint=hint)
    reason = _reason(error)
    if connecting or not state:
        for pattern, kind, says, hint in _REFUSALS:
            if re.search(pattern, reason):
                return kind(f"{what} {says}.", hint=hint)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state:
        verb = "cannot be reached" if connecting else "was interrupted"
        hint = (
            "Check that PostgreSQL runs there and that the address is right; nothing is lost." if connecting else _AGAIN
        )
        return TryAgain(f"{what} {verb}: {reason}.", hint=hint)
    return ArchiveError(
        f"{what} is damaged or not a searchkit store: {reason}.", hint="Find the damage: searchkit check"
    )


def _reason(error: Exception) -> str:
    """Return the first line of PostgreSQL's message, without what libpq puts before it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = _PREFIX.sub("", lines[0]).strip()
    reason = re.sub(r"^connection to server (?:at|on socket) .{0,200}? failed: ", "", reason)
    return re.sub(r"^FATAL: +", "", reason).rstrip(".")[:200]
