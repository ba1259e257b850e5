"""Why a record is reported, and which entries of watchlists stand behind it."""

from datetime import date

from msgspec.structs import replace

from searchkit.alerts.items import Reasons
from searchkit.query.fields import Record
from searchkit.query.parser import SavedQuery, parse
from searchkit.search.answer import OpenDocument
from searchkit.statements.document import Document, WatchlistMatch
from searchkit.statements.text import Span
from tests.oracle.memory import MemoryIndex
from tests.samples import TEXT, document

FINE = document()
FIRST, SECOND = (quote.id for quote in FINE.quotes)


def match(surface: str, entry: str, *, weak: bool = False, watchlist: str = "desk") -> WatchlistMatch:
    start = TEXT.index(surface)
    return WatchlistMatch(
        span=Span(start, start + len(surface)),
        surface=surface,
        watchlist=watchlist,
        entry_id=entry,
        name=f"Entry {entry}",
        weak=weak,
    )


def reasons(query: str, record: Record = "quote", of: Document = FINE) -> Reasons:
    index = MemoryIndex()
    with index.writer() as writer:
        writer.put([of])
        writer.commit(1)
    saved = {"korbel": SavedQuery(query="speaker:Korbel about:Meridian", record="quote")}
    return Reasons(index, parse(query, today=date(2026, 3, 4), record=record, saved=saved).tree, record, [of])


def met(query: str, record_id: str, record: Record = "quote") -> tuple[str, ...]:
    return reasons(query, record).conditions(record_id, FINE.id)


def entries(query: str, of: Document, record: Record = "quote") -> list[WatchlistMatch]:
    quote = FINE.quotes[0] if record == "quote" else None
    return list(reasons(query, record, of).entries(OpenDocument(document=of), quote))


def test_the_conditions_that_a_record_meets() -> None:
    query = 'speaker:Korbel (warnings OR "double standard") -outlet:Courier verb:said'
    assert met(query, FIRST) == ("speaker:Korbel", "warnings", "verb:said")
    assert met(query, SECOND) == ("speaker:Korbel", '"double standard"')
    assert met("saved:korbel -x", FIRST) == ("speaker:Korbel", "about:Meridian")
    assert met("*", FIRST) == ()


def test_the_conditions_that_a_document_meets() -> None:
    query = 'quote:{speaker:Korbel "double standard"} OR Ostrava OR nothing'
    assert met(query, FINE.id, "document") == ('quote:{speaker:Korbel AND "double standard"}', "Ostrava")


def test_entries_asked_for_stand_before_others() -> None:
    matches = (
        match("Meridian Optics", "M-1"),
        match("Nadia Korbel", "K-1"),
        match("Nadia Korbel", "K-2", weak=True, watchlist="other"),
    )
    watched = replace(FINE, matches=tuple(sorted(matches, key=lambda one: one.span.start)))
    assert [entry.entry_id for entry in entries("watchlist:=K-1", watched)] == ["K-1"]
    assert [entry.entry_id for entry in entries("watchlist:desk", watched)] == ["K-1"]
    assert [entry.entry_id for entry in entries("watchlist:other", watched)] == ["K-2"]
    assert [entry.entry_id for entry in entries("warnings", watched)] == ["K-1", "K-2", "M-1"]
    found = entries("watchlist:*", watched, "document")
    assert [(one.entry_id, one.weak) for one in found] == [("M-1", False), ("K-1", False), ("K-2", True)]


def test_only_weak() -> None:
    weak = replace(FINE, matches=(match("Nadia Korbel", "K-2", weak=True),))
    both = replace(FINE, matches=(match("Nadia Korbel", "K-1"), match("Nadia Korbel", "K-2", weak=True)))
    assert reasons("watchlist:*", of=weak).only_weak(FIRST, weak)
    assert reasons("watchlist:=K-2", of=both).only_weak(FIRST, both)
    assert not reasons("watchlist:*", of=both).only_weak(FIRST, both)
    assert not reasons("watchlist:* OR speaker:Korbel", of=weak).only_weak(FIRST, weak)
    assert not reasons("speaker:Korbel", of=weak).only_weak(FIRST, weak)
    assert reasons("quote:{watchlist:*}", "document", of=weak).only_weak(FINE.id, weak)
