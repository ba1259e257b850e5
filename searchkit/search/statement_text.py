"""Render statements, their speakers, dates and watchlist matches in words, for every output.

Every text is one line, with characters that steer or reorder made visible. Escaping for a page or a sheet is the task
of that output.
"""

import calendar
from collections.abc import Iterable, Mapping

from searchkit.dates import PartialDate
from searchkit.document import Document, Quote, WatchlistMatch
from searchkit.text import one_line

# Confidence is the share that was right when measured: findings below this are shown with a warning.
LOW_CONFIDENCE = 0.6
SPEAKER_UNKNOWN = "speaker unknown"


def statement_heading(speaker: str, words: str) -> str:
    """Return who said what, in one line."""
    return f"{speaker or SPEAKER_UNKNOWN}: {words}"


def statement_details(
    *, verb: str = "", about: Iterable[str] = (), date: str = "", kind: str = "", doubt: str = ""
) -> tuple[str, ...]:
    """Return what a reader should know about a statement besides its speaker and words, in the usual order."""
    named = ", ".join(about)
    return tuple(part for part in (verb, f"about {named}" if named else "", date, kind, doubt) if part)


def quote_details(
    quote: Quote, document: Document, names: Mapping[str, str], *, with_cue: bool = True
) -> tuple[str, ...]:
    """Return the details of a stored statement: its cue as written, targets, date, kind, and doubts."""
    return statement_details(
        verb=one_line(quote.cue.of(document.text)) if quote.cue and with_cue else "",
        about=[one_line(names.get(entity, entity)) for entity in quote.about],
        date=date_text(quote.date),
        kind=quote.kind,
        doubt=words_doubt(quote),
    )


def marked_text(text: str, marks: Iterable[tuple[int, int]], before: str, after: str) -> str:
    """Return `text` with `before` and `after` around each of the places in `marks`."""
    pieces, place = [], 0
    for start, end in marks:
        pieces += [text[place:start], before, text[start:end], after]
        place = end
    return "".join([*pieces, text[place:]])


def named_speaker(name: str, role: str, affiliation: str) -> str:
    """Return a speaker with role and affiliation in brackets."""
    about = ", ".join(one_line(part) for part in (role, affiliation) if part)
    return f"{one_line(name)} ({about})" if about else one_line(name)


def speaker_text(quote: Quote, document: Document) -> str:
    """Return who made a statement, with role and affiliation; for an unresolved speaker the words of the text."""
    speaker = quote.speaker
    if speaker.name is None or speaker.entity_id is None:
        if quote.attribution is None:
            return SPEAKER_UNKNOWN
        described = one_line(speaker.name or quote.attribution.of(document.text))
        return f"{described[:1].upper()}{described[1:]} (not named)"
    uncertain = "" if speaker.confidence >= LOW_CONFIDENCE else " (uncertain)"
    return named_speaker(speaker.name, speaker.role or "", speaker.affiliation or "") + uncertain


def words_doubt(quote: Quote) -> str:
    """Return a warning if the boundaries of the words are uncertain."""
    return "" if quote.confidence >= LOW_CONFIDENCE else "low confidence"


def date_text(date: PartialDate | None) -> str:
    """Return a date as precisely as it is known, with a remark if it is assumed; empty if there is none."""
    if date is None:
        return ""
    if date.precision == "day-without-year":
        month, day = int(date.value[2:4]), int(date.value[5:7])
        text = f"{calendar.month_name[month]} {day}, year unknown"
    elif date.precision == "instant":
        text = date.local_day or date.value[:10]
    else:
        text = date.value
    assumed = " (assumed: day of publication)" if date.source == "publication" else " (assumed)"
    return text + {"assumed": assumed, "low": " (a guess)"}.get(date.confidence, "")


def gone_text(document: Document) -> str:
    """Return since when the source no longer has the document; empty while it has it."""
    return f"gone since {one_line(document.gone_at[:10])}" if document.gone_at else ""


def page_text(quote: Quote, document: Document) -> str:
    """Return the page on which a statement begins (`p. 3`); empty if there are no pages."""
    page = document.page_of(quote.content.start)
    return "" if page is None else f"p. {page}"


def match_text(match: WatchlistMatch) -> str:
    """Return a watchlist entry whose name stands in the text. Callers add that only the name is the same."""
    weak = ", weak" if match.weak else ""
    return f"{one_line(match.name)} ({one_line(match.watchlist)} {one_line(match.entry_id)}{weak})"


def matched_cells(matches: Iterable[WatchlistMatch]) -> tuple[str, ...]:
    """Return each matched entry for a sheet, where no heading can add that only the name is the same."""
    return tuple(f"{entry}, by name only" for entry in matched_entries(matches))


def matched_entries(matches: Iterable[WatchlistMatch]) -> tuple[str, ...]:
    """Return each matched entry once, strong matches first."""
    by_entry = {(match.watchlist, match.entry_id, match.weak): match_text(match) for match in matches}
    strong = {entry[:2] for entry in by_entry if not entry[2]}
    shown = {entry: text for entry, text in by_entry.items() if not (entry[2] and entry[:2] in strong)}
    return tuple(shown[entry] for entry in sorted(shown, key=lambda entry: entry[2]))
