"""Articles put into an archive as the days go by. People, bodies and outlets are invented."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.index.base import Sort
from searchkit.ingest import IngestOptions
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, Answer, QueryRequest, answer
from searchkit.statements.document import Document, document_id
from tests.samples import present

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CRANES = "https://ledger.example/cranes"
TEXT = (
    "The cranes of the port stood still on Friday.\n\n"
    '"We counted the crates twice before we closed the gate," said Nadia Korbel, spokesperson for the Ostrava Trade '
    "Office.\n\n"
    "Igor Malt, a dock worker, said that the gate had been open all night and nobody had been asked for papers."
)
WEATHER = " ".join(6 * ["The weather was fair in every port of the coast, and will be fair tomorrow."])


def take(archive: Archive, text: str = TEXT, *, uri: str = CRANES, days: int = 0, **fields: Any) -> Document:
    """Take in one article, so many days after NOW; the document as it is then."""
    record = {
        "uri": uri,
        "title": "Cranes stand still",
        "outlet": "Harbor Ledger",
        "published": "2026-03-03",
        "language": "en",
        "text": text,
        **fields,
    }
    now = NOW + timedelta(days=days)
    made = new_resource(uri, json.dumps(record).encode(), media_type="application/x-searchkit-record", now=now)
    options = IngestOptions(workers=1, retry_failed=text.startswith(WEATHER), named=(uri,))
    for batch in archive.ingest([made], options=options, now=now):
        assert [outcome.status for outcome in batch.outcomes if outcome.status == "failed"] == []
    return present(archive.get(document_id(uri)))


def take_pdf(archive: Archive, body: bytes, folder: Path) -> Document:
    """Take in a PDF."""
    from searchkit.crawl.base import FileOptions
    from searchkit.crawl.files import resources

    path = folder / "report.pdf"
    path.write_bytes(body)
    found = resources([str(path)], FileOptions(), now=NOW)
    batches = archive.ingest(found, options=IngestOptions(workers=1), now=NOW)
    document: Document = next(document for batch in batches for document in batch.changed)
    return document


def selected(
    archive: Archive,
    query: str = "*",
    record: Record = "quote",
    *,
    sort: Sort = "oldest",
    limit: int | None = None,
    copies: bool = False,
) -> Answer:
    """Everything that answers a query."""
    request = QueryRequest(
        query=query, record=record, today=date(2026, 3, 4), sort=sort, limit=limit or ALL, copies=copies
    )
    return answer(archive, request)
