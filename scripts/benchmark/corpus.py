"""The documents: a newswire scaled to any size, or documents mixed from the sentences of seeds/; and the records that
other engines index.

BENCH_NEWSWIRE names a folder with `scale.py` (arguments: number of documents, file), `queries.json` and
`reuters.jsonl.gz`.
"""

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmark.questions import FIELDS
from benchmark.rivals.base import Record

ROOT = Path(__file__).resolve().parents[2]
NEWSWIRE = Path(os.environ.get("BENCH_NEWSWIRE", ROOT / "newswire"))
EXTRA = 100  # documents added after indexing
_SAMPLED = 400  # statements for questions


def make(path: Path, documents: int, *, mixed: bool) -> None:
    """Write a corpus as JSON Lines: the newswire, or documents mixed from seeds."""
    if mixed:
        mix(path, documents)
    else:
        subprocess.run([sys.executable, NEWSWIRE / "scale.py", str(documents), str(path)], check=True)


def mix(path: Path, documents: int, *, seed: int = 7) -> None:
    """Write documents of three paragraphs of three sentences from seeds/, with days over ten years."""
    from searchkit.crawl.base import FileOptions
    from searchkit.crawl.files import resources
    from searchkit.parse import article
    from searchkit.statements.document import Resource
    from searchkit.statements.text import sentences

    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = [r for r in resources([str(ROOT / "seeds")], FileOptions(), now=now) if isinstance(r, Resource)]
    articles = [article(resource, today=now.date()) for resource in found]
    pool = [span.of(made.text) for made in articles for part in made.paragraphs for span in sentences(made.text, part)]
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(documents):
            text = "\n".join(" ".join(chance.sample(pool, 3)) for _ in range(3))
            day = date.fromordinal(date(2015, 1, 1).toordinal() + chance.randrange(3650)).isoformat()
            title = " ".join(chance.choice(pool).split()[:8])
            record = {"id": number, "title": title, "text": text, "date": day, "outlet": f"Outlet {number % 9}"}
            file.write(json.dumps(record) + "\n")


def copy_lines(source: Path, target: Path, *, first: int, count: int) -> None:
    """Copy `count` lines of a corpus (gzip or plain), starting at line `first`."""
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rt", encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            if number >= first + count:
                break
            if number >= first:
                out.write(line)


def record_of(document: Any) -> Record:
    """What other engines index of a Document: its words, its day, and the names that searchkit found."""
    from searchkit.index.rows import document_row, quote_rows

    row = document_row(document)
    statements = [
        {
            "id": said.id,
            "text": said.texts["quote"][0],
            **{
                name: [value.id for value in said.names.get(name, ())]
                for name in ("speaker", "about", "entity", "agency")
            },
        }
        for said in quote_rows(document)
    ]
    days = row.dates.get("date", ())
    day = days[0].first if days else 0
    return {
        "id": document.id,
        "title": document.title or "",
        "body": document.text,
        "day": day,
        "month": date.fromordinal(day).isoformat()[:7] if day else "",
        **{field: [value.id for value in row.names.get(field, ())] for field in FIELDS},
        "statements": statements,
    }


def documents_of(archive: Path, *, after: int = 0) -> Iterator[Any]:
    """Yield the Documents of an archive in the order of changes, after change number `after`."""
    from searchkit.store.store import open_store

    store = open_store(archive / "store.sqlite", writable=False)
    for change in store.changes(after):
        if change.document is not None:
            yield change.document
    store.close()


def dump(archive: Path, records: Path, statements: Path, *, seed: int = 7) -> None:
    """Write the records of an archive as JSON Lines, and a sample of its statements with speaker and target."""
    chance, met = random.Random(seed), 0
    sample: list[dict[str, Any]] = []
    part = records.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        for document in documents_of(archive):
            out.write(json.dumps(record_of(document)) + "\n")
            for quote in document.quotes:
                if not quote.speaker.entity_id or not quote.about:
                    continue
                met += 1
                names = document.names()
                one = {
                    "speaker": quote.speaker.entity_id,
                    "speaker_name": quote.speaker.name,
                    "about": quote.about[0],
                    "about_name": names.get(quote.about[0], quote.about[0]),
                    "text": quote.content.of(document.text),
                }
                if len(sample) < _SAMPLED:
                    sample.append(one)
                elif (place := chance.randrange(met)) < _SAMPLED:
                    sample[place] = one
    statements.write_text(json.dumps(sample), encoding="utf-8")
    part.rename(records)


def read(records: Path) -> Iterator[Record]:
    """Yield the records of a file."""
    with records.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
