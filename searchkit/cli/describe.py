"""Dates, speakers and statements in words, for people."""

import calendar

from searchkit.cli.output import one_line
from searchkit.dates import PartialDate
from searchkit.document import Document, Quote


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
    sure = "" if speaker.confidence >= 0.6 else " (uncertain)"
    return (f"{who} ({', '.join(about)})" if about else who) + sure
