"""Groups of copies: which documents hold the same text, kept up to date as documents come, change and go.

takes:    a document's sketch when it is stored; its id when it leaves
gives:    the documents whose group has changed by that
does not: decide which of a group is shown (index/duplicate_collapsing.py does)
traps:    groups are the connected parts of all pairs of copies, so the order in which documents come does not matter,
          as long as no run of words stands in more distinct texts than are looked at (_COMMON, _COMPARED)

Documents with equal sketches share one, so that a page put up a thousand times is compared once. A group is named after
the first of its documents by id.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from searchkit.store.connection import Connection
from searchkit.store.near_duplicates import Sketch, are_copies

# Of the distinct texts in which one run of words stands the first so many are remembered: more is a phrase of the trade
# ("the company said it has"), or a story so often copied that those are enough to find it by. In the newswire, copies
# always had a run in common that stood in 13 texts at most.
_COMMON = 200
# Copies have at least so many of the looked-up hashes in common: all of the newswire do, one in ten of the others.
_IN_COMMON = 2
# So many texts are compared with a new one, those with most in common first.
_COMPARED = 64


class CopyGroups:
    """The groups of a store, over its tables `facts`, `sketches`, `sketch_hashes` and `sketch_pairs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, document: str, sketch: Sketch) -> set[str]:
        """Give a document its sketch. Returns the documents, itself maybe among them, whose group is another now."""
        packed = sketch.packed()
        key = blake2b(packed, digest_size=16).digest()
        number = self._connection.one("SELECT id FROM sketches WHERE key = ?", key)
        before = self._connection.one("SELECT sketch FROM facts WHERE document = ?", document)
        if number is not None and number == before:
            return set()
        changed = self.leave(document) if before is not None else set()
        alike = {number} if number is not None else set()
        if number is None:
            number, alike = self._add(key, packed, sketch)
        self._connection.execute("UPDATE facts SET sketch = ? WHERE document = ?", number, document)
        groups, alone = set(), {document}
        for other in alike:
            found = self._connection.execute(
                "SELECT document, copies FROM facts WHERE sketch = ? AND document <> ? LIMIT 1", other, document
            ).fetchone()
            if found is not None and found[1]:
                groups.add(found[1])
            elif found is not None:
                alone.add(found[0])
        if len(groups) + len(alone) > 1:
            name = min(groups | alone)
            # Of a group that keeps its name nobody is looked at, however large it is.
            renamed = (self._members(group) for group in groups - {name})
            changed |= self._name(alone.union(*renamed), name)
        return changed

    def leave(self, document: str) -> set[str]:
        """Take a document's sketch away. Returns the documents, itself maybe among them, whose group is another now."""
        row = self._connection.execute("SELECT sketch, copies FROM facts WHERE document = ?", document).fetchone()
        if row is None or row[0] is None:
            return set()
        number, group = row
        self._connection.execute("UPDATE facts SET sketch = NULL, copies = '' WHERE document = ?", document)
        last = self._connection.one("SELECT 1 FROM facts WHERE sketch = ?", number) is None
        if last:
            self._drop(number)
        if not group:
            return set()
        left = self._connection.execute("SELECT 1 FROM facts WHERE copies = ? LIMIT 2", group).fetchall()
        if not last and document != group and len(left) > 1:
            return {document}  # one of several with this text, which still holds the others together
        return {document} | self._regroup(group)

    def _add(self, key: bytes, packed: bytes, sketch: Sketch) -> tuple[int, set[int]]:
        """Keep a new sketch; returns its number and those of its copies."""
        number = self._connection.execute("INSERT INTO sketches (key, sketch) VALUES (?, ?)", key, packed).lastrowid
        if number is None:
            raise AssertionError("an insert has a row")
        hashes = sketch.looked_up()
        if not hashes:
            return number, set()
        found = self._connection.execute(
            f"SELECT hash, sketch FROM sketch_hashes WHERE hash IN ({','.join('?' * len(hashes))})",  # noqa: S608 - marks
            *hashes,
        ).fetchall()
        sizes = Counter(one for one, _ in found)
        common = Counter(other for _, other in found)
        likely = sorted((-count, other) for other, count in common.items() if count >= _IN_COMMON)
        alike = {other for _, other in likely[:_COMPARED] if are_copies(sketch, self._sketch(other))}
        self._connection.execute_many(
            "INSERT INTO sketch_hashes VALUES (?, ?)", [(one, number) for one in hashes if sizes[one] < _COMMON]
        )
        self._connection.execute_many(
            "INSERT INTO sketch_pairs VALUES (?, ?)",
            [pair for other in alike for pair in ((number, other), (other, number))],
        )
        return number, alike

    def _sketch(self, number: int) -> Sketch:
        return Sketch.unpacked(self._connection.one("SELECT sketch FROM sketches WHERE id = ?", number))

    def _drop(self, number: int) -> None:
        """Forget a sketch that no document has."""
        self._connection.execute_many(
            "DELETE FROM sketch_hashes WHERE hash = ? AND sketch = ?",
            [(one, number) for one in self._sketch(number).looked_up()],
        )
        self._connection.execute_many(
            "DELETE FROM sketch_pairs WHERE sketch = ? AND other = ?",
            [(other, number) for other in self._copies_of(number)],
        )
        self._connection.execute("DELETE FROM sketch_pairs WHERE sketch = ?", number)
        self._connection.execute("DELETE FROM sketches WHERE id = ?", number)

    def _copies_of(self, number: int) -> list[int]:
        found = self._connection.execute("SELECT other FROM sketch_pairs WHERE sketch = ?", number)
        return [other for (other,) in found.fetchall()]

    def _members(self, group: str) -> list[str]:
        found = self._connection.execute("SELECT document FROM facts WHERE copies = ?", group)
        return [document for (document,) in found.fetchall()]

    def _regroup(self, group: str) -> set[str]:
        """Part a group that a member has left into what still hangs together."""
        documents: dict[int, list[str]] = {}
        for document, number in self._connection.execute(
            "SELECT document, sketch FROM facts WHERE copies = ?", group
        ).fetchall():
            documents.setdefault(number, []).append(document)
        changed: set[str] = set()
        unvisited = set(documents)
        while unvisited:
            waiting, part = [unvisited.pop()], []
            while waiting:
                number = waiting.pop()
                part.append(number)
                near = unvisited.intersection(self._copies_of(number))
                unvisited -= near
                waiting.extend(near)
            members = [document for number in part for document in documents[number]]
            changed |= self._name(members, min(members) if len(members) > 1 else "")
        return changed

    def _name(self, members: Iterable[str], group: str) -> set[str]:
        """Put `members` into `group`; returns those that were in another."""
        changed = set()
        for document in members:
            if self._connection.one("SELECT copies FROM facts WHERE document = ?", document) != group:
                self._connection.execute("UPDATE facts SET copies = ? WHERE document = ?", group, document)
                changed.add(document)
        return changed
