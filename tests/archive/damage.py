"""An archive with something of every kind, and ways to damage its files."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from searchkit.alerts import folder as saved
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.archive import Archive
from searchkit.archive.checking import findings
from searchkit.archive.folder import Finding
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.pages import Lead, Response
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.store.encoding import compressed, encode, expanded
from searchkit.store.store import open_store
from searchkit.store.tables import PAGE_BYTES, row_checksum
from tests.cli.harbor import ARTICLES, archive_of_the_harbor
from tests.samples import present

NOW = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)
PAGE = str(ARTICLES[0]["uri"])
RECORDS: tuple[Record, ...] = ("document", "quote")


def archive_of_everything(folder: Path) -> None:
    """Three documents, one in its second revision, with captures, frontier, names, a saved search and two generations
    of the index."""
    archive_of_the_harbor(folder).close()
    with closing(open_store(folder / "store.sqlite", writable=True)) as store:
        kept = next(document for document in map(store.get, store.ids()) if document and document.uri == PAGE)
        store.connection.execute(
            "INSERT INTO revisions (document, revision, record) SELECT id, 1, record FROM documents WHERE id = ?",
            kept.id,
        )
        store.connection.execute(
            "UPDATE documents SET revision = 2, record = ? WHERE id = ?", encode(replace(kept, revision=2)), kept.id
        )
        store.runs.note("harbor", NOW.isoformat(), ok=True, description="{}")
        store.touch(PAGE, NOW.isoformat(), source="harbor")  # a change that the index follows in its next generation
        store.commit()
    with Archive.open(folder) as archive:
        archive.catch_up()
    captures = Captures(folder / "captures")
    with closing(Frontier(folder / "frontier.sqlite")) as frontier:
        for article in ARTICLES[:2]:
            address = str(article["uri"])
            digest = captures.keep(str(article["text"]).encode())
            lead = Lead(url=address, priority=1)
            frontier.add(lead, source="harbor", now=1.0, may_be_due=lambda _page: True)
            page = present(frontier.page(address))
            frontier.save(
                type(page)(
                    url=address, host=page.host, source="harbor", state="settled", digest=digest, due_at=9e9, priority=1
                )
            )
            frontier.add_fetch(address, Response(final_url=address, status=200, fetched_at=NOW, digest=digest))
    saved.save(
        folder,
        SavedSearch(name="korbel", query='speaker:"Nadia Korbel"', over="statements", note="", alert=AlertSettings()),
    )
    (folder / "aliases.toml").write_text("# nothing is said\n")


def answers(folder: Path) -> list[object]:
    """What an archive answers to a fixed set of questions."""
    with Archive.open(folder) as archive:
        reported: list[object] = [archive.store().counts(""), archive.sources(), archive.failures("")]
        for record in RECORDS:
            facets = tuple(FacetRequest(field=name) for name in ("speaker", "outlet", "date"))
            for query in (ast.All(), ast.Term(text="crates"), ast.Field(name="speaker", value=ast.Term(text="korbel"))):
                result = archive.search(SearchRequest(query=query, record=record, facets=facets, sort="newest"))
                reported.append((result.hits, result.total, result.facets, result.notes))
        for hit in archive.search(SearchRequest(query=ast.All())).hits:
            document = present(archive.get(hit.id))
            reported.append(document)
            for number in range(1, document.revision):
                before = archive.revision(hit.id, number)
                reported.append(before)
        reported.append([saved_file.search for saved_file in saved.load_all(folder)])
        return reported


def change_rows(path: Path, *statements: str) -> None:
    """Change a store, with valid checksums and `record_functions`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        record_functions(connection)
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        for statement in statements:
            connection.execute(statement)


def record_functions(connection: sqlite3.Connection) -> None:
    """Define `expanded` and `compressed` for records in SQL."""
    connection.create_function("expanded", 1, lambda record: expanded(record).decode())
    connection.create_function("compressed", 1, lambda text: compressed(text.encode()))


def record_with(path: Path, text: str) -> bytes:
    """The first bytes of the record of the document with `text`, as they stand in the file."""
    with closing(sqlite3.connect(path)) as connection:
        records = [bytes(record) for (record,) in connection.execute("SELECT record FROM documents")]
    return next(record[:200] for record in records if text.encode() in expanded(record))


def flip_record(path: Path) -> None:
    """Turn a bit of a record of a store around."""
    flip_in(path, record_with(path, "counted the crates"))


def delete_unnoticed(path: Path, document: str) -> None:
    """Delete a document from a store without a new change, so that its index seems up to date."""
    with closing(open_store(path, writable=True)) as store:
        store.delete(document, NOW.isoformat())
        store.commit()
    change_rows(
        path,
        "DELETE FROM changes WHERE sequence = (SELECT max(sequence) FROM changes)",
        f"UPDATE changes SET kind = 'delete' WHERE document = '{document}'",  # noqa: S608 - ours
    )


def damage_in(folder: Path) -> list[Finding]:
    """What a full check calls damage."""
    return [finding for finding in findings(folder, full=True) if finding.damage]


def flip(path: Path, place: int, bit: int = 0) -> None:
    """Turn one bit of a file around."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


def zero_page(path: Path, number: int) -> None:
    """Make a page of a store (1 is the first) empty."""
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE_BYTES)
        file.write(bytes(PAGE_BYTES))


def flip_in(path: Path, text: bytes) -> None:
    """Turn a bit of the first place around where a file holds `text`."""
    flip(path, path.read_bytes().index(text) + 1)


def root_page(path: Path, table: str) -> int:
    """The first page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return int(page)


def replaced_by(content: bytes) -> Callable[[Path], None]:
    """Damage that puts another file in the place of one."""

    def damage(path: Path) -> None:
        if path.is_dir():
            shutil.rmtree(path)
        path.write_bytes(content)

    return damage


def by_a_folder(path: Path) -> None:
    """Damage that puts a folder in the place of a file."""
    path.unlink()
    path.mkdir()
