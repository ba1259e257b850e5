"""The store: documents, what is known of their resources, and the log of changes, in the tables of a database."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Raw, Struct, to_builtins
from msgspec.structs import replace

from searchkit.errors import MIGRATE_HINT, ArchiveError
from searchkit.loading import Lazy
from searchkit.sqlite import Connection, Database, SqliteConnection, sql_text
from searchkit.statements.document import Article, Document, LogPosition
from searchkit.store import base
from searchkit.store.encoding import StoredRecord, encode, read, verify
from searchkit.store.tables import CREATE, PAGE_BYTES, STORE_VERSION, row_checksum

if TYPE_CHECKING:
    from searchkit.store.addresses import Addresses
    from searchkit.store.alerts import AlertLedger
    from searchkit.store.erasure import StoreErasure
    from searchkit.store.near_duplicates import CopyGroups, Sketch
    from searchkit.store.sources import Failures, Quarantine, SourceRuns

# Fields of a record that say how it is stored, not what it contains...
_BOOKKEEPING = (
    "revision first_seen last_seen source raw_digest fetched_at parsed_at parsed_by gone_at copies outlet_and_host"
).split()
_NO_CONTENT = frozenset({*_BOOKKEEPING, "annotated_at", "annotated_by"})
# ...and those of them that change without the record and are stored in `facts`, or not at all.
_MARKS = ("gone_at", "copies", "outlet_and_host")
# Fields that extraction computes: a change of these alone is not a revision.
_ANNOTATIONS = {*Document.__struct_fields__} - {*Article.__struct_fields__, "id", "digest"}
# Fields that say where the article is: a change of these alone is not a revision either.
_PLACE = frozenset({"uri", "canonical_url", "origin"})
_RECORD = (
    "SELECT id, revision, sequence, extractor, statements, record, documents.checksum, gone_at, copies "
    "FROM documents LEFT JOIN facts ON document = id WHERE id "
)
# Step from each version to the next in its index: the cost depends on the number of versions, not of documents.
_EXTRACTORS = """
WITH RECURSIVE each (version) AS (
    SELECT min(extractor) FROM documents
    UNION ALL
    SELECT (SELECT min(extractor) FROM documents WHERE extractor > version) FROM each WHERE version IS NOT NULL
)
SELECT version FROM each WHERE version IS NOT NULL
"""


class _Name(Struct, frozen=True, array_like=True):
    """The first fields of a Mention."""

    span: Raw
    surface: str
    name: str
    entity_id: str


class _Names(Struct, frozen=True):
    mentions: tuple[_Name, ...] = ()


class SharedDatabase(Protocol):
    """A database that machines share: PostgresDatabase, which describes its methods. Errors as `open_store`."""

    def connect(self, *, writable: bool) -> Connection: ...
    def exists(self) -> bool: ...
    def identity(self, new: str = "") -> str: ...
    def locked(self, *, wait: float = 0.0, called: str = "") -> AbstractContextManager[None]: ...
    def read_text(self, name: str) -> str | None: ...
    def write_text(self, name: str, text: str) -> None: ...
    def size(self) -> int: ...
    def drop(self) -> None: ...
    def migrate(self) -> int: ...


# With `synchronous=NORMAL`, 11 of 14 simulated power cuts lost committed batches; with FULL, none did.
_DATABASE = Database(
    called="store",
    version=STORE_VERSION,
    create=CREATE,
    row_checksum=row_checksum,
    page_bytes=PAGE_BYTES,
    journal="WAL",
    synchronous="FULL",
    missing_hint="Restore a backup: searchkit restore DIR",
    older_hint=MIGRATE_HINT,
    repair_hint=base.REPAIR_HINT,
)


def open_store(place: Path | SharedDatabase, *, writable: bool) -> "Store":
    """Open the store in a file or in another database. Errors as `SqliteConnection` or those of the database."""
    if isinstance(place, Path):
        return Store(SqliteConnection(place, writable=writable, database=_DATABASE))
    return Store(place.connect(writable=writable))


def _part(place: str) -> Lazy[Any]:
    """Return an attribute that is the class at `place` in this package, on the connection of a store."""
    return Lazy(f"searchkit.store.{place}", lambda kind, store: kind(store.connection))


class Store(base.ChangeLog):
    """Documents by id, with revisions and a change log.

    There is one writer; readers see committed batches only. Changes are pending until `commit`. Errors as those of the
    `connection`.
    """

    alerts: "Lazy[AlertLedger]" = _part("alerts:AlertLedger")
    erasure: "Lazy[StoreErasure]" = _part("erasure:StoreErasure")
    failures: "Lazy[Failures]" = _part("sources:Failures")
    quarantine: "Lazy[Quarantine]" = _part("sources:Quarantine")
    runs: "Lazy[SourceRuns]" = _part("sources:SourceRuns")
    # The duplicate groups.
    groups: "Lazy[CopyGroups]" = _part("near_duplicates:CopyGroups")
    addresses: "Lazy[Addresses]" = Lazy(
        "searchkit.store.addresses:Addresses", lambda kind, store: kind(store.connection, store.groups, store.get)
    )

    # --- documents ---------------------------------------------------------------------------------------------------

    def put(
        self, document: Document, *, resource: str, digest: str, sketch: "Sketch | None" = None, record: bytes = b""
    ) -> base.Put:
        """Store a document made from the bytes with this `digest` at `resource`. A worker may have made its `record`.

        The `sketch` decides which documents it duplicates, and whether a canonical URL is trusted (addresses.py);
        without one, it duplicates none."""
        seen_at, given = document.last_seen, document
        placement = self.addresses.place(document, resource, sketch)
        if placement.variant_of and placement.stored is not None:
            return base.Put(status="unchanged", document=placement.stored, variant_of=placement.variant_of)
        document, stored = placement.document, placement.stored
        fresh, replaces = document, ""
        if stored is None:
            status: base.PutStatus = "added"
            document = document if document.revision == 1 else replace(document, revision=1)
        elif _content(stored) == _content(document):
            status, document = "unchanged", stored
        else:
            status = "updated"
            replaces = stored.uri if stored.uri != document.uri else ""
            document = replace(document, revision=stored.revision, first_seen=stored.first_seen)
            if _article(stored) != _article(document):
                document = replace(document, revision=stored.revision + 1)
                self._connection.execute(
                    "INSERT INTO revisions (document, revision, record) VALUES (?, ?, ?)",
                    *(stored.id, stored.revision, _record(stored)),
                )
        if status != "unchanged":
            self.write(document, seen_at, record if document is given else b"")
        if sketch is not None:
            self._log(self.groups.place(document.id, sketch), seen_at)
        before = self.known(resource)
        self._connection.execute(
            "INSERT OR REPLACE INTO resources (uri, digest, document, seen_at, source, fetched_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            *(sql_text(resource), digest, document.id, seen_at, fresh.source, fresh.fetched_at),
        )
        if placement.former:
            self._connection.execute("DELETE FROM resources WHERE uri = ?", sql_text(placement.former))
        if stored is not None and stored.gone_at:
            self._settle(document.id, seen_at)
        is_displaced = before is not None and before.document != document.id and self._settle(before.document, seen_at)
        return base.Put(
            status=status,
            document=document,
            replaces=replaces,
            former=placement.former,
            rival=placement.rival,
            displaced=before.document if before is not None and is_displaced and not before.gone_at else "",
        )

    def write(self, document: Document, at: str, record: bytes = b"") -> None:
        """Store a document in the revision that it has, with its `record` if that was made before."""
        sequence = self._log([document.id], at)
        self._connection.execute(
            "INSERT OR REPLACE INTO documents (id, revision, sequence, extractor, statements, record) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            document.id,
            document.revision,
            sequence,
            document.extractor_version,
            len(document.statements),
            record or _record(document),
        )
        self.note_facts(document)

    def note_facts(self, document: Document) -> None:
        """Update the facts of a document; its marks stay."""
        published = document.published
        self._connection.execute(
            "INSERT INTO facts (document, first_seen, dated, signed, quoted, failed_sentences, uri, claim, canonical) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (document) DO UPDATE SET "
            "(first_seen, dated, signed, quoted, failed_sentences, uri, claim, canonical) = "
            "(excluded.first_seen, excluded.dated, excluded.signed, excluded.quoted, excluded.failed_sentences, "
            "excluded.uri, excluded.claim, excluded.canonical)",
            document.id,
            document.first_seen,
            published is not None and published.confidence != "low",
            bool(document.byline),
            bool(document.quotes),
            document.failed_sentences,
            sql_text(document.uri),
            sql_text(document.claim),
            sql_text(document.other_address),
        )

    def replace_annotations(self, document: Document, sketch: "Sketch | None" = None) -> bool:
        """Replace the annotations of the stored document without a revision.

        Return False if the stored article is missing or differs."""
        stored = self.get(document.id)
        if stored is None or stored.digest != document.digest:
            return False
        kept = {name: getattr(stored, name) for name in _BOOKKEEPING}
        self.write(replace(document, **kept), stored.last_seen)
        if sketch is not None:
            self._log(self.groups.place(document.id, sketch), stored.last_seen)
        return True

    def delete(self, document_id: str, at: str) -> None:
        """Remove a document with its revisions and all that is known of its resources."""
        self._log(self.groups.leave(document_id) - {document_id}, at)
        for statement in (
            "DELETE FROM failures WHERE uri IN (SELECT uri FROM resources WHERE document = ?)",
            "DELETE FROM crashing_resources WHERE uri IN (SELECT uri FROM resources WHERE document = ?)",
            "DELETE FROM resources WHERE document = ?",
            "DELETE FROM facts WHERE document = ?",
            "DELETE FROM revisions WHERE document = ?",
            "DELETE FROM documents WHERE id = ?",
        ):
            self._connection.execute(statement, document_id)
        self._log([document_id], at, kind="delete")

    def get(self, document_id: str) -> Document | None:
        """Return the current document."""
        row = self._row(f"document {document_id}", f"{_RECORD} = ?", document_id)
        return None if row is None else StoredRecord(row, self._connection.row_checksum).document()

    def get_several(self, document_ids: Sequence[str]) -> dict[str, StoredRecord]:
        """Return the records of these documents by id. Only `get` reports rows that cannot be read."""
        try:
            among = f"{_RECORD} IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
            rows = self._connection.execute(among, json.dumps(document_ids)).fetchall()
        except ArchiveError:
            return {}
        return {row[0]: StoredRecord(row, self._connection.row_checksum) for row in rows}

    def _row(self, what: str, statement: str, *values: object) -> Any:
        """Return the row of a record; errors name the record."""
        try:
            return self._connection.execute(statement, *values).fetchone()
        except ArchiveError as error:
            raise ArchiveError(f"Cannot read {what}. {error.message}", hint=error.hint) from error

    def revision(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document (the first is 1)."""
        current = self.get(document_id)
        if current is None or current.revision == number:
            return current
        return self.past(document_id, number)

    def past(self, document_id: str, number: int) -> Document | None:
        """Return an earlier revision, even if the document itself is missing."""
        what = f"revision {number} of document {document_id}"
        row = self._row(
            what,
            "SELECT document, revision, record, checksum FROM revisions WHERE document = ? AND revision = ?",
            *(document_id, number),
        )
        if row is None:
            return None
        *values, checksum = row
        verify(what, checksum, self._connection.row_checksum("revisions", *values))
        return read(what, values[-1], Document)

    def ids(self) -> Iterator[str]:
        """Yield the ids of all documents, in order, as of the first one."""
        for (document_id,) in self._connection.execute("SELECT id FROM documents ORDER BY id"):
            yield document_id

    def revision_numbers(self, document_id: str) -> tuple[int, ...]:
        """Return the numbers of the earlier revisions of a document."""
        return tuple(self._connection.column("SELECT revision FROM revisions WHERE document = ?", document_id))

    def changes(self, after: int, at_hand: Mapping[str, Document] | None = None) -> Iterator[base.Change]:
        """Yield the last change of each document changed since sequence number `after`, in order.

        Documents `at_hand` (by id, as last put) are not read again."""
        # Ids first, records one by one: sorting complete records would hold the archive in memory.
        changed = self._connection.execute(
            "SELECT sequence, mark, document FROM changes WHERE sequence IN "
            "(SELECT max(sequence) FROM changes WHERE sequence > ? GROUP BY document) ORDER BY sequence",
            after,
        ).fetchall()
        for sequence, mark, document_id in changed:
            document = at_hand.get(document_id) if at_hand else None
            document = self.get(document_id) if document is None else self._marked(document)
            yield base.Change(position=LogPosition(sequence, mark), document_id=document_id, document=document)

    def _marked(self, document: Document) -> Document:
        row = self._connection.execute("SELECT gone_at, copies FROM facts WHERE document = ?", document.id).fetchone()
        gone_at, copies = row or ("", "")
        return replace(document, gone_at=gone_at, copies=copies)

    def outdated(self, extractor_version: str) -> Iterator[Document]:
        """Yield the documents that another extractor version annotated. The caller may replace documents."""
        # Ids first: what is read must not depend on what is being written.
        ids = self._connection.column("SELECT id FROM documents WHERE extractor <> ? ORDER BY id", extractor_version)
        yield from filter(None, map(self.get, ids))

    def claiming(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Return the supplied documents that claim one of these addresses, by id."""
        claims = json.dumps(list(map(sql_text, addresses)))
        claiming = "SELECT document FROM facts WHERE claim <> '' AND claim IN (SELECT value FROM json_each(?))"
        return tuple(self._connection.column(f"{claiming} ORDER BY document", claims))

    def takes(self, uri: str) -> bool:
        """Return whether the database can hold a resource with this address."""
        return len(sql_text(uri).encode()) <= self._connection.longest_address

    # --- resources ---------------------------------------------------------------------------------------------------

    def known(self, uri: str) -> base.Known | None:
        """Return what is known of a resource."""
        found = self._connection.structs(base.Known, "FROM resources WHERE uri = ?", sql_text(uri))
        return found[0] if found else None

    def touch(self, uri: str, seen_at: str, *, source: str = "") -> bool:
        """Record that an unchanged resource was seen again; return whether it was marked as gone.

        A `source` takes over resources that were added manually."""
        before = self.known(uri)
        self._connection.execute("UPDATE resources SET seen_at = ?, gone_at = '' WHERE uri = ?", seen_at, sql_text(uri))
        if before is None:
            return False
        if source:
            self._adopt(uri, before.document, source, seen_at)
        if before.gone_at:
            self._settle(before.document, seen_at)
        return bool(before.gone_at)

    def move(self, before: str, uri: str, seen_at: str, *, source: str = "") -> str | None:
        """Record that the file at `before` is at `uri` now, unchanged; return the id of its document, which stays."""
        document = self.addresses.move(before, uri, source=source)
        if document is None:
            return None
        self.write(document, seen_at)
        self.touch(uri, seen_at)
        return document.id

    def _adopt(self, uri: str, document_id: str, source: str, at: str) -> None:
        """Assign a document that was added manually to the source that provides it now."""
        given = self._connection.execute(
            "UPDATE resources SET source = ? WHERE uri = ? AND source = ''", source, sql_text(uri)
        ).rowcount
        document = self.get(document_id) if given else None
        if document is not None and not document.source:
            self.write(replace(document, source=source), at)

    def mark_gone(self, uri: str, at: str) -> str | None:
        """Record that a resource is gone; its document is gone once all its resources are.

        Return the document's id; None if nothing changed: the resource is unknown or already gone."""
        before = self.known(uri)
        if before is None or before.gone_at:
            return None
        self._connection.execute("UPDATE resources SET gone_at = ? WHERE uri = ?", at, sql_text(uri))
        self._settle(before.document, at)
        return before.document

    def _settle(self, document_id: str, at: str) -> bool:
        """Mark a document as gone if all its resources are gone, otherwise as available; return whether it is gone."""
        gone_at = self._connection.scalar("SELECT gone_at FROM facts WHERE document = ?", document_id)
        there = self._connection.scalar("SELECT 1 FROM resources WHERE document = ? AND gone_at = ''", document_id)
        if gone_at is not None and bool(gone_at) == bool(there):
            since = "" if there else at
            self._connection.execute("UPDATE facts SET gone_at = ? WHERE document = ?", since, document_id)
            self._log([document_id], at)
        return gone_at is not None and not there

    def unseen(self, location: str, seen: Collection[str]) -> list[str]:
        """Return the available resources within `location` that are not among `seen`."""
        # SQLite stores lone surrogates escaped.
        odd = {sql_text(uri) for uri in seen if not uri.isascii()}
        found = self._connection.within("SELECT uri FROM resources WHERE gone_at = ''", "uri", location)
        return [uri for (uri,) in found if uri not in seen and uri not in odd]

    def prunable(
        self, locations: Collection[str], is_there: Callable[[str], bool] = lambda _uri: False
    ) -> base.Prunable:
        """Return the documents that are gone and were never found outside `locations`, nor are at their address."""
        statement = "SELECT document FROM resources WHERE true"
        known = {
            document for location in locations for (document,) in self._connection.within(statement, "uri", location)
        }
        gone = known.intersection(self._connection.column("SELECT document FROM facts WHERE gone_at <> ''"))
        documents = sorted(document for document in gone if self._was_only_within(document, locations, is_there))
        return base.Prunable(documents=tuple(documents), known=len(known))

    def _was_only_within(self, document: str, locations: Collection[str], is_there: Callable[[str], bool]) -> bool:
        uris = self._connection.column("SELECT uri FROM resources WHERE document = ?", document)
        is_within = all(any(base.lies_within(uri, sql_text(location)) for location in locations) for uri in uris)
        return is_within and not any(map(is_there, uris))

    # --- the complete store ------------------------------------------------------------------------------------------

    def extractors(self) -> frozenset[str]:
        """Return the versions that annotated the documents. Fast: every query asks for it."""
        return frozenset(self._connection.cached_column(_EXTRACTORS))

    def extractor_versions(self) -> dict[str, int]:
        """Return how many documents each extractor version annotated."""
        found = self._connection.execute("SELECT extractor, count(*) FROM documents GROUP BY extractor")
        return dict(found.fetchall())

    def surfaces(self) -> Iterator[dict[str, set[str]]]:
        """Yield for each document how each entity is written in it, by entity id. Reads every record."""
        for document_id, record in self._connection.stream("SELECT id, record FROM documents ORDER BY id"):
            found: dict[str, set[str]] = {}
            for mention in read(f"document {document_id}", record, _Names).mentions:
                found.setdefault(mention.entity_id, set()).add(mention.surface)
            yield found

    def counts(self, extractor_version: str) -> base.StoreCounts:
        """Return the size of the store."""
        (counts,) = self._connection.structs(
            base.StoreCounts,
            "FROM (SELECT count(*) AS documents, coalesce(sum(statements), 0) AS statements, "  # noqa: S608 - ours
            "count(*) FILTER (WHERE extractor <> ?) AS outdated, (SELECT count(*) FROM revisions) AS revisions, "
            f"(SELECT count(*) FROM facts WHERE gone_at <> '') AS gone, {base.COUNTS}, "
            "(SELECT coalesce(sum(failed_sentences), 0) FROM facts WHERE failed_sentences > 0) AS failed_sentences "
            "FROM documents) AS sizes",
            extractor_version,
        )
        return counts

    def begin(self) -> None:
        """From now until `commit` or `rollback`, no other process changes the store."""
        self._connection.begin()

    def close(self) -> None:
        """Close the files and discard pending changes."""
        self._connection.close()


def _content(document: Document) -> dict[str, Any]:
    return {key: value for key, value in to_builtins(document).items() if key not in _NO_CONTENT}


def _article(document: Document) -> dict[str, Any]:
    return {key: value for key, value in to_builtins(document).items() if key not in _ANNOTATIONS | _PLACE}


def _record(document: Document) -> bytes:
    return encode(replace(document, **dict.fromkeys(_MARKS, "")))
