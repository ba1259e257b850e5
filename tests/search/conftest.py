"""A small archive of invented people and bodies, on every engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searchkit.index.base import Index
from tests.index.engines import ORACLE, PURE, opened
from tests.index.records import document, fill

TEXTS: tuple[dict[str, Any], ...] = (
    {
        "id": "d1",
        "title": "Cranes stand still",
        "text": "The cranes stood still. Korbel spoke of crates and of cranes. Schäfer kept to the harbor rules.",
        "outlet": "Harbor Ledger",
        "language": "en",
        "published": "2022-12-16",
        "names": [
            {"surface": "Korbel", "name": "Nadia Korbel", "kind": "person"},
            {"surface": "Schäfer", "name": "Ulla Schäfer", "kind": "person"},
        ],
        "quotes": [
            {"words": "crates", "speaker": "Nadia Korbel", "verb": "say", "date": "2022-12-15"},
            {"words": "harbor rules", "speaker": "Ulla Schäfer", "about": ["Nadia Korbel"], "verb": "deny"},
        ],
    },
    {
        "id": "d2",
        "text": "Korbel, of the Trade Office, counted crates. The double crane standard of Lodz fell.",
        "outlet": "Meridian Wire",
        "language": "en-GB",
        "published": "2023-01-10",
        "names": [
            {"surface": "Korbel", "name": "Petr Korbel", "kind": "person"},
            {"surface": "Trade Office", "name": "Ostrava Trade Office", "kind": "agency"},
        ],
        "quotes": [
            {"words": "counted crates", "speaker": "Petr Korbel", "verb": "say", "kind": "indirect"},
            {"words": "fell", "speaker": "Ostrava Trade Office", "about": ["Petr Korbel"], "verb": "say"},
        ],
    },
    {
        "id": "d3",
        "text": "Meridian was quiet. Havel Mei-ling said so.",
        "outlet": "Harbor Ledger",
        "language": "de",
        "names": [{"surface": "Havel Mei-ling", "name": "Havel Meiling", "kind": "person"}],
        "quotes": [{"words": "quiet", "speaker": "Havel Meiling", "verb": "say"}],
    },
)


@pytest.fixture(params=[ORACLE, PURE])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """The three documents, in two batches."""
    made = opened(request.param, tmp_path / "index")
    first, *others = map(document, TEXTS)
    fill(made, first, sequence=1)
    fill(made, *others, sequence=2)
    yield made
    made.close()
