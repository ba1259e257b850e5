"""The clauses of a query, with their places."""

from datetime import date

from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.query.walk import Clause, clauses


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
