"""The fields of the query language: names, aliases, kinds, and the records that have them.

The schema of the index is derived from this table (index/rows.py).
"""

from typing import Any, Literal, get_args

from msgspec import Struct

Record = Literal["document", "quote"]
FieldKind = Literal["text", "name", "keyword", "date", "number"]

EXCLUDED_GENRES = ("fiction", "instructions", "listing")
"""What such texts quote was not said: facets of speakers, links and alerts leave them out unless a query names it."""
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


def _field(name: str, kind: FieldKind, describes: str, *aliases: str, **more: Any) -> Field:
    return Field(name=name, kind=kind, describes=describes, aliases=aliases, **more)


# Fields with one value, with any number of values, and with values that are not in the index.
_ONE, _MANY = {"facet": True}, {"facet": True, "multi": True}
_OUTSIDE = {"multi": True, "indexed": False}

_CHANGES = tuple("reversed added removed reworded speaker verb date number hidden struck-out shows-less".split())
FIELDS: tuple[Field, ...] = (
    _field("text", "text",
        "title and body of a document; the sentence of a statement and the names of its speaker and targets"),
    _field("title", "text", "title of the article"),
    _field("body", "text", "body of the article", records=DOCUMENT),
    _field("quote", "text", "the words of a statement; quote:{...} binds conditions to one statement", "words",
        multi=True),
    _field("speaker", "name", "who said it", "by", also="unnamed", **_MANY),
    _field("unnamed", "name", "words for an unnamed speaker", multi=True),
    _field("about", "name", "the target of a statement", "target", **_MANY),
    _field("topic", "name", "target or subject of headline and lead", also="about", multi=True),
    _field("verb", "keyword", "the reporting verb in any form: say", **_MANY),
    _field("act", "keyword",
        "what the reporting verb does: announce, say, claim, believe, confirm, deny, accuse, praise, warn, ask, "
        "demand, promise, no-comment; not-deny and so on if it is negated: did not deny",
        **_MANY),
    _field("kind", "keyword", "direct, mixed or indirect", **_MANY),
    _field("entity", "name", "any named entity", **_MANY),
    *(_field(f"entity.{kind}", "name", f"named entities of kind {kind}", **_MANY) for kind in ENTITY_KINDS),
    _field("agency", "name", "official bodies, named or speaking", **_MANY),
    _field("watchlist", "name", "watchlist entries named in the text: by list, id or name", **_MANY),
    _field("outlet", "name", "who published the article", **_ONE),
    _field("wire", "name", "the news agency credited", **_ONE),
    _field("date", "date", "day of publication", "published", **_ONE),
    _field("said", "date", "day of the statement", **_MANY),
    _field("seen", "date", "day the archive first saw it", **_ONE),
    _field("gone", "date", "day since when its source lacks it", **_ONE),
    _field("source", "keyword", "name of the source", **_ONE),
    _field("copies", "keyword", "documents with the same text", **_ONE),
    _field("lang", "keyword", "language code: en, de", "language", **_ONE),
    _field("genre", "keyword",
        "news, interview, transcript, opinion, press-release, forum; in speaker facets, links, alerts only if named: "
        "fiction, instructions, listing",
        **_ONE),
    _field("url", "keyword", "address of the document"),
    _field("id", "keyword", "id of the document or of the statement", multi=True),
    _field("mark", "keyword",
        "a user's mark: checked, wrong-speaker, false-match; wrong: the last two; note: any note",
        **_OUTSIDE),
    _field("tag", "keyword", "a tag that a user gave the statement", **_OUTSIDE),
    _field("changed", "keyword",
        f"later change: {', '.join(_CHANGES)}", counts=_CHANGES,
        facet=True, **_OUTSIDE),
    _field("current", "keyword", "no: removed or hidden since", counts=("no",), **_OUTSIDE),
    _field("disputed", "keyword", "claim: it is denied; answer: it denies one; attribution: two speakers",
        counts=("claim", "answer", "attribution"), facet=True, **_OUTSIDE),
    _field("spread", "number", "how many outlets printed the quotation: 3, >=3, 3..10",
        counts=("2", "3..4", "5..9", ">=10"), facet=True, **_OUTSIDE),
)  # fmt: skip

TEXT_FIELDS = frozenset(field.name for field in FIELDS if field.kind == "text")
_BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
NAMES = tuple(sorted(_BY_NAME))


def find(name: str) -> Field | None:
    """Return the field called `name` in any case, aliases included, or None."""
    return _BY_NAME.get(name.casefold())
