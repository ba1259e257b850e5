import hashlib
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from searchkit.crawl.web.captures import WarcWriter
from searchkit.crawl.web.pages import Response
from searchkit.errors import ArchiveError

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
BODY = "<p>Ferry crews in Velmar vote on Monday: „Ja“</p>".encode()


def answer(body: bytes = BODY, **fields: Any) -> Response:
    headers = {"content-type": "text/html", "content-encoding": "gzip", "content-length": "7", "x-note": "a\r\nb: c"}
    defaults: dict[str, Any] = {
        "final_url": "https://ledger.example/story",
        "status": 200,
        "headers": headers,
        "body": body,
        "fetched_at": NOW,
    }
    return Response(**defaults | fields)


def records(path: Path) -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    with path.open("rb") as stream:
        return [
            (
                record.rec_type,
                {name.lower(): value for name, value in record.rec_headers.headers},
                {name.lower(): value for name, value in record.http_headers.headers} if record.http_headers else {},
                record.content_stream().read(),
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_a_response_is_stored_with_headers_time_and_digest(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "warc", started=NOW)
    writer.write(answer())
    writer.close()
    (path,) = (tmp_path / "warc").glob("searchkit-20260301T120005-*.warc.gz")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    about, response, request = records(path)
    assert about[0] == "warcinfo"
    assert b"software: searchkit/" in about[3]
    assert [response[0], request[0]] == ["response", "request"]
    assert response[1]["warc-target-uri"] == request[1]["warc-target-uri"] == "https://ledger.example/story"
    assert response[1]["warc-date"] == request[1]["warc-date"] == "2026-03-01T12:00:05Z"
    assert response[1]["warc-payload-digest"] == f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    assert response[3] == BODY
    assert response[2]["content-length"] == str(len(BODY))
    assert response[2]["x-archive-orig-content-encoding"] == "gzip"
    assert response[2]["x-note"] == "a b: c"


def test_two_runs_in_one_second_have_two_files(tmp_path: Path) -> None:
    for _ in range(2):
        writer = WarcWriter(tmp_path, started=NOW)
        writer.write(answer(status=299))
        writer.close()
    assert len([*tmp_path.glob("searchkit-20260301T120005-*.warc.gz")]) == 2


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("")
    with pytest.raises(ArchiveError, match="cannot be used"):
        WarcWriter(tmp_path / "warc", started=NOW).write(answer())
