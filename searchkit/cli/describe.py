"""Dates, speakers and statements in words, for people."""

import calendar

from searchkit.cli.output import one_line
from searchkit.dates import PartialDate
from searchkit.document import Document, Quote

# Confidence is the share that was right when measured: below this a finding is shown with a warning.
_DOUBT_BELOW = 0.6


def date_text(date: PartialDate | None) -> str:
    """A date as precise as it is known, with what a reader must know of it; empty when there is none."""
    if date is None:
        return ""
    if date.precision == "day-without-year":
        month, day = int(date.value[2:4]), int(date.value[5:7])
        text = f"{calendar.month_name[month]} {day}, year unknown"
    elif date.precision == "instant":
        text = date.value[:10]
    else:
        text = date.value
    remark = {"assumed": " (day of publication)", "low": " (a guess)"}.get(date.confidence, "")
    return text + remark


def speaker_text(quote: Quote, document: Document) -> str:
    """Who said it, with role and affiliation; for an unresolved speaker the words that stand in the text."""
    speaker = quote.speaker
    if speaker.name is None:
        if quote.attribution is None:
            return "speaker unknown"
        return f"unnamed: {one_line(quote.attribution.of(document.text))}"
    who = one_line(speaker.name)
    about = [one_line(part) for part in (speaker.role, speaker.affiliation) if part]
    sure = "" if speaker.confidence >= _DOUBT_BELOW else " (uncertain)"
    return (f"{who} ({', '.join(about)})" if about else who) + sure


def words_doubt(quote: Quote) -> str:
    """What a reader must know of how the words were found; empty for most."""
    return "" if quote.confidence >= _DOUBT_BELOW else "words uncertain"
