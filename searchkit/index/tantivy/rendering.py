"""Rows as tantivy documents.

takes:    rows of schema.py
gives:    tantivy documents with the fields of fields.py
does not: write
traps:    one object remembers what comes again in a batch; what it gives is the same without that
"""

from collections.abc import Iterable
from typing import Any, Self

import tantivy
from msgspec import Struct

from searchkit.index.analysis import exact_key, name_words, stems, words
from searchkit.index.intervals import interval_key, number_of
from searchkit.index.rows import DateValue, NameValue, Row, day_fields
from searchkit.index.scoring import weight
from searchkit.index.tantivy.fields import (
    BY_ID,
    FIRST_INTERVAL,
    GROUP,
    HAS_GROUP,
    NAMES,
    NEWEST,
    OLDEST,
    OWNER,
    RECORD,
    ROW,
    TERMS,
    UNITS,
    UNPLACED,
    document_term,
    field,
    group_term,
    has_term,
    indexed_texts,
    is_counted,
    packed_record,
    schema,
    span_term,
    stems_field,
    unplaced_term,
)
from searchkit.index.tantivy.labels import (
    any_field,
    in_field,
    key_term,
    name_term,
    named_term,
    number,
    spelled_term,
    term,
    uncounted_term,
    value_term,
)
from searchkit.index.values import value_key
from searchkit.query.ast import Unit

_BETWEEN_SPELLINGS = " | "  # a word that no name has
_UNDATED = 9_999_999  # above every ordinal of a day
# What a batch remembers of values that come again: some 20 MB of names.
_REMEMBERED = 10_000


class Rendering:
    """Makes tantivy documents of rows; remembers what comes again: names, keywords, days, and the words of an article
    and of its statements."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str, tuple[str, ...]], _Name] = {}
        self._keywords: dict[tuple[str, tuple[str, ...]], _Keywords] = {}
        self._days: dict[tuple[DateValue, ...], _Days] = {}
        self._texts: dict[str, _Text] = {}

    def document(self, row: Row, number: int, owner: int) -> Any:
        """The row as a document: its number and that of its document's row."""
        columns: dict[str, Any] = {ROW: number, OWNER: owner}
        terms = [document_term(row.document), *map(has_term, (*row.texts, *row.names, *row.keywords, *row.dates))]
        _add_row(columns, terms, row)
        self._add_texts(columns, row)
        spellings: list[str] = []
        for name, names in row.names.items():
            found = [self._name(value) for value in names]
            keys = [one.key for one in found]
            columns[field(name, "key")] = keys if len(keys) == 1 else list(dict.fromkeys(keys))
            columns[field(name, "spelled")] = [spelled for one in found for spelled in one.spelled]
            terms += [in_field(name, one.terms) for one in found]
            spellings += [in_field(name, one.words) for one in found]
        columns[NAMES] = _BETWEEN_SPELLINGS.join(spellings)
        for name, keywords in row.keywords.items():
            if is_counted(name):
                values = self._keyword(name, keywords)
                columns[field(name, "key")] = values.keys
                terms.append(values.terms)
            else:
                terms += _uncounted(name, keywords)
        for name, dates in row.dates.items():
            days = self._date(dates)
            for part, numbers in days.columns.items():
                columns[field(name, part)] = numbers
            terms += [span_term(name, first, last) for first, last in days.spans]
            terms += [unplaced_term(name, unit) for unit in days.unplaced]
        columns[TERMS] = " ".join(terms)
        return tantivy.Document.from_dict(columns, schema(row.record))

    def _add_texts(self, columns: dict[str, Any], row: Row) -> None:
        if len(self._texts) > _REMEMBERED // 10:
            self._texts.clear()
        for name in indexed_texts(row.record):
            passages = row.texts.get(name)
            if not passages:
                continue
            (text,) = passages
            known = self._texts.get(text)
            if known is None:
                known = self._texts[text] = _Text.of(text)
            columns[field(name, "words")] = known.words
            columns[field(name, "read")] = known.read
            columns[field(name, "exact")] = known.exact
            times = [known.stems] * weight(name)
            columns.setdefault(stems_field(name, row.record), []).extend(times)
            if name == "title" and row.record == "document":
                columns.setdefault(stems_field("body", row.record), []).extend(times)

    def _name(self, value: NameValue) -> "_Name":
        asked = value.id, value.name, value.surfaces
        known = self._names.get(asked)
        if known is None:
            if len(self._names) >= _REMEMBERED:
                self._names.clear()
            known = self._names[asked] = _Name.of(value)
        return known

    def _keyword(self, name: str, values: tuple[str, ...]) -> "_Keywords":
        asked = name, values
        known = self._keywords.get(asked)
        if known is None:
            if len(self._keywords) >= _REMEMBERED:
                self._keywords.clear()
            known = self._keywords[asked] = _Keywords.of(name, values)
        return known

    def _date(self, values: tuple[DateValue, ...]) -> "_Days":
        known = self._days.get(values)
        if known is None:
            if len(self._days) >= _REMEMBERED:
                self._days.clear()
            known = self._days[values] = _Days.of(values)
        return known


class _Text(Struct, frozen=True, kw_only=True):
    """A passage as tantivy reads it, and as it is stored."""

    words: str
    stems: str
    read: bytes
    exact: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        own = words(text)
        joined = " ".join(own)
        return cls(
            words=joined,
            stems=" ".join(stems(own)),
            read=joined.encode(),
            exact=exact_key(text).encode("utf-8", "surrogatepass"),
        )


class _Name(Struct, frozen=True, kw_only=True):
    """A value of any name field: the numbers of its key and of its other spellings; its terms, and the words of all its
    spellings, each as one text."""

    key: int
    spelled: list[int]
    terms: str
    words: str

    @classmethod
    def of(cls, value: NameValue) -> Self:
        key, terms = _value_terms(value.id, value.name)
        first = " ".join(name_words(value.name))
        others = dict.fromkeys([" ".join(name_words(surface)) for surface in value.surfaces])
        others.pop(first, None)
        packed = [name_term(value.id, other) for other in others]
        spelled = [number(one) for one in packed]
        terms += map(spelled_term, spelled, packed)
        words = _BETWEEN_SPELLINGS.join([" ".join(map(any_field, spelling.split())) for spelling in (first, *others)])
        return cls(key=key, spelled=spelled, terms=" ".join(terms), words=words)


class _Keywords(Struct, frozen=True, kw_only=True):
    """Values of a keyword field that is counted: the numbers of their keys, and their terms as one text."""

    keys: list[int]
    terms: str

    @classmethod
    def of(cls, name: str, values: tuple[str, ...]) -> Self:
        found = [_value_terms(value, value) for value in dict.fromkeys(values)]
        told = [in_field(name, one) for _, terms in found for one in terms]
        return cls(
            keys=list(dict.fromkeys(key for key, _ in found)), terms=" ".join((*_key_terms(name, values), *told))
        )


class _Days(Struct, frozen=True, kw_only=True):
    """Values of any date field: what stands in its columns, the first and last day of what is no single day, and the
    intervals of which one lies in several."""

    columns: dict[str, list[int]]
    spans: list[tuple[int, int]]
    unplaced: list[Unit]

    @classmethod
    def of(cls, values: tuple[DateValue, ...]) -> Self:
        columns = {"days": [value.first for value in values if value.first == value.last]}
        unplaced = []
        for unit in UNITS:
            keys = dict.fromkeys(interval_key(value.first, value.last, unit) for value in values)
            columns[unit] = [UNPLACED if key is None else number_of(key, unit) + FIRST_INTERVAL for key in keys]
            if None in keys:
                unplaced.append(unit)
        spans = [(value.first, value.last) for value in values if value.first != value.last]
        return cls(columns=columns, spans=spans, unplaced=unplaced)


def _key_terms(name: str, values: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(key_term(name, value_key(value)) for value in values)


def _uncounted(name: str, values: Iterable[str]) -> Iterable[str]:
    """The terms of the values of a keyword field that nobody counts by: most stand in one document."""
    return *_key_terms(name, values), *(uncounted_term(name, value) for value in dict.fromkeys(values))


def _value_terms(value_id: str, shown: str) -> tuple[int, list[str]]:
    """The number of the key of a value, and the terms by which it is found and told in any field."""
    key, name_key = value_key(value_id), value_key(shown)
    own = number(key)
    terms = [value_term(own, value_id, shown)]
    if name_key != key:
        terms.append(named_term(number(name_key), own))
    return own, terms


def _add_row(columns: dict[str, Any], terms: list[str], row: Row) -> None:
    own_id = term(row.id)
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    oldest, newest = (days[0], _UNDATED - 1 - days[0]) if days else (_UNDATED, _UNDATED)
    columns[BY_ID], columns[OLDEST], columns[NEWEST] = own_id, f"{oldest:07}{own_id}", f"{newest:07}{own_id}"
    packed, group = "", None
    if row.precedence is not None:
        packed, group = row.precedence.packed(), number(row.copies)
        columns[GROUP] = group
        terms += (group_term(group), HAS_GROUP)
    columns[RECORD] = packed_record(row.id, row.document, group, packed)
