"""SQLite FTS5, as one would build it for this: Porter stems, external content, BM25 with a weight on titles.

Values of facets stand in a side table that is clustered by document, months among them, so that one statement counts
everything (a subquery was twice as fast as a temporary table of hits); they are tokens of the full text as well, which
makes filters cheap. Days stand in a narrow table of their own, so that a range reads no texts. Fuzzy words are looked
up in the vocabulary (fts5vocab). What one may do instead of SQL is measured too: values packed into the narrow table,
and counted in Python.
"""

import sqlite3
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from benchmark.questions import FIELDS, Question
from benchmark.rivals.base import Counted, Found, Record

_TABLES = """
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, tags TEXT, body TEXT);
CREATE TABLE days (number INTEGER PRIMARY KEY, day INTEGER, tags TEXT);
CREATE TABLE names (value INTEGER PRIMARY KEY, field INTEGER, id TEXT, UNIQUE (field, id));
CREATE TABLE facets (number INTEGER, value INTEGER, PRIMARY KEY (number, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5(title, body, tags, content='documents', content_rowid='number',
    tokenize='porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(texts, row);
INSERT INTO texts (texts, rank) VALUES ('rank', 'bm25(2.0, 1.0, 0.0)');
"""
_COUNTED = (*FIELDS, "month")


class Fts5:
    """A Rival in one SQLite file. `packed`: values are counted in Python."""

    def __init__(self, folder: Path, *, packed: bool = False) -> None:
        self._packed = packed
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "texts.sqlite"
        new = not path.exists()
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA cache_size = -64000")
        self._connection.execute("PRAGMA mmap_size = 2000000000")
        self._connection.execute("PRAGMA temp_store = MEMORY")
        if new:
            self._connection.executescript(_TABLES)

    def add(self, records: Sequence[Record]) -> None:
        run = self._connection.execute
        if not self._connection.in_transaction:
            run("BEGIN")
        for record in records:
            known = run("SELECT number, title, body, tags FROM documents WHERE id = ?", (record["id"],)).fetchone()
            if known:
                run("INSERT INTO texts (texts, rowid, title, body, tags) VALUES ('delete', ?, ?, ?, ?)", known)
                for table in ("documents", "days", "facets"):
                    run(f"DELETE FROM {table} WHERE number = ?", known[:1])  # noqa: S608 - fixed names
            values = [self._value(field, name) for field, of in enumerate(FIELDS) for name in record[of]]
            if record["month"]:
                values.append(self._value(len(FIELDS), record["month"]))
            tags = " ".join(f"v{value}" for value in values)
            number = run(
                "INSERT INTO documents (id, title, tags, body) VALUES (?, ?, ?, ?)",
                (record["id"], record["title"], tags, record["body"]),
            ).lastrowid
            run(
                "INSERT INTO texts (rowid, title, body, tags) VALUES (?, ?, ?, ?)",
                (number, record["title"], record["body"], tags),
            )
            run("INSERT INTO days VALUES (?, ?, ?)", (number, record["day"], tags))
            self._connection.executemany("INSERT INTO facets VALUES (?, ?)", [(number, value) for value in values])

    @cached_property
    def _values(self) -> dict[tuple[int, str], int]:
        rows = self._connection.execute("SELECT value, field, id FROM names")
        return {(field, name): value for value, field, name in rows}

    @cached_property
    def _names(self) -> dict[int, tuple[int, str]]:
        return {value: key for key, value in self._values.items()}

    def _value(self, field: int, name: str) -> int:
        if (field, name) not in self._values:
            self._values[field, name] = len(self._values) + 1
            self._connection.execute(
                "INSERT INTO names (value, field, id) VALUES (?, ?, ?)", (len(self._values), field, name)
            )
        return self._values[field, name]

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def find(self, question: Question) -> Found:
        joined, bound = self._matching(question)
        (total,) = self._connection.execute(f"SELECT count(*) {joined}", bound).fetchone()
        rows = self._connection.execute(
            f"SELECT texts.rowid, snippet(texts, 1, '[', ']', '...', 40) {joined} ORDER BY rank LIMIT 10", bound
        ).fetchall()
        return Found(total=total, ids=self._ids(row[0] for row in rows), snippets=tuple(row[1] for row in rows))

    def count(self, question: Question) -> Counted:
        joined, bound = self._matching(question)
        best = self._connection.execute(f"SELECT texts.rowid {joined} ORDER BY rank LIMIT 10", bound)
        ids = self._ids([row[0] for row in best])
        total, counts = (self._in_python if self._packed else self._in_sql)(joined, bound)
        facets: dict[str, dict[str, int]] = {field: {} for field in _COUNTED}
        for field, name, count in counts:
            of_field = facets[_COUNTED[field]]
            if field == len(FIELDS) or len(of_field) < 10:
                of_field[name] = count
        return Counted(total=total, ids=ids, facets=facets)

    def _in_sql(self, joined: str, bound: list[object]) -> tuple[int, list[tuple[int, str, int]]]:
        """The total, and field, name and count of each value, most frequent first."""
        (total,) = self._connection.execute(f"SELECT count(*) {joined}", bound).fetchone()
        # `joined` is SQL of ours; values are bound.
        counted = (
            "SELECT field, id, n FROM (SELECT value, count(*) AS n FROM facets WHERE number IN "  # noqa: S608
            f"(SELECT texts.rowid {joined}) GROUP BY value) JOIN names USING (value) ORDER BY n DESC, id"
        )
        return total, self._connection.execute(counted, bound).fetchall()

    def _in_python(self, joined: str, bound: list[object]) -> tuple[int, list[tuple[int, str, int]]]:
        """The same."""
        packed = f"SELECT tags FROM days WHERE number IN (SELECT texts.rowid {joined})"  # noqa: S608
        rows = [row[0] for row in self._connection.execute(packed, bound)]
        names, found = self._names, []
        for tag, count in Counter(" ".join(filter(None, rows)).split()).items():
            field, name = names[int(tag[1:])]
            found.append((field, name, count))
        return len(rows), sorted(found, key=lambda one: (-one[2], one[1]))

    def _ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        query = "SELECT id FROM documents WHERE number = ?"
        return tuple(self._connection.execute(query, (number,)).fetchone()[0] for number in numbers)

    def _matching(self, question: Question) -> tuple[str, list[object]]:
        joined, bound = "FROM texts", list[object]([self._match(question)])
        if question.days:
            joined += " JOIN days ON days.number = texts.rowid"
        joined += " WHERE texts MATCH ?"
        if question.days:
            joined += " AND day BETWEEN ? AND ?"
            bound += question.days
        return joined, bound

    def _match(self, question: Question) -> str:
        words = [f'"{word}"' for word in question.words]
        match question.form:
            case "any":
                wanted = " OR ".join(words)
            case "phrase":
                wanted = f'"{" ".join(question.words)}"'
            case "prefix":
                wanted = f"{words[0]} *"
            case "fuzzy":
                wanted = " OR ".join(f'"{term}"' for term in self._alike(question.words[0])) or '""'
            case _:
                wanted = " AND ".join(words)
        match = f"{{title body}} : ({wanted})"
        if question.entity:
            row = self._connection.execute("SELECT value FROM names WHERE id = ? AND field = 1", (question.entity,))
            value = row.fetchone()
            match += f' AND tags : "v{value[0] if value else 0}"'
        return match

    def _alike(self, word: str) -> list[str]:
        """The terms that are one letter away from `word`, or the same."""
        halves = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
        letters = string.ascii_lowercase
        edits = {word, *(a + b[1:] for a, b in halves if b)}
        edits |= {a + letter + b for a, b in halves for letter in letters}
        edits |= {a + letter + b[1:] for a, b in halves if b for letter in letters}
        look_up = "SELECT term FROM vocabulary WHERE term = ?"
        return sorted(term for term in edits if self._connection.execute(look_up, (term,)).fetchone())

    def close(self) -> None:
        self._connection.close()
