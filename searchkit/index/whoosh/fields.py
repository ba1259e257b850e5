"""The Whoosh schema of each kind of record.

A text field becomes two Whoosh fields: `title` has the stems, which are scored; `title.words` has the words as written.
Both can be searched with Whoosh itself.
"""

from collections.abc import Iterator

from whoosh.analysis import Analyzer, Token
from whoosh.columns import Column
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence, Format, Positions
from whoosh.query import Prefix, Query, TermRange

from searchkit.index.analysis import name_words, places, stem, words
from searchkit.index.values import value_key
from searchkit.index.whoosh.columns import COPIES, DOCUMENT_ID, PRECEDENCE, ROW_ID, ListColumn
from searchkit.query.fields import FIELDS, Record

# Sorts after every character of a date.
_LAST = "~"


class WordAnalyzer(Analyzer):
    """Split a text or name into folded words, or a text into their stems."""

    def __init__(self, *, stemmed: bool = False, is_name: bool = False) -> None:
        self.stemmed = stemmed
        self.split = name_words if is_name else words

    def __call__(self, value: str, **options: object) -> Iterator[Token]:
        del options
        for position, (word, (start, end)) in enumerate(zip(self.split(value), places(value), strict=True)):
            text = stem(word) if self.stemmed else word
            yield Token(text=text, pos=position, startchar=start, endchar=end, boost=1.0)


class KeyAnalyzer(Analyzer):
    """Keep a value as one term, in the form in which equal values are equal."""

    def __call__(self, value: str, **options: object) -> Iterator[Token]:
        del options
        yield Token(text=value_key(value), pos=0, startchar=0, endchar=len(value), boost=1.0)


class Words(FieldType):
    """A field of words: as written (`positional`), or stems, which are scored."""

    def __init__(self, *, positional: bool) -> None:
        super().__init__(Positions(), WordAnalyzer(stemmed=not positional), scorable=not positional)
        self.positional = positional
        self.multitoken_query = "phrase"


class Values(FieldType):
    """A field with a column; each of its values is one term."""

    def __init__(self, column: Column, form: Format | None = None) -> None:
        super().__init__(form or Existence(), KeyAnalyzer())
        self.column_type = column


class Hidden(Values):
    """A column that is not searched."""

    indexed = False


class Days(Values):
    """A date field. Its terms are ISO days, or first and last day with a slash between them."""

    def self_parsing(self) -> bool:
        """Return True: `2022-12` means all days of that month."""
        return True

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> Query:
        """Return the query for all days that begin with `qstring`."""
        return Prefix(fieldname, qstring, boost=boost)

    def parse_range(
        self, fieldname: str, start: str | None, end: str | None, startexcl: bool, endexcl: bool, boost: float = 1.0
    ) -> Query:
        """Return the query for a range of days; both ends may be years or months."""
        return TermRange(fieldname, start, end and end + _LAST, startexcl, endexcl, boost=boost)


class Names(Words):
    """A field with a column of names and, for each of them, the words of all its spellings."""

    def __init__(self) -> None:
        super().__init__(positional=True)
        self.analyzer = WordAnalyzer(is_name=True)
        self.column_type = ListColumn("name")


def schema(record: Record) -> Schema:
    """Return the Whoosh schema of one kind of record."""
    types: dict[str, FieldType] = {name: Hidden(ListColumn("id")) for name in (DOCUMENT_ID, ROW_ID, PRECEDENCE)}
    types[COPIES] = Hidden(ListColumn("id", counted=True))
    for field in FIELDS:
        if not field.indexed or record not in field.records or (field.name == "text" and record == "document"):
            continue  # the text of a document is read from title and body
        if field.kind == "text":
            types[field.name] = Words(positional=False)
            types[f"{field.name}.words"] = Words(positional=True)
        elif field.kind == "name":
            types[field.name] = Names()
        elif field.kind == "date":
            types[field.name] = Days(ListColumn(field.kind))
        elif field.kind == "keyword":
            types[field.name] = Values(ListColumn(field.kind, counted=field.facet))
    return Schema(**types)
