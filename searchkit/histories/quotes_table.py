"""The groups of statements that are the same quote, kept as documents come and go.

A node stands for all statements with the same words, so that 200 copies of a press release cost one comparison. Groups
are the connected components of the pairs of nodes; they are computed at each commit, for what has changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from itertools import islice
from json import dumps

from msgspec import msgpack
from msgspec.structs import replace

from searchkit.histories.base import day_of, outlet_of
from searchkit.histories.failures import FailedViews
from searchkit.statements.document import Document, Quote
from searchkit.store.connection import Connection
from searchkit.wording.quotations import Sketch, least_in_common, node_of, same_quote, sketch

# Statements of one document that are compared: a thousand variants of one sentence would take half a minute.
_MOST_QUOTES = 100
# Nodes that a node is compared with, those that share most with it: 500 variants of one sentence took a minute.
_MOST_COMPARED = 50
# A query may have so many parameters; a statement of a thousand words has 400 hashes.
_MOST_HASHES = 500


class QuotesTable:
    """The statements of six or more quoted words, and their groups. Changes are pending until the next commit."""

    def __init__(self, connection: Connection, failed: FailedViews) -> None:
        self._connection = connection
        self._failed = failed
        self._dirty_nodes: set[int] = set()
        self._dirty_groups: set[str] = set()

    # --- writing -----------------------------------------------------------------------------------------------------

    def put(self, document_id: str, document: Document | None, *, is_new: bool) -> None:
        """Add or replace the statements of a document, or remove them if it is None; `is_new`: it has none here."""
        new = dict(self._sketches(document)) if document is not None else {}
        place = ("", "")
        if document is not None and (new or not is_new):
            place = outlet_of(document), day_of(document)[0]
        if not is_new:
            self._drop(document_id, place, new)
        for statement, own in new.items():
            self._add(statement, document_id, place, own)

    def _sketches(self, document: Document) -> Iterator[tuple[str, Sketch]]:
        def made(quote: Quote) -> Sketch | None:
            own = sketch(document, quote)
            if own is None:
                return None
            node = node_of(own)
            return replace(own, day=node.day, names=node.names)

        attempts = (
            (quote, self._failed.attempt(partial(made, quote), None, of=document.id, view="quote", statement=quote.id))
            for quote in document.statements
        )
        yield from islice(((quote.id, own) for quote, own in attempts if own is not None), _MOST_QUOTES)

    def _drop(self, document_id: str, place: tuple[str, str], new: dict[str, Sketch]) -> None:
        """Remove the statements of a document that are not among the new ones, and from these those that are known."""
        for statement, node, packed, group, *before in self._connection.execute(
            "SELECT statement, node, sketch, quote_group, outlet, day FROM quotes WHERE document = ?", document_id
        ).fetchall():
            if statement in new and (packed, *before) == (_packed(new[statement]), *place):
                del new[statement]
                continue
            self._connection.execute("DELETE FROM quotes WHERE statement = ?", statement)
            self._dirty_groups.add(group)
            self._drop_sketch(node, packed)

    def _add(self, statement: str, document: str, place: tuple[str, str], own: Sketch) -> None:
        packed, words = _packed(own), node_of(own)
        hashes = words.hashes()[:_MOST_HASHES]
        node, is_new = self._node(words, hashes)
        is_known = not is_new and self._connection.scalar(
            "SELECT 1 FROM quotes WHERE node = ? AND sketch = ? LIMIT 1", node, packed
        )
        self._connection.execute(
            "INSERT INTO quotes (statement, document, outlet, day, node, sketch) VALUES (?, ?, ?, ?, ?, ?)",
            *(statement, document, *place, node, packed),
        )
        has_pairs = False if is_known else self._pair(node, hashes, [own])
        if has_pairs or not is_new:
            self._dirty_nodes.add(node)

    def _node(self, words: Sketch, hashes: Sequence[int]) -> tuple[int, bool]:
        """Return the number of a node with its hashes, and whether it is new."""
        key = blake2b(msgpack.encode(words), digest_size=16).digest()
        number = self._connection.scalar("SELECT id FROM nodes WHERE key = ?", key)
        if number is not None:
            return number, False
        number = self._connection.insert_row("INSERT INTO nodes (key, hashes) VALUES (?, ?)", key, len(hashes))
        self._connection.execute_many("INSERT INTO node_hashes VALUES (?, ?)", [(value, number) for value in hashes])
        return number, True

    def _pair(self, node: int, hashes: Sequence[int], own: Sequence[Sketch]) -> bool:
        """Store the pairs of a node with others that one of its `own` sketches equals; return whether there are any."""
        marks = ",".join("?" * len(hashes))
        found = self._connection.execute(
            f"SELECT node, hashes, count(*) FROM node_hashes JOIN nodes ON id = node WHERE hash IN ({marks}) "  # noqa: S608 - marks
            "GROUP BY node",
            *hashes,
        ).fetchall()
        others = sorted(
            (-common / size, other)
            for other, size, common in found
            if other != node and common >= least_in_common(size, len(hashes))
        )
        same = [other for _, other in others[:_MOST_COMPARED] if self._is_same(node, own, other)]
        self._connection.execute_many(
            "INSERT OR IGNORE INTO node_pairs VALUES (?, ?)",
            [pair for other in same for pair in ((node, other), (other, node))],
        )
        return bool(same)

    def _is_same(self, node: int, own: Sequence[Sketch], other: int) -> bool:
        """Return whether one of the `own` sketches of a node equals one of another node."""

        def compared() -> bool:
            return any(same_quote(a, b) for b in self._sketches_of(other) for a in own)

        return self._failed.attempt(compared, False, of=f"{node}", view="pair", statement=f"{other}")

    def _drop_sketch(self, node: int, packed: bytes) -> None:
        """Update a node that may have lost its last statement with this sketch."""
        left = self._sketches_of(node)
        if any(_packed(other) == packed for other in left):
            return
        others = self._connection.column("SELECT other FROM node_pairs WHERE node = ?", node)
        self._connection.execute_many(
            "DELETE FROM node_pairs WHERE node = ? AND other = ?",
            [pair for other in others for pair in ((node, other), (other, node))],
        )
        self._failed.forget(f"{node}")
        hashes = node_of(msgpack.decode(packed, type=Sketch)).hashes()[:_MOST_HASHES]
        if left:
            self._pair(node, hashes, left)
        else:
            self._connection.execute_many(
                "DELETE FROM node_hashes WHERE hash = ? AND node = ?", [(value, node) for value in hashes]
            )
            self._connection.execute("DELETE FROM nodes WHERE id = ?", node)

    def _sketches_of(self, node: int) -> list[Sketch]:
        found = self._connection.column("SELECT DISTINCT sketch FROM quotes WHERE node = ?", node)
        return [msgpack.decode(packed, type=Sketch) for packed in found]

    # --- groups ------------------------------------------------------------------------------------------------------

    def regroup(self) -> set[str]:
        """Compute the groups of all that changed since the last call; return the groups that changed."""
        self._dirty_groups.discard("")
        nodes = set(self._dirty_nodes)
        for group in self._dirty_groups:
            nodes.update(
                self._connection.column(
                    "SELECT DISTINCT node FROM quotes WHERE quote_group = ? AND quote_group <> ''", group
                )
            )
        changed = set(self._dirty_groups)
        while nodes:
            part = self._component(nodes.pop())
            nodes -= part
            changed |= self._name(part)
        self._dirty_nodes, self._dirty_groups = set(), set()
        return changed

    def _component(self, node: int) -> set[int]:
        found, waiting = {node}, [node]
        while waiting:
            others = self._connection.column("SELECT other FROM node_pairs WHERE node = ?", waiting.pop())
            waiting += [other for other in others if other not in found]
            found.update(others)
        return found

    def _name(self, nodes: Iterable[int]) -> set[str]:
        """Give the statements of these nodes their group, named after the first of them; return all groups involved."""
        rows = [
            row
            for node in nodes
            for row in self._connection.execute(
                "SELECT statement, quote_group FROM quotes WHERE node = ?", node
            ).fetchall()
        ]
        name = min(statement for statement, _ in rows) if len(rows) > 1 else ""
        moved = [(name, statement) for statement, group in rows if group != name]
        self._connection.execute_many("UPDATE quotes SET quote_group = ? WHERE statement = ?", moved)
        return {group for _, group in rows if group} | ({name} if name else set())

    def note_group(self, group: str, conflicts: int) -> None:
        """Store how many outlets and how many conflicting attributions a group has; drop it if it has no statement."""
        outlets = self._connection.scalar(
            "SELECT count(DISTINCT outlet) FROM quotes WHERE quote_group = ? AND quote_group <> ''", group
        )
        self._connection.execute("DELETE FROM quote_groups WHERE id = ?", group)
        if outlets:
            self._connection.execute(
                "INSERT INTO quote_groups (id, outlets, conflicts) VALUES (?, ?, ?)", group, outlets, conflicts
            )

    # --- reading -----------------------------------------------------------------------------------------------------

    def group_of(self, statement: str) -> str:
        """Return the group of a statement; empty for none."""
        return self._connection.scalar("SELECT quote_group FROM quotes WHERE statement = ?", statement) or ""

    def members(self, group: str) -> list[tuple[str, str]]:
        """Return the statements of a group with their documents, by id."""
        return self._connection.execute(
            "SELECT statement, document FROM quotes WHERE quote_group = ? AND quote_group <> '' ORDER BY statement",
            group,
        ).fetchall()

    def first_members(self, group: str, limit: int) -> list[tuple[str, str]]:
        """Return the first statements of a group by day, and those that conflict, with their documents."""
        return self._connection.execute(
            "SELECT * FROM (SELECT statement, document FROM quotes WHERE quote_group = ?1 AND quote_group <> '' "
            "ORDER BY day, statement LIMIT ?2) UNION "
            "SELECT * FROM (SELECT statement, document FROM conflicts WHERE quote_group = ?1 LIMIT ?2)",
            *(group, limit),
        ).fetchall()

    def sizes(self, group: str) -> tuple[int, int, int]:
        """Return how many outlets, documents and statements a group has."""
        found = "SELECT count(DISTINCT outlet), count(DISTINCT document), count(*) FROM quotes "
        outlets, documents, statements = self._connection.execute(
            f"{found} WHERE quote_group = ? AND quote_group <> ''", group
        ).fetchone()
        return outlets, documents, statements

    def outlets_of(self, group: str) -> list[str]:
        """Return the outlets that printed a group, by name."""
        found = "SELECT DISTINCT outlet FROM quotes WHERE quote_group = ? AND quote_group <> '' ORDER BY outlet"
        return self._connection.column(found, group)

    def conflicts_of(self, group: str) -> int:
        """Return how many conflicting attributions a group has."""
        return self._connection.scalar("SELECT conflicts FROM quote_groups WHERE id = ?", group) or 0

    def speakers(self, group: str) -> dict[str, list[tuple[str, str, bool]]]:
        """Return the statements of each speaker in a group by day, with documents, and whether they are certain."""
        rows = self._connection.execute(
            "SELECT statement, document, sketch FROM quotes WHERE quote_group = ? AND quote_group <> '' "
            "ORDER BY day, statement",
            group,
        ).fetchall()
        sketches = {packed: msgpack.decode(packed, type=Sketch) for packed in {packed for _, _, packed in rows}}
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for statement, document, packed in rows:
            own = sketches[packed]
            found.setdefault(own.speaker, []).append((statement, document, own.is_certain))
        return found

    def groups_of(self, statements: Sequence[str]) -> list[str]:
        """Return the groups of these statements: those with conflicting attributions first, then by outlets."""
        return self._connection.column(
            "SELECT DISTINCT quote_groups.id FROM json_each(?) JOIN quotes ON statement = json_each.value "
            "JOIN quote_groups ON quote_groups.id = quote_group ORDER BY conflicts DESC, outlets DESC, quote_groups.id",
            dumps(list(statements)),
        )

    def groups(self, limit: int, offset: int) -> tuple[list[str], int]:
        """Return the first groups of all in the same order, and how many there are."""
        first = "SELECT id FROM quote_groups ORDER BY conflicts DESC, outlets DESC, id LIMIT ? OFFSET ?"
        total = self._connection.scalar("SELECT count(*) FROM quote_groups")
        return self._connection.column(first, limit, offset), int(total)

    def outlets(self) -> list[int]:
        """Return the numbers of outlets that groups have."""
        return self._connection.column("SELECT DISTINCT outlets FROM quote_groups ORDER BY outlets")

    def with_outlets(self, outlets: int) -> list[tuple[str, str]]:
        """Return the statements in groups of so many outlets, with their documents."""
        return self._connection.execute(
            "SELECT statement, document FROM quote_groups JOIN quotes ON quote_group = id "
            "WHERE outlets = ? AND quote_group <> ''",  # for the index
            outlets,
        ).fetchall()


def _packed(own: Sketch) -> bytes:
    return msgpack.encode(own)
