"""Why a statement has its words and its speaker, and why others are none, for people and for programs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from searchkit.cli.output import Segment, one_line
from searchkit.document import Document, Quote

if TYPE_CHECKING:
    from searchkit.extract.speakers.explanation import Explanation, RejectedCandidate


# So much of a quotation that is no statement is shown, in code points.
_WORDS_SHOWN = 80


def explanation_lines(
    quote: Quote, document: Document, rejected: "Sequence[RejectedCandidate]"
) -> Iterator[list[Segment]]:
    """The rule that found the words, the rule that told the speaker, and who was passed over and why."""
    cue = f'by the cue "{quote.cue.of(document.text)}"' if quote.cue else "without a cue"
    yield _line(f"words: {quote.rule} ({quote.confidence:.2f}), {cue}")
    speaker = quote.speaker
    told = f'"{quote.attribution.of(document.text)}"' if quote.attribution else "nobody named"
    if speaker.antecedent is not None and speaker.antecedent != quote.attribution:
        told += f' points back to "{speaker.antecedent.of(document.text)}"'
    yield _line(f"speaker: {speaker.resolved_by} ({speaker.confidence:.2f}), {told}")
    for other in rejected:
        yield _line(f"not {other.name}: {other.reason}")


def unreported_lines(explained: "Explanation") -> Iterator[list[Segment]]:
    """The verbs of speech and quotations that made no statement, in their sentences' order, each with the reason."""
    if explained.unreported:
        yield [("No statements", "bold")]
    for one in explained.unreported:
        words = one_line(one.span.of(explained.document.text))
        shown = words if len(words) <= _WORDS_SHOWN else words[:_WORDS_SHOWN] + "..."
        yield [(f"  {shown}", ""), (f"  at {one.span.start}: {one_line(one.reason)}", "dim")]


def _line(text: str) -> list[Segment]:
    return [("       ", ""), (one_line(text), "dim")]


def explained_json(record: dict[str, Any], explained: "Explanation") -> dict[str, Any]:
    """The `record` of a document with `rejected` added to each of its quotes, and what made none as `unreported`."""
    quotes = [
        {
            **quote,
            "rejected": [
                {"name": other.name, "start": other.span.start, "end": other.span.end, "reason": other.reason}
                for other in rejected
            ],
        }
        for quote, rejected in zip(record["quotes"], explained.rejected, strict=True)
    ]
    text = explained.document.text
    unreported = [
        {"start": one.span.start, "end": one.span.end, "text": one.span.of(text), "reason": one.reason}
        for one in explained.unreported
    ]
    return {**record, "quotes": quotes, "unreported": unreported}
