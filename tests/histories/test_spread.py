"""Statements with the same words are one quote, whoever publishes them and in whatever order they come."""

import pytest

from searchkit.histories.quotes_table import conflicts
from searchkit.reports.spread import SpreadRecord, spread_record
from searchkit.statements.document import Document
from searchkit.wording.quotations import Sketch, same_quote, sketch
from tests.cases import cases
from tests.histories.articles import article, statements

ISLAND = "An island that goes to bed at ten will wake up poor"
KNOCKING = "We can hear them knocking, and we knock back every ten minutes so they know we are coming"


def sketched(*documents: Document) -> dict[str, Sketch]:
    made = {quote.id: sketch(document, quote) for document, quote in statements(*documents)}
    return {key: value for key, value in made.items() if value is not None}


def said(key: str, words: str, speaker: str = "Miles Oxley", published: str = "2024-05-06") -> Sketch:
    ((_, made),) = sketched(article(key, f'"{words}," said {speaker}.', published)).items()
    return made


@pytest.mark.parametrize("other", cases(__file__, "test_versions_of_one_quote_are_the_same"))
def test_versions_of_one_quote_are_the_same(other: str) -> None:
    assert same_quote(said("a", ISLAND), said("b", other))
    assert same_quote(said("b", other), said("a", ISLAND))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *cases(__file__, "test_other_words_of_the_same_speaker_are_not_the_same"),
        (KNOCKING, "We can hear them knocking, and we knock back every twenty minutes so they know we are coming"),
    ],
)
def test_other_words_of_the_same_speaker_are_not_the_same(first: str, second: str) -> None:
    assert not same_quote(said("a", first), said("b", second))


@pytest.mark.parametrize(
    ("first", "second"), cases(__file__, "test_parodies_and_set_phrases_of_another_speaker_are_not_the_same")
)
def test_parodies_and_set_phrases_of_another_speaker_are_not_the_same(first: str, second: str) -> None:
    ours, theirs = said("a", first, "Miles Oxley"), said("b", second, "Greta Lund")
    assert not same_quote(ours, theirs)


@pytest.mark.parametrize("words", cases(__file__, "test_a_set_phrase_of_an_unknown_speaker_joins_no_other"))
def test_a_set_phrase_of_an_unknown_speaker_joins_no_other(words: str) -> None:
    assert not same_quote(said("a", words, "Miles Oxley"), said("b", words, "officials"))
    assert same_quote(said("a", words, "Miles Oxley"), said("b", words, "Oxley"))
    assert same_quote(said("a", ISLAND, "Miles Oxley"), said("b", ISLAND, "officials"))


def test_a_set_phrase_belongs_to_its_speaker_and_its_weeks() -> None:
    words = "We will vigorously defend ourselves against these allegations in court"
    first = said("a", words)
    assert same_quote(first, said("b", words, published="2024-05-09"))
    assert not same_quote(first, said("c", words, published="2024-09-09"))
    assert not same_quote(first, said("d", words, speaker="Greta Lund"))


def test_five_words_have_no_sketch() -> None:
    assert sketched(article("a", '"I can\'t feel my legs," said Tico Ramos.')) == {}
    assert sketched(article("b", "Tico Ramos said that he could not feel his legs at all today.")) == {}


def test_only_the_quoted_words_of_a_mixed_statement_count() -> None:
    (made,) = sketched(
        article("a", 'Miles Oxley said that the decision "lets us return to what we do best, which is moving people."')
    ).values()
    assert made.words == "lets us return to what we do best which is moving people"


def test_an_interrupted_statement_is_one() -> None:
    document = article(
        "a", '"I warned them in May that this field drinks slowly," Wilf Aske said, "and never forgets a wheel."'
    )
    (made,) = sketched(document).values()
    assert made.words.endswith("drinks slowly and never forgets a wheel")


def test_a_statement_of_a_book_is_compared_by_its_beginning() -> None:
    text = '"' + " ".join(f"harbour word{number} boats" for number in range(3_000)) + '," said Wilf Aske.'
    document = article("a", text)
    made = [sketch(document, quote) for quote in document.statements]
    assert all(one is None or len(one.words.split()) <= 500 for one in made)


def spread(*documents: Document) -> SpreadRecord:
    return spread_record(statements(*documents), (len(documents), len(documents)))


def test_the_spread_of_a_quote_shows_first_sight_outlets_and_kept_words() -> None:
    wire = article("Seaway Wire", f'"{KNOCKING}," said Danilo Verhas.', "2024-05-06", wire="Seaway Wire")
    late = article("Askar Daily", '"so they know we are coming," said Danilo Verhas.', "2024-05-07", wire="Seaway Wire")
    early = article("Metro", '"we knock back every 10 minutes," said Danilo Verhas.', "2024-05-06")
    made = spread(late, early, wire)
    assert [seen.statement.outlet for seen in made.appearances] == ["Seaway Wire", "Metro", "Askar Daily"]
    assert made.wires == ("Seaway Wire",)
    assert made.fullest.id == wire.quotes[0].id
    assert made.id == min(seen.statement.id for seen in made.appearances)
    assert [seen.share for seen in made.appearances] == [1.0, 0.33, 0.33]


def test_a_document_without_a_date_counts_from_its_first_sight() -> None:
    (seen,) = spread(article("a", f'"{ISLAND}," said Miles Oxley.', published_on=None)).appearances
    assert (seen.day, seen.day_known) == ("2025-01-02", False)


def test_the_same_words_of_two_speakers_conflict() -> None:
    oxley = article("a", f'"{ISLAND}," said Miles Oxley.')
    lockhart = article("b", f'"{ISLAND}," said Fay Lockhart.')
    (conflict,) = conflicts(statements(oxley, lockhart))
    assert {document.id for document, _ in conflict} == {oxley.id, lockhart.id}
    (recorded,) = spread(lockhart, oxley).conflicts
    assert [recorded.first.id, recorded.second.id] == [quote.id for _, quote in conflict]
    assert 0.85 <= recorded.confidence <= 1


def test_each_article_is_listed_once_and_conflicts_with_others_only() -> None:
    twice = article("a", f'"{ISLAND}," said Miles Oxley.\n\n"{ISLAND}," said Fay Lockhart.')
    assert conflicts(statements(twice)) == ()
    made = spread(twice, article("b", f'"{ISLAND}," said Miles Oxley.'))
    assert len({side.document for side in (made.conflicts[0].first, made.conflicts[0].second)}) == len(made.appearances)


@pytest.mark.parametrize("other", cases(__file__, "test_other_attributions_do_not_conflict"))
def test_other_attributions_do_not_conflict(other: str) -> None:
    oxley = article("a", f'"{ISLAND}," said Miles Oxley.')
    assert conflicts(statements(oxley, article("b", other))) == ()
