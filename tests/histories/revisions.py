"""Revisions of invented articles, annotated."""

from typing import Any

from msgspec.structs import replace

from searchkit.histories import StatementChange
from searchkit.histories.changes import changes
from searchkit.statements.annotation import annotate
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Article, Document
from searchkit.statements.text import normalize, paragraphs

QUAY = """The quay at Tolvik will be closed in May, the council said on Tuesday.

"The quay is unsafe and everyone in this room knew it," Mayor Inge Solbakk told reporters. She said the repairs would \
cost 4.2 million crowns.

Harbour master Per Vinje said that he had warned the council in 2019.

"We can start as soon as the ice is gone," Vinje said.

The work will take four months."""


def revision(text: str, *, published: PartialDate | None = None, **fields: Any) -> Document:
    """Return an annotated revision of one article."""
    text = normalize(text)
    day = PartialDate(value="2026-03-03", precision="day", source="json-ld")
    article = Article(
        uri="https://courier.example.com/quay", text=text, paragraphs=paragraphs(text), published=published or day
    )
    return replace(annotate(article), **fields)


def edited(*pairs: str, text: str = QUAY) -> str:
    """Return `text` with words replaced: old, new, old, new. The old words must be there."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


def compared(old: str, new: str) -> list[tuple[tuple[str, ...], str | None, str | None]]:
    """Return the kinds of each change, and its words in both revisions without quotation marks."""
    before, after = revision(old), revision(new)
    return [(change.kinds, *words(change, before, after)) for change in changes(before, after)]


def words(change: StatementChange, before: Document, after: Document) -> tuple[str | None, str | None]:
    old = " ".join(span.of(before.text).strip('",.') for span in change.old_spans)
    new = " ".join(span.of(after.text).strip('",.') for span in change.new_spans)
    return old or None, new or None
