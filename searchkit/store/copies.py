"""Duplicate groups, kept up to date as documents come, change and go.

Groups are the connected components of all near-duplicate pairs, so the order of documents does not matter as long as no
run of words occurs in more distinct texts than _COMMON and _COMPARED allow. Documents with equal sketches share one. A
group is named after its first document by id.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from searchkit.store.connection import Connection
from searchkit.store.near_duplicates import Sketch, are_copies

# For each run of words, the first texts that contain it are stored. More common runs are set phrases ("the company said
# it has"). In the newswire, duplicates always shared a run that occurs in 13 texts at most.
_COMMON = 200
# Duplicates share at least so many of the looked-up hashes: all of the newswire do, and one in ten other pairs.
_IN_COMMON = 2
# How many texts are compared with a new one, those with most hashes in common first.
_COMPARED = 64


class CopyGroups:
    """The duplicate groups of a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, document: str, sketch: Sketch) -> set[str]:
        """Set the sketch of a document; return the documents whose group changed."""
        packed = sketch.packed()
        key = blake2b(packed, digest_size=16).digest()
        number = self._connection.scalar("SELECT id FROM sketches WHERE key = ?", key)
        before = self._connection.scalar("SELECT sketch FROM facts WHERE document = ?", document)
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
            # The members of the group that keeps its name need not be read.
            renamed = (self._members(group) for group in groups - {name})
            changed |= self._name(alone.union(*renamed), name)
        return changed

    def leave(self, document: str) -> set[str]:
        """Remove the sketch of a document; return the documents whose group changed."""
        row = self._connection.execute("SELECT sketch, copies FROM facts WHERE document = ?", document).fetchone()
        if row is None or row[0] is None:
            return set()
        number, group = row
        self._connection.execute("UPDATE facts SET sketch = NULL, copies = '' WHERE document = ?", document)
        last = self._connection.scalar("SELECT 1 FROM facts WHERE sketch = ?", number) is None
        if last:
            self._drop(number)
        if not group:
            return set()
        left = self._connection.execute("SELECT 1 FROM facts WHERE copies = ? LIMIT 2", group).fetchall()
        if not last and document != group and len(left) > 1:
            return {document}  # another document with this text keeps the group connected
        return {document} | self._regroup(group)

    def _add(self, key: bytes, packed: bytes, sketch: Sketch) -> tuple[int, set[int]]:
        """Store a new sketch; return its number and those of its near-duplicates."""
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
        sizes = Counter(value for value, _ in found)
        common = Counter(other for _, other in found)
        likely = sorted((-count, other) for other, count in common.items() if count >= _IN_COMMON)
        alike = {other for _, other in likely[:_COMPARED] if are_copies(sketch, self._sketch(other))}
        self._connection.execute_many(
            "INSERT INTO sketch_hashes VALUES (?, ?)", [(value, number) for value in hashes if sizes[value] < _COMMON]
        )
        self._connection.execute_many(
            "INSERT INTO sketch_pairs VALUES (?, ?)",
            [pair for other in alike for pair in ((number, other), (other, number))],
        )
        return number, alike

    def _sketch(self, number: int) -> Sketch:
        return Sketch.unpacked(self._connection.scalar("SELECT sketch FROM sketches WHERE id = ?", number))

    def _drop(self, number: int) -> None:
        """Remove a sketch without documents."""
        self._connection.execute_many(
            "DELETE FROM sketch_hashes WHERE hash = ? AND sketch = ?",
            [(value, number) for value in self._sketch(number).looked_up()],
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
        """Split a group that a member has left into its connected components."""
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
        """Move `members` into `group`; return those that were elsewhere."""
        changed = set()
        for document in members:
            if self._connection.scalar("SELECT copies FROM facts WHERE document = ?", document) != group:
                self._connection.execute("UPDATE facts SET copies = ? WHERE document = ?", group, document)
                changed.add(document)
        return changed
