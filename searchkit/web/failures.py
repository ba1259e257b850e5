"""Answers of the site itself: failures and the login, as a page or as JSON, by what was requested."""

import os
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from searchkit.errors import reason_of
from searchkit.statements.text import one_line, redacted, safe_json
from searchkit.web.rendering import environment

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


_DATA = re.compile(r"(?:/a/[^/]{1,60})?(?:/api/.{0,8000}|/mcp/?|.{0,8000}\.(?:jsonl?|csv|atom))", re.DOTALL)
# A place within the site: browsers read "//" and "/\" as the start of another host.
_PLACE = re.compile(r"/(?![/\\])[\x21-\x7e]{0,4000}")


class ErrorDetail(Struct, frozen=True, kw_only=True):
    """What is wrong; of a query also where, in characters."""

    message: str
    hint: str = ""
    code: str = ""
    start: int | None = None
    end: int | None = None


class ErrorRecord(Struct, frozen=True, kw_only=True):
    """A request that failed."""

    ok: bool = False
    error: str
    errors: tuple[ErrorDetail, ...]
    status: int


def wants_json(scope: Scope) -> bool:
    """Return whether a program asks: the answer, or at least its errors, are JSON."""
    accepted = Headers(scope=scope).get("accept", "")
    is_json = "application/json" in accepted and "text/html" not in accepted
    return is_json or _DATA.fullmatch(scope["path"]) is not None


def failure(
    scope: Scope, status: int, message: str, hint: str = "", *, headers: Mapping[str, str] | None = None, **place: Any
) -> Response:
    """Return the answer for a request that failed; `place` says where in a query, for programs."""
    if not wants_json(scope):
        return bare_page("failure.html", status, headers, message=message, hint=hint)
    record = ErrorRecord(error=message, errors=(ErrorDetail(message=message, hint=hint, **place),), status=status)
    return Response(safe_json(record, indent=2) + "\n", status, headers, media_type="application/json")


def bare_page(template: str, status: int, headers: Mapping[str, str] | None = None, **values: Any) -> Response:
    """Return a page that shows nothing of an archive."""
    text = environment().get_template(template).render(**values)
    return HTMLResponse(text, status, headers)


def place_of(scope: Scope) -> str:
    """Return the address of a request within the site, to come back to."""
    query = scope["query_string"].decode("latin-1")
    path = quote(scope["path"], safe="/:@!$&'()*+,;=~", errors="replace")
    return within_site(f"{path}?{query}" if query else path)


def within_site(place: str) -> str:
    """Return `place` if it is an address within the site, otherwise the first page."""
    return place if _PLACE.fullmatch(place) else "/"
