"""The histories of an archive: what other versions and other articles say about its statements.

A derived file, `histories.sqlite`, which follows the store's log of changes as the index does and is safe to delete.
Every link depends on the set of documents, not on their order, so a file made again holds the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from msgspec import Struct, json

from searchkit.histories import Dispute, StatementChange
from searchkit.histories.changes import changes, shows_less
from searchkit.histories.disputes import disputes, unanswered
from searchkit.histories.quotes_table import DATABASE, MOST_SPEAKERS, FailedViews, QuotesTable, conflicts
from searchkit.loading import load
from searchkit.query.fields import EXCLUDED_GENRES
from searchkit.sqlite import SqliteConnection
from searchkit.statements.document import Document, LogPosition, Quote
from searchkit.statements.outlets import Outlets
from searchkit.store.base import Progress
from searchkit.store.sources import Failure
from searchkit.store.store import Store
from searchkit.wording.quotations import ordinal_of

if TYPE_CHECKING:  # few documents name an entry of a watchlist
    from searchkit.histories.silence import DocumentVoices

Earlier = Callable[[Document, int], Document | None]
"""Returns an earlier revision of a document by its number, annotated by the version that annotated the document, or
else by the current one."""

# An open transaction holds its changes in memory.
_COMMIT_DOCUMENTS = 5_000
# A conflict needs two speakers; more articles of one of them would show nothing new.
_SIDES, _MOST_COMPARED = 2, 20
ATTRIBUTION = "attribution"
# A statement that changed so is in the article no longer.
_GONE = frozenset({"removed", "hidden"})
Side = Literal["speaker", "about"]
# For each field, the statements that select its values, and the owners of a value.
_VALUES = {
    "changed": (
        "SELECT DISTINCT value FROM facts WHERE field = 'changed'",
        "SELECT statement, document FROM facts WHERE field = 'changed' AND value = ?",
    ),
    "disputed": (
        "SELECT value FROM facts WHERE field = 'disputed' UNION SELECT 'attribution' FROM conflicts",
        "SELECT statement, document FROM facts WHERE field = 'disputed' AND value = ?1 "
        "UNION ALL SELECT statement, document FROM conflicts WHERE ?1 = 'attribution'",
    ),
    "current": ("SELECT 'no'", "SELECT key, document FROM former, json_each(statements) WHERE ? = 'no'"),
    "spread": (
        "SELECT DISTINCT outlets FROM quote_groups ORDER BY outlets",
        "SELECT statement, document FROM quote_groups JOIN quotes ON quote_group = id "
        "WHERE outlets = ? AND quote_group <> ''",  # for the index
    ),
}


class Owner(Struct, frozen=True):
    """A statement that has a value, and its document."""

    id: str
    document: str


class RevisionChanges(Struct, frozen=True, kw_only=True):
    """How the statements of a document changed from one revision to another."""

    document: str
    older: int
    newer: int
    changes: tuple[StatementChange, ...]


class Histories:
    """The histories in the file at `path`. Errors as `SqliteConnection`."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._connection = SqliteConnection(path, writable=writable, database=DATABASE)
        self.failed = FailedViews(self._connection)
        self.quotes = QuotesTable(self._connection, self.failed)
        self._views: Mapping[str, Failure] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was not committed is lost."""
        self._connection.close()

    @property
    def position(self) -> LogPosition:
        """The store's last change in these histories."""
        rows = dict(self._connection.execute("SELECT name, value FROM progress").fetchall())
        return LogPosition(int(rows.get("sequence", 0)), rows.get("mark", ""))

    # --- writing -----------------------------------------------------------------------------------------------------

    def follow(self, store: Store, earlier: Earlier, progress: Progress | None = None) -> None:
        """Apply the store's changes since the last call, and commit them."""
        position = self.position
        done, total = 0, store.sequence - position.sequence
        self._views = store.failures.shorter_views()
        for done, change in enumerate(store.changes(position.sequence), 1):
            position = change.position
            put = partial(self._put, change.document_id, at=position.sequence, store=store, earlier=earlier)
            self.failed.forget(change.document_id)
            if not self.failed.attempt(partial(put, change.document), False, of=change.document_id, view="document"):
                # Remove what was already made of it.
                self.failed.attempt(partial(put, None), False, of=change.document_id, view="removal")
            if not done % _COMMIT_DOCUMENTS:
                self._commit(store, position)
            if progress is not None:
                progress(done, total)
        self._commit(store, position)

    def _put(self, document_id: str, document: Document | None, *, at: int, store: Store, earlier: Earlier) -> bool:
        """Add or replace a document, or remove it if it is None. Return True."""
        rows: dict[str, Sequence[tuple[object, ...]]] = dict.fromkeys(("disputes", "voices", "changes", "facts"), ())
        if document is None:
            rows["touched"] = ()
        else:
            attempt = partial(self.failed.attempt, of=document_id)
            links = attempt(partial(disputes, document), (), view="disputes")
            facts: set[tuple[str, str, str]] = {
                ("disputed", role, place.statement or "")
                for link in links
                for role, place in (("claim", link.claim), ("answer", link.answer))
            }
            is_said = document.genre not in EXCLUDED_GENRES and not links
            accusations = attempt(partial(unanswered, document), (), view="accusations") if is_said else ()
            facts.update(("unanswered", "", statement) for statement in accusations)
            if document.revision > 1 or document_id in self._views:
                rows["changes"] = self._compared(document, store.revision_numbers(document_id), earlier, facts)
            rows |= {"disputes": [*map(_dispute_row, links)], "facts": sorted(facts)}
            rows["voices"] = attempt(partial(_voices, document), (), view="voices")
        former = self._former(document, document_id, rows["changes"], at)
        older = {number: earlier(document, number) for number in former} if document is not None else {}
        self.quotes.put(document_id, document, [(older[number], gone) for number, gone in former.items()])
        for table, made in rows.items():
            self._connection.execute(f"DELETE FROM {table} WHERE document = ?", document_id)  # noqa: S608 - ours
            for row in made:
                marks = ", ?" * len(row)
                self._connection.execute(f"INSERT OR REPLACE INTO {table} VALUES (?{marks})", document_id, *row)  # noqa: S608 - ours
        return True

    def _compared(
        self, document: Document, numbers: Iterable[int], earlier: Earlier, facts: set[tuple[str, str, str]]
    ) -> list[tuple[object, ...]]:
        """Return the rows about the revisions of a document, and add to the `facts`. Revisions that were compared as
        this version annotates them are not compared again. What its page shows now counts as one more revision if that
        is less."""
        found = "SELECT newer, changes FROM changes WHERE document = ? AND extractor = ?"
        known = dict(self._connection.execute(found, document.id, document.extractor_version).fetchall())
        revision = cache(lambda number: document if number == document.revision else earlier(document, number))
        rows: list[tuple[object, ...]] = []
        ordered = [*sorted(numbers), document.revision]
        view = self._views.get(document.id)
        made: tuple[StatementChange, ...] | None
        for older, newer in pairwise([*ordered, document.revision + 1] if view is not None else ordered):
            if newer > document.revision and view is not None:
                made = shows_less(document, view)
            elif newer in known:
                made = json.decode(known[newer], type=tuple[StatementChange, ...])
            else:
                before, after, made = revision(older), revision(newer), ()
                if before is not None and after is not None:
                    if before.extractor_version != after.extractor_version:
                        continue  # until the document is annotated again, which logs a change
                    compared = partial(changes, before, after)
                    made = self.failed.attempt(compared, None, of=document.id, view="changes", statement=f"{newer}")
                    if made is None:
                        continue
            at = max((change.before for change in made), default="")
            extractor = document.extractor_version if newer <= document.revision else ""  # never taken for a revision
            rows.append((newer, older, extractor, at, len(made), json.encode(made)))
            for change in made:
                quote = change.new or change.old
                facts.update(("changed", kind, quote.id) for kind in change.kinds if quote is not None)
                facts.update((side, entity, "") for side, entity in _parties(change))
        return rows

    def _former(
        self, document: Document | None, document_id: str, changed: Sequence[tuple[Any, ...]], at: int
    ) -> dict[int, dict[str, str]]:
        """Store and return, by revision, which statements the document no longer has, and since when. A revision that
        had some and has none now is kept, so that the index learns of it."""
        current = {quote.id for quote in document.statements} if document is not None else set()
        former: dict[int, dict[str, str]] = {}
        for _, older, *_, made in changed:
            for change in json.decode(made, type=tuple[StatementChange, ...]):
                is_gone = change.new is None and not _GONE.isdisjoint(change.kinds)
                if is_gone and change.old is not None and change.old.id not in current:
                    former.setdefault(older, {})[change.old.id] = change.before
        for revision in {*self.former(document_id), *former}:
            row = (document_id, revision, json.encode(former.get(revision, {})).decode(), at)
            self._connection.execute("INSERT OR REPLACE INTO former VALUES (?, ?, ?, ?)", *row)
        return former

    def _commit(self, store: Store, position: LogPosition) -> None:
        touched = self._regroup(store)
        self._connection.execute_many(
            "INSERT OR REPLACE INTO touched (document, sequence) VALUES (?, ?)",
            [(document, position.sequence) for document in sorted(touched)],
        )
        for name, value in (("sequence", str(position.sequence)), ("mark", position.mark)):
            self._connection.execute("INSERT OR REPLACE INTO progress (name, value) VALUES (?, ?)", name, value)
        self._connection.commit()

    def _regroup(self, store: Store) -> set[str]:
        """Update the groups of quotes, and which of them are attributed to different speakers; return the documents."""
        touched: set[str] = set()
        for group in sorted(self.quotes.regroup()):
            self.failed.forget(group)
            speakers = self.quotes.speakers(group)
            touched.update(document for said in speakers.values() for _, document, _ in said)
            sides_of = partial(conflicts, _first_certain(speakers, store))
            outlets = len(Outlets(self.quotes.outlets_of(group)))
            found = self.failed.attempt(sides_of, (), of=group, view="conflicts") if outlets > 1 else ()
            self.quotes.note_group(group, outlets, len(found))
            disputed = {quote.id for conflict in found for _, quote in conflict}
            sides = [said for said in speakers.values() if any(statement in disputed for statement, _, _ in said)]
            self._connection.execute("DELETE FROM conflicts WHERE quote_group = ?", group)
            self._connection.execute_many(
                "INSERT INTO conflicts (quote_group, statement, document) VALUES (?, ?, ?)",
                [(group, statement, document) for said in sides for statement, document, _ in said],
            )
        return touched

    # --- reading -----------------------------------------------------------------------------------------------------

    def by_value(self, field: str) -> Mapping[str, Sequence[Owner]]:
        """Return the statements by their values in `changed`, `disputed` or `spread`, read when they are looked up."""
        values, owners = _VALUES[field]
        return _Values(
            map(str, self._connection.column(values)), lambda value: self._connection.execute(owners, value).fetchall()
        )

    def touched(self, after: int) -> list[str]:
        """Return the documents of whose statements other documents changed what is said here, since a sequence number
        of the store."""
        return self._connection.column("SELECT document FROM touched WHERE sequence > ? ORDER BY document", after)

    def former_since(self, sequence: int) -> list[tuple[str, int]]:
        """Return the revisions whose former statements changed after a sequence number of the store."""
        found = "SELECT document, revision FROM former WHERE sequence > ? ORDER BY document, revision"
        return self._connection.execute(found, sequence).fetchall()

    def former(self, document: str) -> dict[int, dict[str, str]]:
        """Return, by revision, the statements that a document no longer has, and since when (ISO 8601)."""
        found = "SELECT revision, statements FROM former WHERE document = ? ORDER BY revision"
        rows = self._connection.execute(found, document).fetchall()
        return {revision: json.decode(statements, type=dict[str, str]) for revision, statements in rows}

    def voices(self, first: int, last: int) -> "Iterator[DocumentVoices]":
        """Yield the documents published from one day to another (ordinals) that name entries of watchlists."""
        kind = load("searchkit.histories.silence:DocumentVoices")
        statement = "SELECT voices FROM voices WHERE day BETWEEN ? AND ? ORDER BY document"
        for (stored,) in self._connection.execute(statement, first, last):
            yield json.decode(stored, type=kind)

    def disputes_of(self, document: str) -> list[Dispute]:
        """Return the claims of a document with the answers to them."""
        found = "SELECT link FROM disputes WHERE document = ? ORDER BY claim, answer"
        return [json.decode(link, type=Dispute) for link in self._connection.column(found, document)]

    def unanswered(self) -> list[str]:
        """Return the accusations without an answer in their article, and in all others with the same words."""
        found = "SELECT statement FROM facts WHERE field = 'unanswered'"
        return self._connection.column(
            f"{found} EXCEPT SELECT own.statement FROM quotes AS own JOIN quotes AS other USING (quote_group) "  # noqa: S608 - ours
            f"WHERE quote_group <> '' AND own.statement IN ({found}) AND other.statement NOT IN ({found})"
        )

    def changes(self, since: str = "", until: str = "~") -> Iterator[RevisionChanges]:
        """Return how the statements of documents changed, the last captured first; only changes captured from one time
        to another (beginnings of ISO 8601)."""
        return self._changes("at >= ? AND at <= ? ORDER BY at DESC, document, newer DESC", since, until)

    def count_changes(self, since: str = "", until: str = "~") -> int:
        """Return how many changes `changes` yields."""
        found = "SELECT total(number) FROM changes WHERE at <> '' AND at >= ? AND at <= ?"
        return int(self._connection.scalar(found, since, until))

    def changes_of(self, document: str) -> Iterator[RevisionChanges]:
        """Return how the statements of a document changed, its newest revision first."""
        return self._changes("document = ? ORDER BY newer DESC", document)

    def _changes(self, condition: str, *values: str) -> Iterator[RevisionChanges]:
        for document, older, newer, made in self._connection.execute(
            f"SELECT document, older, newer, changes FROM changes WHERE at <> '' AND {condition}",  # noqa: S608 - ours
            *values,
        ):
            decoded = json.decode(made, type=tuple[StatementChange, ...])
            yield RevisionChanges(document=document, older=older, newer=newer, changes=decoded)

    def compared(self) -> int:
        """Return how many documents have more than one revision."""
        return int(self._connection.scalar("SELECT count(DISTINCT document) FROM changes WHERE extractor <> ''"))

    def parties(self, side: Side) -> list[str]:
        """Return the entities that are the speakers, or the targets, of changed statements."""
        found = "SELECT DISTINCT value FROM facts WHERE field = ? ORDER BY value"
        return self._connection.column(found, side)

    def with_party(self, side: Side, entities: Iterable[str]) -> set[str]:
        """Return the documents with a changed statement that has one of these speakers or targets."""
        found = "SELECT document FROM facts WHERE field = ? AND value = ?"
        return {document for entity in entities for document in self._connection.column(found, side, entity)}


def _first_certain(
    speakers: Mapping[str, Sequence[tuple[str, str, bool]]], store: Store
) -> Iterator[tuple[Document, Quote]]:
    """Yield the first statements of each speaker of a group who is named beyond doubt, if there are several such."""
    certain = {speaker: [said for said in every if said[2]][:_MOST_COMPARED] for speaker, every in speakers.items()}
    if not _SIDES <= sum(bool(said) for said in certain.values()) <= MOST_SPEAKERS:
        return
    get = cache(store.get)
    for statement, document_id, _ in chain.from_iterable(certain.values()):
        document = get(document_id)
        if document is not None:
            yield from ((document, quote) for quote in document.statements if quote.id == statement)


def _voices(document: Document) -> Sequence[tuple[object, ...]]:
    """Return which entries of watchlists a report names, and which of them speak in it, as rows."""
    is_watched = document.matches and document.genre not in EXCLUDED_GENRES
    found = load("searchkit.histories.silence:voices")(document) if is_watched else None
    return () if found is None else ((ordinal_of(document.published), json.encode(found)),)


def _dispute_row(link: Dispute) -> tuple[object, ...]:
    """Return a claim and the answer to it as a row."""
    return (*(f"{place.statement or ''}@{place.span.start}" for place in (link.claim, link.answer)), json.encode(link))


def _parties(change: StatementChange) -> Iterator[tuple[Side, str]]:
    for quote in (change.old, change.new):
        if quote is not None:
            yield from (("speaker", entity) for entity in (quote.speaker.entity_id, quote.speaker.represents) if entity)
            yield from (("about", entity) for entity in quote.about)


class _Values(Mapping[str, Sequence[Owner]]):
    def __init__(self, values: Iterable[str], read: Callable[[str], Iterable[tuple[str, str]]]) -> None:
        self._values = dict.fromkeys(values)
        self._read = read

    def __getitem__(self, value: str) -> Sequence[Owner]:
        return [Owner(*pair) for pair in self._read(value)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
