"""What an answer tells of the names and keywords in its query."""

from datetime import date

import pytest

from searchkit.asked.meaning import asked
from searchkit.asked.named import names_notes
from searchkit.asked.same_names import SameNames
from searchkit.index.base import Index, SearchRequest
from searchkit.query.fields import Record
from searchkit.query.parser import parse


def notes(index: Index, query: str, record: Record = "quote") -> tuple[str, ...]:
    names = SameNames(index, record)
    meant = asked(parse(query, today=date(2026, 3, 4), record=record).tree, names)
    return names_notes(meant.read, SearchRequest(query=meant.query, record=record), names)


NOTES = {
    "crates": (),
    "speaker:nadia": (),
    "speaker:Korbel": (
        'speaker:Korbel fits 2 names: speaker:="Nadia Korbel" (1 statement), speaker:="Petr Korbel" (1).',
    ),
    "speaker:Korbel AND counted": (),
    "NOT speaker:Korbel": (
        'speaker:Korbel leaves out 2 names: speaker:="Nadia Korbel" (1 statement), speaker:="Petr Korbel" (1).',
    ),
    "speaker:Kor*": (),
    "speaker:/.*korbel/": (),
    "agency:Ledger": ("Ledger is an outlet here: try outlet:Ledger (3).",),
    "agency:Korbel": (
        "Korbel is a speaker and somebody that statements are about here: try speaker:Korbel (2) or about:Korbel (2).",
    ),
    "outlet:Meridian OR fell": (),
    "wire:Meridian": ("Meridian is an outlet here: try outlet:Meridian (2).",),
    "speaker:Korbl": ('Near to speaker:Korbl: speaker:="Nadia Korbel" (1), speaker:="Petr Korbel" (1).',),
    'speaker:"Nadja Korbel"': ('Near to speaker:"Nadja Korbel": speaker:="Nadia Korbel" (1).',),
    "lang:english": ('There is no lang "english" here: lang:en (2), lang:"en-GB" (2).',),
    "lang:klingon": ('There is no lang "klingon" here: lang:en (2), lang:"en-GB" (2), lang:de (1).',),
    "kind:dirct": ('There is no kind "dirct" here: kind:direct (4).',),
    "verb:denied": (),
    "source:ledger": ('There is no source "ledger" here.',),
    "verb:boast": ('There is no verb "boast" here: verb:say (4), verb:deny (1).',),
    "id:nothing": (),
}


@pytest.mark.parametrize(("query", "told"), NOTES.items(), ids=list(NOTES))
def test_notes(index: Index, query: str, told: tuple[str, ...]) -> None:
    assert notes(index, query) == told


def test_counts_are_of_what_was_asked_for(index: Index) -> None:
    (told,) = notes(index, "speaker:Korbel", "document")
    assert 'speaker:="Nadia Korbel" (1 document)' in told
    (scoped,) = notes(index, "quote:{speaker:Korbel}", "document")
    assert 'speaker:="Nadia Korbel" (1 statement)' in scoped
    assert notes(index, "quote:{speaker:Korbel fell}", "document") == ()


def test_long_lists_are_cut_and_counted(index: Index) -> None:
    query = " OR ".join(f"speaker:nobody{number}" for number in range(40))
    assert len(notes(index, query)) <= 12
