"""aliases.toml: the names a user merges, splits, renames and hides.

takes:    the bytes of the file
gives:    Alias, Split and Hide values, checked against each other
does not: look for the file; apply anything
traps:    a mistake is told with the table it stands in and what to write instead: the file is written by hand
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, NoReturn, get_args

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import MentionKind
from searchkit.errors import ConfigError
from searchkit.extract.name_table import MOST_WORDS
from searchkit.extract.names.gazetteer import known_id
from searchkit.extract.register import Alias, Hide, Scope, Split
from searchkit.text import name_key, slug

KINDS: tuple[MentionKind, ...] = get_args(MentionKind)
_KEYS = {
    "entity": ("name", "kind", "aliases", "id", "country", "note"),
    "split": ("name", "becomes", "kind", "documents", "outlet", "note"),
    "hide": ("name", "kind", "documents", "outlet", "note"),
}
_ID = re.compile(r"(?:[a-z]{1,20}:)?[a-z0-9][a-z0-9._-]{0,99}")
_LONGEST_NAME = 300

EXAMPLE = """\
# Names as you want them. Remove the "# " before what you need; then run: searchkit rebuild
# Persons of different articles are one only when you say so here.

# All these names are one, and are shown as `name`:
# [[entity]]
# name = "Nadia Korbel"
# kind = "person"  # person, company, organisation, agency, place, group, law, list, other
# aliases = ["N. Korbel", "Nadezhda Korbel"]
# note = "signs with her full name since 2021"

# A name that is taken for another one, everywhere or only in some documents or in one outlet:
# [[split]]
# name = "Tiandy"
# becomes = "Tiandy Boats"
# kind = "company"
# outlet = "Harbor Ledger"
# documents = ["ac46cbe9ee9d"]

# Names that are none:
# [[hide]]
# name = ["Read More", "Things"]
"""


class Aliases(Struct, frozen=True, kw_only=True):
    """The tables of the file."""

    entities: tuple[Alias, ...] = ()
    splits: tuple[Split, ...] = ()
    hides: tuple[Hide, ...] = ()


def read(content: bytes, where: str) -> Aliases:
    """The aliases in the file `where`, whose bytes these are. ConfigError, with the place, for what cannot be meant."""
    try:
        stated = tomllib.loads(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{where} is not UTF-8, from line {line} on.", hint="Save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(
            f"{where} is not valid TOML: {error}.", hint='Names stand in quotation marks: "Xu".'
        ) from error
    for name, tables in stated.items():
        if name not in _KEYS:
            _refuse_name(f"{where}: there is no [[{name}]].", name, tuple(_KEYS))
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise ConfigError(f"{where}: {name} is no list of tables.", hint=f"Write [[{name}]] with double brackets.")
    entities = _entities(stated.get("entity", ()), where)
    by_key = {name_key(name): alias for alias in entities for name in alias.names}
    return Aliases(
        entities=tuple(entities),
        splits=tuple(
            _split(_Table("split", number, table, where), by_key)
            for number, table in enumerate(stated.get("split", ()), 1)
        ),
        hides=tuple(
            _hide(_Table("hide", number, table, where), by_key)
            for number, table in enumerate(stated.get("hide", ()), 1)
        ),
    )


def _refuse_name(message: str, written: str, known: tuple[str, ...]) -> NoReturn:
    close = difflib.get_close_matches(written, known, n=1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    raise ConfigError(f"{message}{meant}", hint=f"There are: {', '.join(known)}.")


class _Table:
    """One table of the file, which knows its place for complaints."""

    def __init__(self, sort: str, number: int, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        name = values.get("name")
        named = f' ("{name}")' if isinstance(name, str) else ""
        self.place = f"{where}: [[{sort}]] number {number}{named}"
        for key in values:
            if key not in _KEYS[sort]:
                _refuse_name(f'{self.place} has a key "{key}", which is none.', key, _KEYS[sort])

    def refuse(self, what: str, hint: str) -> NoReturn:
        raise ConfigError(f"{self.place}: {what}", hint=hint)

    def text(self, key: str) -> str:
        """The value of an optional key; empty when it is missing."""
        value = self._values.get(key, "")
        if not isinstance(value, str):
            self.refuse(f"{key} is no text.", f'Write it in quotation marks: {key} = "..."')
        return value.strip()

    def name(self, key: str) -> str:
        """The name under a key that must be there."""
        names = self.names(key)
        if len(names) != 1:
            self.refuse(f"{key} is not one name.", f'Write {key} = "..."')
        return names[0]

    def names(self, key: str) -> tuple[str, ...]:
        """The names under `key`: one, or several in brackets; none when it is missing."""
        value = self._values.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            self.refuse(f"{key} holds more than names.", f'Write {key} = ["...", "..."]')
        names = tuple(dict.fromkeys(" ".join(name.split()) for name in listed))
        for name in names:
            key_of = name_key(name)
            if not key_of or len(name) > _LONGEST_NAME or len(key_of.split()) > MOST_WORDS:
                self.refuse(
                    f'{key} holds "{name[:40]}", which is no name.',
                    f"A name has letters, and at most {MOST_WORDS} words and {_LONGEST_NAME} characters.",
                )
        return names

    def some_names(self) -> tuple[str, ...]:
        """The names that a table is about."""
        names = self.names("name")
        if not names:
            self.refuse("it says no name.", 'Write name = "..."')
        return names

    def kind(self) -> MentionKind | None:
        """The kind, if one is stated."""
        kind = self.text("kind")
        if not kind:
            return None
        for known in KINDS:
            if kind == known:
                return known
        _refuse_name(f'{self.place}: "{kind}" is no kind.', kind, KINDS)

    def scope(self) -> Scope:
        """Where the table holds."""
        value = self._values.get("documents", [])
        if not isinstance(value, list) or not all(isinstance(document, str) for document in value):
            self.refuse("documents is no list of ids or addresses.", 'Write documents = ["ac46cbe9ee9d"]')
        return Scope(documents=frozenset(value), outlet=self.text("outlet"))


def _entities(tables: Any, where: str) -> list[Alias]:
    """The entities; tables of one name and kind are one."""
    entities: dict[str, Alias] = {}
    place_of: dict[str, tuple[str, _Table]] = {}  # by key of a name: the id of its entity, and where it is claimed
    by_name: dict[tuple[str, MentionKind], str] = {}
    for number, values in enumerate(tables, 1):
        table = _Table("entity", number, values, where)
        alias = _entity(table)
        same = (name_key(alias.name), alias.kind)
        if not table.text("id") and same in by_name:
            alias = replace(alias, entity_id=by_name[same])
        held = entities.get(alias.entity_id)
        if held is not None and (name_key(held.name), held.kind) != same:
            table.refuse(f'the id "{alias.entity_id}" is that of "{held.name}".', "Give it another id.")
        if held is not None and held.name != alias.name:
            table.refuse(f'"{alias.name}" is "{held.name}" too.', "Write one of them, the other among its aliases.")
        by_name.setdefault(same, alias.entity_id)
        for name in alias.names:
            owner, claimed = place_of.setdefault(name_key(name), (alias.entity_id, table))
            if owner != alias.entity_id:
                table.refuse(
                    f'"{name}" is claimed by "{entities[owner].name}" too ({claimed.place.partition(": ")[2]}).',
                    "Leave it in one of them; for single documents or outlets write a [[split]].",
                )
        if held is not None:
            alias = replace(held, names=tuple(dict.fromkeys((*held.names, *alias.names))))
        entities[alias.entity_id] = alias
    return list(entities.values())


def _entity(table: _Table) -> Alias:
    name = table.name("name")
    kind = table.kind()
    if kind is None:
        table.refuse("it says no kind.", f'Write kind = "person", or another of: {", ".join(KINDS)}.')
    return Alias(
        entity_id=_identity(table, name, kind),
        name=name,
        kind=kind,
        names=tuple(dict.fromkeys((name, *table.names("aliases")))),
        country=table.text("country"),
        note=table.text("note"),
    )


def _identity(table: _Table, name: str, kind: MentionKind) -> str:
    stated = table.text("id")
    if not stated:
        return known_id(kind, name) or f"{kind}:{slug(name)}"
    if not _ID.fullmatch(stated):
        table.refuse(f'"{stated[:40]}" is no id.', "An id has small letters, digits, dots and hyphens.")
    prefix, colon, _ = stated.partition(":")
    if colon and prefix != kind:
        table.refuse(f'the id "{stated}" is not that of a {kind}.', f'Write id = "{kind}:..."')
    return stated if colon else f"{kind}:{stated}"


def _split(table: _Table, by_key: Mapping[str, Alias]) -> Split:
    names, kind, becomes = table.some_names(), table.kind(), table.name("becomes")
    alias = by_key.get(name_key(becomes))
    if alias is None:
        if kind is None:
            table.refuse(
                f'the kind of "{becomes}" is missing.', f'Write kind = "person", or another of: {", ".join(KINDS)}.'
            )
        alias = Alias(
            entity_id=known_id(kind, becomes) or f"{kind}:{slug(becomes)}", name=becomes, kind=kind, names=(becomes,)
        )
    elif kind not in (None, alias.kind):
        table.refuse(f'"{becomes}" is a {alias.kind} in its [[entity]].', "Leave the kind out here.")
    return Split(names=names, becomes=alias, scope=table.scope())


def _hide(table: _Table, by_key: Mapping[str, Alias]) -> Hide:
    hide = Hide(names=table.some_names(), kind=table.kind(), scope=table.scope())
    for name in hide.names:
        alias = by_key.get(name_key(name))
        if alias is not None and hide.kind in (None, alias.kind) and hide.scope == Scope():
            table.refuse(
                f'"{name}" is "{alias.name}" in its [[entity]].',
                "Leave it in one of them; to hide it in some places only, write documents or outlet.",
            )
    return hide
