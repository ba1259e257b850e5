"""The fields of the query language: their names, aliases, kinds, and the records that have them.

An engine's schema is derived from this table (index/rows.py); the parser reads it to refuse unknown fields.
"""

from typing import Literal

from msgspec import Struct

Record = Literal["document", "quote"]
FieldKind = Literal["text", "name", "keyword", "date"]

BOTH: frozenset[Record] = frozenset({"document", "quote"})
DOCUMENT: frozenset[Record] = frozenset({"document"})


class Field(Struct, frozen=True, kw_only=True):
    """One field of the language.

    `kind` decides which values it takes: text (words, phrases), name (words of a name, `=` for the whole name or its
    id), keyword (the whole value, case folded; prefixes), date (ISO points, ranges, relative periods).
    """

    name: str
    kind: FieldKind
    records: frozenset[Record] = BOTH
    aliases: tuple[str, ...] = ()
    multi: bool = False
    facet: bool = False
    describes: str = ""


ENTITY_KINDS = ("person", "company", "organisation", "place", "group", "law", "list")

FIELDS: tuple[Field, ...] = (
    Field(name="text", kind="text", describes="title and body of a document; the words of a statement"),
    Field(name="title", kind="text", describes="title of the article"),
    Field(name="body", kind="text", records=DOCUMENT, describes="body of the article"),
    Field(
        name="quote", kind="text", multi=True, describes="the words of a statement; quote:{...} binds conditions to one"
    ),
    Field(name="speaker", kind="name", aliases=("by",), multi=True, facet=True, describes="who said it"),
    Field(
        name="about", kind="name", aliases=("target",), multi=True, facet=True, describes="whom a statement is about"
    ),
    Field(
        name="verb",
        kind="keyword",
        multi=True,
        facet=True,
        describes="the reporting verb, in any form: say, denied, asks",
    ),
    Field(
        name="act",
        kind="keyword",
        multi=True,
        facet=True,
        describes="what the reporting verb does: announce, say, claim, believe, confirm, deny, accuse, praise, warn, "
        "ask, demand or promise",
    ),
    Field(name="kind", kind="keyword", multi=True, facet=True, describes="direct, mixed or indirect"),
    Field(name="entity", kind="name", multi=True, facet=True, describes="anybody or anything named"),
    *(
        Field(name=f"entity.{kind}", kind="name", multi=True, facet=True, describes=f"named, of kind {kind}")
        for kind in ENTITY_KINDS
    ),
    Field(name="agency", kind="name", multi=True, facet=True, describes="official bodies named or speaking"),
    Field(
        name="watchlist",
        kind="name",
        multi=True,
        facet=True,
        describes="entries of your watchlists whose name stands there: by list, id or name",
    ),
    Field(name="outlet", kind="name", facet=True, describes="who published the article"),
    Field(name="wire", kind="name", facet=True, describes="the news agency credited"),
    Field(name="date", kind="date", aliases=("published",), facet=True, describes="day of publication"),
    Field(name="said", kind="date", multi=True, facet=True, describes="day of the statement"),
    Field(name="seen", kind="date", facet=True, describes="day the archive first saw the document"),
    Field(name="gone", kind="date", facet=True, describes="day since when the source does not have the document"),
    Field(name="source", kind="keyword", facet=True, describes="name of the source it came from"),
    Field(name="copies", kind="keyword", facet=True, describes="group of documents with one text"),
    Field(name="lang", kind="keyword", aliases=("language",), facet=True, describes="language code: en, de"),
    Field(name="url", kind="keyword", describes="address of the document"),
    Field(name="id", kind="keyword", multi=True, describes="id of the document or of the statement"),
)

TEXT_FIELDS = frozenset(field.name for field in FIELDS if field.kind == "text")
_BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.aliases)}


def find(name: str) -> Field | None:
    """The field called `name` in any case, aliases included; None when there is none."""
    return _BY_NAME.get(name.casefold())


def names() -> tuple[str, ...]:
    """Every field name and alias, sorted."""
    return tuple(sorted(_BY_NAME))
