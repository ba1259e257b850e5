"""Read from the frontier when a capture was fetched, from where, and with which headers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from searchkit.crawl.web.erasure import opened
from searchkit.crawl.web.frontier_database import FrontierConnection, FrontierDatabase, frontier_database
from searchkit.crawl.web.pages import Response
from searchkit.files import parse_json

# The fetch of this address closest to that time; the same bytes may have come from other addresses too.
_FETCH = (
    "SELECT final_url, status, headers, fetched_at FROM fetches WHERE digest = ?1"
    " ORDER BY ?2 NOT IN (url, final_url), abs(fetched_at - ?3), number LIMIT 1"
)


class CaptureHistory:
    """The fetches that captures come from."""

    def __init__(self, connection: FrontierConnection | None) -> None:
        self._connection = connection

    def response(self, digest: str, body: bytes, *, address: str, at: datetime) -> Response:
        """Return the answer whose body a capture is. If the frontier does not know it, its status is 0, and its address
        and time are those given."""
        rows = self._connection.rows(_FETCH, digest, address, at.timestamp()) if self._connection else ()
        if not rows:
            return Response(final_url=address, status=0, body=body, digest=digest, fetched_at=at)
        final_url, status, headers, fetched_at = rows[0]
        return Response(
            final_url=str(final_url),
            status=int(status),
            headers=_headers(headers),
            body=body,
            digest=digest,
            fetched_at=datetime.fromtimestamp(fetched_at, UTC),
        )


@contextmanager
def capture_history(place: Path | FrontierDatabase) -> Iterator[CaptureHistory]:
    """Open the history in a frontier, which may be missing. Errors as `opened`."""
    if not frontier_database(place).exists():
        yield CaptureHistory(None)
        return
    with opened(place) as connection:
        yield CaptureHistory(connection)


def _headers(written: str) -> Mapping[str, str]:
    try:
        found = parse_json(written)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
