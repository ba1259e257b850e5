"""Saved searches inside queries: what they stand for, and every way in which they cannot."""

from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from searchkit.errors import ConfigError, QueryError
from searchkit.query.ast import And, Node
from searchkit.query.fields import Record
from searchkit.query.parser import Parsed, SavedQuery, parse
from searchkit.query.walk import has_words, interpreted
from searchkit.search.highlight import matches
from searchkit.search.rewrite import shown_query
from searchkit.statements.text import Span
from tests.cases import cases

TODAY = date(2026, 3, 4)


def kept(record: Record = "document", **queries: str) -> dict[str, SavedQuery]:
    return {name.replace("_", "-"): SavedQuery(query=query, record=record) for name, query in queries.items()}


DOCUMENTS = kept(
    harbor="Velmar (port OR crane)", week="date:7d", both="saved:harbor saved:week", typo="Velmar speker:Xu", none="  "
)
STATEMENTS = kept("quote", denials="speaker:Korbel verb:denied", scoped="quote:{speaker:Korbel}")


def read(query: str, record: Record = "document", saved: Mapping[str, SavedQuery] | None = None) -> Parsed:
    known = {**DOCUMENTS, **STATEMENTS} if saved is None else saved
    return parse(query, today=TODAY, record=record, saved=known)


def fault(query: str, record: Record = "document", saved: Mapping[str, SavedQuery] | None = None) -> QueryError:
    with pytest.raises(QueryError) as raised:
        read(query, record, saved)
    assert raised.value.query == query.rstrip()
    return raised.value


@pytest.mark.parametrize(("query", "meant"), cases(__file__, "test_what_a_saved_search_stands_for"))
def test_what_a_saved_search_stands_for(query: str, meant: str) -> None:
    tree = read(query).tree
    assert interpreted(tree) == meant
    assert interpreted(read(meant).tree) == meant


def test_over_statements_it_is_a_condition_like_any_other() -> None:
    tree = read("saved:denials about:Tiandy", "quote").tree
    assert interpreted(tree) == "speaker:Korbel AND verb:denied AND about:Tiandy"
    assert str(shown_query(tree)) == "speaker:Korbel AND verb:deny AND about:Tiandy"


@pytest.mark.parametrize(
    ("query", "record", "start", "end", "code", "result"), cases(__file__, "test_what_cannot_be_is_a_located_error")
)
def test_what_cannot_be_is_a_located_error(
    query: str, record: Record, start: int, end: int, code: str, result: str
) -> None:
    found = fault(query, record)
    assert (found.start, found.end, found.code) == (start, end, code)
    assert result in str(found)


def test_without_saved_searches_none_is_known() -> None:
    assert fault("saved:harbor", saved={}).code == "saved-unknown"
    with pytest.raises(QueryError, match="no saved search"):
        parse("saved:harbor", today=TODAY)


def test_a_circle_is_refused_and_drawn() -> None:
    circle = kept(a="port saved:b", b="saved:c", c="saved:b", own="saved:own")
    assert fault("crane saved:a", saved=circle).message == 'A saved search cannot be part of itself: "b", "c", "b".'
    found = fault("saved:own", saved=circle)
    assert (found.code, found.start, found.end) == ("saved-cycle", 0, 9)


def test_a_chain_that_is_too_deep_is_refused() -> None:
    chain = kept("document", **{f"n{number}": f"saved:n{number + 1}" for number in range(40)}, n40="port")
    assert fault("saved:n0", saved=chain).code == "too-deep"
    assert str(read("saved:n20", saved=chain).tree) == "port"


def test_what_they_hold_counts_against_the_limits_of_the_whole() -> None:
    doubling = kept(
        "document", **{f"n{number}": f"saved:n{number + 1} saved:n{number + 1}" for number in range(25)}, n25="port"
    )
    assert fault("saved:n0", saved=doubling).code == "too-many"
    long = kept(long="port " * 3_000)
    assert fault("saved:long saved:long", saved=long).code in {"too-many", "too-long"}
    assert fault("saved:long " * 2, saved=kept(long=f'"{"port " * 2_000}"')).code == "too-long"


def test_a_file_that_cannot_be_read_is_reported_of_the_clause() -> None:
    class Broken(Mapping[str, SavedQuery]):
        def __getitem__(self, name: str) -> SavedQuery:
            raise ConfigError("saved/x.toml is not valid TOML.", hint="Mend it.")

        def __iter__(self) -> Iterator[str]:
            return iter(())

        def __len__(self) -> int:
            return 0

    found = fault("port saved:x", saved=Broken())
    assert (found.code, found.start, found.message) == ("saved-faulty", 5, "saved/x.toml is not valid TOML.")


def test_every_part_of_it_stands_where_it_is_named() -> None:
    tree = read("bridge saved:both").tree
    assert isinstance(tree, And)

    def spans(node: Node) -> Iterator[Span | None]:
        yield node.span
        for name in node.__struct_fields__:
            value = getattr(node, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield from spans(part)

    assert {span for child in tree.children[1:] for span in spans(child)} == {Span(7, 17)}


def test_notes_of_its_query_are_reported() -> None:
    known = kept(small="port or crane")
    assert any('"or" was searched for as a word' in note for note in read("saved:small", saved=known).notes)
    statements = read("speaker:Korbel saved:about", saved=kept(about="about:Tiandy"))
    assert any("Different statements" in note for note in statements.notes)


def test_whatever_looks_at_a_tree_sees_what_it_stands_for() -> None:
    tree = read("saved:harbor").tree
    assert has_words(tree)
    assert not has_words(read("saved:week").tree)
    assert matches("The port of Velmar.", tree) == (Span(4, 8), Span(12, 18))
