"""Test the comparison of values, intervals of time, and acts of verbs."""

from collections import Counter
from datetime import date, timedelta
from importlib import resources
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.values import (
    act_of,
    acts,
    first_day,
    interval_key,
    key_at,
    last_day,
    number_of,
    span_test,
    value_key,
    value_pattern,
    within_edits,
)
from searchkit.query import ast
from searchkit.query.ast import Unit
from searchkit.query.fields import find
from searchkit.statements.packs import languages, pack_for
from tests.samples import present


def test_value_keys() -> None:
    assert value_key("  Café\tZátiší ") == "cafe zatisi"
    assert value_key("Cafe\u0301 Záti\u200bší\ufeff") == "cafe zatisi"
    assert value_key("\ufeff\u200b") == ""


def _distance(first: str, second: str) -> int:
    if not first or not second:
        return len(first) + len(second)
    if first[0] == second[0]:
        return _distance(first[1:], second[1:])
    return 1 + min(_distance(first[1:], second), _distance(first, second[1:]), _distance(first[1:], second[1:]))


@given(st.text("ab", max_size=5), st.text("ab", max_size=5), st.integers(1, 2))
def test_edits(first: str, second: str, most: int) -> None:
    assert within_edits(first, second, most) is (_distance(first, second) <= most)


def test_patterns_match_in_any_case() -> None:
    assert value_pattern("harb.r").fullmatch("Harbor")
    with pytest.raises(UsageError, match="not a valid pattern"):
        value_pattern("(")


def _fits(value: ast.Node, first: str, last: str) -> bool:
    return span_test(value)(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())


DECEMBER = ast.Range(written="", start=date(2022, 12, 1), end=date(2022, 12, 31))
SINCE = ast.Range(written="", start=date(2022, 12, 2), end=None)
UNTIL = ast.Range(written="", start=None, end=date(2022, 12, 2))
SPANS = (("2022-12-31", "2022-12-31"), ("2022-12-01", "2022-12-31"), ("2022-01-01", "2022-12-31"))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (DECEMBER, [True, True, True]),
        (replace(DECEMBER, within=True), [True, True, False]),
        (SINCE, [True, True, True]),
        (replace(SINCE, within=True), [True, False, False]),
        (UNTIL, [False, True, True]),
        (replace(UNTIL, within=True), [False, False, False]),
        (ast.Unplaced(unit="month"), [False, False, True]),
        (ast.Unplaced(unit="year"), [False, False, False]),
        (ast.Exists(), [True, True, True]),
        (ast.Term(text="2022"), [False, False, False]),
    ],
)
def test_spans_of_days(node: ast.Node, expected: list[bool]) -> None:
    assert [_fits(node, *span) for span in SPANS] == expected


# --- intervals --------------------------------------------------------------------------------------------------------


units = st.sampled_from(get_args(Unit))


def _key(day: date, unit: Unit) -> str:
    return present(interval_key(day.toordinal(), day.toordinal(), unit))


def test_span_has_one_interval_or_none() -> None:
    first, last = date(2022, 12, 1).toordinal(), date(2022, 12, 31).toordinal()
    assert interval_key(first, first, "day") == "2022-12-01"
    assert interval_key(first, last, "day") is None
    assert interval_key(first, last, "week") is None
    assert interval_key(first, last, "month") == "2022-12"
    assert interval_key(first, last + 1, "month") is None
    assert interval_key(first, last, "year") == "2022"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2022, 12, 12), "2022-W50"),
        (date(2022, 12, 18), "2022-W50"),
        (date(2021, 1, 1), "2020-W53"),
        (date(2024, 12, 30), "2025-W01"),
        (date.min, "0001-W01"),
        (date.max, "9999-W52"),
    ],
)
def test_weeks_are_those_of_the_standard(day: date, week: str) -> None:
    assert _key(day, "week") == week


@given(st.dates(), units)
def test_day_lies_within_the_bounds_of_its_interval(day: date, unit: Unit) -> None:
    key = _key(day, unit)
    first, last = first_day(key, unit), last_day(key, unit)
    assert first <= day <= last
    assert interval_key(first.toordinal(), last.toordinal(), unit) == key
    if first > date.min:
        assert _key(first - timedelta(days=1), unit) < key
    if last < date.max:
        assert _key(last + timedelta(days=1), unit) > key


@given(st.dates(), units)
def test_consecutive_intervals_have_consecutive_numbers(day: date, unit: Unit) -> None:
    key = _key(day, unit)
    number = number_of(key, unit)
    assert key_at(number, unit) == key
    last = last_day(key, unit)
    if last < date.max:
        assert number_of(_key(last + timedelta(days=1), unit), unit) == number + 1


# --- acts -------------------------------------------------------------------------------------------------------------


def test_every_verb_of_every_language_has_an_act() -> None:
    for code in languages():
        pack = present(pack_for(code))
        cues = [*pack.cues.values(), *(cue for several in pack.particled.values() for cue in several)]
        assert [cue.lemma for cue in cues if act_of(cue.lemma) is None] == []


def test_nouns_and_phrases_have_acts() -> None:
    pack = present(pack_for("en"))
    verbs = dict(pair.split("-") for pair in pack.words["noun-verb"])
    nouns = {noun.removesuffix("s") for noun in pack.words["speech-noun"]}
    phrases = {phrase.replace("-", " ") for phrase in pack.words["source-phrase"]}
    assert [word for word in phrases | {verbs.get(noun, noun) for noun in nouns} if act_of(word) is None] == []
    for code, names in (("de", ("according", "according-with", "postposed", "such", "thus")), ("fr", ("according",))):
        other = present(pack_for(code))
        assert [word for name in names for word in other.words[name] if act_of(word) is None] == []


def test_first_word_of_a_phrase_counts() -> None:
    assert (act_of("nach übereinstimmenden angaben"), act_of("nach meinung")) == ("say", "believe")


def test_verbs_are_listed_once() -> None:
    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "["))]
    lemmas = [lemma.strip() for line in lines for lemma in line.split(";") if lemma.strip()]
    assert [lemma for lemma, count in Counter(lemmas).items() if count > 1] == []


def test_some_verbs() -> None:
    wanted = {
        "say": "say",
        "deny": "deny",
        "dementieren": "deny",
        "démentir": "deny",
        "accuse": "accuse",
        "warn": "warn",
        "want to know": "ask",
        "fordern": "demand",
        "se féliciter": "praise",
        "pledge": "promise",
        "annoncer": "announce",
    }
    assert {lemma: act_of(lemma) for lemma in wanted} == wanted
    assert act_of("Dementir") == "deny"
    assert act_of("said") is None
    assert act_of("") is None


def test_field_description_names_all_acts() -> None:
    field = present(find("act"))
    listed = [act for act in acts() if not act.startswith("not-")]
    assert all(act in field.describes for act in listed)
    assert 8 <= len(listed) <= 13
