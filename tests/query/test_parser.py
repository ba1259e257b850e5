"""What queries mean, and where and why others are refused."""

import re
from datetime import date
from typing import Any

import pytest

from searchkit.errors import QueryError
from searchkit.query import parser
from searchkit.query.ast import (
    All,
    And,
    Equals,
    Exact,
    Exists,
    Field,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Regex,
    Scope,
    Term,
    Unplaced,
)
from searchkit.query.fields import Record
from searchkit.query.parser import Parsed, parse
from searchkit.query.walk import interpreted, walk
from searchkit.statements.text import Span
from tests.cases import cases
from tests.limits import processor_time_below

TODAY = date(2026, 3, 4)


def read(query: str, record: Record = "document") -> Parsed:
    return parse(query, today=TODAY, record=record)


def refused(query: str, record: Record = "document") -> QueryError:
    with pytest.raises(QueryError) as caught:
        read(query, record)
    return caught.value


EXAMPLES = {
    "Meridian Korbel": "Meridian AND Korbel",
    "Meridian -European": "Meridian AND NOT European",
    "-European": "NOT European",
    "“double standard”": '"double standard"',
    "„double standard“": '"double standard"',
    "company's U.S.": "company's AND U.S.",
    "company’s": "company's",
    'exact:"double standard"': 'exact:"double standard"',
    '"Korbel asked"~3': '"Korbel asked"~3',
    "Korbel NEAR asked": "Korbel NEAR/10 asked",
    "Korbel ADJ/2 asked": "Korbel ADJ/2 asked",
    "Meri* Meridien~": "Meri* AND Meridien~1",
    "Meridian AND Korbel OR Ostrava": "(Meridian AND Korbel) OR Ostrava",
    "Meridian (Korbel OR Havel)": "Meridian AND (Korbel OR Havel)",
    "(Meridian Korbel) OR Havel": "(Meridian AND Korbel) OR Havel",
    "date:=2022": "date:=[2022-01-01 TO 2022-12-31]",
    "date:=[2022 TO *] -date:month-unknown": "date:=[2022-01-01 TO *] AND NOT date:month-unknown",
    "date:7d": "date:[2026-02-26 TO 2026-03-04]",
    'date:"2022-12"': "date:[2022-12-01 TO 2022-12-31]",
    "date:(2022 OR 2024)": "date:([2022-01-01 TO 2022-12-31] OR [2024-01-01 TO 2024-12-31])",
    "said:{2022 TO 2024}": "said:[2023-01-01 TO 2023-12-31]",
    "said:[2022  TO *]": "said:>=2022-01-01",
    "target:Meridian published:2022": "about:Meridian AND date:[2022-01-01 TO 2022-12-31]",
    "SPEAKER:Korbel": "speaker:Korbel",
    "speaker:(Korbel OR Havel)": "speaker:(Korbel OR Havel)",
    "speaker:(Korbel -Havel)": "speaker:(Korbel AND NOT Havel)",
    'speaker:(="Nadia Korbel" OR ="Petr Havel")': 'speaker:(="Nadia Korbel" OR ="Petr Havel")',
    'quote:{speaker:"Nadia Korbel" about:Meridian "double standard"}': (
        'quote:{speaker:"Nadia Korbel" AND about:Meridian AND "double standard"}'
    ),
    "-quote:{speaker:Korbel verb:denied}": "NOT quote:{speaker:Korbel AND verb:denied}",
    'outlet:="Ostrava Post"': 'outlet:="Ostrava Post"',
    "outlet:=Post": 'outlet:="Post"',
    "-speaker:*": "NOT speaker:*",
    "has:by": "speaker:*",
    "outlet:/ostr.*/": "outlet:/ostr.*/",
    r"outlet:/a\/b/": r"outlet:/a\/b/",
    "https://example.org/a?b=1": 'url:="https://example.org/a?b=1"',
    "(https://example.org/tin_(metal))": 'url:="https://example.org/tin_(metal)"',
    "https://example.org/news/*": "url:https://example.org/news/*",
    "url:https://example.org/a?b": 'url:="https://example.org/a?b"',
    "fox-it 12:30": "fox-it AND 12:30",
    "entity.company:Meridian": "entity.company:Meridian",
    "id:person:korbel": "id:person:korbel",
    "*": "*",
    "* Meridian": "Meridian",
    '"AND"': '"AND"',
    r'"say \"no\" \\ twice"': r'"say \"no\" \\ twice"',
    "why?": "why?",
    "speaker\uff1aKorbel": "speaker:Korbel",
    "ｓｐｅａｋｅｒ：（Korbel ＯＲ Havel）": "speaker:(Korbel OR Havel)",
    "date：＞＝２０２２": "date:>=2022-01-01",
    "«double standard» 「double standard」": '"double standard" AND "double standard"',
    "−European ＊": "NOT European",
    "天地 OR 徐": "天地 OR 徐",
}


@pytest.mark.parametrize(("query", "meaning"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_examples(query: str, meaning: str) -> None:
    tree = read(query).tree
    assert interpreted(tree) == meaning
    assert read(str(tree)).tree == tree


REFUSED: list[tuple[Any, ...]] = [
    ("", 0, 0, "empty", "Nothing to search for. Write * for everything."),
    ("  ", 0, 0, "empty"),
    ("天地 speker:徐", 3, 9, "unknown-field"),
    ("C:x", 0, 1, "unknown-field"),
    ("has:nothing", 4, 11, "unknown-field"),
    ("(Korbel OR Xu", 0, 1, "unclosed", 'This "(" is not closed.'),
    ("Korbel)", 6, 7, "unopened", 'This ")" closes nothing.'),
    ("(Korbel}", 7, 8, "unopened"),
    ('"double standard', 0, 1, "unclosed", "This quotation mark is not closed."),
    ("quote:{speaker:Xu", 6, 7, "unclosed"),
    ("outlet:/xin", 7, 8, "unclosed"),
    ("date:[2022 TO 2023", 5, 6, "unclosed"),
    ("()", 0, 2, "empty-group", "These brackets are empty."),
    ("speaker:( )", 8, 11, "empty-group"),
    ("Korbel AND", 7, 10, "missing-operand", "AND needs something on its right side."),
    ("OR Korbel", 0, 2, "missing-operand", "OR needs something on its left side."),
    ("AND Korbel", 0, 3, "missing-operand"),
    ("a OR", 2, 4, "missing-operand"),
    ("a AND OR b", 2, 5, "missing-operand"),
    ("a OR OR b", 2, 4, "missing-operand"),
    ("a AND AND b", 2, 5, "missing-operand"),
    ("NOT", 0, 3, "missing-operand"),
    ("a NEAR", 2, 6, "missing-operand"),
    ("NEAR a", 0, 4, "missing-operand"),
    ("... NEAR a", 4, 8, "missing-operand"),
    ("-AND b", 0, 1, "missing-operand"),
    ("+OR b", 0, 1, "missing-operand"),
    ("speaker:AND", 8, 11, "missing-operand"),
    ("Korbel Xu OR Guo", 10, 12, "mixed-or", "Write `(Korbel Xu) OR Guo` or `Korbel (Xu OR Guo)`."),
    ("a OR b c", 2, 4, "mixed-or", "in two ways. Write `a OR (b c)` or `(a OR b) c`."),
    ("a -b OR c", 5, 7, "mixed-or"),
    ("a b OR c OR d e", 4, 6, "mixed-or"),
    ("Korbel && Xu", 7, 9, "foreign-sign", 'Write AND instead of "&&".'),
    ("a | b", 2, 3, "foreign-sign"),
    ("a||b", 1, 3, "foreign-sign"),
    ("!Korbel", 0, 1, "foreign-sign"),
    ("Korbel –European", 7, 8, "dash", 'A long dash cannot exclude a word. Write "-" or NOT.'),
    ('—"double standard"', 0, 1, "dash"),
    ("--European", 0, 2, "dash"),
    ('"Korbel"-led', 8, 9, "dash"),
    ("date:2022-13", 5, 12, "bad-date", '"2022-13" is not a date: month 13 does not exist.'),
    ("date:24h", 5, 8, "bad-date"),
    ("date:>", 5, 6, "bad-date"),
    ("date:2023..2022", 5, 15, "date-order", "The range ends before it starts."),
    ("date:{2022 TO 2022}", 5, 19, "date-order"),
    ("date:..", 5, 7, "date-range"),
    ("date:[* TO *]", 5, 13, "date-range"),
    ("date:[2022 to 2023]", 5, 19, "date-range"),
    ("outlet:>5", 7, 8, "no-range", '"outlet" is not a date. Ranges work on date, said, seen, gone and spread.'),
    ("spread:many", 7, 11, "bad-number", '"spread" takes a number: spread:3, spread:>=3 or spread:3..10.'),
    ("spread:..", 7, 9, "bad-number"),
    ("spread:5..3", 7, 11, "bad-number", "The range ends before it starts."),
    ("outlet:[a TO b]", 7, 8, "no-range"),
    ("speaker: Xu", 0, 8, "empty-value", 'Nothing follows "speaker:". Remove the space.'),
    ("a speaker:", 2, 10, "empty-value"),
    ("speaker:...", 8, 11, "empty-value"),
    ('speaker:""', 8, 10, "empty-value"),
    ("speaker:(...)", 8, 13, "empty-value"),
    (":Xu", 0, 1, "empty-field"),
    ("speaker::Xu", 8, 9, "empty-field"),
    ("speaker:-Xu", 8, 9, "minus-in-value"),
    ("speaker:(Xu about:Korbel)", 12, 17, "nested-field", 'A field cannot stand inside "speaker:( )".'),
    ("quote:{quote:{Xu}}", 7, 14, "nested-scope", "quote:{ } cannot be nested in another quote:{ }."),
    ("quote:{body:Xu}", 7, 11, "not-in-statement", '"body" belongs to the article, not to a statement.'),
    ("quote:{has:body}", 11, 15, "not-in-statement"),
    ("speaker:{Xu}", 8, 9, "brace", 'Only "quote:" takes { }.'),
    ("{Xu}", 0, 1, "brace"),
    ("T*", 1, 2, "wildcard"),
    ("wom?n", 3, 4, "wildcard", '"?" is not a wildcard here. Use ~1 for one differing letter.'),
    ('"double"*', 8, 9, "wildcard"),
    ("Tiandi~0.8", 6, 10, "fuzzy"),
    ("abc~1", 3, 5, "fuzzy"),
    ("a~b", 1, 2, "fuzzy"),
    ('"a b"~x', 5, 7, "fuzzy"),
    ('"a b"~99999', 5, 11, "fuzzy"),
    ("speaker:Xu NEAR/5 Korbel", 11, 17, "near-operand", "NEAR joins words or phrases only."),
    ("a NEAR b NEAR c", 9, 13, "near-operand"),
    ("a NEAR/x b", 2, 8, "near-operand"),
    ("a NEAR/5000 b", 2, 11, "near-operand"),
    ("Korbel^2", 6, 8, "boost", "Boosts are not supported."),
    ('"double standard"^2', 17, 19, "boost"),
    ("[sic]", 0, 1, "bracket", '"[" is possible only in a date range.'),
    ("title:[sic]", 6, 7, "bracket"),
    ("text:/x/", 5, 8, "regex-on-text", '/.../ works on names and keywords, not on "text".'),
    ("outlet:/(a+)+/", 7, 14, "regex"),
    ("outlet:/x/y", 9, 11, "regex"),
    ('title:="x"', 6, 7, "equals-on-text"),
    ("exact:double", 0, 6, "exact", 'Write exact:"..." with quotation marks.'),
    ('exact:" "', 6, 9, "empty-value"),
    ("+Korbel OR Xu", 0, 1, "plus-in-or"),
    ("saved:weekly", 0, 12, "saved-unknown"),
    ("... —", 0, 5, "nothing-left"),
    ("Korbel ＆＆ Xu", 7, 9, "foreign-sign"),
    ("date:2022–12", 5, 12, "bad-date", '"2022–12" is not a date. Write 2022-12.'),
    ('exact:"a', 6, 7, "unclosed"),
    ('exact:"a"~2', 9, 11, "fuzzy"),
    ('exact:"a"^2', 9, 11, "boost"),
    ('exact:"a"*', 9, 10, "wildcard"),
    ('speaker:"—"', 8, 11, "empty-value"),
    ('speaker:=""', 8, 11, "empty-value"),
    ("speaker:=Kor*", 8, 13, "wildcard"),
    ('speaker:="a"~1', 12, 14, "fuzzy"),
    ("title:/a", 6, 8, "regex-on-text"),
    ("speaker:/(/", 8, 11, "regex"),
    ("speaker:<=5", 8, 10, "no-range"),
    ("speaker:[a]", 8, 9, "bracket"),
    ("date:=[2022-2023] x", 6, 17, "date-range"),
    ("/port/", 0, 6, "regex-on-text"),
    (" OR ".join(["ab*"] * 129), 128 * 7, 128 * 7 + 3, "too-many"),
    (" OR ".join(["abcd~"] * 21), 20 * 9, 20 * 9 + 5, "too-many"),
    (" OR ".join(["id:/a/"] * 21), 20 * 10 + 3, 20 * 10 + 6, "too-many"),
    ("cr**", 2, 3, "wildcard"),
    ("crane^", 5, 6, "boost"),
    ("crane^inf", 5, 9, "boost"),
    ("crane^1e999", 5, 11, "boost"),
    ("speaker:(crane^-nan)", 14, 19, "boost"),
    ("crane^x", 5, 7, "boost", "Boosts are not supported."),
    ("crane~1~1", 5, 6, "fuzzy"),
    ("cran*~1", 4, 5, "wildcard"),
    ("cr?nes~1", 2, 3, "wildcard"),
    ("Korbel speker:Xu", 7, 13, "unknown-field", 'There is no field "speker". Did you mean "speaker"?'),
    ("zzz:Xu", 0, 3, "unknown-field", 'There is no field "zzz".'),
    ("date:2022—2023", 5, 14, "bad-date", '"2022—2023" is not a date. Write 2022..2023.'),
    ("speaker:-Korbel", 8, 9, "minus-in-value", 'Write -speaker:Korbel to exclude; a value that starts with "-" needs'),
    ('speaker:-"Korbel"', 8, 9, "minus-in-value", 'Write -speaker:... to exclude; a value that starts with "-" needs'),
    ("K*rbel", 1, 2, "wildcard", 'A "*" is possible only at the end of a word.'),
    ("Korbil~5", 6, 8, "fuzzy", 'The distance after "~" is 1 or 2.'),
]
# Those of limits on the whole query have a test of their own.
REACHED_ELSEWHERE = {"too-long", "too-deep", "saved-cycle", "saved-faulty"}


@pytest.mark.parametrize("row", REFUSED, ids=[row[0][:40] for row in REFUSED])
def test_refusals_name_their_place_and_say_what_to_write(row: tuple[Any, ...]) -> None:
    query, start, end, code, *message = row
    error = refused(query)
    assert (error.code, error.start, error.end, error.query) == (code, start, end, query.rstrip())
    assert "".join(message) in error.message
    assert error.message.endswith((".", "?"))


def test_every_code_is_reached() -> None:
    listed = re.search(r"Codes of QueryError \(stable; messages are not\):([^.]{0,2000})\.", parser.__doc__ or "")
    assert listed is not None
    codes = {code.strip() for code in listed[1].replace("\n", " ").split(",")}
    assert codes - REACHED_ELSEWHERE == {code for _, _, _, code, *_ in REFUSED}


def test_hours_are_answered_with_days() -> None:
    assert "days" in refused("date:24h").hint


TREES: dict[str, Node] = {
    "Korbel": Term(text="Korbel"),
    '"a b"~2': Phrase(text="a b", slop=2),
    "Meri*": Prefix(text="Meri"),
    "Meridien~2": Fuzzy(text="Meridien", distance=2),
    'exact:"company’s"': Exact(text="company’s"),
    "*": All(),
    "a NEAR/3 b": Near(left=Term(text="a"), right=Term(text="b"), distance=3),
    "a ADJ b": Near(left=Term(text="a"), right=Term(text="b"), ordered=True),
    "NOT (a OR b)": Not(child=Or(children=(Term(text="a"), Term(text="b")))),
    "a (b c)": And(children=(Term(text="a"), Term(text="b"), Term(text="c"))),
    "speaker:(a OR b)": Field(name="speaker", value=Or(children=(Term(text="a"), Term(text="b")))),
    "date:2w": Field(name="date", value=Range(written="2w", start=date(2026, 2, 19), end=TODAY)),
    "quote:{a}": Scope(inner=Term(text="a")),
}


@pytest.mark.parametrize(("query", "tree"), TREES.items(), ids=list(TREES))
def test_trees(query: str, tree: Node) -> None:
    assert read(query).tree == tree


YEAR = Range(written="2022", start=date(2022, 1, 1), end=date(2022, 12, 31))
VALUES: dict[str, Node] = {
    'speaker:"Nadia Korbel"~1': Phrase(text="Nadia Korbel", slop=1),
    "speaker:=Korbel": Equals(text="Korbel"),
    "speaker:=“Korbel’s”": Equals(text="Korbel’s"),
    r"speaker:/kor\/b.*/": Regex(pattern="kor/b.*"),
    "speaker:https://a.example/x": Phrase(text="https://a.example/x"),
    "url:=https://a.example/x*": Equals(text="https://a.example/x*"),
    "id:person:korbel": Term(text="person:korbel"),
    "date:*": Exists(),
    'date:"2022"': Range(written="2022", start=YEAR.start, end=YEAR.end),
    "date:={2021 TO 2022]": Range(written="={2021 TO 2022]", start=YEAR.start, end=YEAR.end, within=True),
    "date:Month-Unknown": Unplaced(unit="month"),
    "said:>2022": Range(written=">2022", start=date(2023, 1, 1), end=None),
    "https://a.example/tin_(metal))": Equals(text="https://a.example/tin_(metal)"),
    "https://a.example/*": Prefix(text="https://a.example/"),
    "https://a.example/*/b*": Equals(text="https://a.example/*/b*"),
    "https://*": Equals(text="https://*"),
    "https://a.example/‘b’": Equals(text="https://a.example/‘b’"),
}


@pytest.mark.parametrize("query", VALUES)
def test_values_of_fields(query: str) -> None:
    tree = read(query.removesuffix(")") if query.endswith("))") else query).tree
    assert isinstance(tree, Field)
    assert tree.value == VALUES[query]
    assert any("is not a wildcard; it is one only" in note for note in read(query.removesuffix(")")).notes) is (
        isinstance(tree.value, Equals) and "*" in query and "=" not in query
    )


def test_exact_words_are_kept_as_typed_and_nodes_know_their_place() -> None:
    assert read('exact:"Korbel’s own"').tree == Exact(text="Korbel’s own")
    spanned = read('crane "two words"~3').tree
    assert [node.span for node in getattr(spanned, "children", ())] == [Span(0, 5), Span(6, 19)]


def test_messages_show_no_hostile_character() -> None:
    with pytest.raises(QueryError) as caught:
        read("x\u202e\x1b[31m:a")
    assert caught.value.message.isprintable()


def test_nodes_know_their_place() -> None:
    tree = read('Korbel OR speaker:"Petr Havel"').tree
    assert isinstance(tree, Or)
    assert [child.span for child in tree.children] == [Span(0, 6), Span(10, 30)]
    assert tree.span == Span(0, 30)


def test_a_query_is_normalized_as_documents_are() -> None:
    """Invisible characters vanish, also in quotation marks, and places count what is left."""
    assert read("Kor\u200bbel").tree == read("Kor\u00adbel\u2060\ufeff").tree == Term(text="Korbel")
    assert read("a O\u200bR b").tree == read("a OR b").tree
    assert read('spea\u200bker:="Ha\u00advel e\u0301"').tree == Field(name="speaker", value=Equals(text="Havel é"))
    error = refused("a\u200b speker:x")
    assert (error.query, error.start) == ("a speker:x", 2)


def test_over_statements_the_scope_is_unwrapped() -> None:
    assert str(read("quote:{speaker:Korbel double} Ostrava", "quote").tree) == "speaker:Korbel AND double AND Ostrava"
    assert str(read("-quote:{a b}", "quote").tree) == "NOT (a AND b)"
    assert refused("body:Korbel", "quote").code == "not-in-statement"
    assert refused("quote:{quote:{a}}", "quote").code == "nested-scope"


NOTES = {
    '"double stand*"': 'Inside quotation marks "*" is not a wildcard.',
    "a — b": '"—" has no letter or digit and was ignored.',
    "+Korbel fine": 'The "+" was ignored: all words are required anyway.',
    "a or b": '"or" was searched for as a word; the operator is written OR.',
    "a near b": '"near" was searched for as a word; the operator is written NEAR.',
    "a Adj/3 b": '"Adj/3" was searched for as a word; the operator is written ADJ/3.',
    "a UND b": '"UND" was searched for as a word; the operator is written AND.',
    "speaker:(a oder b)": '"oder" was searched for as a word; the operator is written OR.',
    "quote:{a ET b}": '"ET" was searched for as a word; the operator is written AND.',
    "a ou b": '"ou" was searched for as a word; the operator is written OR.',
    "Nicht Korbel": '"Nicht" was searched for as a word; the operator is written NOT.',
    "Korbe?": '"?" is not a wildcard; "Korbe?" was searched for as written. Write "*" for any end of a word.',
    "verb:den?": '"?" is not a wildcard; "den?" was searched for as written. Write "*" for any end of a word.',
    "K\u043erbel": '"K\u043erbel" mixes alphabets: some of its letters only look Latin.',
    "not Korbel": '"not" was searched for as a word; the operator is written NOT.',
    "'double standard'": 'Single quotes do not make a phrase; write "..." for words in this order.',
    "date:2022-12-15T10:00Z": (
        'The time of day in "2022-12-15T10:00Z" is ignored; the complete day 2022-12-15 is searched.'
    ),
}


@pytest.mark.parametrize(("query", "note"), NOTES.items(), ids=list(NOTES))
def test_notes(query: str, note: str) -> None:
    assert note in read(query).notes


@pytest.mark.parametrize("query", cases(__file__, "test_plain_queries_have_no_notes"))
def test_plain_queries_have_no_notes(query: str) -> None:
    assert read(query).notes == ()


@pytest.mark.parametrize("query", ["oil", "oil price", "oil oil 1987", "a b c d e f g h i j", "http 7"])
def test_plain_words_are_read_as_by_the_parser(query: str) -> None:
    tree, again = read(query).tree, read(f"{query} ").tree  # the space leads to the parser
    assert tree == again
    assert [node.span for node in walk(tree)][1:] == [node.span for node in walk(again)][1:]
    assert tree.span == Span(0, len(query))


@pytest.mark.parametrize("query", ["us", "oil and gas", "oil or gas", "oil near gas", "oil und gas"])
def test_words_that_have_notes_are_not_plain(query: str) -> None:
    assert parser._plain_words(query) is None
    assert read(query).notes


def test_limits_are_located() -> None:
    assert refused("a" * 16_385).code == "too-long"
    assert str(read("a" * 16_384).tree) == "a" * 16_384
    many = refused("a " * 1_025)
    assert (many.code, many.start) == ("too-many", 2_048)
    assert len(str(read("a " * 1_024).tree).split(" AND ")) == 1_024
    deep = refused("(" * 33 + "a" + ")" * 33)
    assert (deep.code, deep.start) == ("too-deep", 32)
    assert str(read("(" * 32 + "a" + ")" * 32).tree) == "a"
    assert refused("NOT " * 4_000 + "a").code == "too-deep"
    assert refused("(" * 16_000).code == "too-deep"


def test_canonical_brackets_keep_to_the_limit() -> None:
    query = "a"
    for _ in range(31):
        query = f"(a AND {query} OR b)"
    assert refused(query).code == "too-deep"
    query = "a"
    for number in range(32):
        query = f"(b AND {query})" if number % 2 else f"(b OR {query})"
    tree = read(query).tree
    assert read(str(tree)).tree == tree


def test_hostile_runs_are_quick() -> None:
    for query in (
        "+" * 16_000 + "a",
        "- " * 8_000,
        "a" + "~" * 16_000,
        "\\" * 16_000,
        '"' + "\\" * 16_000,
        "x:" * 8_000,
    ):
        try:
            read(query)
        except QueryError as error:
            assert 0 <= error.start <= error.end <= len(query)


def test_a_term_of_a_megabyte_is_refused_at_once() -> None:
    with processor_time_below(1):
        assert refused("x" * 1_000_000).code == "too-long"
