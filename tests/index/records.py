"""Small documents for tests of the index, from a form short enough to be written by hand.

A record is a mapping: `id`, `title`, `text`; `names` (surface, name, kind) are mentions wherever the surface occurs;
`quotes` (words, speaker, unnamed, about, verb, kind, date, affiliation) are statements whose words stand in the text,
and those for an unnamed speaker; `watched` (surface, list, id, name, weak, topics) are names of watchlists wherever
the surface occurs; `known_as` are other names of names.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from searchkit.index.base import Index
from searchkit.index.generations import DamagedFile, check, current
from searchkit.index.whoosh.segments import reported
from searchkit.statements.dates import PartialDate, Precision
from searchkit.statements.document import Document, Mention, Quote, Speaker, WatchlistMatch, quote_id
from searchkit.statements.text import Span, paragraphs, slug

SCENARIOS = Path(__file__).parent.parent / "scenarios"
_PRECISIONS: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}


def day(value: str | None) -> PartialDate | None:
    """A date as precise as it is written."""
    if value is None:
        return None
    precision: Precision = "week" if "W" in value else _PRECISIONS[len(value)]
    return PartialDate(value=value, precision=precision, source="test")


def entity(kind: str, name: str) -> str:
    """The id of an entity."""
    return f"{kind}:{slug(name)}"


def document(record: Mapping[str, Any]) -> Document:
    """The document that a short record describes."""
    text = record["text"]
    kinds = {name["name"]: name["kind"] for name in record.get("names", ())}
    mentions = [
        Mention(
            span=Span(*found.span()),
            surface=found.group(),
            name=name["name"],
            entity_id=entity(name["kind"], name["name"]),
            kind=name["kind"],
            rule="test",
            confidence=1.0,
        )
        for name in record.get("names", ())
        for found in re.finditer(re.escape(name["surface"]), text)
    ]
    taken: dict[str, int] = {}
    quotes = []
    for quote in record.get("quotes", ()):
        start = text.index(quote["words"])
        speaker, unnamed = quote.get("speaker"), quote.get("unnamed", "")
        described = text.index(unnamed)
        quotes.append(
            Quote(
                id=quote_id(record["id"], quote["words"], taken),
                content=Span(start, start + len(quote["words"])),
                kind=quote.get("kind", "direct"),
                verb=quote.get("verb"),
                speaker=Speaker(
                    name=speaker,
                    entity_id=entity(kinds.get(speaker, "person"), speaker) if speaker else None,
                    affiliation=quote.get("affiliation"),
                    resolved_by="full-name" if speaker else "unresolved",
                ),
                attribution=Span(described, described + len(unnamed)) if unnamed else None,
                about=tuple(entity(kinds[name], name) for name in quote.get("about", ())),
                date=day(quote.get("date")),
                rule="test",
                confidence=1.0,
            )
        )
    matches = [
        WatchlistMatch(
            span=Span(*found.span()),
            surface=found.group(),
            watchlist=name["list"],
            entry_id=name["id"],
            name=name["name"],
            weak=name.get("weak", False),
            topics=tuple(name.get("topics", ())),
        )
        for name in record.get("watched", ())
        for found in re.finditer(re.escape(name["surface"]), text)
    ]
    return Document(
        uri=record.get("uri", f"test:{record['id']}"),
        outlet=record.get("outlet"),
        wire=record.get("wire"),
        title=record.get("title"),
        language=record.get("language"),
        published=day(record.get("published")),
        text=text,
        paragraphs=paragraphs(text),
        mentions=tuple(sorted(mentions, key=lambda mention: (mention.span.start, mention.span.end))),
        quotes=tuple(quotes),
        matches=tuple(sorted(matches, key=lambda match: (match.span.start, match.span.end))),
        known_as={entity(kinds[name], name): tuple(others) for name, others in record.get("known_as", {}).items()},
        id=record["id"],
        digest="",
        extractor_version="test",
        first_seen=record.get("first_seen", ""),
        source=record.get("source", ""),
        gone_at=record.get("gone_at", ""),
        copies=record.get("copies", ""),
    )


def documents(scenario: Path) -> list[Document]:
    """The documents of a scenario."""
    lines = (scenario / "documents.jsonl").read_text("utf-8").splitlines()
    return [document(json.loads(line)) for line in lines if line]


def fill(index: Index, *given: Document, sequence: int = 1) -> None:
    """Put documents in one batch."""
    with index.writer() as writer:
        writer.put(given)
        writer.commit(sequence)


def verify(folder: Path) -> None:
    """Compare every file of the index in `folder` with its checksum. ArchiveError if one is corrupt."""
    with reported(folder):
        generation = current(folder)
        while generation is not None:
            try:
                return check(generation, full=True)
            except (DamagedFile, FileNotFoundError):
                # A newer generation may have replaced it during the check.
                before, generation = generation, current(folder)
                if generation == before:
                    raise
    return None
