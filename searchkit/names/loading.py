"""Load the register of an archive from aliases.toml and its watchlists.

Apart from folder.py, because it imports the rules of extraction, which a query does not need.
"""

from pathlib import Path

from searchkit.extract.register import Entry, Register, register
from searchkit.names import aliases
from searchkit.names import folder as files


def load(folder: Path) -> Register | None:
    """Return the aliases and watchlists of the archive; None when there are none.

    Raises ConfigError for a mistake in aliases.toml, ArchiveError for a damaged watchlist.
    """
    version = files.version(folder)
    if not version:
        return None
    tables = own_names(folder)
    entries: list[Entry] = []
    watched: list[tuple[str, int]] = []  # keys with twice the number of the entry, plus one where the name is weak
    acronyms: set[str] = set()
    topics: dict[tuple[str, ...], tuple[str, ...]] = {}  # lists repeat them
    for watchlist in files.watchlists(folder):
        for entry in files.entries_of(folder, watchlist):
            number = 2 * len(entries)
            shared = topics.setdefault(entry.topics, entry.topics)
            entries.append(Entry(watchlist.name, entry.id, entry.name, entry.kind, shared))
            watched.extend([(key, number) for key in entry.names])
            watched.extend([(key, number + 1) for key in entry.weak])
            acronyms.update(entry.acronyms)
    return register(
        version=version,
        aliases=tables.entities,
        splits=tables.splits,
        hides=tables.hides,
        entries=entries,
        watched=watched,
        acronyms=acronyms,
    )


def scoped_documents(folder: Path) -> tuple[str, ...]:
    """Return the ids and addresses of documents that tables of aliases.toml name, sorted. ConfigError as `load`."""
    tables = own_names(folder)
    scopes = [*(split.scope for split in tables.splits), *(hide.scope for hide in tables.hides)]
    return tuple(sorted({name for scope in scopes for name in scope.documents}))


def own_names(folder: Path) -> aliases.Aliases:
    """Return the tables of aliases.toml, without reading the watchlists. ConfigError as `load`."""
    return aliases.read(files.aliases_content(folder), str(folder / files.ALIASES))
