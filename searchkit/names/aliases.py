"""Parse aliases.toml, the names that a user merges, splits, renames and hides, and load them with the watchlists.

Users write the file by hand, so each error names the table and says what to write instead.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_args

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import quoted, read_table, read_toml
from searchkit.names import folder as files
from searchkit.statements import MOST_WORDS, Alias, Entry, Hide, Register, Scope, Split, known_id, make_register
from searchkit.statements.document import MentionKind
from searchkit.statements.text import name_key, normalize, slug

KINDS: tuple[MentionKind, ...] = get_args(MentionKind)
_LONGEST_NAME = 300
_Texts = tuple[str, ...]
_Names = Annotated[tuple[str, ...], Meta(min_length=1)]


class Aliases(Struct, frozen=True, kw_only=True):
    entities: tuple[Alias, ...] = ()
    splits: tuple[Split, ...] = ()
    hides: tuple[Hide, ...] = ()


class _Entity(Struct, frozen=True, kw_only=True):
    name: str
    kind: MentionKind
    aliases: _Texts = ()
    id: Annotated[
        str,
        Meta(
            pattern="^((?:[a-z]{1,20}:)?[a-z0-9][a-z0-9._-]{0,99})?$",
            extra={"write": "Use lower-case letters, digits, dots and hyphens."},
        ),
    ] = ""
    country: str = ""
    note: str = ""


class _Hide(Struct, frozen=True, kw_only=True):
    name: _Names
    kind: MentionKind | None = None
    documents: _Texts = ()
    outlet: str = ""
    note: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(documents=frozenset(self.documents), outlet=normalize(self.outlet).strip())


class _Split(_Hide, frozen=True, kw_only=True):
    becomes: str


_TABLES: dict[str, type[Struct]] = {"entity": _Entity, "split": _Split, "hide": _Hide}


def read(content: bytes, where: str) -> Aliases:
    """Parse the content of the file `where`. ConfigError, with the table, for a mistake."""
    stated = read_toml(content, where)
    for name, tables in stated.items():
        if name not in _TABLES:
            message = f"{where}: unknown table [[{quoted(name)}]].{did_you_mean(name, _TABLES)}"
            raise ConfigError(message, hint=f"Write one of: {', '.join(_TABLES)}.")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise ConfigError(
                f"{where}: {name} is not a list of tables.", hint=f"Write [[{name}]] with double brackets."
            )
    placed: dict[str, list[tuple[str, Any]]] = {sort: [] for sort in _TABLES}
    for sort, kind in _TABLES.items():
        for number, table in enumerate(stated.get(sort, ()), 1):
            name = table.get("name")
            place = f"{where}: [[{sort}]] number {number}" + (f' ("{quoted(name)}")' if isinstance(name, str) else "")
            placed[sort].append((place, read_table(table, kind, place)))
    entities = _entities(placed["entity"])
    by_key = {name_key(name): alias for alias in entities for name in alias.names}
    return Aliases(
        entities=tuple(entities),
        splits=tuple(_split(place, table, by_key) for place, table in placed["split"]),
        hides=tuple(_hide(place, table, by_key) for place, table in placed["hide"]),
    )


def _refuse(place: str, what: str, hint: str) -> NoReturn:
    raise ConfigError(f"{place}: {what}", hint=hint)


def _names(place: str, *written: str) -> tuple[str, ...]:
    """Return names as documents have them."""
    names = tuple(dict.fromkeys(" ".join(normalize(name).split()) for name in written))
    for name in names:
        key = name_key(name)
        if not key or len(name) > _LONGEST_NAME or len(key.split()) > MOST_WORDS:
            hint = f"A name has letters, and at most {MOST_WORDS} words and {_LONGEST_NAME} characters."
            _refuse(place, f'"{quoted(name)}" is not a valid name.', hint)
    return names


def _entities(tables: Iterable[tuple[str, _Entity]]) -> list[Alias]:
    """Return the entities, with tables of the same name and kind merged."""
    entities: dict[str, Alias] = {}
    claims: dict[str, tuple[str, str]] = {}  # by key of a name: the id of its entity, and the place of the table
    by_name: dict[tuple[str, MentionKind], str] = {}
    for place, table in tables:
        name, *_ = names = _names(place, table.name, *table.aliases)
        same = (name_key(name), table.kind)
        entity_id = by_name[same] if not table.id and same in by_name else _identity(place, table, name)
        known = entities.get(entity_id)
        if known is not None and (name_key(known.name), known.kind) != same:
            _refuse(place, f'"{known.name}" has the id "{entity_id}" already.', "Write another id.")
        if known is not None and known.name != name:
            message = f'"{name}" and "{known.name}" are the same name.'
            _refuse(place, message, "Write one of them as name, the other as alias.")
        by_name.setdefault(same, entity_id)
        for own in names:
            owner, claimed = claims.setdefault(name_key(own), (entity_id, place))
            if owner != entity_id:
                _refuse(
                    place,
                    f'"{own}" is also a name of "{entities[owner].name}" ({claimed.partition(": ")[2]}).',
                    "Leave it in one of them; for single documents or outlets write a [[split]].",
                )
        if known is not None:
            entities[entity_id] = replace(known, names=tuple(dict.fromkeys((*known.names, *names))))
        else:
            country, note = (normalize(text).strip() for text in (table.country, table.note))
            entities[entity_id] = Alias(
                entity_id=entity_id, name=name, kind=table.kind, names=names, country=country, note=note
            )
    return list(entities.values())


def _identity(place: str, table: _Entity, name: str) -> str:
    if not table.id:
        return known_id(table.kind, name) or f"{table.kind}:{slug(name)}"
    prefix, colon, _ = table.id.partition(":")
    if colon and prefix != table.kind:
        message = f'the id "{table.id}" does not fit the kind {table.kind}.'
        _refuse(place, message, f'Write id = "{table.kind}:..."')
    return table.id if colon else f"{table.kind}:{table.id}"


def _split(place: str, table: _Split, by_key: Mapping[str, Alias]) -> Split:
    (becomes,) = _names(place, table.becomes)
    alias, kind = by_key.get(name_key(becomes)), table.kind
    if alias is None:
        if kind is None:
            hint = f'Write kind = "person", or another of: {", ".join(KINDS)}.'
            _refuse(place, f'the kind of "{becomes}" is missing.', hint)
        entity_id = known_id(kind, becomes) or f"{kind}:{slug(becomes)}"
        alias = Alias(entity_id=entity_id, name=becomes, kind=kind, names=(becomes,))
    elif kind not in (None, alias.kind):
        _refuse(place, f'the [[entity]] "{becomes}" has the kind {alias.kind}.', "Leave out the kind here.")
    return Split(names=_names(place, *table.name), becomes=alias, scope=table.scope)


def _hide(place: str, table: _Hide, by_key: Mapping[str, Alias]) -> Hide:
    hide = Hide(names=_names(place, *table.name), kind=table.kind, scope=table.scope)
    for name in hide.names:
        alias = by_key.get(name_key(name))
        if alias is not None and hide.kind in (None, alias.kind) and hide.scope == Scope():
            hint = "Leave it in one of them; to hide it in some places only, write documents or outlet."
            _refuse(place, f'"{name}" is also a name of the [[entity]] "{alias.name}".', hint)
    return hide


# --- the names of an archive ------------------------------------------------------------------------------------------


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
            # Lists of earlier versions hold names in another order as weak ones; now the register finds them.
            ordered = (key for key in entry.weak if " ".join(reversed(key.split())) not in entry.names)
            watched.extend([(key, number + 1) for key in ordered])
            acronyms.update(entry.acronyms)
    return make_register(
        version=version,
        rules=(*tables.entities, *tables.splits, *tables.hides),
        entries=entries,
        watched=watched,
        acronyms=acronyms,
    )


def scoped_documents(folder: Path) -> tuple[str, ...]:
    """Return the ids and addresses of documents that tables of aliases.toml name, sorted. ConfigError as `load`."""
    tables = own_names(folder)
    scopes = [*(split.scope for split in tables.splits), *(hide.scope for hide in tables.hides)]
    return tuple(sorted({name for scope in scopes for name in scope.documents}))


def own_names(folder: Path) -> Aliases:
    """Return the tables of aliases.toml, without reading the watchlists. ConfigError as `load`."""
    return read(files.aliases_content(folder), str(folder / files.ALIASES))
