"""The histories as blocks of lines, which the terminal, Markdown and HTML write in their own way."""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.export.histories.changes import ChangeRecord, ChangesReport
from searchkit.export.histories.sides import StatementSide
from searchkit.export.histories.spread import AppearanceRecord, SpreadRecord, SpreadReport
from searchkit.text import counted, one_line

# Appearances of one quotation on a screen.
_APPEARANCES_SHOWN = 20


class Line(Struct, frozen=True):
    """A line: what it is (`was`, `now`), its text, the article behind it, and the address of that article. A `strong`
    line warns."""

    label: str
    text: str
    source: str = ""
    address: str = ""
    strong: bool = False


class Block(Struct, frozen=True):
    """One entry of a list: its title, facts in one line, and its lines."""

    title: str
    facts: str
    lines: tuple[Line, ...]


def source_text(side: StatementSide) -> str:
    """Return where a statement was published: outlet, agency, day, and the id to look it up."""
    wire = f"via {one_line(side.wire)}" if side.wire else ""
    parts = (one_line(side.outlet), wire, side.published or "day unknown", one_line(side.place), side.id)
    return " · ".join(filter(None, parts))


def time_text(at: str) -> str:
    """Return a time as `2026-03-03 10:15 UTC`."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) > 10 else at or "an unknown time"


def side_line(label: str, side: StatementSide, *, strong: bool = False) -> Line:
    """Return a statement as a line."""
    doubt = f" ({side.doubt})" if side.doubt else ""
    return Line(label, f"{side.statement}{doubt}", source_text(side), side.address, strong)


# --- changes ----------------------------------------------------------------------------------------------------------


def changes_blocks(report: ChangesReport) -> Iterator[Block]:
    """Yield a block for each change."""
    for change in report.changes:
        yield Block(one_line(change.shown.title) or "(no title)", change_facts(change), tuple(_change_lines(change)))


def change_facts(change: ChangeRecord) -> str:
    """Return what changed and between which captures."""
    developing = "; within 24 hours of publication (developing)" if change.developing else ""
    between = f"changed between {time_text(change.after)} and {time_text(change.before)}"
    return f"{change.words}; {between}{developing}"


def _change_lines(change: ChangeRecord) -> Iterator[Line]:
    if change.old is not None:
        yield side_line("was", change.old)
    if change.new is not None:
        yield side_line("now", change.new)
    else:
        yield Line("now", "not in the article any more", strong=True)
    if change.correction:
        yield Line("the outlet's note", change.correction)


# --- spread -----------------------------------------------------------------------------------------------------------


def spread_blocks(report: SpreadReport) -> Iterator[Block]:
    """Yield a block for each quotation."""
    for found in report.quotations:
        yield Block(found.fullest.statement, spread_facts(found), tuple(_spread_lines(found)))


def spread_facts(found: SpreadRecord) -> str:
    """Return how often a quotation was printed."""
    wires = f"; credited to {', '.join(map(one_line, found.wires))}" if found.wires else ""
    return f"{counted(found.outlets, 'outlet')}, {counted(found.documents, 'article')}{wires}"


def _spread_lines(found: SpreadRecord) -> Iterator[Line]:
    for conflict in found.conflicts:
        yield side_line("conflicting attribution", conflict.first, strong=True)
        yield side_line("conflicting attribution", conflict.second, strong=True)
    for number, appearance in enumerate(found.appearances[:_APPEARANCES_SHOWN]):
        yield Line(
            appearance.day if appearance.day_known else f"{appearance.day} (first seen here)",
            f"{'first; ' if not number else ''}{appearance_text(appearance)}",
            source_text(appearance.statement),
            appearance.statement.address,
        )
    more = len(found.appearances) - _APPEARANCES_SHOWN + found.more
    if more > 0:
        yield Line("", f"{counted(more, 'later appearance')} not shown; --json lists up to 200")


def appearance_text(appearance: AppearanceRecord) -> str:
    """Return how much of a quotation an outlet kept, and its speaker there."""
    share = "all words" if appearance.share > 0.99 else f"{appearance.share:.0%} of the words"
    return f"{share}; {appearance.statement.speaker}"
