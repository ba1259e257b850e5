"""What an index is asked for a query, and what the user sees of it."""

from datetime import date

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query.parser import parse
from searchkit.search.rewrite import (
    NameExpander,
    RewrittenQuery,
    contracted,
    has_words,
    rewrite_query,
    spelled_out,
    stands_in,
    turned,
    variants,
)
from tests.cases import cases
from tests.index.records import document, fill
from tests.oracle.memory import MemoryIndex


def _asked(query: str) -> RewrittenQuery:
    tree = parse(query, today=date(2026, 1, 1), record="quote").tree
    return rewrite_query(tree, NameExpander(MemoryIndex(), "quote"))


@pytest.mark.parametrize(
    ("query", "read"),
    [("verb:denied", "verb:deny"), ("NOT verb:said harbor", "NOT verb:say AND harbor"), ("verb:frob", "verb:frob")],
)
def test_verbs_are_asked_by_lemma(query: str, read: str) -> None:
    assert str(_asked(query).shown) == read
    assert _asked(query).executed == _asked(query).shown


def test_a_verb_that_no_pack_knows_is_reported_once() -> None:
    assert _asked("verb:(frob OR said) OR verb:frob").notes == ('"frob" is not a known reporting verb.',)
    assert _asked("verb:den* verb:say verb:=frob").notes == ()


@pytest.mark.parametrize(("query", "read"), cases(__file__, "test_acts_may_be_asked_by_a_verb"))
def test_acts_may_be_asked_by_a_verb(query: str, read: str) -> None:
    assert str(_asked(query).shown) == read


def test_an_act_that_there_is_not_is_reported_with_those_there_are() -> None:
    (note,) = _asked('act:frob act:="frob" act:*').notes
    assert note.startswith('Unknown act "frob". Acts: no-comment, announce, say, claim, ')


@pytest.mark.parametrize(("query", "asked_for"), cases(__file__, "test_an_entry_is_asked_with_its_weak_matches"))
def test_an_entry_is_asked_with_its_weak_matches(query: str, asked_for: str) -> None:
    assert str(_asked(query).executed) == asked_for
    assert str(_asked(query).shown) == str(parse(query, today=date(2026, 1, 1), record="quote").tree)


@pytest.mark.parametrize(("query", "all_of_them"), cases(__file__, "test_a_group_asked_for_by_name_is_wanted_whole"))
def test_a_group_asked_for_by_name_is_wanted_whole(query: str, all_of_them: bool) -> None:
    assert _asked(query).copies is all_of_them


def answer(index: Index, query: str) -> tuple[list[str], tuple[str, ...]]:
    names = NameExpander(index, "quote")
    meant = rewrite_query(parse(query, today=date(2026, 3, 4), record="quote").tree, names)
    assert str(meant.shown) == query
    hits = index.search(SearchRequest(query=meant.executed, record="quote")).hits
    return sorted(hit.document for hit in hits), names.notes


@pytest.mark.parametrize(("query", "documents", "shown"), cases(__file__, "test_names"))
def test_names(index: Index, query: str, documents: tuple[str, ...], shown: str) -> None:
    found, notes = answer(index, query)
    assert found == list(documents)
    if shown:
        assert len(notes) == 1
        assert f"also matches {shown}" in notes[0]
    else:
        assert notes == ()


def test_a_name_is_looked_up_once(index: Index) -> None:
    names = NameExpander(index, "document")
    tree = parse('speaker:"Korbel Nadia" OR speaker:"Korbel Nadia"', today=date(2026, 3, 4)).tree
    assert str(names.expand(tree)).count("person:nadia-korbel") == 2
    assert names.expand(tree) == names.expand(tree)
    assert len(names.notes) == 1


def test_very_many_names_are_taken_as_written(index: Index) -> None:
    query = " OR ".join(f'speaker:"Korbel Nadia {number}"' for number in range(100))
    names = NameExpander(index, "document")
    assert str(names.expand(parse(query, today=date(2026, 3, 4)).tree)) == query


@pytest.mark.parametrize("kept", ["Jürgen Müller", "Juergen Mueller", "Juergen Müller", "Müller Jürgen"])
@pytest.mark.parametrize(
    "typed", ["Jürgen Müller", "Müller, Jürgen", "Juergen Mueller", "Mueller, Juergen", "Müller Juergen"]
)
def test_order_and_spelling_may_both_be_another(kept: str, typed: str) -> None:
    index = MemoryIndex()
    other = {"id": "d2", "text": "Nothing.", "quotes": [{"words": "Nothing.", "speaker": "Jurgen Mueler"}]}
    fill(
        index,
        document({"id": "d1", "text": "Nothing.", "quotes": [{"words": "Nothing.", "speaker": kept}]}),
        document(other),
    )
    assert answer(index, f'speaker:"{typed}"')[0] == ["d1"]


@pytest.mark.parametrize(("name", "others"), cases(__file__, "test_variants_surely_mean_the_same"))
def test_variants_surely_mean_the_same(name: str, others: tuple[str, ...]) -> None:
    assert variants(name) == others


@pytest.mark.parametrize(("name", "guesses"), cases(__file__, "test_two_letters_may_be_an_umlaut"))
def test_two_letters_may_be_an_umlaut(name: str, guesses: tuple[str, ...]) -> None:
    assert set(contracted(name)) == set(guesses)


def test_only_a_name_with_its_umlaut_says_that_two_letters_are_one() -> None:
    assert stands_in("Schaefer", "Ulla Schäfer")
    assert stands_in("schäfer", "Ulla Schaefer")
    assert not stands_in("Michael", "Michal Korbel")
    assert spelled_out("Michal") == "Michal"
    assert has_words("Ulla Anna Schäfer", "anna schafer")
    assert not has_words("Ulla Anna Schäfer", "ulla schafer")


def test_turned_names_are_made_of_the_same_words() -> None:
    assert turned("Mueller, Juergen", "Jürgen Müller")
    assert turned("Jürgen Müller", "Jürgen Müller")
    assert not turned("Juergen", "Jürgen Müller")
    assert not turned("Muller Jurgen", "Jürgen Müller")
