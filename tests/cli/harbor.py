"""A small archive of invented articles, for questions with known answers."""

import json
from datetime import UTC, datetime
from pathlib import Path

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.ingest import IngestOptions
from tests.cases import records

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ARTICLES = records(__file__, "harbor.jsonl")


def archive_of_the_harbor(folder: Path) -> Archive:
    """The archive with `ARTICLES`; close it."""
    archive = Archive.create(folder)
    found = (
        new_resource(
            str(article["uri"]), json.dumps(article).encode(), media_type="application/x-searchkit-record", now=NOW
        )
        for article in ARTICLES
    )
    outcomes = [
        outcome.status
        for batch in archive.ingest(found, options=IngestOptions(workers=1), now=NOW)
        for outcome in batch.outcomes
    ]
    assert outcomes == ["added"] * len(ARTICLES)
    return archive


def options(**given: object) -> dict[str, object]:
    """The options of `query` and `quotes` as click hands them over when only these were typed."""
    names = ("speaker", "about", "entity", "agency", "outlet", "verb", "kind", "facet")
    return {
        **dict.fromkeys(names, ()),
        "facet_sort": "count",
        "all_values": False,
        "since": "",
        "until": "",
        "sort": None,
        "limit": 10,
        "offset": 0,
        "form": None,
        "as_json": False,
        "fields": (),
        "no_pager": False,
        "duplicates": False,
        "verbose": False,
    } | given
