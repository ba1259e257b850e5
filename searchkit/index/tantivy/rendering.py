"""Rows as tantivy documents.

takes:    rows of schema.py
gives:    tantivy documents with the fields of fields.py
does not: write
traps:    one object remembers what comes again in a batch; what it gives is the same without that
"""

import json
from collections.abc import Iterable
from typing import Any, Self

import tantivy
from msgspec import Struct

from searchkit.index.analysis import exact_key, name_words, stems, words
from searchkit.index.intervals import interval_key, number_of
from searchkit.index.schema import DateValue, NameValue, Row, day_fields
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
    schema,
    span_term,
    stems_field,
    unplaced_term,
)
from searchkit.index.tantivy.labels import (
    code,
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

_BETWEEN_SPELLINGS = " | "  # a word that no name has
_UNDATED = 9_999_999  # above every ordinal of a day
# What a batch remembers of values that come again: some 100 MB of the names of 100,000 people.
_REMEMBERED = 100_000


class Rendering:
    """Makes tantivy documents of rows; remembers what comes again: names, addresses, days, and the words of an article
    and of its statements."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._names: dict[tuple[str, str, str, tuple[str, ...]], _Name] = {}
        self._spellings: dict[tuple[str, str], tuple[int, str]] = {}
        self._words: dict[tuple[str, str], str] = {}
        self._keywords: dict[tuple[str, tuple[str, ...]], _Values] = {}
        self._dates: dict[tuple[str, tuple[DateValue, ...]], _Values] = {}
        self._texts: dict[str, _Text] = {}

    def document(self, row: Row, number: int, owner: int) -> Any:
        """The row as a document: its number and that of its document's row."""
        columns: dict[str, Any] = {ROW: number, OWNER: owner}
        terms = [document_term(row.document), *map(has_term, (*row.texts, *row.names, *row.keywords, *row.dates))]
        _add_row(columns, terms, row)
        self._add_texts(columns, row)
        spellings: list[str] = []
        for name, names in row.names.items():
            found = [self._name(name, value) for value in names]
            keys = [one.key for one in found]
            columns[field(name, "key")] = keys if len(keys) == 1 else list(dict.fromkeys(keys))
            columns[field(name, "spelled")] = [spelled for one in found for spelled in one.spelled]
            terms += [one.terms for one in found]
            spellings += [one.words for one in found]
        columns[NAMES] = _BETWEEN_SPELLINGS.join(spellings)
        for name, keywords in row.keywords.items():
            values = self._keyword(name, keywords)
            columns |= values.columns
            terms.append(values.terms)
        for name, dates in row.dates.items():
            values = self._date(name, dates)
            columns |= values.columns
            terms.append(values.terms)
        columns[TERMS] = " ".join(terms)
        return tantivy.Document.from_dict(columns, schema(row.record))

    def _add_texts(self, columns: dict[str, Any], row: Row) -> None:
        if len(self._texts) > _REMEMBERED // 100:
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

    def _name(self, name: str, value: NameValue) -> "_Name":
        """A value of a name field; of names that come again in other spellings the parts are remembered."""
        asked = name, value.id, value.name, value.surfaces
        known = self._names.get(asked)
        if known is None:
            if len(self._names) >= _REMEMBERED:
                self._names.clear()
            key, terms = self._value(name, value.id, value.name)
            first = self._spelling(name, value.name)
            others = dict.fromkeys([self._spelling(name, surface) for surface in value.surfaces])
            others.pop(first, None)
            spelled = [self._spelled(name, value.id, other) for other in others]
            known = self._names[asked] = _Name(
                key=key,
                spelled=[one for one, _ in spelled],
                terms=" ".join((terms, *(told for _, told in spelled))),
                words=_BETWEEN_SPELLINGS.join((first, *others)),
            )
        return known

    def _value(self, name: str, value_id: str, shown: str) -> tuple[int, str]:
        """The number of a value, and its terms as one text."""
        asked = name, value_id, shown
        known = self._values.get(asked)
        if known is None:
            if len(self._values) >= _REMEMBERED:
                self._values.clear()
            key, terms = _value_terms(name, value_id, shown)
            known = self._values[asked] = key, " ".join(terms)
        return known

    def _spelled(self, name: str, value_id: str, spelling: str) -> tuple[int, str]:
        """The number of a spelling that is not the name itself, and its term."""
        asked = value_id, spelling
        known = self._spellings.get(asked)
        if known is None:
            if len(self._spellings) >= _REMEMBERED:
                self._spellings.clear()
            packed = name_term(value_id, spelling.replace(code(name), ""))
            one = number(packed)
            known = self._spellings[asked] = one, spelled_term(name, one, packed)
        return known

    def _spelling(self, name: str, text: str) -> str:
        """The words of a name, each behind the code of its field, as one text."""
        asked = name, text
        known = self._words.get(asked)
        if known is None:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            mark = code(name)
            known = self._words[asked] = " ".join([mark + word for word in name_words(text)])
        return known

    def _keyword(self, name: str, values: tuple[str, ...]) -> "_Values":
        key = name, values
        known = self._keywords.get(key)
        if known is None:
            if len(self._keywords) >= _REMEMBERED // 10:
                self._keywords.clear()
            known = self._keywords[key] = _Values.of_keywords(name, values)
        return known

    def _date(self, name: str, values: tuple[DateValue, ...]) -> "_Values":
        key = name, values
        known = self._dates.get(key)
        if known is None:
            if len(self._dates) >= _REMEMBERED // 10:
                self._dates.clear()
            known = self._dates[key] = _Values.of_dates(name, values)
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
    """A value of a name field: the numbers of its key and of its other spellings; its terms, and the words of all its
    spellings, each as one text."""

    key: int
    spelled: list[int]
    terms: str
    words: str


class _Values(Struct, frozen=True, kw_only=True):
    """Values of one field: what stands in columns, and terms as one text."""

    columns: dict[str, list[int]]
    terms: str

    @classmethod
    def of_keywords(cls, name: str, values: tuple[str, ...]) -> Self:
        own = dict.fromkeys(values)
        terms = list(dict.fromkeys(key_term(name, value_key(value)) for value in own))
        if not is_counted(name):
            return cls(columns={}, terms=" ".join((*terms, *(uncounted_term(name, value) for value in own))))
        found = [_value_terms(name, value, value) for value in own]
        return cls(
            columns={field(name, "key"): list(dict.fromkeys(key for key, _ in found))},
            terms=" ".join((*terms, *(one for _, told in found for one in told))),
        )

    @classmethod
    def of_dates(cls, name: str, values: tuple[DateValue, ...]) -> Self:
        columns = {field(name, "days"): [value.first for value in values if value.first == value.last]}
        terms = [span_term(name, value.first, value.last) for value in values if value.first != value.last]
        for unit in UNITS:
            keys = dict.fromkeys(interval_key(value.first, value.last, unit) for value in values)
            columns[field(name, unit)] = [
                UNPLACED if key is None else number_of(key, unit) + FIRST_INTERVAL for key in keys
            ]
            if None in keys:
                terms.append(unplaced_term(name, unit))
        return cls(columns=columns, terms=" ".join(terms))


def _value_terms(name: str, value_id: str, shown: str) -> tuple[int, Iterable[str]]:
    """The number of the key of a value, and the terms by which it is found and told."""
    key, name_key = value_key(value_id), value_key(shown)
    own = number(key)
    terms = [value_term(name, own, value_id, shown)]
    if name_key != key:
        terms.append(named_term(name, number(name_key), own))
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
    columns[RECORD] = json.dumps((row.id, row.document, group, packed)).encode()
