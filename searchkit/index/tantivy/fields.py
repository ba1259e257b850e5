"""What of a row goes where: the fields of each kind of record in tantivy, and rows as tantivy documents.

takes:    rows of schema.py
gives:    tantivy schemas; names of fields; documents
does not: write
traps:    words and stems are made here and joined by spaces: tantivy only parts them again. A field with several
          passages has a jump in its positions between them, wider than any distance the language knows
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import tantivy

from searchkit.index.analysis import exact_key, name_words, stems, words
from searchkit.index.intervals import interval_key
from searchkit.index.schema import DateValue, NameValue, Row, day_fields, text_fields
from searchkit.index.scoring import weight
from searchkit.index.values import value_key
from searchkit.query.fields import FIELDS, Field, Record
from searchkit.query.leaves import WIDEST

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
# A token that no query asks for, so far behind the passage before it that no phrase reaches across.
_GAP_TEXT = "\0"
_GAP = tantivy.PreTokenizedString(_GAP_TEXT, [tantivy.Token(_GAP_TEXT, 2 * WIDEST, 0, 1)])


def field(name: str, part: str) -> str:
    """The tantivy field that holds one part (`words`, `stems`, `label`, `key`...) of a field of the language."""
    return f"{name.replace('.', '-')}_{part}"


def stems_field(parts: Sequence[str]) -> str:
    """The field with the stems of these text fields taken as one text."""
    return field("text" if len(parts) > 1 else parts[0], "stems")


def term(text: str) -> str:
    """A whole value as a term: any string, of any length."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.translate(_LONE)
    if len(text) * 4 > _LONGEST and len(encoded := text.encode()) > _LONGEST:
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
    if len(text_fields("text", record)) > 1:
        text(stems_field(text_fields("text", record)), SPLIT, option="freq")
    for one in FIELDS:
        if record not in one.records or one.name == "text":
            continue
        if one.kind == "text":
            text(field(one.name, "stems"), SPLIT, option="freq")
            text(field(one.name, "words"), SPLIT, option="position")
            for stored in ("read", "exact"):
                made.add_bytes_field(field(one.name, stored), stored=True)
        elif one.kind == "date":
            made.add_unsigned_field(field(one.name, "days"), indexed=True, fast=True)
            for part in ("span", *UNITS):
                text(field(one.name, part), fast=True)
        else:
            text(field(one.name, "key"))
            text(field(one.name, "label"), fast=True)
            if one.kind == "name":
                text(field(one.name, "words"), SPLIT, option="position")
                text(field(one.name, "spelled"), fast=True)
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


class RowDocument:
    """A row on its way to a tantivy document."""

    def __init__(self, row: Row, number: int, owner: int) -> None:
        self.document = tantivy.Document()
        self._row = row
        self._stems: dict[str, str] = {}
        self._add_row(number, owner)
        for name, texts in row.texts.items():
            self._add_text(name, texts)
        self._add_whole_text()
        for name, names in row.names.items():
            self._add_names(name, names)
        for name, keywords in row.keywords.items():
            self._add_keywords(name, keywords)
        for name, dates in row.dates.items():
            self._add_dates(name, dates)

    def _add_row(self, number: int, owner: int) -> None:
        row, document = self._row, self.document
        document.add_unsigned(ROW, number)
        document.add_unsigned(OWNER, owner)
        document.add_text(DOCUMENT, term(row.document))
        document.add_text(BY_ID, term(row.id))
        days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
        oldest, newest = (days[0], _UNDATED - 1 - days[0]) if days else (_UNDATED, _UNDATED)
        document.add_text(OLDEST, f"{oldest:07}{term(row.id)}")
        document.add_text(NEWEST, f"{newest:07}{term(row.id)}")
        packed = ""
        if row.precedence is not None:
            packed = row.precedence.packed()
            document.add_text(GROUP, term(row.copies))
            document.add_text(HAS, HAS_GROUP)
        document.add_bytes(RECORD, json.dumps((row.id, row.document, row.copies, packed)).encode())

    def _add_text(self, name: str, texts: Sequence[str]) -> None:
        document = self.document
        document.add_text(HAS, name)
        read = field(name, "words")
        passages = []
        found: list[str] = []
        for number, text in enumerate(texts):
            own = words(text)
            if number:
                document.add_pre_tokenized_text(read, _GAP)
            joined = " ".join(own)
            document.add_text(read, joined)
            passages.append(joined)
            found += stems(own)
        self._stems[name] = joined = " ".join(found)
        for _ in range(weight(name)):
            document.add_text(field(name, "stems"), joined)
        document.add_bytes(field(name, "read"), "\n".join(passages).encode())
        exact = "\n".join(map(exact_key, texts))
        document.add_bytes(field(name, "exact"), exact.encode("utf-8", "surrogatepass"))

    def _add_whole_text(self) -> None:
        parts = text_fields("text", self._row.record)
        if len(parts) > 1:
            for part in parts:
                for _ in range(weight(part) if part in self._stems else 0):
                    self.document.add_text(stems_field(parts), self._stems[part])

    def _add_names(self, name: str, values: Sequence[NameValue]) -> None:
        document = self.document
        document.add_text(HAS, name)
        key_field, label_field = field(name, "key"), field(name, "label")
        words_field, spelled_field = field(name, "words"), field(name, "spelled")
        keys: dict[str, int] = {}
        spelled: dict[str, None] = {}
        for value in values:
            key = value_key(value.id)
            keys[key] = keys.get(key, 0) + 1
            document.add_text(label_field, name_term(value.id, value.name))
            for spelling in (value.name, *value.surfaces):
                joined = " ".join(name_words(spelling))
                document.add_text(words_field, joined)
                spelled[name_term(value.id, joined)] = None
        for one in spelled:
            document.add_text(spelled_field, one)
        for key in dict.fromkeys((*keys, *(value_key(value.name) for value in values))):
            document.add_text(key_field, term(key))
        self._add_doubled(name, keys)

    def _add_keywords(self, name: str, values: Sequence[str]) -> None:
        document = self.document
        document.add_text(HAS, name)
        keys: dict[str, int] = {}
        for value in dict.fromkeys(values):
            document.add_text(field(name, "label"), term(value))
            key = value_key(value)
            keys[key] = keys.get(key, 0) + 1
        for key in keys:
            document.add_text(field(name, "key"), term(key))
        self._add_doubled(name, keys)

    def _add_doubled(self, name: str, keys: dict[str, int]) -> None:
        for key, times in keys.items():
            if times > 1:
                self.document.add_text(DOUBLED, doubled_term(name, key, times - 1))
                self.document.add_text(HAS, HAS_DOUBLED)

    def _add_dates(self, name: str, values: Sequence[DateValue]) -> None:
        document = self.document
        document.add_text(HAS, name)
        for value in values:
            if value.first == value.last:
                document.add_unsigned(field(name, "days"), value.first)
            else:
                document.add_text(field(name, "span"), f"{value.first}-{value.last}")
        for unit in UNITS:
            for key in dict.fromkeys(interval_key(value.first, value.last, unit) for value in values):
                document.add_text(field(name, unit), UNKNOWN if key is None else key)


def record_of(document: Any) -> tuple[str, str, str, str]:
    """Of a document from tantivy the ids of the row and of its document, its group and its packed precedence."""
    row_id, owner, group, packed = json.loads(document.get_first(RECORD))
    return row_id, owner, group, packed


def passages_of(document: Any, name: str) -> Iterator[list[str]]:
    """The words of each passage of a text field of a document from tantivy."""
    stored = document.get_first(field(name, "read"))
    return (passage.split(" ") for passage in stored.decode().split("\n")) if stored is not None else iter(())


def exact_of(document: Any, name: str) -> list[str]:
    """The passages of a text field as `exact:` compares them."""
    stored = document.get_first(field(name, "exact"))
    return stored.decode("utf-8", "surrogatepass").split("\n") if stored is not None else []


def counted(one: Field) -> str:
    """The field by whose terms the values of a name or keyword field are counted."""
    return field(one.name, "label")
