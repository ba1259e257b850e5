"""The log of the server, on standard error: internal errors, failed logins, changes. It names no other requests."""

import os
import sys
import traceback
from datetime import UTC, datetime

from searchkit.errors import reason_of
from searchkit.statements.text import one_line, redacted

_LONGEST = 600


def log(message: str) -> None:
    """Write a line, escaped and without the secrets of addresses."""
    sys.stderr.write(f"searchkit: {one_line(redacted(message))[:_LONGEST]}\n")
    sys.stderr.flush()


def log_access(message: str) -> None:
    """Write a line with the time about a failed login, or about a change of the archive."""
    log(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {message}")


def log_error(where: str, error: BaseException) -> None:
    """Write a line about an error in searchkit itself; SEARCHKIT_DEBUG=1 adds the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    reason = reason_of(error) if isinstance(error, Exception) else type(error).__name__
    log(f"internal error: {where}: {reason}{place}. Please report it. SEARCHKIT_DEBUG=1 prints the traceback.")
    if os.environ.get("SEARCHKIT_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
