"""One thing an alert tells of: a statement or a document in words, with why it is told; and its JSON form.

An item holds all that a digest shows, so that a digest can be sent again, and looked at later, as it was.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, convert, to_builtins

from searchkit.document import Document, Quote, WatchlistMatch
from searchkit.export.format import date_text, match_text
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.highlight import STATEMENT, matches, snippets, whole
from searchkit.text import Span, redacted

# What a record is compared to what was found before: nothing like it, or a statement of its article in other words.
Change = Literal["added", "reworded"]
Section = Literal["new", "uncertain", "old", "weak"]
# A statement is shown whole where that is bearable; the rest of a speech is behind its address.
_LONGEST_TEXT = 1_200


class Item(Struct, frozen=True, kw_only=True):
    """A statement or document as a digest shows it.

    `section` is where it stands: `new` are the headlines, `doubts` say why others are none. `group` is the heading that
    it stands under. `text` is the statement, or a passage of the document; `marks` are the matches, as places in it.
    `why` are the conditions of the query that it meets, `entries` the watchlist entries matched, by name only. `copies`
    other documents that are new too have the same. Dates are in words, as precise as they are known; `told_at` is the
    time of the run (ISO 8601 UTC).
    """

    alert: str
    record: Record
    id: str
    document: str
    section: Section
    group: str = ""
    text: str
    marks: tuple[tuple[int, int], ...] = ()
    speaker: str = ""
    role: str = ""
    affiliation: str = ""
    verb: str = ""
    about: tuple[str, ...] = ()
    kind: str = ""
    said: str = ""
    title: str = ""
    outlet: str = ""
    wire: str = ""
    published: str = ""
    page: int = 0
    address: str = ""
    why: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    copies: int = 0
    change: Change = "added"
    told_at: str = ""

    def as_json(self) -> dict[str, Any]:
        """The item as plain data."""
        plain: dict[str, Any] = to_builtins(self)
        return plain


def packed(item: Item) -> str:
    """The item as one line of JSON."""
    return json.dumps(item.as_json(), ensure_ascii=True, separators=(",", ":"))


def unpacked(text: str) -> Item:
    """What `packed` gave. ValueError when it is something else."""
    return convert(json.loads(text), Item)


def shown_words(document: Document, quote: Quote | None, tree: ast.Node) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The words of a statement, or a passage of a document, and the places in them that answer the query `tree`."""
    tree = ast.expanded(tree)
    if quote is not None:
        marked = matches(document.text, tree, fields=STATEMENT, part=quote.content)
        snippet = whole(document.text, quote.content, marked)
    else:
        found = snippets(document.text, tree, within=document.paragraphs, count=1)
        if not found:
            return "", ()
        snippet = found[0]
    text, marks = snippet.text, snippet.marks
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT].rstrip() + " …"
        marks = tuple(Span(mark.start, min(mark.end, _LONGEST_TEXT)) for mark in marks if mark.start < _LONGEST_TEXT)
    return text, tuple((mark.start, mark.end) for mark in marks)


def made(
    alert: str,
    document: Document,
    quote: Quote | None,
    tree: ast.Node,
    *,
    names: Mapping[str, str],
    section: Section,
    group: str,
    why: tuple[str, ...],
    doubts: tuple[str, ...],
    entries: tuple[WatchlistMatch, ...],
    copies: int,
    change: Change,
    told_at: str,
) -> Item:
    """The item for a statement, or for a document without one; `tree` is the query that found it, `names` are those of
    the document."""
    text, marks = shown_words(document, quote, tree)
    about: dict[str, Any] = {}
    if quote is not None:
        speaker = quote.speaker
        unnamed = speaker.name or (quote.attribution.of(document.text) if quote.attribution else "")
        about = {
            "speaker": speaker.name if speaker.entity_id else unnamed,
            "role": speaker.role or "",
            "affiliation": speaker.affiliation or "",
            "verb": quote.verb or "",
            "about": tuple(names.get(entity, entity) for entity in quote.about),
            "kind": quote.kind,
            "said": date_text(quote.date),
            "page": document.page_of(quote.content.start) or 0,
        }
    return Item(
        alert=alert,
        record="document" if quote is None else "quote",
        id=document.id if quote is None else quote.id,
        document=document.id,
        section=section,
        group=group,
        text=text,
        marks=marks,
        title=document.title or "",
        outlet=document.outlet or "",
        wire=document.wire or "",
        published=date_text(document.published),
        address=redacted(document.canonical_url or document.uri),
        why=why,
        doubts=doubts,
        entries=tuple(match_text(match) for match in entries),
        copies=copies,
        change=change,
        told_at=told_at,
        **about,
    )
