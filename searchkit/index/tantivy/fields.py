"""What of a row goes where: the fields of each kind of record in tantivy, and rows as tantivy documents.

takes:    rows of schema.py
gives:    tantivy schemas; names of fields; documents
does not: write
traps:    words and stems are made here and joined by spaces: tantivy only parts them again. Statements stand in their
          own index only: what asks for their words over documents is joined. The stems of a body are those of the whole
          text, where a title's stand twice
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import tantivy

from searchkit.index.analysis import exact_key, name_words, stems, words
from searchkit.index.intervals import interval_key, number_of
from searchkit.index.schema import DateValue, NameValue, Row, day_fields, text_fields
from searchkit.index.scoring import weight
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
    whole,
)
from searchkit.index.values import value_key
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Record

# Fields beside those of the language; none of these names is one of its own.
ROW = "row_number"  # of the row, once in the index
OWNER = "owner_number"  # the row number of its document
TERMS = "terms"  # all that a row is found by and that is no word: see labels.py, and the terms below
NAMES = "names"  # the words of all names, each behind the code of its field
GROUP = "copy_group"  # a column: what stands for the group of copies
BY_ID, NEWEST, OLDEST = "by_id", "by_newest", "by_oldest"  # strings in whose order rows are listed
RECORD = "record"  # stored: ids, group and precedence
UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")

SPLIT, COLUMN = "split", "column"  # how tantivy reads text: at spaces, or for its column only
_BETWEEN_SPELLINGS = " | "  # a word that no name has
HAS_GROUP = "has:row.group"
# In columns: a row without a value; a date that lies in several intervals; those of dates are counted from 2.
MISSING, UNPLACED, _FIRST_INTERVAL = 0, 1, 2
_UNDATED = 9_999_999  # above every ordinal of a day
# What a batch remembers of values that come again: some 100 MB of the names of 100,000 people.
_REMEMBERED = 100_000


@cache
def field(name: str, part: str) -> str:
    """The tantivy field that holds one part (`words`, `stems`, `key`, `days`...) of a field of the language."""
    return f"{name.replace('.', '-')}_{part}"


@cache
def has_term(name: str) -> str:
    """Of rows with a value in the field."""
    return f"has:{name}"


def document_term(document_id: str) -> str:
    """Of the rows of one document."""
    return f"doc:{whole(document_id)}"


def group_term(group: int) -> str:
    """Of the rows of one group of copies."""
    return f"group:{group}"


def unplaced_term(name: str, unit: Unit) -> str:
    """Of rows with a date that lies in several such intervals."""
    return f"unplaced:{name}.{unit}"


def span_term(name: str, first: int | str = "", last: int | str = "") -> str:
    """Of rows with a date that may be any day from `first` to `last`; without them, how all these begin."""
    return f"span:{name}.{first}-{last}" if first else f"span:{name}."


def span_of(found: str) -> tuple[int, int]:
    """First and last day of a term from `span_term`."""
    first, _, last = found.rpartition(".")[2].partition("-")
    return int(first), int(last)


def interval_at(found: int) -> int:
    """The number, as intervals.py has it, of an interval from a column."""
    return found - _FIRST_INTERVAL


@cache
def stems_field(part: str, record: Record) -> str:
    """The field with the stems of a text field, or of the text that it is part of."""
    whole_text = text_fields("text", record)
    return field("text" if len(whole_text) > 1 and part in whole_text and part != "title" else part, "stems")


@cache
def indexed_texts(record: Record) -> tuple[str, ...]:
    """The text fields whose words a kind of record has by itself; those of statements stand in their own index."""
    names = (one.name for one in FIELDS if one.kind == "text" and record in one.records and one.name != "text")
    return tuple(name for name in names if record == "quote" or name != "quote")


@cache
def is_counted(name: str) -> bool:
    """Whether a keyword field has a column to be counted by."""
    return any(one.name == name and one.facet for one in FIELDS)


@cache
def schema(record: Record) -> Any:
    """The tantivy schema of one kind of record."""
    made = tantivy.SchemaBuilder()

    def text(name: str, tokenizer: str = SPLIT, *, fast: bool = False, option: str = "basic") -> None:
        made.add_text_field(name, tokenizer_name=tokenizer, fast=fast, index_option=option)

    def column(name: str) -> None:
        made.add_unsigned_field(name, fast=True)

    for one in (ROW, OWNER):
        made.add_unsigned_field(one, indexed=True, fast=True)
    made.add_bytes_field(RECORD, stored=True)
    for order in (BY_ID, NEWEST, OLDEST):
        text(order, COLUMN, fast=True)
    text(TERMS)
    text(NAMES, option="position")
    column(GROUP)
    for stemmed in sorted({stems_field(name, record) for name in indexed_texts(record)}):
        text(stemmed, option="freq")
    for name in indexed_texts(record):
        text(field(name, "words"), option="position")
        for stored in ("read", "exact"):
            made.add_bytes_field(field(name, stored), stored=True)
    for known in FIELDS:
        if record not in known.records or known.kind == "text":
            continue
        parts = {"date": ("days", *UNITS), "name": ("key", "spelled"), "keyword": ("key",)}[known.kind]
        for part in parts if known.facet else ():
            column(field(known.name, part))
    return made.build()


def register(index: Any) -> None:
    """Tell an open tantivy index how to read what fields.py gives it."""

    def analyzer(tokenizer: Any, *filters: Any) -> Any:
        made = tantivy.TextAnalyzerBuilder(tokenizer)
        for one in filters:
            made = made.filter(one)
        return made.build()

    raw = tantivy.Tokenizer.raw
    index.register_tokenizer(SPLIT, analyzer(tantivy.Tokenizer.whitespace()))
    # Terms of no length are none: the field is not indexed, only its column is written.
    index.register_tokenizer(COLUMN, analyzer(raw(), tantivy.Filter.remove_long(1)))
    index.register_fast_field_tokenizer(COLUMN, analyzer(raw()))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """A value of a name field: the numbers of its key and of its other spellings; its terms, and the words of all its
    spellings, each as one text."""

    key: int
    spelled: list[int]
    terms: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """Values of one field: what stands in columns, and terms as one text."""

    columns: dict[str, list[int]]
    terms: str

    @classmethod
    def of_keywords(cls, name: str, values: tuple[str, ...]) -> Self:
        own = dict.fromkeys(values)
        if not is_counted(name):
            keys = dict.fromkeys(key_term(name, value_key(value)) for value in own)
            return cls(columns={}, terms=" ".join((*keys, *(uncounted_term(name, value) for value in own))))
        found = [_value_terms(name, value, value) for value in own]
        return cls(
            columns={field(name, "key"): list(dict.fromkeys(key for key, _ in found))},
            terms=" ".join(one for _, terms in found for one in terms),
        )

    @classmethod
    def of_dates(cls, name: str, values: tuple[DateValue, ...]) -> Self:
        columns = {field(name, "days"): [value.first for value in values if value.first == value.last]}
        terms = [span_term(name, value.first, value.last) for value in values if value.first != value.last]
        for unit in UNITS:
            keys = dict.fromkeys(interval_key(value.first, value.last, unit) for value in values)
            columns[field(name, unit)] = [
                UNPLACED if key is None else number_of(key, unit) + _FIRST_INTERVAL for key in keys
            ]
            if None in keys:
                terms.append(unplaced_term(name, unit))
        return cls(columns=columns, terms=" ".join(terms))


def _value_terms(name: str, value_id: str, shown: str) -> tuple[int, Iterable[str]]:
    """The number of the key of a value, and the terms by which it is found and told."""
    key, name_key = value_key(value_id), value_key(shown)
    own = number(key)
    terms = [key_term(name, key), value_term(name, own, value_id, shown)]
    if name_key != key:
        terms += (key_term(name, name_key), named_term(name, number(name_key), own))
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


def record_of(document: Any) -> tuple[str, str, int | None, str]:
    """Of a document from tantivy the ids of the row and of its document, its group and its packed precedence."""
    row_id, owner, group, packed = json.loads(document.get_first(RECORD))
    return row_id, owner, group, packed


def words_of(document: Any, name: str) -> list[str]:
    """The words of a text field of a document from tantivy, of which each has one passage; none where it has none."""
    stored = document.get_first(field(name, "read"))
    return stored.decode().split(" ") if stored else []


def exact_of(document: Any, name: str) -> str:
    """A text field as `exact:` compares it."""
    stored = document.get_first(field(name, "exact"))
    return stored.decode("utf-8", "surrogatepass") if stored else ""
