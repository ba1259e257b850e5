"""Watchlists in the forms they come in: plain CSV, OpenSanctions' targets.simple.csv, FollowTheMoney JSON lines.

takes:    a file
gives:    Listed entries with the keys of their names, strong and weak; how many rows could not be used, and why
does not: keep anything; fetch a list
traps:    a bad row costs itself only; but a file that is no list at all is an error, lest an empty list match nothing
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from searchkit.errors import UsageError
from searchkit.extract.name_table import MOST_WORDS, is_acronym, without_legal_words
from searchkit.extract.names.vocabulary import plain_words
from searchkit.extract.register import MOST_BEARERS
from searchkit.text import fold, name_key, slug

# A name of one word this long is hardly anything else (the rule of OpenAleph's watchlists).
_TELLING_WORD = 10
_LONGEST_NAME = 300
# What a list says of one entry goes into every document that names it.
_MOST_TOPICS = 20
_LONGEST_TOPIC = 60
# A person's name written for a register: "KORBEL, Nadia".
_INVERTED = re.compile(r"([^,]{2,100}), ?([^,]{2,100})")
_KINDS = {
    "person": "person",
    "company": "company",
    "organization": "organisation",
    "organisation": "organisation",
    "publicbody": "agency",
    "agency": "agency",
    "place": "place",
    "group": "group",
    "law": "law",
    "list": "list",
}
# Schemata of FollowTheMoney that bear names of their own; the others tell of them (sanctions, addresses, passports).
_NAMED_SCHEMATA = frozenset(
    "person company organization publicbody legalentity thing asset vessel airplane vehicle".split()
)
_PLAIN_COLUMNS = ("name", "id", "aliases", "weak_aliases", "kind", "country", "topics")
_IGNORED = "no name of their own"


class Listed(Struct, frozen=True, kw_only=True):
    """One entry of a list. `names` and `weak` are keys; `acronyms` those among both that count in capitals only."""

    id: str
    name: str
    kind: str
    country: str
    topics: tuple[str, ...]
    names: tuple[str, ...]
    weak: tuple[str, ...]
    acronyms: tuple[str, ...]


class Reading(Struct, frozen=True, kw_only=True):
    """What a file holds: its form, its entries, and how many rows could not be used, by reason."""

    form: str
    entries: tuple[Listed, ...]
    skipped: Mapping[str, int]

    def borne_by_many(self) -> int:
        """How many names more entries bear than are told of at a match."""
        bearers = Counter(key for entry in self.entries for key in (*entry.names, *entry.weak))
        return sum(count > MOST_BEARERS for count in bearers.values())


class _BadRowError(Exception):
    """A row without use; the reason is the message."""


def read(path: Path, name: str) -> Reading:
    """The list in the file `path`, to be called `name`. UsageError when it cannot be read or holds no names."""
    skipped: Counter[str] = Counter()
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file.", hint="Save the list in a file.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            form, rows = _rows(file, path)
            entries = _gathered(rows, name, skipped)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start:,}).", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise UsageError(f"{path} is not CSV: {error}.", hint="Is a quotation mark left open?") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error
    if not entries:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common(3))
        raise UsageError(
            f"{path} holds no names{f' ({reasons})' if reasons else ''}.",
            hint='Write CSV with a column "name", OpenSanctions targets.simple.csv, or FollowTheMoney JSON lines.',
        )
    return Reading(form=form, entries=entries, skipped=dict(skipped))


_Row = tuple[str, str, str, str, list[str], list[str], list[str]]
"""Id, name, kind, country, topics, aliases, weak aliases."""


def _rows(file: IO[str], path: Path) -> tuple[str, Iterator[_Row | _BadRowError]]:
    start = file.read(1)
    while start.isspace():
        start = file.read(1)
    file.seek(0)
    if start == "<":
        raise UsageError(f"{path} is a web page or XML, no list.", hint="Save the list as CSV or JSON lines.")
    if start in {"{", "["}:
        return "FollowTheMoney", (_usable(_entity_row, line) for line in file if line.strip())
    reader = csv.reader(file)
    header = next((row for row in reader if any(cell.strip() for cell in row)), [])
    columns = [cell.strip().lower() for cell in header]
    if {"id", "schema", "name", "aliases"} <= set(columns):
        return "OpenSanctions", (_usable(_target_row, row) for row in _records(reader, columns))
    if "name" in columns:
        return "CSV", (_usable(_plain_row, row) for row in _records(reader, columns))
    if len(header) == 1 and not {";", "\t"} & set(header[0]):
        lines = chain([header], reader)
        return "names", (_usable(_plain_row, {"name": ",".join(row)}) for row in lines if any(row))
    if len(header) == 1:
        raise UsageError(f"{path} has no columns parted by commas.", hint="Save it as CSV with commas.")
    if not header:
        return "names", iter(())
    raise UsageError(
        f'{path} has no column "name".', hint=f"The first line names the columns: {', '.join(_PLAIN_COLUMNS)}."
    )


def _records(reader: Iterable[list[str]], columns: list[str]) -> Iterator[dict[str, str]]:
    return ({column: cell.strip() for column, cell in zip(columns, row, strict=False)} for row in reader if any(row))


def _usable(reading: Any, row: Any) -> _Row | _BadRowError:
    try:
        made: _Row = reading(row)
    except _BadRowError as error:
        return error
    return made


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _plain_row(row: Mapping[str, str]) -> _Row:
    kind = row.get("kind", "").lower()
    if kind and kind not in _KINDS and kind != "other":
        raise _BadRowError("of a kind that is none")
    return (
        row.get("id", ""),
        row.get("name", ""),
        _KINDS.get(kind, "other"),
        row.get("country", ""),
        _several(row.get("topics", "")),
        _several(row.get("aliases", "")),
        _several(row.get("weak_aliases", "")),
    )


def _target_row(row: Mapping[str, str]) -> _Row:
    return (
        row.get("id", ""),
        row.get("name", ""),
        _KINDS.get(row.get("schema", "").lower(), "other"),
        row.get("countries", ""),
        _several(row.get("topics", "")),
        _several(row.get("aliases", "")),
        _several(row.get("weak_aliases", "")),
    )


def _entity_row(line: str) -> _Row:
    try:
        entity = json.loads(line)
        schema, properties = str(entity["schema"]).lower(), entity["properties"]
        values = {
            key: [value.strip() for value in properties.get(key, ()) if isinstance(value, str) and value.strip()]
            for key in ("name", "alias", "weakAlias", "country", "topics")
        }
        identity, caption = str(entity["id"]), entity.get("caption")
    except (ValueError, RecursionError):
        raise _BadRowError("not JSON") from None
    except (KeyError, TypeError, AttributeError):
        raise _BadRowError("no entities") from None
    if schema not in _NAMED_SCHEMATA:
        raise _BadRowError(_IGNORED)
    names = values["name"]
    own = caption if isinstance(caption, str) and caption in names else (names[0] if names else "")
    kind = _KINDS.get(schema, "other")
    country = ";".join(values["country"])
    return identity, own, kind, country, values["topics"], [*names, *values["alias"]], values["weakAlias"]


# --- from rows to entries --------------------------------------------------------------------------------------------


def _gathered(rows: Iterable[_Row | _BadRowError], list_name: str, skipped: Counter[str]) -> tuple[Listed, ...]:
    """The entries, rows of one id as one."""
    entries: dict[str, Listed] = {}
    for row in rows:
        try:
            if isinstance(row, _BadRowError):
                raise row
            made = _listed(row, list_name)
        except _BadRowError as error:
            skipped[str(error)] += 1
            continue
        held = entries.get(made.id)
        entries[made.id] = made if held is None else _joined(held, made)
    return tuple(entries.values())


def _joined(one: Listed, other: Listed) -> Listed:
    names = tuple(dict.fromkeys((*one.names, *other.names)))
    return Listed(
        id=one.id,
        name=one.name,
        kind=one.kind,
        country=one.country,
        topics=tuple(dict.fromkeys((*one.topics, *other.topics)))[:_MOST_TOPICS],
        names=names,
        weak=tuple(key for key in dict.fromkeys((*one.weak, *other.weak)) if key not in names),
        acronyms=tuple(dict.fromkeys((*one.acronyms, *other.acronyms))),
    )


def _listed(row: _Row, list_name: str) -> Listed:
    identity, name, kind, country, topics, aliases, weak_aliases = row
    name = " ".join(name.split())
    if not name:
        raise _BadRowError("without a name")
    if len(name) > _LONGEST_NAME:
        raise _BadRowError(f"with a name of more than {_LONGEST_NAME} characters")
    names: dict[str, None] = {}
    weak: dict[str, None] = {}
    acronyms: dict[str, None] = {}
    for place, form in enumerate((name, *aliases, *weak_aliases)):
        is_weak = place > len(aliases)
        for spelled in _spellings(form, kind):
            key = name_key(spelled)
            if not _is_name(key):
                continue
            if is_acronym(spelled):
                acronyms[key] = None
            single = " " not in key
            doubtful = single and (
                key in plain_words().ordinary or (len(key) < _TELLING_WORD and (place > 0 or kind == "person"))
            )
            (weak if is_weak or doubtful else names)[key] = None
            if kind == "person" and key.count(" ") == 1:
                weak[" ".join(reversed(key.split()))] = None  # family name first, or last
            bare = without_legal_words(key) if kind != "person" else key
            if bare != key and _is_name(bare):
                (weak if is_weak or " " not in bare else names)[bare] = None
    if not names and not weak:
        raise _BadRowError("with a name that no text can hold")
    identity = identity.strip()
    if not any(map(str.isalpha, identity)):  # a number names an entry in its own list only
        identity = f"{list_name}:{identity or slug(name)}"
    return Listed(
        id=identity[:_LONGEST_NAME],
        name=name,
        kind=kind,
        country=country,
        topics=tuple(topic[:_LONGEST_TOPIC] for topic in dict.fromkeys(topics))[:_MOST_TOPICS],
        names=tuple(names),
        weak=tuple(key for key in weak if key not in names),
        acronyms=tuple(acronyms),
    )


def _spellings(form: str, kind: str) -> tuple[str, ...]:
    """A name as written, and a person's family name moved to its end."""
    inverted = _INVERTED.fullmatch(form) if kind in ("person", "other") else None
    if inverted is None or (kind == "other" and fold(inverted[2]).strip(".") in ("ltd", "inc", "llc", "co ltd")):
        return (form,)
    if kind == "other":
        return (form, f"{inverted[2]} {inverted[1]}")
    return (f"{inverted[2]} {inverted[1]}", f"{inverted[1]} {inverted[2]}")


def _is_name(key: str) -> bool:
    """Whether a key can be looked for: letters, a word of three at least, and not too many words."""
    words = key.split()
    return 0 < len(words) <= MOST_WORDS and any(len(word) > 2 and any(map(str.isalpha, word)) for word in words)
