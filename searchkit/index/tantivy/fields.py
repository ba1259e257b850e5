"""What of a row goes where: the fields of each kind of record in tantivy, and rows as tantivy documents.

takes:    rows of schema.py
gives:    tantivy schemas; names of fields; documents
does not: write
traps:    words and stems are made here and joined by spaces: tantivy only parts them again. Statements stand in their
          own index only: what asks for their words over documents is joined. The stems of a body are those of the whole
          text, where a title's stand twice
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import tantivy

from searchkit.index.analysis import exact_key, name_words, stems, words
from searchkit.index.intervals import interval_key
from searchkit.index.schema import DateValue, NameValue, Row, day_fields, text_fields
from searchkit.index.scoring import weight
from searchkit.index.values import value_key
from searchkit.query.fields import FIELDS, Field, Record

# Fields beside those of the language; none of these names is one of its own.
ROW = "row_number"  # of the row, once in the index
OWNER = "owner_number"  # the row number of its document
DOCUMENT = "document_id"  # to delete by
HAS = "has"  # the names of fields with a value; and these two:
HAS_GROUP, HAS_DOUBLED = "row.group", "row.doubled"
GROUP = "copy_group"
DOUBLED = "doubled"  # values that a row has more than once under one key (`en` and `EN`)
BY_ID, NEWEST, OLDEST = "by_id", "by_newest", "by_oldest"  # strings in whose order rows are listed
RECORD = "record"  # stored: ids, group and precedence
UNITS = ("day", "week", "month", "year")
UNKNOWN = "?"  # in place of an interval: the date lies in several

SPLIT, WHOLE, COLUMN = "split", "whole", "column"  # how tantivy reads text: at spaces, as one term, for its column only
# tantivy leaves out terms from 65,530 bytes on; of a longer value the end is replaced by its digest.
_LONGEST = 60_000
# Half of UTF-16's pairs stand alone in odd file names and no UTF-8 can hold them: as private signs of plane 16.
_LONE = {code: 0x10F000 + code - 0xD800 for code in range(0xD800, 0xE000)}
_BACK = {private: code for code, private in _LONE.items()}
_FIRST_PRIVATE = "\U0010f000"
_UNDATED = 9_999_999  # above every ordinal of a day
# What a batch remembers of values that come again: some 100 MB of the names of 100,000 people.
_REMEMBERED = 100_000


@cache
def field(name: str, part: str) -> str:
    """The tantivy field that holds one part (`words`, `stems`, `label`, `key`...) of a field of the language."""
    return f"{name.replace('.', '-')}_{part}"


@cache
def stems_field(part: str, record: Record) -> str:
    """The field with the stems of a text field, or of the text that it is part of."""
    whole = text_fields("text", record)
    return field("text" if len(whole) > 1 and part in whole and part != "title" else part, "stems")


@cache
def indexed_texts(record: Record) -> tuple[str, ...]:
    """The text fields whose words a kind of record has by itself; those of statements stand in their own index."""
    names = (one.name for one in FIELDS if one.kind == "text" and record in one.records and one.name != "text")
    return tuple(name for name in names if record == "quote" or name != "quote")


def term(text: str) -> str:
    """A whole value as a term: any string, of any length."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.translate(_LONE)
    if len(text) * 4 > _LONGEST and len(encoded := text.encode()) > _LONGEST:
        from hashlib import sha256  # loads OpenSSL, which a query has no use for

        return encoded[:_LONGEST].decode(errors="ignore") + sha256(encoded).hexdigest()
    return text


def text_of(found: str) -> str:
    """The value that `term` took, if it was not too long."""
    return found.translate(_BACK) if found > _FIRST_PRIVATE or not found.isascii() else found


def name_term(value_id: str, name: str) -> str:
    """Id and name in one term; the length of the id divides them, since both may hold any sign."""
    return term(f"{len(value_id)}:{value_id}{name}")


def name_parts(found: str) -> tuple[str, str]:
    """Id and name (or spelling) of a term from `name_term`."""
    length, _, rest = text_of(found).partition(":")
    return rest[: int(length)], rest[int(length) :]


def doubled_term(name: str, key: str, more: int) -> str:
    """That a row has `more` values of the field `name` under `key` than one."""
    return term(f"{more}:{name}:{key}")


def doubled_parts(found: str) -> tuple[str, str, int]:
    """Field, key and how many more, of a term from `doubled_term`."""
    more, name, key = text_of(found).split(":", 2)
    return name, key, int(more)


def schema(record: Record) -> Any:
    """The tantivy schema of one kind of record."""
    made = tantivy.SchemaBuilder()

    def text(name: str, tokenizer: str = WHOLE, *, fast: bool = False, option: str = "basic") -> None:
        made.add_text_field(name, tokenizer_name=tokenizer, fast=fast, index_option=option)

    for number in (ROW, OWNER):
        made.add_unsigned_field(number, indexed=True, fast=True)
    made.add_bytes_field(RECORD, stored=True)
    for name in (BY_ID, NEWEST, OLDEST):
        text(name, COLUMN, fast=True)
    for name in (DOCUMENT, HAS):
        text(name)
    for name in (GROUP, DOUBLED):
        text(name, fast=True)
    for stemmed in sorted({stems_field(name, record) for name in indexed_texts(record)}):
        text(stemmed, SPLIT, option="freq")
    for name in indexed_texts(record):
        text(field(name, "words"), SPLIT, option="position")
        for stored in ("read", "exact"):
            made.add_bytes_field(field(name, stored), stored=True)
    for one in FIELDS:
        if record not in one.records or one.kind == "text":
            continue
        if one.kind == "date":
            made.add_unsigned_field(field(one.name, "days"), indexed=True, fast=True)
            for part in ("span", *UNITS):
                text(field(one.name, part), fast=True)
        else:
            text(field(one.name, "key"))
            text(field(one.name, "label"), COLUMN, fast=True)
            if one.kind == "name":
                text(field(one.name, "words"), SPLIT, option="position")
                text(field(one.name, "spelled"), COLUMN, fast=True)
    return made.build()


def register(index: Any) -> None:
    """Tell an open tantivy index how to read what fields.py gives it."""

    def analyzer(tokenizer: Any, *filters: Any) -> Any:
        made = tantivy.TextAnalyzerBuilder(tokenizer)
        for one in filters:
            made = made.filter(one)
        return made.build()

    whole = tantivy.Tokenizer.raw
    index.register_tokenizer(SPLIT, analyzer(tantivy.Tokenizer.whitespace()))
    index.register_tokenizer(WHOLE, analyzer(whole()))
    # Terms of no length are none: the field is not indexed, only its column is written.
    index.register_tokenizer(COLUMN, analyzer(whole(), tantivy.Filter.remove_long(1)))
    for name in (WHOLE, COLUMN):
        index.register_fast_field_tokenizer(name, analyzer(whole()))


class Rendering:
    """Makes tantivy documents of rows; remembers what comes again: names, addresses, days, and the words of an article
    and of its statements."""

    def __init__(self) -> None:
        self._names: dict[NameValue, _Name] = {}
        self._keywords: dict[tuple[str, tuple[str, ...]], _Added] = {}
        self._dates: dict[tuple[str, tuple[DateValue, ...]], _Added] = {}
        self._texts: dict[str, _Text] = {}

    def document(self, row: Row, number: int, owner: int) -> Any:
        """The row as a document: its number and that of its document's row."""
        document = tantivy.Document()
        _add_row(document, row, number, owner)
        for name in row.texts.keys() | row.names.keys() | row.keywords.keys() | row.dates.keys():
            document.add_text(HAS, name)
        self._add_texts(document, row)
        add = document.add_text
        for name, names in row.names.items():
            self._add_names(document, name, names)
        for name, keywords in row.keywords.items():
            for one, value in self._keyword(name, keywords):
                add(one, value)
        for name, dates in row.dates.items():
            for one, value in self._date(name, dates):
                add(one, value)
            for day in dates:
                if day.first == day.last:
                    document.add_unsigned(field(name, "days"), day.first)
        return document

    def _add_texts(self, document: Any, row: Row) -> None:
        if len(self._texts) > _REMEMBERED // 100:
            self._texts.clear()
        for name in indexed_texts(row.record):
            for text in row.texts.get(name, ()):
                known = self._texts.get(text)
                if known is None:
                    known = self._texts[text] = _Text.of(text)
                document.add_text(field(name, "words"), known.words)
                document.add_bytes(field(name, "read"), known.read)
                document.add_bytes(field(name, "exact"), known.exact)
                document.add_text(stems_field(name, row.record), known.stems)
                for _ in range(weight(name) - 1):
                    document.add_text(stems_field(name, row.record), known.stems)
                if name == "title" and row.record == "document":
                    for _ in range(weight(name)):
                        document.add_text(stems_field("body", row.record), known.stems)

    def _add_names(self, document: Any, name: str, values: Sequence[NameValue]) -> None:
        add = document.add_text
        words_field, label_field = field(name, "words"), field(name, "label")
        spelled_field, key_field = field(name, "spelled"), field(name, "key")
        found = [self._name(value) for value in values]
        for one in found:
            add(label_field, one.label)
            for spelling in one.words:
                add(words_field, spelling)
            for spelled in one.spelled:
                add(spelled_field, spelled)
        for key in {key for one in found for key in one.keys}:
            add(key_field, key)
        ids = [one.keys[0] for one in found]
        if len(set(ids)) < len(ids):
            for target, told in _doubled(name, ids):
                add(target, told)

    def _name(self, value: NameValue) -> "_Name":
        known = self._names.get(value)
        if known is None:
            if len(self._names) >= _REMEMBERED:
                self._names.clear()
            known = self._names[value] = _Name.of(value)
        return known

    def _keyword(self, name: str, values: tuple[str, ...]) -> "_Added":
        key = name, values
        known = self._keywords.get(key)
        if known is None:
            if len(self._keywords) >= _REMEMBERED // 10:
                self._keywords.clear()
            own = dict.fromkeys(values)
            keys = [term(value_key(value)) for value in own]
            known = self._keywords[key] = [
                *((field(name, "label"), term(value)) for value in own),
                *((field(name, "key"), one) for one in dict.fromkeys(keys)),
                *_doubled(name, keys),
            ]
        return known

    def _date(self, name: str, values: tuple[DateValue, ...]) -> "_Added":
        key = name, values
        known = self._dates.get(key)
        if known is None:
            if len(self._dates) >= _REMEMBERED // 10:
                self._dates.clear()
            known = self._dates[key] = [
                (field(name, "span"), f"{value.first}-{value.last}") for value in values if value.first != value.last
            ]
            for unit in UNITS:
                keys = dict.fromkeys(interval_key(value.first, value.last, unit) for value in values)
                known += [(field(name, unit), UNKNOWN if key is None else key) for key in keys]
        return known


_Added = list[tuple[str, str]]  # fields with their terms


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
    """A name: its term; the keys of its id and of itself; the words of its spellings; terms of those beside itself."""

    label: str
    keys: tuple[str, ...]
    words: tuple[str, ...]
    spelled: tuple[str, ...]

    @classmethod
    def of(cls, value: NameValue) -> Self:
        spellings = tuple(" ".join(name_words(spelling)) for spelling in (value.name, *value.surfaces))
        return cls(
            label=name_term(value.id, value.name),
            keys=(term(value_key(value.id)), term(value_key(value.name))),
            words=spellings,
            spelled=tuple(name_term(value.id, one) for one in dict.fromkeys(spellings) if one != spellings[0]),
        )


def _add_row(document: Any, row: Row, number: int, owner: int) -> None:
    document.add_unsigned(ROW, number)
    document.add_unsigned(OWNER, owner)
    document.add_text(DOCUMENT, term(row.document))
    own_id = term(row.id)
    document.add_text(BY_ID, own_id)
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    oldest, newest = (days[0], _UNDATED - 1 - days[0]) if days else (_UNDATED, _UNDATED)
    document.add_text(OLDEST, f"{oldest:07}{own_id}")
    document.add_text(NEWEST, f"{newest:07}{own_id}")
    packed = ""
    if row.precedence is not None:
        packed = row.precedence.packed()
        document.add_text(GROUP, term(row.copies))
        document.add_text(HAS, HAS_GROUP)
    document.add_bytes(RECORD, json.dumps((row.id, row.document, row.copies, packed)).encode())


def _doubled(name: str, keys: Sequence[str]) -> _Added:
    """What is to be told of keys that several values of one row have."""
    more = [(key, times - 1) for key, times in Counter(keys).items() if times > 1]
    return [(DOUBLED, doubled_term(name, key, times)) for key, times in more] + [(HAS, HAS_DOUBLED)] * bool(more)


def record_of(document: Any) -> tuple[str, str, str, str]:
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


def counted(one: Field) -> str:
    """The field by whose terms the values of a name or keyword field are counted."""
    return field(one.name, "label")
