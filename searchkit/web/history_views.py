"""The entries of the pages of histories: statements side by side or one by one, with what links them."""

from collections.abc import Iterator

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.export.histories.blocks import (
    appearance_text,
    change_facts,
    day_text,
    now_missing,
    party_facts,
    published_text,
    refusal_line,
    spread_facts,
)
from searchkit.export.histories.changes import ChangeRecord
from searchkit.export.histories.disputes import STRENGTHS, DisputeRecord
from searchkit.export.histories.sides import StatementSide, side
from searchkit.export.histories.spread import SpreadRecord
from searchkit.histories.silence import NoComment, SilentParty
from searchkit.statements.text import counted, one_line
from searchkit.web.charts import timeline
from searchkit.web.differences import side_by_side
from searchkit.web.rendering import Links

APPEARANCES_IN_LISTS = 20
_REFUSALS_SHOWN = 5
_UNTITLED = "(no title)"


class SideView(Struct, frozen=True, kw_only=True):
    """A statement in one article: how it is called, its words, where it was published, and its addresses."""

    label: str
    said: Markup | str
    doubt: str = ""
    source: str = ""
    title: str = ""
    address: str = ""
    id: str = ""
    statement: str = ""
    strong: bool = False


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry of a list: its title with its address, facts, and statements: in pairs side by side, or one by one."""

    title: str
    address: str = ""
    facts: str
    pair: tuple[SideView, ...] = ()
    sides: tuple[SideView, ...] = ()
    picture: Markup | None = None
    remarks: tuple[str, ...] = ()


def side_view(label: str, side: StatementSide, url: Links, *, strong: bool = False) -> SideView:
    """Return the view of a statement of an article."""
    return SideView(
        label=label,
        said=side.statement,
        doubt=side.doubt,
        source=published_text(side),
        title=one_line(side.title) or _UNTITLED,
        address=url(f"/document/{side.document}") + f"#s-{side.id}",
        id=side.id,
        statement=url(f"/statement/{side.id}"),
        strong=strong,
    )


def change_view(change: ChangeRecord, archive: Archive, url: Links) -> EntryView:
    """Return the view of a change: both versions side by side, with the words that differ marked."""
    old, new = change.old, change.new
    document = archive.get(change.document)
    current = document.revision if document is not None else None

    def version(label: str, side: StatementSide, said: Markup | str) -> SideView:
        view = replace(side_view(label, side, url), said=said)
        if side.revision == current:
            return view
        # The page of a statement shows it as its version was annotated, maybe by other rules.
        earlier = url(f"/document/{side.document}", revision=side.revision)
        return replace(view, address=earlier, statement="")

    if old is not None and new is not None:
        before, after = side_by_side(old.statement, new.statement)
        pair = (version("was", old, before), version("now", new, after))
    elif new is not None:
        pair = (SideView(label="was", said="not in the article yet"), version("now", new, new.statement))
    else:
        gone = SideView(label="now", said=now_missing(change), strong=True)
        pair = (version("was", old, old.statement), gone) if old is not None else (gone, gone)
    return EntryView(
        title=one_line(change.shown.title) or _UNTITLED,
        address=url(f"/document/{change.document}"),
        facts=change_facts(change),
        pair=pair,
        remarks=(f"The outlet's note: {change.correction}",) if change.correction else (),
    )


def spread_view(found: SpreadRecord, url: Links, most: int) -> EntryView:
    """Return the view of a quotation: conflicting attributions first, then its first appearances, at most `most`, with
    a picture of them."""
    conflicts = [
        side_view("conflicting attribution", side, url, strong=True)
        for conflict in found.conflicts
        for side in (conflict.first, conflict.second)
    ]
    shown = found.appearances[:most]
    appearances = [
        side_view(
            f"{day_text(appearance)}: {appearance_text(appearance)}",
            appearance.statement,
            url,
        )
        for appearance in shown
    ]
    dots = [
        (appearance.day, f"{one_line(appearance.statement.publisher)}, {appearance.day}", view.statement)
        for appearance, view in zip(shown, appearances, strict=True)
        if appearance.day
    ]
    more = len(found.appearances) - len(shown) + found.more
    return EntryView(
        title=one_line(found.fullest.statement),
        address=url("/spread", q=found.fullest.id),
        facts=spread_facts(found),
        sides=(*conflicts, *appearances),
        picture=timeline(dots) if len({day for day, _, _ in dots}) > 1 else None,
        remarks=(f"{counted(more, 'later appearance')} not shown.",) if more else (),
    )


def dispute_view(found: DisputeRecord, url: Links) -> EntryView:
    """Return the view of a claim and its answer, with the strength of the link in words and its reason."""

    def place(label: str, side: StatementSide | None, words: str, document: str) -> SideView:
        if side is not None:
            return side_view(label, side, url)
        return SideView(
            label=f"{label}, in the words of the article",
            said=words,
            title=one_line(found.title) or _UNTITLED if document == found.document else document,
            address=url(f"/document/{document}"),
        )

    return EntryView(
        title=one_line(found.title) or _UNTITLED,
        address=url(f"/document/{found.document}"),
        facts=STRENGTHS[found.strength],
        pair=(
            place("claim", found.claim, found.claim_words, found.document),
            place("answer", found.answer, found.answer_words, found.answer_document),
        ),
        remarks=(f"Why they are linked: {found.reason}",),
    )


def unanswered_views(sides: tuple[StatementSide, ...], url: Links) -> tuple[SideView, ...]:
    """Return the views of accusations without an answer."""
    return tuple(side_view(one.said or "day unknown", one, url) for one in sides)


def party_view(party: SilentParty, archive: Archive, url: Links) -> EntryView:
    """Return the view of an entry of a watchlist: its refusals to comment, with the statements that report them."""
    more = len(party.refusals) - _REFUSALS_SHOWN
    return EntryView(
        title=one_line(party.name),
        facts=party_facts(party),
        sides=tuple(_refusals(party.refusals[:_REFUSALS_SHOWN], archive, url)),
        remarks=(f"{counted(more, 'refusal')} more.",) if more > 0 else (),
    )


def _refusals(refusals: tuple[NoComment, ...], archive: Archive, url: Links) -> Iterator[SideView]:
    for refusal in refusals:
        document, line = archive.get(refusal.document), refusal_line(refusal)
        quotes = () if document is None else document.quotes
        quote = next((quote for quote in quotes if quote.id == refusal.statement), None)
        if document is not None and quote is not None:
            yield side_view(f"{line.label}: {line.text}", side(document, quote), url)
