"""What a dossier holds, in which order."""

from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.export.report import NO_OUTLET, UNNAMED, Report, _day, _entry, in_sentence
from searchkit.index.base import Hit
from searchkit.query.fields import Record
from searchkit.search.answer import HitRecord, OpenDocument
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import WatchlistMatch
from searchkit.statements.text import Span, paragraphs
from tests.archive.taken import NOW, TEXT, WEATHER, selected, take
from tests.samples import document


def dossier(archive: Archive, query: str = "*", record: Record = "quote", **options: Any) -> Report:
    made: dict[str, Any] = {"title": "T", "query": query, "made_at": NOW}
    made |= {name: options.pop(name) for name in ("newest_first", "progress", "title") if name in options}
    return Report(selected(archive, query, record, **options), **made)


@pytest.fixture
def days(archive: Archive) -> Archive:
    """Three articles: Korbel speaks in all, Malt in one, somebody unnamed in one; one has no date."""
    said = '"The cranes of the port stood still," said Nadia Korbel of the Ostrava Trade Office.'
    take(archive, f"{said} That was in May.", uri="https://ledger.example/may", published="2025-05-01", title="May")
    take(archive, f"{said} Nobody knows when.", uri="https://courier.example/x", published=None, title="X", outlet=None)
    take(archive, f"{TEXT}\n\nOne of the dockers said it was cold.", published="2026-03-03", title="March")
    return archive


def test_statements_are_grouped_by_speaker_then_by_date(days: Archive) -> None:
    made = dossier(days, copies=True)
    assert [(group.heading, len(group)) for group in made.groups] == [
        ("Nadia Korbel", 3),
        ("Igor Malt", 1),
        (UNNAMED, 1),
    ]
    korbel = list(made.entries(made.groups[0]))
    dates = ["2025-05-01 (assumed: day of publication)", "2026-03-03 (assumed: day of publication)", ""]
    assert [entry.said for entry in korbel] == dates
    assert [entry.source for entry in korbel] == [1, 2, 3]
    assert [source.citation.title for source in made.sources()] == ["May", "March", "X"]
    turned = dossier(days, newest_first=True, copies=True)
    assert [entry.citation.title for entry in turned.entries(turned.groups[0])] == ["March", "May", "X"]


def test_the_front_says_what_was_asked_and_how_much_there_is(days: Archive) -> None:
    made = dossier(days, "speaker:Korbel", copies=True)
    assert made.front() == [
        ("Query", "speaker:Korbel"),
        ("Read as", "speaker:Korbel"),
        ("Made", "2026-03-04 05:06 UTC"),
        ("Holds", "3 statements by 1 named speaker, in 3 documents"),
    ]
    assert dict(dossier(days, limit=2, copies=True).front())["Holds"].endswith("; 5 match")
    assert dict(dossier(days, "nowhere").front())["Holds"] == "0 statements by 0 named speakers, in 0 documents"
    assert dict(dossier(days, record="document").front())["Holds"] == "3 documents"


def test_documents_are_grouped_by_outlet_with_their_statements(days: Archive) -> None:
    made = dossier(days, record="document", copies=True)
    assert [(group.heading, len(group)) for group in made.groups] == [("Harbor Ledger", 2), (NO_OUTLET, 1)]
    may, march = made.articles(made.groups[0])
    assert (march.citation.title, len(march.statements)) == ("March", 3)
    assert (may.citation.title, len(may.statements)) == ("May", 1)


def test_an_entry_has_all_a_reader_needs(days: Archive) -> None:
    made = dossier(days, "crates")
    (entry,) = made.entries(made.groups[0])
    assert entry.before + entry.citation.words + entry.after == TEXT.split("\n\n")[1]
    assert (entry.spoken, entry.asides) == ("Nadia Korbel (spokesperson, Ostrava Trade Office) · said · direct", ())
    (source,) = made.sources()
    result = dict(source.facts)
    assert result["published"] == "2026-03-03"
    assert len(result["sha-256 of title and text"]) == len(result["sha-256 of the bytes"]) == 64


def test_doubts_copies_watchlists_and_what_is_gone_are_reported(archive: Archive) -> None:
    made = document(gone_at="2026-03-05T00:00:00+00:00")
    quote = made.quotes[0]
    doubtful = replace(quote, confidence=0.4, speaker=replace(quote.speaker, confidence=0.5))
    match = WatchlistMatch(
        span=Span(quote.content.start + 1, quote.content.start + 16),
        surface="Meridian Optics",
        watchlist="example",
        entry_id="EX-1",
        name="Meridian Optics Ltd",
        weak=False,
    )
    opened = OpenDocument(document=replace(made, quotes=(doubtful,), matches=(match,)))
    hit = Hit(id=quote.id, document=made.id, score=0.0, copies=25, copy_ids=("a", "b"))
    entry = _entry(opened, doubtful, 1, HitRecord(opened=opened, quote=doubtful, hit=hit))
    assert list(entry.asides) == [
        "uncertain speaker (0.50, by full-name)",
        "low confidence (0.40, by the rule test)",
        "watchlist: Meridian Optics Ltd (example EX-1; by name only; identity not verified)",
        "25 duplicates elsewhere: a, b, …",
        "its source: gone since 2026-03-05",
    ]
    assert entry.citation.speaker.endswith("(attribution uncertain)")


def test_a_guess_of_a_date_does_not_put_in_order(archive: Archive) -> None:
    made = document()
    guess = PartialDate(value="1999", precision="year", source="text", confidence="low")
    for date, published, day in (
        (None, made.published, "2022-12-16"),
        (guess, made.published, "2022-12-16"),
        (guess, guess, ""),
        (PartialDate(value="--12-16", precision="day-without-year", source="text"), None, ""),
    ):
        quote = replace(made.quotes[0], date=date)
        opened = OpenDocument(document=replace(made, published=published))
        hit = Hit(id=quote.id, document=made.id, score=0.0)
        assert _day(HitRecord(opened=opened, quote=quote, hit=hit)) == day


def test_progress_goes_over_both_readings(days: Archive) -> None:
    steps: list[tuple[int, int]] = []
    made = dossier(days, copies=True, progress=lambda done, total: steps.append((done, total)))
    for group in made.groups:
        list(made.entries(group))
    assert steps == [(done, 10) for done in range(1, 11)]


@pytest.mark.slow
def test_what_left_the_archive_meanwhile_is_left_out(archive: Archive) -> None:
    uris = [f"https://ledger.example/{number}" for number in range(20)]  # more than are held in memory
    taken = {take(archive, f"{TEXT} {uri}", uri=uri).id: uri for uri in uris}
    made = dossier(archive, copies=True)
    first = made.groups[0].places[0][2].document
    take(archive, WEATHER, uri=taken[first], published="2026-03-05", days=1)
    assert [len(list(made.entries(group))) for group in made.groups] == [19, 19]


@pytest.mark.parametrize("length", [10, 700, 40_000])
def test_the_sentence_around_words_is_cut_at_words(length: int) -> None:
    text = f"{'before ' * length}“Yes.” {'after ' * length}"
    made = document(text, paragraphs=paragraphs(text))
    start = text.index("“Yes.”")
    before, after = in_sentence(made, Span(start, start + 6))
    assert len(before) <= 305
    assert len(after) <= 305
    assert set(before.split()) <= {"…", "before"}
    assert set(after.split()) <= {"…", "after"}
    assert before.endswith("before ")


def test_words_over_several_sentences_and_paragraphs() -> None:
    text = "He rose. He said “It was so.\n\nIt is so. It will be so” and left. It rained."
    made = document(text, paragraphs=paragraphs(text))
    span = Span(text.index("“"), text.index("”") + 1)
    assert in_sentence(made, span) == ("He said ", " and left.")
    assert in_sentence(made, Span(0, len(text))) == ("", "")
