import json

import pytest
from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.document import WatchlistMatch, document_id, quote_id
from searchkit.records import from_json, to_json
from searchkit.text import Span
from tests.samples import TEXT, document


def test_json_round_trip() -> None:
    original = document(extra={"desk": ["a", 1]}, byline=("Ida Roth",), notes=("removed: x",))
    assert from_json(json.loads(json.dumps(to_json(original)))) == original


SHOWN = PartialDate(
    value="2023-11-09T01:09:00+00:00", precision="instant", source="json-ld", zone="Z", local_day="2023-11-08"
)


def test_dates_keep_their_instant_and_the_day_shown() -> None:
    original = document(published=SHOWN)
    record = json.loads(json.dumps(to_json(original)))
    assert (record["published"]["value"], record["published"]["zone"]) == ("2023-11-09T01:09:00+00:00", "Z")
    assert record["published"]["local_day"] == "2023-11-08"
    assert from_json(record) == original


def test_records_without_zones() -> None:
    record = to_json(document(published=replace(SHOWN, zone="", local_day="")))
    del record["published"]["zone"], record["published"]["local_day"]
    assert from_json(record).published == replace(SHOWN, zone="", local_day="")


def test_quote_json_is_self_contained() -> None:
    record = to_json(document())["quotes"][0]
    assert record["text"] == '"Meridian Optics ignored three warnings,"'
    assert (record["speaker"], record["role"], record["affiliation"]) == (
        "Nadia Korbel",
        "spokesperson",
        "Ostrava Trade Office",
    )
    assert record["about"] == ("Meridian Optics",)
    assert record["attribution"] == "Nadia Korbel"
    assert record["cue"] == "said"


def test_pages_are_numbered_from_one() -> None:
    paged = document(pages=(0, 63, 63, 120))
    assert [paged.page_of(offset) for offset in (0, 62, 63, 119, 120, 5_000)] == [1, 1, 3, 3, 4, 4]
    assert document().page_of(0) is None
    record = json.loads(json.dumps(to_json(paged)))
    assert record["pages"] == [0, 63, 63, 120]
    assert from_json(record) == paged
    assert [quote["page"] for quote in record["quotes"]] == [
        paged.page_of(quote.content.start) for quote in paged.quotes
    ]
    del record["pages"]  # as written before there were any
    assert from_json(record).pages == ()
    assert "page" not in to_json(document())["quotes"][0]


def test_other_json_is_refused() -> None:
    with pytest.raises(KeyError):
        from_json({"text": "x"})


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
    assert [match.entry_id for match in made.matched()[first.id]] == ["2", "3"]
    assert made.matched()[second.id] == (korbel,)
    assert document().matched() == {}


def test_the_strongest_match_of_an_entry() -> None:
    weak, strong = _match("Meridian Optics ignored", "3", weak=True), _match("ignored", "3")
    (first, _) = document().quotes
    assert document(matches=(weak, strong)).matched() == {first.id: (strong,)}


def test_terms_survive_json_and_older_records_have_none() -> None:
    made = document(terms=(Span(0, 3),))
    record = to_json(made)
    assert record["terms"] == ((0, 3),)
    assert from_json(record) == made
    del record["terms"]
    assert from_json(record).terms == ()


def test_matches_and_known_names_survive_json_and_older_records_have_none() -> None:
    made = document(matches=(_match("Nadia Korbel", "2"),), known_as={"person:nadia-korbel": ("N. Korbel",)})
    record = to_json(made)
    assert from_json(record) == made
    assert record["quotes"][0]["matches"][0]["id"] == "2"
    del record["matches"], record["known_as"]
    assert from_json(record) == replace(made, matches=(), known_as={})
