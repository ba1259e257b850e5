"""Dates, speakers and statements in words, for people: on a terminal, in citations, dossiers and digests.

All of it is one line, with signs that steer or reorder made visible; what a page or sheet asks beyond that is its own.
"""

import calendar
from collections.abc import Iterable

from searchkit.dates import PartialDate
from searchkit.document import Document, Quote, WatchlistMatch
from searchkit.text import one_line

# Confidence is the share that was right when measured: below this a finding is shown with a warning.
DOUBT_BELOW = 0.6


def date_text(date: PartialDate | None) -> str:
    """A date as precise as it is known, with what a reader must know of it; empty when there is none."""
    if date is None:
        return ""
    if date.precision == "day-without-year":
        month, day = int(date.value[2:4]), int(date.value[5:7])
        text = f"{calendar.month_name[month]} {day}, year unknown"
    elif date.precision == "instant":
        text = date.local_day or date.value[:10]
    else:
        text = date.value
    assumed = " (day of publication)" if date.source == "publication" else " (assumed)"
    remark = {"assumed": assumed, "low": " (a guess)"}.get(date.confidence, "")
    return text + remark


def gone_text(document: Document) -> str:
    """Since when the source of a document does not have it any more; empty while it has."""
    return f"gone since {one_line(document.gone_at[:10])}" if document.gone_at else ""


def speaker_text(quote: Quote, document: Document) -> str:
    """Who said it, with role and affiliation; for an unresolved speaker the words that stand in the text."""
    speaker = quote.speaker
    if speaker.name is None or speaker.entity_id is None:
        if quote.attribution is None:
            return "speaker unknown"
        return f"unnamed: {one_line(speaker.name or quote.attribution.of(document.text))}"
    who = one_line(speaker.name)
    about = [one_line(part) for part in (speaker.role, speaker.affiliation) if part]
    sure = "" if speaker.confidence >= DOUBT_BELOW else " (uncertain)"
    return (f"{who} ({', '.join(about)})" if about else who) + sure


def page_text(quote: Quote, document: Document) -> str:
    """The page that a statement begins on: `p. 3`; empty where there are no pages."""
    page = document.page_of(quote.content.start)
    return "" if page is None else f"p. {page}"


def match_text(match: WatchlistMatch) -> str:
    """An entry of a watchlist whose name stands in the text. Callers say beside it that only the name is the same."""
    weak = ", weak" if match.weak else ""
    return f"{one_line(match.name)} ({one_line(match.watchlist)} {one_line(match.entry_id)}{weak})"


def matched_entries(matches: Iterable[WatchlistMatch]) -> tuple[str, ...]:
    """Each entry matched once, strong matches first."""
    by_entry = {(match.watchlist, match.entry_id, match.weak): match_text(match) for match in matches}
    strong = {entry[:2] for entry in by_entry if not entry[2]}
    shown = {entry: text for entry, text in by_entry.items() if not (entry[2] and entry[:2] in strong)}
    return tuple(shown[entry] for entry in sorted(shown, key=lambda entry: entry[2]))


def words_doubt(quote: Quote) -> str:
    """What a reader must know of how the words were found; empty for most."""
    return "" if quote.confidence >= DOUBT_BELOW else "words uncertain"
