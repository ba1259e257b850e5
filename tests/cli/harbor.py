"""A small archive of invented articles, for questions with known answers."""

import json
from datetime import UTC, datetime
from pathlib import Path

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.ingest import IngestOptions

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ARTICLES = (
    {
        "uri": "https://ledger.example.org/cranes",
        "title": "Cranes stand still",
        "outlet": "Harbor Ledger",
        "published": "2022-12-16",
        "language": "en",
        "text": (
            "The cranes of the port stood still on Friday.\n\n"
            '"We counted the crates twice," said Nadia Korbel, spokesperson for the Ostrava Trade Office.'
        ),
    },
    {
        "uri": "https://ledger.example.org/crates",
        "title": "=Crates & papers",
        "outlet": "Harbor Ledger",
        "published": "2023-01-10",
        "language": "en",
        "text": 'Crates came and went.\n\n"The papers were one crate short," Nadia Korbel said.',
    },
    {
        "uri": "https://courier.example.net/hearing",
        "title": "A hearing in spring",
        "outlet": 'River "Courier"',
        "language": "en",
        "text": 'The port waits.\n\n"The cranes will move again," said Petr Havel, harbor master of Velmar.',
    },
)


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
        "null": False,
        "no_pager": False,
        "duplicates": False,
        "verbose": False,
        "score": False,
    } | given
