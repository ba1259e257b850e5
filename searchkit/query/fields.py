"""The fields of the query language: names, aliases, kinds, and the records that have them.

The schema of the index is derived from this table (index/rows.py).
"""

from typing import Literal, get_args

from msgspec import Struct

Record = Literal["document", "quote"]
FieldKind = Literal["text", "name", "keyword", "date", "number"]

BOTH: frozenset[Record] = frozenset({"document", "quote"})
DOCUMENT: frozenset[Record] = frozenset({"document"})


class Field(Struct, frozen=True, kw_only=True):
    """A field of the query language.

    `kind` decides which values it takes: text (words, phrases), name (words of a name, `=` for the complete name or its
    id), keyword (the complete value, case folded; prefixes), date (ISO points, ranges, relative periods), number
    (whole numbers, ranges).

    Conditions on a field, except for any value (`*`), also match the values of the field `also`.

    What is not `indexed` changes without the document, because it is the user's or depends on other documents:
    search/rewrite.py looks it up. Its facets have the values that `counts` names.
    """

    name: str
    kind: FieldKind
    records: frozenset[Record] = BOTH
    aliases: tuple[str, ...] = ()
    multi: bool = False
    facet: bool = False
    indexed: bool = True
    counts: tuple[str, ...] = ()
    also: str = ""
    describes: str = ""


EntityKind = Literal["person", "company", "organisation", "place", "group", "law", "list"]
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)


def _single(name: str, kind: FieldKind, describes: str, *aliases: str) -> Field:
    return Field(name=name, kind=kind, aliases=aliases, facet=True, describes=describes)


def _many(name: str, kind: FieldKind, describes: str, *aliases: str) -> Field:
    return Field(name=name, kind=kind, aliases=aliases, multi=True, facet=kind != "text", describes=describes)


def _noted(name: str, describes: str) -> Field:
    return Field(name=name, kind="keyword", multi=True, indexed=False, describes=describes)


def _compared(name: str, kind: FieldKind, describes: str, *counts: str) -> Field:
    return Field(name=name, kind=kind, multi=True, facet=True, indexed=False, counts=counts, describes=describes)


FIELDS: tuple[Field, ...] = (
    Field(
        name="text",
        kind="text",
        describes="title and body of a document; the sentence of a statement and the names of its speaker and targets",
    ),
    Field(name="title", kind="text", describes="title of the article"),
    Field(name="body", kind="text", records=DOCUMENT, describes="body of the article"),
    _many("quote", "text", "the words of a statement; quote:{...} binds conditions to one statement", "words"),
    Field(
        name="speaker",
        kind="name",
        aliases=("by",),
        multi=True,
        facet=True,
        also="unnamed",
        describes="who said it",
    ),
    Field(name="unnamed", kind="name", multi=True, describes="words for an unnamed speaker"),
    _many("about", "name", "the target of a statement", "target"),
    _many("verb", "keyword", "the reporting verb, in any form: say, denied, asks"),
    _many(
        "act",
        "keyword",
        "what the reporting verb does: announce, say, claim, believe, confirm, deny, accuse, praise, warn, ask, "
        "demand, promise, no-comment; not-deny and so on if it is negated: did not deny",
    ),
    _many("kind", "keyword", "direct, mixed or indirect"),
    _many("entity", "name", "any named entity"),
    *(_many(f"entity.{kind}", "name", f"named entities of kind {kind}") for kind in ENTITY_KINDS),
    _many("agency", "name", "official bodies, named or speaking"),
    _many("watchlist", "name", "watchlist entries named in the text: by list, id or name"),
    _single("outlet", "name", "who published the article"),
    _single("wire", "name", "the news agency credited"),
    _single("date", "date", "day of publication", "published"),
    _many("said", "date", "day of the statement"),
    _single("seen", "date", "day the archive first saw the document"),
    _single("gone", "date", "day since when the source no longer has the document"),
    _single("source", "keyword", "name of the source"),
    _single("copies", "keyword", "group of documents with the same text"),
    _single("lang", "keyword", "language code: en, de", "language"),
    Field(name="url", kind="keyword", describes="address of the document"),
    Field(name="id", kind="keyword", multi=True, describes="id of the document or of the statement"),
    _noted(
        "mark",
        "how a user marked the statement: checked, wrong-speaker, false-match; wrong for the last two; note if there "
        "is a note",
    ),
    _noted("tag", "a tag that a user gave the statement"),
    _compared(
        "changed",
        "keyword",
        "what a later version changed: added, removed, reworded, speaker, verb, date, number, hidden, "
        "struck-out, shows-less",
        *("added", "removed", "reworded", "speaker", "verb", "date", "number", "hidden", "struck-out", "shows-less"),
    ),
    _compared(
        "disputed",
        "keyword",
        "a claim with a denial, by the link: strong, medium; attribution: two speakers",
        *("strong", "medium", "attribution"),
    ),
    _compared(
        "spread",
        "number",
        "how many outlets printed the quotation: 3, >=3, 3..10",
        *("2", "3..4", "5..9", ">=10"),
    ),
)

TEXT_FIELDS = frozenset(field.name for field in FIELDS if field.kind == "text")
_BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
NAMES = tuple(sorted(_BY_NAME))


def find(name: str) -> Field | None:
    """Return the field called `name` in any case, aliases included, or None."""
    return _BY_NAME.get(name.casefold())
