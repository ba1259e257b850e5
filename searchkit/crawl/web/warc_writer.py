"""Write what a run fetched to a WARC file, the standard format of web archives.

Bodies are stored decoded; the headers of the transfer are kept under `X-Archive-Orig-`, as other archives do.
"""

import hashlib
import http.client
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from searchkit.crawl.web.captures import PAGES_ARE_KEPT
from searchkit.crawl.web.pages import Response
from searchkit.crawl.web.politeness import user_agent
from searchkit.files import private, storage_errors

# Headers that do not apply to a decoded body.
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class WarcWriter:
    """A file `searchkit-YYYYMMDDTHHMMSS-XXXXXX.warc.gz` in `folder`, created with the first response.

    Raises StorageFull or ArchiveError if it cannot be written.
    """

    def __init__(self, folder: Path, *, started: datetime) -> None:
        self._folder = folder
        self._started = started
        self._file: BinaryIO | None = None
        self._writer: Any = None

    def write(self, response: Response) -> None:
        """Add a response with its request."""
        from warcio.statusandheaders import StatusAndHeaders  # few runs write WARC files

        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT):
            writer = self._open()
            record = response_record(writer, response)
            request_line = StatusAndHeaders(f"GET {response.final_url} HTTP/1.1", [], is_http_request=True)
            request = writer.create_warc_record(response.final_url, "request", http_headers=request_line)
            writer.write_request_response_pair(request, record)

    def close(self) -> None:
        """Write the file durably and close it."""
        if self._file is None:
            return
        file, self._file, self._writer = self._file, None, None
        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT), file:
            file.flush()
            os.fsync(file.fileno())

    def _open(self) -> Any:
        if self._writer is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            stamp = self._started.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
            name = f"searchkit-{stamp}-{os.urandom(3).hex()}.warc.gz"  # two runs in one second do not share a file
            self._file = open(self._folder / name, "xb", opener=private)  # noqa: SIM115 - closed by `close`
            self._writer = begun_warc(self._file, name)
        return self._writer


def begun_warc(file: BinaryIO, name: str) -> Any:
    """Return a writer of warcio for a compressed file called `name`, after its first record."""
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(file, gzip=True, warc_version="1.1")
    info = {"software": user_agent(""), "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return writer


def response_record(writer: Any, response: Response) -> Any:
    """Return the record of a response. Without a status, there was no server: it is a resource."""
    from warcio.statusandheaders import StatusAndHeaders

    status = f"{response.status} {http.client.responses.get(response.status, '')}".rstrip()
    headers = StatusAndHeaders(status, _headers(response), protocol="HTTP/1.1") if response.status else None
    date = response.fetched_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    digest = f"sha256:{hashlib.sha256(response.body).hexdigest()}"
    return writer.create_warc_record(
        response.final_url,
        "response" if headers is not None else "resource",
        payload=io.BytesIO(response.body),
        length=len(response.body),
        http_headers=headers,
        warc_content_type="" if headers is not None else response.media_type or "application/octet-stream",
        warc_headers_dict={"WARC-Date": date, "WARC-Payload-Digest": digest},
    )


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = [
        (f"X-Archive-Orig-{name}" if name in _TRANSFER else name, " ".join(value.split()))
        for name, value in response.headers.items()
    ]
    return [*headers, ("Content-Length", str(len(response.body)))]
