"""Histories: what changed after publication, who denied it, who else published it, and who is silent.

Pure functions over documents. They never judge truth: each result names the rule that found it and shows its spans.
"""

from typing import Literal

from msgspec import Struct

from searchkit.statements.document import Document, Quote
from searchkit.statements.outlets import CLAIMED, outlet_value
from searchkit.statements.text import Span

ChangeKind = Literal[
    "reversed", "added", "removed", "reworded", "speaker", "verb", "date", "number", "hidden", "struck-out",
    "shows-less",
]  # fmt: skip
# What readers call each kind of change.
CHANGE_WORDS: dict[ChangeKind, str] = {
    "reversed": "now says the opposite", "added": "added", "removed": "removed", "reworded": "reworded",
    "speaker": "attributed to another speaker", "verb": "reported with another verb", "date": "another date",
    "number": "another number", "hidden": "hidden by the page", "struck-out": "struck out",
    "shows-less": "the page shows less",
}  # fmt: skip


class StatementChange(Struct, frozen=True, kw_only=True):
    """A statement that differs between two revisions of an article.

    `old` and `new` are the statement in each revision, of an interrupted one its first part; a missing one is None.
    `old_spans` and `new_spans` are the words that differ or that the kinds are about, which may be one part only.
    `rule` linked them, or says how much less the page shows. `likeness` is the share of words that they have in common
    (0 to 1). `correction` is the note in the new text in which the outlet corrects it. `developing`: the change lies in
    the first 24 hours after publication. The change was made between the captures `after` and `before` (ISO 8601 UTC;
    empty if unknown).
    """

    kinds: tuple[ChangeKind, ...]
    old: Quote | None
    new: Quote | None
    old_spans: tuple[Span, ...]
    new_spans: tuple[Span, ...]
    rule: str
    likeness: float
    correction: Span | None = None
    developing: bool = False
    after: str = ""
    before: str = ""


class Place(Struct, frozen=True, order=True):
    """Words of a document; `statement` is the id of the statement that they belong to, None if they are in none."""

    document: str
    statement: str | None
    span: Span


class Dispute(Struct, frozen=True, kw_only=True, order=True):
    """A claim and the answer to it, with the names of who makes it and who answers; empty if the article has none."""

    claim: Place
    answer: Place
    claimer: str = ""
    answerer: str = ""


def day_of(document: Document) -> tuple[str, bool]:
    """Return the day of publication, or else of our first sight, in ISO 8601; and whether it is the former."""
    published = document.published
    if published is not None and published.confidence != "low" and (earliest := published.earliest) is not None:
        return earliest.isoformat(), True
    return document.first_seen[:10], False


def outlet_of(document: Document) -> str:
    """Return the outlet of a document with its host, also with one that a file claims; without an outlet, the host."""
    host = document.host.removeprefix(CLAIMED)
    return outlet_value(document.outlet, host) if document.outlet else host or document.uri
