"""The histories as blocks of lines, which the terminal, Markdown and HTML write in their own way."""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.export.histories.changes import ChangeRecord, ChangesReport
from searchkit.export.histories.disputes import STRENGTHS, DisputesReport
from searchkit.export.histories.sides import StatementSide
from searchkit.export.histories.silence import SilenceReport
from searchkit.export.histories.spread import AppearanceRecord, SpreadRecord, SpreadReport
from searchkit.histories.silence import NoComment, SilentParty
from searchkit.search.statement_text import date_text
from searchkit.statements.text import counted, one_line

# Appearances of one quotation on a screen.
_APPEARANCES_SHOWN = 20
_NAMES_SHOWN = 50
UNANSWERED = "Accusations without an answer in this archive"


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
    """Return where a statement was published, and the id to look it up."""
    return f"{published_text(side)} · {side.id}"


def published_text(side: StatementSide) -> str:
    """Return where a statement was published: outlet, agency and day."""
    wire = f"via {one_line(side.wire)}" if side.wire else ""
    parts = (one_line(side.publisher), wire, side.published or "day unknown", one_line(side.place))
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


def now_missing(change: ChangeRecord) -> str:
    """Return why there is no newer statement."""
    return change.rule if {"shows-less", "hidden", "struck-out"} & {*change.kinds} else "not in the article any more"


def _change_lines(change: ChangeRecord) -> Iterator[Line]:
    if change.old is not None:
        yield side_line("was", change.old)
    if change.new is not None:
        yield side_line("now", change.new)
    else:
        yield Line("now", now_missing(change), strong=True)
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
    for appearance in found.appearances[:_APPEARANCES_SHOWN]:
        yield Line(
            day_text(appearance),
            appearance_text(appearance),
            source_text(appearance.statement),
            appearance.statement.address,
        )
    more = len(found.appearances) - _APPEARANCES_SHOWN + found.more
    if more > 0:
        yield Line("", f"{counted(more, 'later appearance')} not shown; --json lists up to 50")


def day_text(appearance: AppearanceRecord) -> str:
    """Return when an outlet printed a quotation, and how that is known: an article can state any date."""
    if not appearance.day_known:
        return f"seen here on {appearance.day}"
    seen = f"; seen here on {appearance.seen}" if appearance.seen else ""
    return f"{appearance.day} by its own date{seen}"


def appearance_text(appearance: AppearanceRecord) -> str:
    """Return how much of a quotation an outlet kept, and its speaker there."""
    share = "all words" if appearance.share > 0.99 else f"{appearance.share:.0%} of the words"
    return f"{share}; {appearance.statement.speaker}"


# --- disputes ---------------------------------------------------------------------------------------------------------


def disputes_blocks(report: DisputesReport) -> Iterator[Block]:
    """Yield a block for each dispute, then one with the accusations that have no answer."""
    for found in report.disputes:
        claim, answer = found.claim, found.answer
        yield Block(
            one_line(found.title) or "(no title)",
            STRENGTHS[found.strength],
            (
                side_line("claim", claim) if claim else _words_line("claim", found.claim_words, found.document),
                side_line("answer", answer)
                if answer
                else _words_line("answer", found.answer_words, found.answer_document),
            ),
        )
    if report.unanswered:
        yield Block(UNANSWERED, unanswered_facts(report), tuple(side_line("", side) for side in report.unanswered))


def unanswered_facts(report: DisputesReport) -> str:
    """Return how many accusations have no answer, and that this archive is not everything."""
    shown = len(report.unanswered)
    newest = f", the newest {shown} shown" if report.unanswered_total > shown else ""
    return f"{counted(report.unanswered_total, 'statement')}{newest}; an answer may have been printed elsewhere"


def _words_line(label: str, words: str, document: str) -> Line:
    return Line(f"{label}, in the words of the article", words, document)


# --- silence ----------------------------------------------------------------------------------------------------------


def silence_facts(report: SilenceReport) -> tuple[str, ...]:
    """Return what the counts rest on."""
    found = report.silence
    sources = found.sources
    missed = f"{1 - found.extractor_recall:.0%}"
    return (
        f"watchlist {one_line(found.watchlist)} ({one_line(found.version)}), {found.period}",
        f"{counted(sources.documents, 'article')} of the period in the archive; "
        f"{counted(sources.read, 'source')} read, {sources.healthy:,} without a failure in the last run",
        f"{counted(found.heard, 'entry', 'entries')} with a statement, {len(found.refused):,} with a refusal to "
        f"comment only, {len(found.silent):,} named without a statement, {len(found.unnamed):,} not named at all",
        f"the extractor misses about {missed} of the statements that people mark ({found.recall_source})",
        "names are compared, identities are not verified",
    )


def silence_blocks(report: SilenceReport) -> Iterator[Block]:
    """Yield a block for each entry: first those that refused to comment."""
    for party in (*report.silence.refused, *report.silence.silent):
        yield Block(one_line(party.name), party_facts(party), tuple(map(refusal_line, party.refusals)))
    if report.silence.unnamed:
        names = "; ".join(map(one_line, report.silence.unnamed[:_NAMES_SHOWN]))
        more = len(report.silence.unnamed) - _NAMES_SHOWN
        yield Block("Not named in any article of the period", names + (f"; {more:,} more" if more > 0 else ""), ())


def party_facts(party: SilentParty) -> str:
    """Return in how many articles an entry is named, and how many of these quote anybody."""
    weak = f", {party.weak_articles:,} by a name that many share" if party.weak_articles else ""
    return (
        f"named in {counted(party.articles, 'article')}{weak}; {party.articles_with_statements:,} of these "
        f"({party.share_with_statements:.0%}) have a statement of anybody; none by this entry was found"
    )


def refusal_line(refusal: NoComment) -> Line:
    """Return who did not comment to whom, and when."""
    asked = f", asked by {one_line(refusal.asked_by)}" if refusal.asked_by else ""
    source = " · ".join(filter(None, (one_line(refusal.outlet or ""), date_text(refusal.date), refusal.statement)))
    return Line("did not comment", f"{one_line(refusal.party or 'party not named')}{asked}", source)
