"""Clauses, conditions that select values, filters, fields, the text of a tree, and notes on it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import QueryError, UsageError
from searchkit.query import ast
from searchkit.query.ast import Term
from searchkit.query.fields import DOCUMENT, FIELDS, NAMES, TEXT_FIELDS, Record, find
from searchkit.query.parser import SavedQuery, parse
from searchkit.query.walk import (
    Clause,
    alternatives,
    clauses,
    filtered,
    interpreted,
    split_selection,
    without_excluded_genres,
)
from searchkit.query.words import caret
from tests.cases import cases
from tests.samples import present


def found(query: str, record: Record = "document") -> list[Clause]:
    return list(clauses(parse(query, today=date(2026, 3, 4), record=record).tree, record))


def test_clauses_know_field_record_and_what_they_are_part_of() -> None:
    words, speaker, other, about, day = found(
        "a -speaker:(Korbel OR -Havel) quote:{about:x -(date:2022)} *", "document"
    )
    assert (words.field, str(words.node), words.record, words.excludes) == ("text", "a", "document", False)
    assert [str(clause.node) for clause in (speaker, other)] == ["speaker:Korbel", "speaker:Havel"]
    assert [clause.excludes for clause in (speaker, other)] == [True, False]
    assert (about.record, str(about.query), about.kind) == ("quote", "about:x AND NOT date:2022", "name")
    assert (str(day.node), day.record, day.excludes) == ("date:2022", "quote", True)
    assert str(words.query).startswith("a AND NOT speaker:")


def test_everything_has_no_clause() -> None:
    assert found("*") == []
    assert [str(clause.with_value(clause.value)) for clause in found("speaker:*", "quote")] == ["speaker:*"]


# --- conditions that select values of a facet -------------------------------------------------------------------------

KEPT = {
    "korbel": SavedQuery(query="speaker:Korbel", record="quote"),
    "havel-on-cranes": SavedQuery(query="cranes speaker:Havel", record="quote"),
    "cranes": SavedQuery(query="cranes OR ferries", record="quote"),
}


def _read(query: str) -> ast.Node:
    return parse(query, today=date(2026, 3, 4), record="quote" if "saved:" in query else "document", saved=KEPT).tree


@pytest.mark.parametrize(("query", "rest", "chosen"), cases(__file__, "test_what_chooses_speakers"))
def test_what_chooses_speakers(query: str, rest: str, chosen: tuple[str, ...]) -> None:
    left, conditions = split_selection(_read(query), "speaker")
    assert (str(left), tuple(map(str, conditions))) == (rest, chosen)


@pytest.mark.parametrize(("query", "searched"), cases(__file__, "test_genres_are_excluded_unless_the_query_names_one"))
def test_genres_are_excluded_unless_the_query_names_one(query: str, searched: str) -> None:
    assert str(without_excluded_genres(_read(query))) == searched


def test_alternatives() -> None:
    _, (choice,) = split_selection(_read('speaker:(Korbel OR "Petr Havel") OR speaker:Ana'), "speaker")
    assert list(map(str, alternatives(choice))) == ["speaker:Korbel", 'speaker:"Petr Havel"', "speaker:Ana"]
    assert list(map(str, alternatives(_read("speaker:(Korbel AND Havel)")))) == ["speaker:(Korbel AND Havel)"]
    with pytest.raises(ValueError, match="not a selection"):
        alternatives(_read("cranes"))


# --- notes ------------------------------------------------------------------------------------------------------------

BINDING = "Different statements may match these conditions; put them in quote:{...} to search for one statement."


def notes(query: str, record: Record = "document") -> tuple[str, ...]:
    return parse(query, today=date(2026, 3, 4), record=record).notes


@pytest.mark.parametrize("query", ["speaker:Korbel about:Meridian", "speaker:Korbel (verb:deny OR said:2022)"])
def test_statement_fields_outside_a_scope(query: str) -> None:
    assert BINDING in notes(query)
    assert BINDING not in notes(f"quote:{{{query}}}")
    assert BINDING not in notes(query, "quote")


@pytest.mark.parametrize("query", ["speaker:Korbel OR about:Meridian", "speaker:Korbel outlet:Post", "speaker:Korbel"])
def test_one_condition_on_statements_needs_no_note(query: str) -> None:
    assert notes(query) == ()


@pytest.mark.parametrize(("query", "noted"), cases(__file__, "test_a_pronoun_may_be_meant_as_the_country"))
def test_a_pronoun_may_be_meant_as_the_country(query: str, noted: bool) -> None:
    assert ('"us" finds the pronoun. For the country, write US or U.S.' in notes(query)) is noted


TODAY = date(2026, 3, 4)
CRANE = ast.Term(text="crane")


@pytest.mark.parametrize(("filters", "same"), cases(__file__, "test_a_filter_is_a_condition"))
def test_a_filter_is_a_condition(filters: dict[str, tuple[str, ...]], same: str) -> None:
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


@pytest.mark.parametrize(("filters", "since", "until", "complaint"), cases(__file__, "test_what_cannot_be"))
def test_what_cannot_be(filters: dict[str, tuple[str, ...]], since: str, until: str, complaint: str) -> None:
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
    except UsageError as error:  # it may be meant as a wildcard, or not
        assert any(sign in name for sign in "*~")
        assert "wildcards" in error.message
        tree = filtered(ast.All(), {"speaker": [f"={name}"]}, today=TODAY)
    again = parse(str(tree), today=TODAY).tree
    assert again == tree


@pytest.mark.parametrize("name", ["Kor*", "Nadia Korb*", "Nadia Korbe?", "Ko?bel", "Korbel~1", "Korbel～", "Korbel＊"])
def test_a_wildcard_in_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not wildcards") as caught:
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


@pytest.mark.parametrize(
    ("written", "name"), [("speaker", "speaker"), ("BY", "speaker"), ("Published", "date"), ("language", "lang")]
)
def test_fields_are_found_by_name_and_alias_in_any_case(written: str, name: str) -> None:
    field = present(find(written))
    assert field.name == name


@pytest.mark.parametrize("written", ["", "speker", "entity.", "entity.ship", "speaker ", "saved", "exact"])
def test_others_are_none(written: str) -> None:
    assert find(written) is None


def test_every_name_finds_its_own_field() -> None:
    for field in FIELDS:
        for name in (field.name, *field.aliases):
            assert find(name) is field
    listed = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert list(NAMES) == sorted(listed)
    assert len(set(listed)) == len(listed)


def test_the_table_is_consistent() -> None:
    assert all(name.replace(".", "").isalpha() and name == name.casefold() for name in NAMES)
    assert {"text", "title", "body", "quote"} == TEXT_FIELDS
    assert not any(field.facet for field in FIELDS if field.kind == "text")
    assert {field.name for field in FIELDS if field.records == DOCUMENT} == {"body"}
    assert all(field.describes for field in FIELDS)


A, B = Term(text="a"), Term(text="b")


def fault(query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(query, today=TODAY)
    return caught.value


def test_a_picture_of_the_fault() -> None:
    assert caret(fault("Korbel speker:Xu")).splitlines() == [
        "  Korbel speker:Xu",
        "         ^~~~~~",
        '  To search for the words, write "speker:Xu" in quotation marks.',
    ]
    assert caret(fault("Korbel)")).splitlines() == ["  Korbel)", "        ^"]
    assert caret(fault("")).splitlines() == ["  ", "  ^"]


def test_carets_stand_by_display_width() -> None:
    assert caret(fault("天地 speker:x")).splitlines()[1] == "       ^~~~~~"
    assert caret(fault("e\u0301e\u0301 speker:x")).splitlines()[1] == "     ^~~~~~"


def test_unseen_signs_become_visible() -> None:
    picture = caret(fault("a\ue000b\u2800\u202e\x1b[0m\udc80)"))
    assert picture.splitlines()[0] == r"  a\ue000b\u2800[0m" + "\ufffd)"
    assert picture.isprintable() or all(sign == "\n" or sign.isprintable() for sign in picture)


def test_a_message_repeats_no_unseen_sign() -> None:
    error = fault("date:20\ue00022")
    assert "\ue000" not in error.message
    assert "\\ue000" in error.message


def test_a_long_query_is_cut_around_the_place() -> None:
    query = "word " * 40 + "speker:x" + " more" * 40
    first, second = caret(fault(query)).splitlines()[:2]
    assert first.startswith("  …")
    assert first.endswith("…")
    assert len(first) < 80
    assert first[second.index("^") :].startswith("speker")
