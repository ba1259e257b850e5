"""Parse aliases.toml, the names that a user merges, splits, renames and hides, and load them with the watchlists.

Users write the file by hand, so each error names the table and says what to write instead.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import parse_toml
from searchkit.names import folder as files
from searchkit.statements import MOST_WORDS, Alias, Entry, Hide, Register, Scope, Split, known_id, make_register
from searchkit.statements.document import MentionKind
from searchkit.statements.text import name_key, normalize, one_line, slug

KINDS: tuple[MentionKind, ...] = get_args(MentionKind)
_KEYS = {
    "entity": ("name", "kind", "aliases", "id", "country", "note"),
    "split": ("name", "becomes", "kind", "documents", "outlet", "note"),
    "hide": ("name", "kind", "documents", "outlet", "note"),
}
_ID = re.compile(r"(?:[a-z]{1,20}:)?[a-z0-9][a-z0-9._-]{0,99}")
_LONGEST_NAME = 300


class Aliases(Struct, frozen=True, kw_only=True):
    entities: tuple[Alias, ...] = ()
    splits: tuple[Split, ...] = ()
    hides: tuple[Hide, ...] = ()


def read(content: bytes, where: str) -> Aliases:
    """Parse the content of the file `where`. ConfigError, with the table, for a mistake."""
    try:
        stated = parse_toml(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{where} is not UTF-8, from line {line} on.", hint="Save it as UTF-8.") from error
    except ValueError as error:
        hint = 'Put names in quotation marks: "Xu".' if "Invalid value" in str(error) else "Fix it in an editor."
        raise ConfigError(f"{where} is not valid TOML: {error}.", hint=hint) from error
    for name, tables in stated.items():
        if name not in _KEYS:
            _refuse(f"{where}: unknown table [[{_short(name)}]].", name, tuple(_KEYS))
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise ConfigError(
                f"{where}: {name} is not a list of tables.", hint=f"Write [[{name}]] with double brackets."
            )
    tables_of = {
        sort: [_Table(sort, number, table, where) for number, table in enumerate(stated.get(sort, ()), 1)]
        for sort in _KEYS
    }
    entities = _entities(tables_of["entity"])
    by_key = {name_key(name): alias for alias in entities for name in alias.names}
    return Aliases(
        entities=tuple(entities),
        splits=tuple(_split(table, by_key) for table in tables_of["split"]),
        hides=tuple(_hide(table, by_key) for table in tables_of["hide"]),
    )


def _short(written: str) -> str:
    """Return what a user has written as a message shows it."""
    return one_line(written) if len(written) <= 40 else f"{one_line(written[:40])}..."


def _refuse(message: str, written: str, known: tuple[str, ...]) -> NoReturn:
    raise ConfigError(f"{message}{did_you_mean(written, known)}", hint=f"Write one of: {', '.join(known)}.")


class _Table:
    """One table of the file, with its place for error messages."""

    def __init__(self, sort: str, number: int, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        name = values.get("name")
        named = f' ("{_short(name)}")' if isinstance(name, str) else ""
        self.place = f"{where}: [[{sort}]] number {number}{named}"
        for key in values:
            if key not in _KEYS[sort]:
                _refuse(f'{self.place} has an unknown key "{_short(key)}".', key, _KEYS[sort])

    def refuse(self, what: str, hint: str) -> NoReturn:
        raise ConfigError(f"{self.place}: {what}", hint=hint)

    def text(self, key: str) -> str:
        value = self._values.get(key, "")
        if not isinstance(value, str):
            self.refuse(f"{key} is not text.", f'Write it in quotation marks: {key} = "..."')
        return normalize(value).strip()

    def name(self, key: str) -> str:
        names = self.names(key)
        if len(names) != 1:
            self.refuse(f"{key} needs exactly one name.", f'Write {key} = "..."')
        return names[0]

    def names(self, key: str) -> tuple[str, ...]:
        """Return the names under `key`: one, or several in brackets; none when it is missing."""
        value = self._values.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            self.refuse(f"{key} may contain only names.", f'Write {key} = ["...", "..."]')
        names = tuple(dict.fromkeys(" ".join(normalize(name).split()) for name in listed))
        for name in names:
            key_of = name_key(name)
            if not key_of or len(name) > _LONGEST_NAME or len(key_of.split()) > MOST_WORDS:
                self.refuse(
                    f'{key}: "{_short(name)}" is not a valid name.',
                    f"A name has letters, and at most {MOST_WORDS} words and {_LONGEST_NAME} characters.",
                )
        return names

    def required_names(self) -> tuple[str, ...]:
        return self.names("name") or self.refuse("the name is missing.", 'Write name = "..."')

    def kind(self) -> MentionKind | None:
        kind = self.text("kind")
        if not kind:
            return None
        for known in KINDS:
            if kind == known:
                return known
        _refuse(f'{self.place}: unknown kind "{_short(kind)}".', kind, KINDS)

    def required_kind(self, name: str) -> MentionKind:
        hint = f'Write kind = "person", or another of: {", ".join(KINDS)}.'
        return self.kind() or self.refuse(f'the kind of "{name}" is missing.', hint)

    def scope(self) -> Scope:
        value = self._values.get("documents", [])
        if not isinstance(value, list) or not all(isinstance(document, str) for document in value):
            self.refuse("documents is not a list of ids or addresses.", 'Write documents = ["ac46cbe9ee9d"]')
        return Scope(documents=frozenset(value), outlet=self.text("outlet"))


def _entities(tables: Sequence[_Table]) -> list[Alias]:
    """Return the entities, with tables of the same name and kind merged."""
    entities: dict[str, Alias] = {}
    claims: dict[str, tuple[str, _Table]] = {}  # by key of a name: the id of its entity, and the table
    by_name: dict[tuple[str, MentionKind], str] = {}
    for table in tables:
        written = table.name("name")
        kind = table.required_kind(written)
        alias = Alias(
            entity_id=_identity(table, written, kind),
            name=written,
            kind=kind,
            names=tuple(dict.fromkeys((written, *table.names("aliases")))),
            country=table.text("country"),
            note=table.text("note"),
        )
        same = (name_key(written), kind)
        if not table.text("id") and same in by_name:
            alias = replace(alias, entity_id=by_name[same])
        known = entities.get(alias.entity_id)
        if known is not None and (name_key(known.name), known.kind) != same:
            table.refuse(f'"{known.name}" has the id "{alias.entity_id}" already.', "Write another id.")
        if known is not None and known.name != alias.name:
            message = f'"{alias.name}" and "{known.name}" are the same name.'
            table.refuse(message, "Write one of them as name, the other as alias.")
        by_name.setdefault(same, alias.entity_id)
        for name in alias.names:
            owner, claimed = claims.setdefault(name_key(name), (alias.entity_id, table))
            if owner != alias.entity_id:
                table.refuse(
                    f'"{name}" is also a name of "{entities[owner].name}" ({claimed.place.partition(": ")[2]}).',
                    "Leave it in one of them; for single documents or outlets write a [[split]].",
                )
        if known is not None:
            alias = replace(known, names=tuple(dict.fromkeys((*known.names, *alias.names))))
        entities[alias.entity_id] = alias
    return list(entities.values())


def _identity(table: _Table, name: str, kind: MentionKind) -> str:
    stated = table.text("id")
    if not stated:
        return known_id(kind, name) or f"{kind}:{slug(name)}"
    if not _ID.fullmatch(stated):
        table.refuse(f'"{_short(stated)}" is not a valid id.', "Use lower-case letters, digits, dots and hyphens.")
    prefix, colon, _ = stated.partition(":")
    if colon and prefix != kind:
        table.refuse(f'the id "{stated}" does not fit the kind {kind}.', f'Write id = "{kind}:..."')
    return stated if colon else f"{kind}:{stated}"


def _split(table: _Table, by_key: Mapping[str, Alias]) -> Split:
    names, becomes = table.required_names(), table.name("becomes")
    alias = by_key.get(name_key(becomes))
    if alias is None:
        kind = table.required_kind(becomes)
        entity_id = known_id(kind, becomes) or f"{kind}:{slug(becomes)}"
        alias = Alias(entity_id=entity_id, name=becomes, kind=kind, names=(becomes,))
    elif table.kind() not in (None, alias.kind):
        table.refuse(f'the [[entity]] "{becomes}" has the kind {alias.kind}.', "Leave out the kind here.")
    return Split(names=names, becomes=alias, scope=table.scope())


def _hide(table: _Table, by_key: Mapping[str, Alias]) -> Hide:
    hide = Hide(names=table.required_names(), kind=table.kind(), scope=table.scope())
    for name in hide.names:
        alias = by_key.get(name_key(name))
        if alias is not None and hide.kind in (None, alias.kind) and hide.scope == Scope():
            table.refuse(
                f'"{name}" is also a name of the [[entity]] "{alias.name}".',
                "Leave it in one of them; to hide it in some places only, write documents or outlet.",
            )
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
            watched.extend([(key, number + 1) for key in entry.weak])
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
