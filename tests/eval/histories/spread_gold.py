"""Score the groups of one quote in many outlets against tests/eval/histories/spread*.jsonl, from text to group."""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from searchkit.histories.quotes_table import DATABASE, FailedViews, QuotesTable, conflicts
from searchkit.sqlite import SqliteConnection
from searchkit.statements.annotation import annotate
from searchkit.statements.dates.stated import parse_stated
from searchkit.statements.document import Article, Document
from searchkit.statements.text import normalize, paragraphs

HERE = Path(__file__).parent


class Scores(Struct, kw_only=True):
    """Counts of pairs of annotated quotes, and of groups with conflicting attributions."""

    right: int = 0
    predicted: int = 0
    wanted: int = 0
    conflicts_right: int = 0
    conflicts_found: int = 0
    conflicts_wanted: int = 0
    mistakes: list[str] = []

    @property
    def precision(self) -> float:
        return self.right / (self.predicted or 1)

    @property
    def recall(self) -> float:
        return self.right / (self.wanted or 1)


def documents(record: dict[str, Any]) -> dict[str, Document]:
    """Return the annotated documents of a record by key."""
    return {listed["key"]: _document(record["id"], listed) for listed in record["documents"]}


def score(name: str) -> Scores:
    """Return the scores of one annotated file, all of its records in one archive."""
    records = [msgspec.json.decode(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]
    annotated = {record["id"]: documents(record) for record in records}
    statements = {
        quote.id: (document, quote)
        for of_record in annotated.values()
        for document in of_record.values()
        for quote in document.statements
    }
    group_of = _grouped(document for of_record in annotated.values() for document in of_record.values())
    members: dict[str, list[str]] = {}
    for key, group in group_of.items():
        members.setdefault(group, []).append(key)
    with_conflict = {
        group for group, keys in members.items() if len(keys) > 1 and conflicts(statements[key] for key in sorted(keys))
    }
    scores = Scores(mistakes=[])
    for record in records:
        _score_record(record, annotated[record["id"]], group_of, with_conflict, scores)
    return scores


def _grouped(documents: Iterable[Document]) -> dict[str, str]:
    """Return the group of each statement; that of a statement in none is its own id."""
    with TemporaryDirectory() as folder:
        connection = SqliteConnection(Path(folder) / "histories.sqlite", writable=True, database=DATABASE)
        with closing(connection):
            quotes = QuotesTable(connection, FailedViews(connection))
            for document in documents:
                quotes.put(document.id, document)
            quotes.regroup()
            found = connection.execute("SELECT statement, quote_group FROM quotes").fetchall()
    return {statement: group or statement for statement, group in found}


def _score_record(
    record: dict[str, Any],
    annotated: dict[str, Document],
    group_of: dict[str, str],
    with_conflict: set[str],
    scores: Scores,
) -> None:
    placed = [
        (listed["group"], listed, _group_at(annotated[listed["document"]], listed["words"], group_of))
        for listed in record["quotes"]
    ]
    for (group, first, number), (other, second, other_number) in combinations(placed, 2):
        wanted, predicted = group == other, number == other_number and number is not None
        scores.wanted += wanted
        scores.predicted += predicted
        scores.right += wanted and predicted
        if wanted != predicted:
            scores.mistakes.append(
                f"{record['id']} {'MISSED' if wanted else 'WRONG'} {group} {first['document']} | {first['words']} | "
                f"{other} {second['document']} | {second['words']}"
            )
    found = {name for name, _, number in placed if number in with_conflict}
    scores.conflicts_wanted += len(record["conflicts"])
    scores.conflicts_right += len(found & set(record["conflicts"]))
    scores.conflicts_found += len(found)
    scores.mistakes += [f"{record['id']} CONFLICT {name}" for name in found ^ set(record["conflicts"])]


def _group_at(document: Document, words: str, group_of: dict[str, str]) -> str | None:
    """Return the group of the statement that has most of these words."""
    start = document.text.find(normalize(words))
    end = start + len(normalize(words))
    common: Counter[str] = Counter()
    for quote in document.statements:
        for part in document.parts_of(quote):
            common[quote.id] += max(0, min(part.content.end, end) - max(part.content.start, start))
    best = max(common, key=lambda key: common[key], default=None)
    return group_of.get(best) if best is not None and common[best] > 0 else None


def _document(record: str, listed: dict[str, Any]) -> Document:
    text = normalize(listed["text"])
    document = annotate(
        Article(
            uri=f"https://{record}.example/{listed['key']}",
            outlet=listed["outlet"],
            title=listed["title"],
            published=parse_stated(listed["published"], source="meta"),
            language=listed["language"],
            text=text,
            paragraphs=paragraphs(text),
        ),
        seen_at="2025-07-01T00:00:00Z",
    )
    return replace(document, wire=listed["wire"])  # the agencies are invented, so extraction knows none of them
