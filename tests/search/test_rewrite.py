"""What an index is asked for a query, and what the user sees of it."""

from datetime import date

import pytest

from searchkit.query.parser import parse
from searchkit.search.rewrite import NameExpander, RewrittenQuery, rewrite_query
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
    assert _asked("verb:(frob OR said) OR verb:frob").notes == ('No language pack knows "frob" as a reporting verb.',)
    assert _asked("verb:den* verb:say verb:=frob").notes == ()


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("act:deny", "act:deny"),
        ("act:Denied", "act:deny"),
        ('act:"pointed out" harbor', "act:say AND harbor"),
        ("-act:(accused OR claim)", "NOT act:(accuse OR claim)"),
        ("act:frob act:=say act:de*", 'act:frob AND act:="say" AND act:de*'),
    ],
)
def test_acts_may_be_asked_by_a_verb(query: str, read: str) -> None:
    assert str(_asked(query).shown) == read


def test_an_act_that_there_is_not_is_reported_with_those_there_are() -> None:
    (note,) = _asked('act:frob act:="frob" act:*').notes
    assert note.startswith('There is no act "frob". There are: announce, say, claim, ')


@pytest.mark.parametrize(
    ("query", "asked_for"),
    [
        ("watchlist:=NK-2", 'watchlist:(="NK-2" OR ="NK-2/weak" OR ="NK-2 (weak)")'),
        ("watchlist:=NK-2/strong", 'watchlist:="NK-2"'),
        ("watchlist:=NK-2/weak", 'watchlist:="NK-2/weak"'),
        ("watchlist:port speaker:=NK-2", 'watchlist:port AND speaker:="NK-2"'),
    ],
)
def test_an_entry_is_asked_with_its_weak_matches(query: str, asked_for: str) -> None:
    assert str(_asked(query).executed) == asked_for
    assert str(_asked(query).shown) == str(parse(query, today=date(2026, 1, 1), record="quote").tree)


@pytest.mark.parametrize(
    ("query", "all_of_them"),
    [
        ("copies:20388d52a172", True),
        ("harbor copies:=20388d52a172", True),
        ("harbor OR copies:20388*", True),
        ("quote:{copies:20388d52a172 harbor}", True),
        ("-copies:20388d52a172", False),
        ("copies:*", False),
        ("copies", False),
    ],
)
def test_a_group_asked_for_by_name_is_wanted_whole(query: str, all_of_them: bool) -> None:
    assert _asked(query).copies is all_of_them
