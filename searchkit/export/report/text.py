"""What every form of a dossier says, in the same words."""

from collections.abc import Iterator

from searchkit.export.report.model import Dossier, Entry, Source

CAUTION = (
    "Statements, speakers and targets were found by rules and may be wrong: read the sentence before you quote it. "
    "A watchlist match says that a name is the same, never that it is the same person or body."
)


def plural(number: int, one: str, many: str = "") -> str:
    """`number` of what is called `one`, with its plural."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def front(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """What stands under the title, by name: the question as asked and as read, when, and how much."""
    made = dossier.made_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
    held = plural(len(dossier), "statement" if dossier.record == "quote" else "document")
    if dossier.record == "quote":
        named = sum(1 for group in dossier.groups if group.id)
        held += f" by {plural(named, 'named speaker')}, in {plural(dossier.documents, 'document')}"
    if len(dossier) < dossier.total:
        held += f"; {dossier.total:,} match"
    yield "Question", dossier.query
    yield "Read as", dossier.interpreted_as
    yield "Made", made
    yield "Holds", held
    for note in dossier.notes:
        yield "Note", note


def spoken(entry: Entry) -> str:
    """Who said it and how: speaker with role, cue, target, kind."""
    parts = (entry.citation.speaker, entry.verb, entry.about and f"about {entry.about}", entry.kind)
    return " · ".join(filter(None, parts))


def asides(entry: Entry) -> Iterator[str]:
    """What a reader must know beside it: doubts, watchlists, copies, a source that has it no more."""
    yield from entry.doubts
    if entry.watchlist:
        yield f"watchlist, by name only: {'; '.join(entry.watchlist)}"
    if entry.copies:
        more = ", …" if entry.copies > len(entry.copy_ids) else ""
        yield f"{plural(entry.copies, 'copy', 'copies')} elsewhere: {', '.join(entry.copy_ids)}{more}"
    if entry.citation.gone:
        yield f"its source: {entry.citation.gone}"


def facts(source: Source) -> Iterator[tuple[str, str]]:
    """What is known of an article beside its title, by name."""
    citation = source.citation
    known = {
        "address": citation.address,
        "read from": source.read_from,
        "by": ", ".join(citation.byline),
        "outlet": citation.outlet,
        "via": citation.wire,
        "published": source.published or "not known",
        "retrieved": citation.retrieved,
        "first seen": source.first_seen,
        "gone": citation.gone,
        "copies": f"{source.copies:,}" if source.copies else "",
        "watchlist, by name only": "; ".join(source.watchlist),
        "id": f"{citation.id}, revision {citation.revision}",
        "sha-256 of title and text": source.digest,
        "sha-256 of the bytes": source.raw_digest,
    }
    yield from ((name, value) for name, value in known.items() if value)
