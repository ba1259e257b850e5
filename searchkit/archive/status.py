"""What an archive holds, how large it is, and whether its annotations follow its aliases and watchlists."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.archive.databases import Databases
from searchkit.archive.histories_sync import failed_views
from searchkit.errors import SearchkitError, TryAgain
from searchkit.index.base import Index
from searchkit.index.values import STRONG, WEAK, shared_id, value_key
from searchkit.loading import load
from searchkit.names import folder as names_folder
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.records import Count, Version
from searchkit.statements.document import BEGINNING, document_id
from searchkit.statements.text import counted, redacted
from searchkit.store.base import WorkRecord
from searchkit.store.store import Store


class QuarantinedRecord(Struct, frozen=True, kw_only=True):
    """A resource that exceeded the limits of the parser in several runs and is no longer read."""

    uri: str
    reason: Annotated[str, Meta(description="Reason in the last run.")]
    runs: Version
    since: Annotated[str, Meta(description="The first failed run, ISO 8601 UTC.")]


class IndexedRecord(Struct, frozen=True, kw_only=True):
    """Records in the index, by kind."""

    document: Count
    quote: Count


class SizeRecord(Struct, frozen=True, kw_only=True):
    """Sizes in bytes."""

    store: Count
    index: Count


class StatusReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.status/1"):
    """What the archive contains."""

    archive: str
    engine: str
    documents: Count
    statements: Count
    revisions: Annotated[Count, Meta(description="Old revisions.")]
    outdated: Annotated[Count, Meta(description="Documents annotated by another version or with other names.")]
    gone: Count
    failures: Count
    shows_less: Annotated[Count, Meta(description="Pages that show less than their article, whose text stays.")]
    failed_sentences: Annotated[
        Count, Meta(description="Sentences whose statements are missing because a rule of searchkit failed.")
    ]
    failed_views: Annotated[
        Count, Meta(description="Statements and documents that the histories lack because a rule of searchkit failed.")
    ]
    quarantined: tuple[QuarantinedRecord, ...]
    indexed: Annotated[IndexedRecord | None, Meta(description="Null if the search cluster does not answer.")]
    sequence: Annotated[Count, Meta(description="Changes in the store.")]
    applied: Annotated[Count, Meta(description="Changes that the index contains.")]
    bytes: SizeRecord
    work: Annotated[WorkRecord | None, Meta(description="Null if the archive never had workers.")]
    other_store: Annotated[
        bool, Meta(description="The index was made from another state of the store; the next command rebuilds it.")
    ]


def status_of(
    databases: Databases, folder: Path, engine: str, store: Store, index: Index, extractor_version: str
) -> StatusReport:
    """Return what the archive in `folder` holds, and how many documents another extractor version annotated. The file
    of histories counts as a part of the index."""
    indexed, position, bytes_index = None, BEGINNING, 0
    with suppress(TryAgain):
        counts, position, bytes_index = index.counts(), index.position, index.size()
        indexed = IndexedRecord(**counts)
    return StatusReport(
        archive=str(folder),
        engine=engine,
        **asdict(store.counts(extractor_version)),
        failed_views=failed_views(folder)[0],
        quarantined=tuple(
            QuarantinedRecord(
                uri=redacted(found.uri), reason=redacted(found.reason), runs=found.tries, since=found.since
            )
            for found in store.quarantine.quarantined()
        ),
        indexed=indexed,
        sequence=store.sequence,
        applied=position.sequence,
        bytes=SizeRecord(
            store=databases.size() or _size(folder, "store.sqlite*"),
            index=bytes_index + _size(folder, "histories.sqlite*"),
        ),
        work=databases.work_report(),
        other_store=not store.has(position),
    )


def _size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))


# --- aliases and watchlists ------------------------------------------------------------------------------------------


def names_notes(folder: Path, store: Store) -> tuple[str, ...]:
    """Return a note on documents that were annotated before names changed."""
    try:
        current = names_folder.version(folder)
        _scoped_documents(folder)  # parses aliases.toml
    except SearchkitError as error:  # the index still has the names from before the file was damaged
        return (str(error),)
    stale = outdated_documents(store, current)
    were, them = ("document was", "it") if stale == 1 else ("documents were", "them")
    return (
        f"aliases.toml or a watchlist has changed since {stale:,} {were} annotated; "
        f"`searchkit index --outdated` annotates {them} again.",
    )


def unknown_documents(folder: Path, store: Store) -> tuple[str, ...]:
    """Return the documents that aliases.toml names and the store does not hold. ConfigError for a mistake in it."""
    return tuple(
        name
        for name in _scoped_documents(folder)
        if not (store.known(name) or store.get(name) or store.get(document_id(name)) or store.claiming([name]))
    )


def watchlist_notes(folder: Path, store: Store, value: ast.Node, record: Record) -> tuple[str, ...]:
    """Return why no record has `value`, a list or an entry; empty if no watchlist has it."""
    try:
        named = next(_named_by(folder, value), None)
        stale = outdated_documents(store, names_folder.version(folder)) if named else 0
    except SearchkitError as error:
        return (str(error),)
    if named is None:
        return ()
    if stale:
        were = "document was" if stale == 1 else "documents were"
        return (
            f"{stale:,} {were} annotated before the names last changed, so {named} was not looked for in all of them. "
            "To look for it, run: searchkit index --outdated",
        )
    checked = counted(sum(store.extractor_versions().values()), "document")
    return (f"No {'document' if record == 'document' else 'statement'} here contains {named}; {checked} checked.",)


def _named_by(folder: Path, value: ast.Node) -> Iterator[str]:
    """Yield what `value` of the field watchlist stands for: lists by name, entries by id, name or topic."""
    written = getattr(value, "text", "")
    text = written.removesuffix(STRONG).removesuffix(WEAK)
    strength = written[len(text) + 1 :]
    a_name = f"a {strength} name" if strength else "a name"
    key = value_key(text)
    for watchlist in names_folder.watchlists(folder) if key else ():
        if watchlist.name == key:
            entries = counted(watchlist.entries, "entry", "entries")
            yield f"a name of the watchlist {watchlist.name} ({entries}, {watchlist.version_text})"
            continue
        for entry in names_folder.entries_of(folder, watchlist):
            keys = {value_key(text) for text in (entry.id, shared_id(entry.id), entry.name)}
            words = () if isinstance(value, ast.Equals) else (entry.name, entry.id, *entry.topics)
            if key in keys or any(load("searchkit.search.rewrite:has_words")(text, key) for text in words):
                yield f"{a_name} of {entry.name} ({watchlist.name} {entry.id}, {watchlist.version_text})"


def outdated_documents(store: Store, current: str) -> int:
    """Return how many documents were annotated with other names."""
    versions = store.extractor_versions()
    return sum(count for version, count in versions.items() if version.partition("+")[2] != current)


def _scoped_documents(folder: Path) -> Collection[str]:
    """Return the documents that aliases.toml names. ConfigError for a mistake in it."""
    found: Collection[str] = load("searchkit.names.aliases:scoped_documents")(folder)  # loads the rules of extraction
    return found
