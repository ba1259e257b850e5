"""Parse watchlists: plain CSV, OpenSanctions' targets.simple.csv, FollowTheMoney JSON lines, or one name per line.

Unusable rows are skipped and counted. A file that is not a list is an error, because an empty list matches nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
from msgspec import Struct

from searchkit.errors import UsageError
from searchkit.index.values import distinct_id
from searchkit.names.aliases import KINDS
from searchkit.names.folder import WatchlistEntry
from searchkit.statements import MOST_WORDS, is_acronym, plain_words, without_legal_words
from searchkit.statements.text import UNSPACED, fold, name_key, normalize, one_line, slug

# A name of one word this long is rarely anything else (the rule of OpenAleph's watchlists).
_DISTINCTIVE_WORD = 10
_LONGEST_NAME = 300
# Characters of an unusable name in a message.
_MAX_SHOWN = 40
# The topics of an entry go into every document that names it.
_MOST_TOPICS = 20
_LONGEST_TOPIC = 60
# A person's name written for a register: "KORBEL, Nadia".
_INVERTED = re.compile(r"([^,]{2,100}), ?([^,]{2,100})")
# The columns of CSV, by the words that name them.
_COLUMNS = {column: column for column in ("id", "name", "aliases", "weak_aliases", "kind", "country", "topics")}
_COLUMNS |= {"alias": "aliases", "weak_alias": "weak_aliases"}
_BEYOND = "cells without a column"
# Kinds by the names that lists use, and the schemata of FollowTheMoney.
_KINDS: dict[str, str] = {kind: kind for kind in KINDS} | {"organization": "organisation", "publicbody": "agency"}
# Schemata of FollowTheMoney with names of their own; others describe entities (sanctions, addresses, passports).
_NAMED_SCHEMATA = set("person company organization publicbody legalentity thing asset vessel airplane vehicle".split())


class ParsedWatchlist(Struct, frozen=True, kw_only=True):
    """The content of a file: its form, its entries, and by reason, how many rows were unusable and the name in the
    first of them. `renamed` entries share an id but no name with another row; `merged` are the names of rows that share
    both with an earlier row."""

    form: str
    entries: tuple[WatchlistEntry, ...]
    skipped: Mapping[str, int]
    examples: Mapping[str, str]
    renamed: tuple[WatchlistEntry, ...]
    merged: tuple[str, ...]

    @property
    def rows(self) -> int:
        """The number of rows that are not empty."""
        return len(self.entries) + len(self.merged) + sum(self.skipped.values())


class _Row(NamedTuple):
    id: str
    name: str
    kind: str
    country: str
    topics: list[str]
    aliases: list[str]
    weak_aliases: list[str]


class _BadRowError(Exception):
    """An unusable row; the message is the reason."""


def read(path: Path, name: str) -> ParsedWatchlist:
    """Parse the file `path` as the watchlist `name`. UsageError when it is unreadable or holds no names."""
    skipped: Counter[str] = Counter()
    examples: dict[str, str] = {}
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file.", hint="Save the list in a file.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            form, rows, parse = _rows(file, path)
            found = list(_entries(rows, parse, name, skipped, examples))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start:,}).", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise UsageError(f"{path} is not CSV: {error}.", hint="Look for an unclosed quotation mark.") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error
    if not found:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common(3))
        raise UsageError(
            f"{path} contains no names{f' (skipped: {reasons})' if reasons else ''}.",
            hint='Write CSV with a column "name", OpenSanctions targets.simple.csv, or FollowTheMoney JSON lines.',
        )
    entries, renamed, merged = _joined(found, by_id=form == "FollowTheMoney")
    return ParsedWatchlist(
        form=form, entries=entries, skipped=dict(skipped), examples=examples, renamed=renamed, merged=merged
    )


def _rows(file: IO[str], path: Path) -> tuple[str, Iterator[Any], Callable[[Any], _Row]]:
    """Return the form of the file, its raw rows, and the function that parses one row."""
    start = next((sign for sign in iter(lambda: file.read(1), "") if not sign.isspace()), "")
    file.seek(0)
    if start == "<":
        raise UsageError(f"{path} is a web page or XML, not a list.", hint="Save the list as CSV or JSON lines.")
    if start in {"{", "["}:
        return "FollowTheMoney", (line for line in file if line.strip()), _entity_row
    header = _header(file)
    columns = [cell.strip().lower() for cell in header]
    if {"id", "schema", "name", "aliases"} <= set(columns):
        return "OpenSanctions", _records(file, columns), _target_row
    if "name" in columns:
        form, fields = _csv_fields(columns, path)
        return form, _records(file, fields), _plain_row
    if path.suffix == ".txt" or (len(header) < 2 and not {";", "\t"} & set("".join(header))):
        lines = chain([header], (row for line in file for row in csv.reader([line])))
        return "names", ({"name": ",".join(row)} for row in lines if any(row)), _plain_row
    what = "columns separated by commas" if len(header) == 1 else 'column "name"'
    hint = "The first line of CSV names the columns: name, id, aliases, weak_aliases, kind, country, topics."
    raise UsageError(f"{path} has no {what}.", hint=hint)


def _header(file: IO[str]) -> list[str]:
    header = next((row for row in csv.reader(file) if "".join(row).strip()), [])
    if "\n" in "".join(header):
        raise csv.Error("its first line does not close a quotation mark")
    return header


def _csv_fields(columns: Sequence[str], path: Path) -> tuple[str, list[str]]:
    """Return the form of CSV, with the columns that are not read, and the field of each column."""
    fields = [_COLUMNS.get(column, column) for column in columns]
    if twice := next((field for field in fields if field and fields.count(field) > 1), ""):
        raise UsageError(f'{path} has the column "{twice}" twice.', hint="Join its cells with semicolons.")
    unread = ", ".join(one_line(column) for column in columns if column and column not in _COLUMNS)
    return f"CSV (not read: {unread})" if unread else "CSV", [*fields, _BEYOND]


def _records(file: IO[str], columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    reader = csv.reader(file, strict=True)  # an unclosed quotation mark would hide the rows after it
    return ({column: cell.strip() for column, cell in zip(columns, row, strict=False)} for row in reader if any(row))


def _plain_row(row: Mapping[str, str]) -> _Row:
    if row.get(_BEYOND):
        raise _BadRowError("with more cells than columns (a name with a comma needs quotation marks)")
    kind = row.get("kind", "").lower()
    if kind and kind not in _KINDS:
        raise _BadRowError(f"of unknown kind (known: {', '.join(sorted(_KINDS))})")
    return _target_row({**row, "schema": kind, "countries": row.get("country", "")})


def _target_row(row: Mapping[str, str]) -> _Row:
    topics, aliases, weak_aliases = (
        [part.strip() for part in row.get(column, "").split(";") if part.strip()]
        for column in ("topics", "aliases", "weak_aliases")
    )
    kind = _KINDS.get(row.get("schema", "").lower(), "other")
    return _Row(row.get("id", ""), row.get("name", ""), kind, row.get("countries", ""), topics, aliases, weak_aliases)


def _entity_row(line: str) -> _Row:
    try:
        entity = msgspec.json.decode(line)
        schema, properties = str(entity["schema"]).lower(), entity["properties"]
        names, aliases, weak_aliases, countries, topics = (
            [value.strip() for value in properties.get(key, ()) if isinstance(value, str) and value.strip()]
            for key in ("name", "alias", "weakAlias", "country", "topics")
        )
        identity, caption = str(entity["id"]), entity.get("caption")
    except (msgspec.DecodeError, RecursionError):
        raise _BadRowError("not JSON") from None
    except (KeyError, TypeError, AttributeError):
        raise _BadRowError("not entities") from None
    if schema not in _NAMED_SCHEMATA:
        raise _BadRowError("without a name of their own")
    name = caption if isinstance(caption, str) and caption in names else (names[0] if names else "")
    kind = _KINDS.get(schema, "other")
    return _Row(identity, name, kind, ";".join(countries), topics, [*names, *aliases], weak_aliases)


# --- from rows to entries --------------------------------------------------------------------------------------------


def _entries(
    rows: Iterable[Any], parse: Callable[[Any], _Row], list_name: str, skipped: Counter[str], examples: dict[str, str]
) -> Iterator[WatchlistEntry]:
    """Yield the entry of each row. `skipped` counts unusable rows by reason, and `examples` takes the first name of
    each reason."""
    for raw in rows:
        try:
            yield _entry(_normalized(parse(raw)), list_name)
        except _BadRowError as error:
            skipped[str(error)] += 1
            name = raw.get("name", "") if isinstance(raw, dict) else ""
            examples.setdefault(str(error), name[:_MAX_SHOWN].strip())


def _normalized(row: _Row) -> _Row:
    """Return `row` with its texts as documents have them, so that names, ids and topics meet those of documents."""
    identity, name, kind, country = map(normalize, row[:4])
    topics, aliases, weak_aliases = ([*map(normalize, texts)] for texts in row[4:])
    return _Row(identity, name, kind, country, topics, aliases, weak_aliases)


def _joined(
    found: Iterable[WatchlistEntry], *, by_id: bool
) -> tuple[tuple[WatchlistEntry, ...], tuple[WatchlistEntry, ...], tuple[str, ...]]:
    """Merge the entries that share id and name, or only `by_id`. Return all entries; those that share only the id, with
    a digest of the name added to it; the names of merged rows."""
    merged = []
    by_name: dict[str, dict[str, WatchlistEntry]] = {}  # by id, then by the key of the name
    for entry in found:
        same_id = by_name.setdefault(entry.id, {})
        first = next(iter(same_id.items()), None)
        key = name_key(entry.name)
        if first is not None and (by_id or key in {*first[1].names, *first[1].weak}):
            key = first[0]
        if key in same_id:
            merged.append(entry.name)
        same_id[key] = _merged(same_id[key], entry) if key in same_id else entry
    for same_id in by_name.values():
        for key, entry in same_id.items() if len(same_id) > 1 else ():
            same_id[key] = msgspec.structs.replace(entry, id=distinct_id(entry.id, key))
    entries = tuple(entry for same_id in by_name.values() for entry in same_id.values())
    return entries, tuple(entry for entry in entries if entry.id not in by_name), tuple(merged)


def _merged(first: WatchlistEntry, second: WatchlistEntry) -> WatchlistEntry:
    names = tuple(dict.fromkeys((*first.names, *second.names)))
    return msgspec.structs.replace(
        first,
        topics=tuple(dict.fromkeys((*first.topics, *second.topics)))[:_MOST_TOPICS],
        names=names,
        weak=tuple(key for key in dict.fromkeys((*first.weak, *second.weak)) if key not in names),
        acronyms=tuple(dict.fromkeys((*first.acronyms, *second.acronyms))),
    )


def _entry(row: _Row, list_name: str) -> WatchlistEntry:
    name = " ".join(row.name.split())
    if not name:
        raise _BadRowError("without a name")
    if len(name) > _LONGEST_NAME:
        raise _BadRowError(f"with a name of more than {_LONGEST_NAME} characters")
    keys: dict[str, bool] = {}  # by key: whether every form of it is weak
    acronyms: dict[str, None] = {}
    for place, form in enumerate((name, *row.aliases, *row.weak_aliases)):
        for spelled in _spellings(form, row.kind):
            key = name_key(spelled)
            if not _is_name(key):
                continue
            if is_acronym(spelled):
                acronyms[key] = None
            is_weak = place > len(row.aliases)
            for form_key, weak in _forms(key, row.kind, is_weak=is_weak, is_alias=place > 0):
                keys[form_key] = keys.get(form_key, True) and weak
    if not keys:
        raise _BadRowError(f"a name needs a word of 3 letters, and at most {MOST_WORDS} words")
    identity = row.id.strip()
    if not any(map(str.isalpha, identity)):  # a number identifies an entry in its own list only
        identity = f"{list_name}:{identity or slug(name)}"
    return WatchlistEntry(
        id=identity[:_LONGEST_NAME],
        name=name,
        kind=row.kind,
        country=row.country,
        topics=tuple(topic[:_LONGEST_TOPIC] for topic in dict.fromkeys(row.topics))[:_MOST_TOPICS],
        names=tuple(key for key, weak in keys.items() if not weak),
        weak=tuple(key for key, weak in keys.items() if weak),
        acronyms=tuple(acronyms),
    )


def _forms(key: str, kind: str, *, is_weak: bool, is_alias: bool) -> Iterator[tuple[str, bool]]:
    """Yield the keys under which texts may write a name, each with whether it is weak."""
    is_single = " " not in key
    short = len(key) < _DISTINCTIVE_WORD and is_alias
    yield key, is_weak or (is_single and (short or key in plain_words()["ordinary"]))
    if kind == "person":
        return
    bare = without_legal_words(key)
    if bare != key and _is_name(bare):
        yield bare, is_weak or " " not in bare


def _spellings(form: str, kind: str) -> tuple[str, ...]:
    """Return a name as written, and a person's family name moved to its end."""
    inverted = _INVERTED.fullmatch(form) if kind in ("person", "other") else None
    if inverted is None or (kind == "other" and fold(inverted[2]).strip(".") in ("ltd", "inc", "llc", "co ltd")):
        return (form,)
    family_last = f"{inverted[2]} {inverted[1]}"
    return (form, family_last) if kind == "other" else (family_last, f"{inverted[1]} {inverted[2]}")


def _is_name(key: str) -> bool:
    """Return whether a text can contain the key: some word has three letters, or there are two Chinese characters, and
    there are not too many words."""
    words = key.split()
    is_long = any(len(word) > 2 and any(map(str.isalpha, word)) for word in words)
    return 0 < len(words) <= MOST_WORDS and (is_long or re.search(f"[{UNSPACED}] [{UNSPACED}]", key) is not None)
