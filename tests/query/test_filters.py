"""Filters beside the query become the same tree as filters inside it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import UsageError
from searchkit.query import ast
from searchkit.query.filters import filtered
from searchkit.query.parser import parse
from searchkit.query.walk import interpreted
from tests.cases import cases

TODAY = date(2026, 3, 4)
CRANE = ast.Term(text="crane")


@pytest.mark.parametrize(
    ("filters", "same"),
    [
        ({}, "crane"),
        ({"speaker": []}, "crane"),
        ({"speaker": ["Korbel"]}, "crane speaker:Korbel"),
        ({"speaker": ["Nadia Korbel"]}, 'crane speaker:"Nadia Korbel"'),
        ({"speaker": [" Korbel "]}, "crane speaker:Korbel"),
        ({"speaker": ["=Nadia Korbel"]}, 'crane speaker:="Nadia Korbel"'),
        ({"by": ["Korbel"]}, "crane speaker:Korbel"),
        ({"speaker": ["Korbel", "Petr Havel"]}, 'crane (speaker:Korbel OR speaker:"Petr Havel")'),
        ({"speaker": ["Korbel"], "outlet": ["Ledger"]}, "crane speaker:Korbel outlet:Ledger"),
        ({"about": ["a"], "entity": ["b"], "agency": ["c"]}, "crane about:a entity:b agency:c"),
        ({"verb": ["deny"]}, "crane verb:deny"),
        ({"kind": ["direct", "mixed"]}, "crane (kind:direct OR kind:mixed)"),
        ({"outlet": ["or"]}, "crane outlet:or"),
        ({"outlet": ['The "Post"']}, r'crane outlet:"The \"Post\""'),
    ],
)
def test_a_filter_is_a_condition(filters: dict[str, list[str]], same: str) -> None:
    assert filtered(CRANE, filters, today=TODAY) == parse(same, today=TODAY).tree


def test_a_keyword_is_its_whole_value() -> None:
    tree = filtered(ast.All(), {"verb": ["call for"]}, today=TODAY)
    assert tree == ast.Field(name="verb", value=ast.Phrase(text="call for"))


def test_a_filter_alone_asks_about_every_record() -> None:
    assert filtered(ast.All(), {"speaker": ["Korbel"]}, today=TODAY) == ast.Field(
        name="speaker", value=ast.Term(text="Korbel")
    )
    assert filtered(ast.All(), {}, today=TODAY) == ast.All()


def test_alternatives_of_the_query_stay_together() -> None:
    query = parse("a OR b", today=TODAY).tree
    assert str(filtered(query, {"speaker": ["c", "d"]}, today=TODAY)) == "(a OR b) AND (speaker:c OR speaker:d)"


@pytest.mark.parametrize(("since", "until", "meaning"), cases(__file__, "test_days_of_publication"))
def test_days_of_publication(since: str, until: str, meaning: str) -> None:
    tree = filtered(CRANE, {}, since=since, until=until, today=TODAY)
    assert interpreted(tree) == f"crane AND date:{meaning}"
    assert interpreted(parse(str(tree), today=TODAY).tree) == interpreted(tree)


@pytest.mark.parametrize(
    ("filters", "since", "until", "complaint"),
    [
        ({"speaker": [""]}, "", "", "--speaker needs a value"),
        ({"outlet": ["a", " "]}, "", "", "--outlet needs a value"),
        ({"about": ["="]}, "", "", "--about needs a value"),
        ({"about": ["= "]}, "", "", "--about needs a value"),
        ({"about": ["…"]}, "", "", "--about needs a value"),
        ({}, "soon", "", '--since: "soon" is not a date'),
        ({}, "", "2022-13", '--until: "2022-13" is not a date'),
        ({}, "2023", "2022", "--since 2023 is after --until 2022"),
    ],
)
def test_what_cannot_be(filters: dict[str, list[str]], since: str, until: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        filtered(CRANE, filters, since=since, until=until, today=TODAY)
    assert complaint in caught.value.message


def test_a_field_that_does_not_exist_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="colour"):
        filtered(CRANE, {"colour": ["red"]}, today=TODAY)


@given(st.text(alphabet='ab é"“’\\=-–:*~()/天', min_size=1).filter(lambda text: any(map(str.isalnum, text))))
def test_any_name_survives_the_way_through_the_language(name: str) -> None:
    try:
        tree = filtered(ast.All(), {"speaker": [name], "outlet": [name]}, today=TODAY)
    except UsageError as error:  # a star or a tilde at the end of a word may be meant as a wildcard, or not
        assert any(word.rstrip("12").endswith(("*", "~")) for word in name.split())
        assert "wildcard" in error.message
        tree = filtered(ast.All(), {"speaker": [f"={name}"]}, today=TODAY)
    again = parse(str(tree), today=TODAY).tree
    assert again == tree


@pytest.mark.parametrize("name", ["Kor*", "Nadia Korb*", "Nadia Korbe?", "Ko?bel", "Korbel~1", "Korbel～", "Korbel＊"])
def test_a_wildcard_in_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not a wildcard") as caught:
        filtered(CRANE, {"speaker": [name]}, today=TODAY)
    assert "--speaker =NAME" in caught.value.hint


def test_a_value_is_normalized_as_documents_are() -> None:
    tree = filtered(CRANE, {"speaker": ["Kor\u200bbel"], "about": ["=Ha\u00advel\ufeff"]}, today=TODAY)
    assert tree == parse('crane speaker:Korbel about:="Havel"', today=TODAY).tree


@pytest.mark.parametrize("name", ["=a\u3000b", "=\ufeffa", "=a\u200bb", "＝a b", "Korbel\u3000Nadia"])
def test_odd_spaces_survive_the_way_through_the_language(name: str) -> None:
    tree = filtered(ast.All(), {"speaker": [name]}, today=TODAY)
    assert parse(str(tree), today=TODAY).tree == tree


@pytest.mark.parametrize("name", ["=", "= ", "=\u3000", "\ufeff", "＝"])
def test_a_name_of_spaces_is_none(name: str) -> None:
    with pytest.raises(UsageError, match="needs a value"):
        filtered(ast.All(), {"speaker": [name]}, today=TODAY)
