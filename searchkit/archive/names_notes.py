"""Say whether the annotations of an archive follow its aliases and watchlists."""

from pathlib import Path

from searchkit.errors import SearchkitError
from searchkit.names import folder as names_folder
from searchkit.store.sqlite import SqliteStore


def names_notes(folder: Path, store: SqliteStore) -> tuple[str, ...]:
    """Return a note if names have changed since documents were annotated."""
    try:
        current = names_folder.version(folder)
    except SearchkitError as error:  # the index still has the names from before the file was damaged
        return (str(error),)
    if all(version.partition("+")[2] == current for version in store.extractors()):
        return ()
    from searchkit.names.aliases import scoped_documents  # loads the rules of extraction

    try:
        scoped_documents(folder)  # parses aliases.toml
    except SearchkitError as error:
        return (str(error),)
    versions = store.extractor_versions()
    stale = sum(count for version, count in versions.items() if version.partition("+")[2] != current)
    were, them = ("document was", "it") if stale == 1 else ("documents were", "them")
    return (
        f"aliases.toml or a watchlist has changed since {stale:,} {were} annotated; "
        f"`searchkit index --outdated` annotates {them} again.",
    )
