"""The groups of statements that are the same quote, kept as documents come and go, and to whom they are attributed.

A node stands for all statements with the same words, so that 200 copies of a press release cost one comparison. Nodes
with hashes in common are candidates, and `same_quote` decides about two of them (wording/quotations.py). Groups are the
connected components of the pairs; at each commit, those that changed are computed from their statements.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from heapq import nlargest
from itertools import combinations, islice, product
from json import dumps
from typing import TypeVar

from msgspec import msgpack
from msgspec.structs import replace

from searchkit.errors import SearchkitError, reason_of
from searchkit.files import sql_script
from searchkit.histories import day_of, outlet_of
from searchkit.sqlite import Connection, Database
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import name_key
from searchkit.wording.quotations import Sketch, least_in_common, node_of, same_quote, same_words, sketch
from searchkit.wording.speakers import related
from searchkit.wording.words import kept_words, normalized, quoted_spans, raw_words

HISTORIES_VERSION = 12
_MADE_AGAIN = "Make it again from the store: searchkit rebuild"
DATABASE = Database(
    called="file of histories",
    version=HISTORIES_VERSION,
    create=sql_script(__file__, "tables.sql"),
    journal="OFF",
    synchronous="OFF",
    missing_hint=_MADE_AGAIN,
    older_hint=_MADE_AGAIN,
    repair_hint=_MADE_AGAIN,
)
Made = TypeVar("Made")
Other = TypeVar("Other")


class FailedViews:
    """The statements and views that could not be made because a rule failed: a mistake costs one of them, never a run.

    A view belongs to a document, or to a group of quotes. Changes are pending until the next commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def attempt(
        self, make: Callable[[], Made], otherwise: Other, *, of: str, view: str, statement: str = ""
    ) -> Made | Other:
        """Return what `make` returns, or `otherwise` if it fails, and store the failure."""
        try:
            return make()
        except (MemoryError, SearchkitError):
            raise
        except Exception as error:  # noqa: BLE001  stored and reported
            self._connection.execute(
                "INSERT OR REPLACE INTO failed (document, view, statement, reason) VALUES (?, ?, ?, ?)",
                *(of, view, statement, reason_of(error)),
            )
            return otherwise

    def forget(self, name: str) -> None:
        """Remove the failures of a document or a group, or of a node in pairs, before it is read again."""
        self._connection.execute("DELETE FROM failed WHERE document = ?1 OR (view = 'pair' AND statement = ?1)", name)

    def count(self) -> int:
        """Return how many statements and views are missing."""
        return int(self._connection.scalar("SELECT count(*) FROM failed"))

    def first(self) -> str:
        """Return one of them in a line, with the reason; empty if there is none."""
        found = "SELECT view || ' of ' || document || ': ' || reason FROM failed ORDER BY document, view LIMIT 1"
        return self._connection.scalar(found) or ""


Statement = tuple[Document, Quote]

# What more speakers say in the same words is a common phrase, and no conflict.
MOST_SPEAKERS = 5
_SUREST = 5


def conflicts(statements: Iterable[Statement]) -> tuple[tuple[Statement, Statement], ...]:
    """Return the pairs of different speakers to whom articles attribute the same words, with the surest statement of
    each, in two articles.

    Each must be named beyond doubt, and no article may show that one of the two speaks for the other or is its body.
    There is no pair of more than MOST_SPEAKERS.
    """
    by_speaker: dict[str, list[Statement]] = defaultdict(list)
    surest: dict[str, dict[tuple[str, str], Statement]] = defaultdict(dict)  # of each speaker, by words and article
    for document, quote in statements:
        own = sketch(document, quote)
        if own is None or not own.is_certain:
            continue
        by_speaker[own.speaker].append((document, quote))
        known = surest[own.speaker].setdefault((own.words, document.id), (document, quote))
        surest[own.speaker][own.words, document.id] = max(known, (document, quote), key=_rank)
    if len(by_speaker) > MOST_SPEAKERS:
        return ()
    found = []
    for first, second in combinations(sorted(by_speaker), 2):
        if related(by_speaker[first], by_speaker[second]):
            continue
        same = [
            (ours, theirs)
            for ((one, here), ours), ((other, there), theirs) in product(*map(_surest, (surest[first], surest[second])))
            if here != there and same_words(one, other)
        ]
        if same:
            found.append(max(same, key=lambda pair: (min(map(_rank, pair)), max(map(_rank, pair)))))
    return tuple(found)


def _surest(said: Mapping[tuple[str, str], Statement]) -> list[tuple[tuple[str, str], Statement]]:
    """Return the surest statements of a speaker with their words and articles: enough of them to find a conflict."""
    return nlargest(_SUREST, said.items(), key=lambda item: _rank(item[1]))


def _rank(statement: Statement) -> tuple[float, str]:
    return statement[1].speaker.confidence, statement[1].id


def order(statement: Statement) -> tuple[str, bool, str, str, int]:
    """Return what sorts statements by day; on one day the agency's own text is first, then those with a time."""
    document, quote = statement
    published = document.published
    time = published.value if published is not None and published.precision == "instant" else "~"
    is_copy = document.wire is None or name_key(document.outlet or "") != name_key(document.wire)
    return (day_of(document)[0], is_copy, time, document.id, quote.content.start)


def words(statement: Statement) -> list[str]:
    """Return the normalized words of a statement."""
    document, quote = statement
    return [word for word, _ in normalized(raw_words(document.text, quoted_spans(document, quote)))]


def kept_share(statement: Statement, fullest: Statement) -> float:
    """Return the share of the words of the fullest version that a statement has."""
    written = words(fullest)
    count = sum(map(len, kept_words(written, words(statement))))
    return count / len(written) if written else 0.0


# Statements of one document that are compared: a thousand variants of one sentence would take half a minute.
_MOST_QUOTES = 100
# Nodes that a node is compared with, those that share most with it: 500 variants of one sentence took a minute.
_MOST_COMPARED = 50


class QuotesTable:
    """The statements of six or more quoted words, and their groups. Changes are pending until the next commit."""

    def __init__(self, connection: Connection, failed: FailedViews) -> None:
        self._connection = connection
        self._failed = failed
        self._new_nodes: set[int] = set()  # nodes with new statements, and groups that lost some, since the last commit
        self._old_groups: set[str] = set()

    # --- writing -----------------------------------------------------------------------------------------------------

    def put(
        self,
        document_id: str,
        document: Document | None,
        former: Iterable[tuple[Document | None, Collection[str]]] = (),
    ) -> None:
        """Add or replace the statements of a document, or remove them if it is None; `former` are those that only an
        earlier revision has, by id."""
        said = [(document, quote) for quote in document.statements] if document is not None else []
        said += [(older, quote) for older, ids in former if older for quote in older.statements if quote.id in ids]
        rows = islice(self._rows(said), _MOST_QUOTES)
        new = {row[0]: row for row in rows}
        stored = "SELECT statement, document, outlet, day, node, sketch, quote_group FROM quotes WHERE document = ?"
        for *row, group in self._connection.execute(stored, document_id).fetchall():
            if new.get(row[0]) == tuple(row):
                del new[row[0]]
            else:
                self._connection.execute("DELETE FROM quotes WHERE statement = ?", row[0])
                self._old_groups.add(group)
                self._drop_node(*row[4:])
        for row in new.values():
            self._add_node(*row[4:])
            self._connection.execute(
                "INSERT INTO quotes (statement, document, outlet, day, node, sketch) VALUES (?, ?, ?, ?, ?, ?)", *row
            )

    def _rows(self, said: Iterable[Statement]) -> Iterator[tuple[str, str, str, str, int, bytes]]:
        for document, quote in said:
            place = outlet_of(document), day_of(document)[0]
            read = partial(_sketched, document, quote)
            made = self._failed.attempt(read, None, of=document.id, view="quote", statement=quote.id)
            if made is not None:
                yield (quote.id, document.id, *place, *made)

    def _has(self, node: int) -> bool:
        return self._connection.scalar("SELECT 1 FROM quotes WHERE node = ? LIMIT 1", node) is not None

    def _add_node(self, node: int, packed: bytes) -> None:
        self._new_nodes.add(node)
        if not self._has(node):
            hashes = _hashes(packed)
            rows = [(value, node, len(hashes)) for value in hashes]
            self._connection.execute_many("INSERT INTO node_hashes VALUES (?, ?, ?)", rows)

    def _drop_node(self, node: int, packed: bytes) -> None:
        """Remove a node that lost its last statement."""
        if not self._has(node):
            rows = [(value, node) for value in _hashes(packed)]
            self._connection.execute_many("DELETE FROM node_hashes WHERE hash = ? AND node = ?", rows)
            self._failed.forget(f"{node}")
            self._new_nodes.discard(node)

    # --- groups ------------------------------------------------------------------------------------------------------

    def regroup(self) -> set[str]:
        """Compute the groups of all that changed since the last call; return the groups that changed."""
        found = "SELECT DISTINCT quote_group FROM json_each(?) JOIN quotes ON node = value"
        changed = self._old_groups.union(self._connection.column(found, dumps([*self._new_nodes])))
        nodes = self._new_nodes.union(*map(self._nodes_of, changed))
        self._new_nodes, self._old_groups = set(), set()
        parts = {node: {node} for node in nodes}
        different: set[tuple[int, int]] = set()
        for node in nodes:
            self._failed.forget(f"{node}")
        for node in sorted(nodes):
            own = self._sketches(node)
            for other in self._candidates(node, own[0]):
                if other not in parts:  # of a group that did not change
                    group = self._connection.scalar("SELECT quote_group FROM quotes WHERE node = ? LIMIT 1", other)
                    parts |= dict.fromkeys(there := {other, *self._nodes_of(group)}, there)
                pair = min(node, other), max(node, other)
                if parts[node] is parts[other] or pair in different:
                    continue
                if self._is_same(pair, own, self._sketches(other)):
                    joined = parts[node] | parts[other]
                    parts |= dict.fromkeys(joined, joined)
                else:
                    different.add(pair)
        for part in {id(part): part for part in map(parts.__getitem__, nodes)}.values():
            changed |= self._name(part)
        return changed - {""}

    def _nodes_of(self, group: str) -> list[int]:
        found = "SELECT DISTINCT node FROM quotes WHERE quote_group = ? AND quote_group <> ''"
        return self._connection.column(found, group)

    def _sketches(self, node: int) -> list[Sketch]:
        found = self._connection.column("SELECT DISTINCT sketch FROM quotes WHERE node = ?", node)
        return [msgpack.decode(packed, type=Sketch) for packed in found]

    def _candidates(self, node: int, own: Sketch) -> list[int]:
        """Return the nodes that share enough hashes with a node, those that share most first."""
        hashes = node_of(own).hashes()
        found = self._connection.execute(
            "SELECT node, size, count(*) FROM json_each(?) JOIN node_hashes ON hash = value GROUP BY node",
            dumps(hashes),
        )
        others = sorted(
            (-common / size, other)
            for other, size, common in found
            if other != node and common >= least_in_common(size, len(hashes))
        )
        return [other for _, other in others[:_MOST_COMPARED]]

    def _is_same(self, pair: tuple[int, int], first: Iterable[Sketch], second: Iterable[Sketch]) -> bool:
        def compared() -> bool:
            return any(same_quote(*sketches) for sketches in product(first, second))

        return self._failed.attempt(compared, False, of=f"{pair[0]}", view="pair", statement=f"{pair[1]}")

    def _name(self, nodes: set[int]) -> set[str]:
        """Give the statements of these nodes their group, named after the first of them; return all groups involved."""
        found = "SELECT statement, quote_group FROM json_each(?) JOIN quotes ON node = value"
        rows = self._connection.execute(found, dumps([*nodes])).fetchall()
        name = min(statement for statement, _ in rows) if len(rows) > 1 else ""
        moved = [(name, statement) for statement, group in rows if group != name]
        self._connection.execute_many("UPDATE quotes SET quote_group = ? WHERE statement = ?", moved)
        return {name, *(group for _, group in rows)}

    def note_group(self, group: str, outlets: int, conflicts: int) -> None:
        """Store how many outlets and how many conflicting attributions a group has; a group needs two outlets."""
        self._connection.execute("DELETE FROM quote_groups WHERE id = ?", group)
        if outlets > 1:
            self._connection.execute(
                "INSERT INTO quote_groups (id, outlets, conflicts) VALUES (?, ?, ?)", group, outlets, conflicts
            )

    # --- reading -----------------------------------------------------------------------------------------------------

    def group_of(self, statement: str) -> str:
        """Return the group of a statement, of at least two outlets; empty for none."""
        found = "SELECT id FROM quotes JOIN quote_groups ON id = quote_group WHERE statement = ?"
        return self._connection.scalar(found, statement) or ""

    def first_members(self, group: str, limit: int) -> list[tuple[str, str]]:
        """Return the first statements of a group by day, and those that conflict, with their documents."""
        return self._connection.execute(
            "SELECT * FROM (SELECT statement, document FROM quotes WHERE quote_group = ?1 AND quote_group <> '' "
            "ORDER BY day, statement LIMIT ?2) UNION "
            "SELECT * FROM (SELECT statement, document FROM conflicts WHERE quote_group = ?1 LIMIT ?2)",
            *(group, limit),
        ).fetchall()

    def sizes(self, group: str) -> tuple[int, int]:
        """Return how many outlets and documents a listed group has."""
        found = (
            "SELECT outlets, count(DISTINCT document) FROM quotes JOIN quote_groups ON id = quote_group WHERE id = ?"
        )
        outlets, documents = self._connection.execute(found, group).fetchone()
        return outlets, documents

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


def _sketched(document: Document, quote: Quote) -> tuple[int, bytes] | None:
    """Return the node of a statement and its packed sketch; None if it is too short."""
    own = sketch(document, quote)
    if own is None:
        return None
    words = node_of(own)
    key = blake2b(msgpack.encode(words), digest_size=8).digest()
    return int.from_bytes(key, signed=True), msgpack.encode(replace(own, day=words.day, names=words.names))


def _hashes(packed: bytes) -> tuple[int, ...]:
    return node_of(msgpack.decode(packed, type=Sketch)).hashes()
