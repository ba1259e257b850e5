import json
from typing import Any

import msgspec
from msgspec.structs import replace

from searchkit.export.records import Values, document_record
from searchkit.search.answer import alone
from searchkit.statements.document import Document, WatchlistMatch, document_id, quote_id
from searchkit.statements.text import Span
from tests.samples import TEXT, document


def _json(made: Document) -> Any:
    return json.loads(msgspec.json.encode(document_record(Values(alone(made)))))


def test_quote_json_is_self_contained() -> None:
    record = _json(document())["statements"][0]
    assert record["text"] == '"Meridian Optics ignored three warnings,"'
    assert (record["speaker"], record["role"], record["affiliation"]) == (
        "Nadia Korbel",
        "spokesperson",
        "Ostrava Trade Office",
    )
    assert record["about"] == ["Meridian Optics"]
    assert record["attribution"] == "Nadia Korbel"
    assert record["cue"] == "said"


def test_pages_are_numbered_from_one() -> None:
    paged = document(pages=(0, 63, 63, 120))
    assert [paged.page_of(offset) for offset in (0, 62, 63, 119, 120, 5_000)] == [1, 1, 3, 3, 4, 4]
    assert document().page_of(0) is None
    record = _json(paged)
    assert record["pages"] == [0, 63, 63, 120]
    assert [quote["page"] for quote in record["statements"]] == [
        paged.page_of(quote.content.start) for quote in paged.quotes
    ]
    assert "page" not in _json(document())["statements"][0]


def test_document_ids_come_from_the_address() -> None:
    assert document_id("https://example.org/a") == document_id("https://example.org/a")
    assert document_id("https://example.org/a") != document_id("https://example.org/b")
    assert len(document_id("file:///\udcff")) == 12


def test_quote_ids_come_from_the_words() -> None:
    taken: dict[str, int] = {}
    first = quote_id("d", "“We oppose this,”", taken)
    assert quote_id("d", '"We  oppose this."', {}) == first
    assert quote_id("d", "“We oppose this,”", taken) == f"{first}-2"
    assert quote_id("other", "“We oppose this,”", {}) != first


def test_names_include_speakers_without_mention() -> None:
    original = document()
    assert replace(original, mentions=()).names() == {"person:nadia-korbel": "Nadia Korbel"}


def _match(surface: str, entry: str, *, weak: bool = False) -> WatchlistMatch:
    start = TEXT.index(surface)
    span = Span(start, start + len(surface))
    return WatchlistMatch(
        span=span, surface=surface, watchlist="harbor", entry_id=entry, name=surface, weak=weak, topics=("sanction",)
    )


def test_watchlist_matches_of_words_and_speaker() -> None:
    office, korbel = _match("Ostrava Trade Office", "1"), _match("Nadia Korbel", "2")
    made = document(matches=(office, _match("Meridian Optics ignored", "3", weak=True), korbel))
    first, second = made.quotes
    body = ("1", True, "affiliation of the speaker")
    assert [(match.entry_id, match.weak, match.reason) for match in made.matched()[first.id]] == [
        ("2", False, ""),
        body,
        ("3", True, ""),
    ]
    assert [match.entry_id for match in made.matched()[second.id]] == ["2", "1"]
    assert document().matched() == {}


def test_the_strongest_match_of_an_entry() -> None:
    weak, strong = _match("Meridian Optics ignored", "3", weak=True), _match("ignored", "3")
    (first, _) = document().quotes
    assert document(matches=(weak, strong)).matched() == {first.id: (strong,)}


def test_the_record_has_terms_and_the_watchlist_matches_of_statements() -> None:
    made = document(terms=(Span(0, 3),), matches=(_match("Nadia Korbel", "2"),))
    record = _json(made)
    assert record["terms"] == [[0, 3]]
    assert record["statements"][0]["matches"][0]["id"] == "2"
