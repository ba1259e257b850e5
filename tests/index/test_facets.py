"""Test facets from counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import UsageError
from searchkit.index.base import FacetCount, FacetRequest, FacetValue, GapRecord
from searchkit.index.facets import (
    LONGEST_GAP,
    MOST_EMPTY,
    counted_query,
    date_facet,
    facet_fields,
    pair_facet,
    value_facet,
)
from searchkit.index.values import Label, Pair, key_at, label
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import without_excluded_genres

KORBEL, SHORT, LINDQVIST, ANA = (
    label("p:1", "Nadia Korbel"),
    label("p:1", "N. Korbel"),
    label("p:2", "Per Lindqvist"),
    label("p:3", "Ana"),
)


def _totals(labels: dict[Label, int]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one, count in labels.items():
        totals[one.key] = totals.get(one.key, 0) + count
    return totals


def test_id_shows_its_most_frequent_name() -> None:
    labels = {KORBEL: 2, SHORT: 1, LINDQVIST: 3, ANA: 1}
    facet = value_facet(FacetRequest(field="speaker", size=2), labels.items(), _totals(labels), missing=4)
    assert facet.counts == (
        FacetCount(value="Nadia Korbel", id="p:1", count=3, named=False),
        FacetCount(value="Per Lindqvist", id="p:2", count=3),
    )
    assert (facet.missing, facet.other) == (4, 1)


def test_values_that_differ_in_case_are_counted_as_one() -> None:
    labels = {label("en", "en"): 2, label("EN", "EN"): 1, label("de", "de"): 3}
    facet = value_facet(FacetRequest(field="lang"), labels.items(), _totals(labels), missing=0)
    assert [(one.value, one.count, one.named) for one in facet.counts] == [("de", 3, True), ("en", 3, True)]


def test_namesakes_need_their_ids_even_if_only_one_is_shown() -> None:
    labels = {label("place:velmar", "Velmar"): 3, label("company:velmar", "VELMAR"): 1, ANA: 2}
    facet = value_facet(FacetRequest(field="entity", size=2), labels.items(), _totals(labels), missing=0)
    assert [(one.id, one.named) for one in facet.counts] == [("place:velmar", False), ("p:3", True)]


def test_name_that_is_another_id_needs_its_id() -> None:
    labels = {label("p:9", "p:3"): 1, ANA: 1}
    facet = value_facet(FacetRequest(field="speaker"), labels.items(), _totals(labels), missing=0)
    assert {one.id: one.named for one in facet.counts} == {"p:9": False, "p:3": True}


def test_order_by_value() -> None:
    labels = {KORBEL: 1, LINDQVIST: 3, ANA: 2, label("p:4", "Émil"): 4}
    facet = value_facet(FacetRequest(field="speaker", size=3, sort="value"), labels.items(), _totals(labels), missing=0)
    assert [one.value for one in facet.counts] == ["Ana", "Émil", "Nadia Korbel"]
    assert facet.other == 1


@given(st.dictionaries(st.sampled_from([f"p:{number}" for number in range(30)]), st.integers(1, 4)), st.integers(0, 40))
def test_shown_values_are_the_first_of_all(counts: dict[str, int], size: int) -> None:
    labels = {label(one, f"Name {one[::-1]}"): count for one, count in counts.items()}
    whole = value_facet(FacetRequest(field="speaker", size=100), labels.items(), counts, missing=0)
    some = value_facet(FacetRequest(field="speaker", size=size), labels.items(), counts, missing=0)
    assert some.counts == whole.counts[:size]
    assert some.other == len(counts) - len(some.counts)
    assert [one.count for one in whole.counts] == sorted(counts.values(), reverse=True)


def test_pairs() -> None:
    pairs = {Pair(KORBEL, ANA): 2, Pair(SHORT, ANA): 1, Pair(LINDQVIST, ANA): 3, Pair(LINDQVIST, KORBEL): 1}
    totals = {("p:1", "p:3"): 2, ("p:2", "p:3"): 3, ("p:2", "p:1"): 1}
    facet = pair_facet(FacetRequest(field="speaker", paired="about", size=2), pairs.items(), totals, missing=5)
    ana = FacetValue(value="Ana", id="p:3")
    assert facet.counts == (
        FacetCount(value="Per Lindqvist", id="p:2", count=3, second=ana),
        FacetCount(value="Nadia Korbel", id="p:1", named=False, count=2, second=ana),
    )
    assert (facet.field, facet.paired, facet.missing, facet.other) == ("speaker", "about", 5, 1)


def test_latest_dates_are_shown() -> None:
    totals = {"2023": 1, "2021": 5, "2022": 2}
    facet = date_facet(FacetRequest(field="date", size=2, interval="year"), totals, missing=3, unknown=4)
    assert [count.id for count in facet.counts] == ["2022", "2023"]
    assert (facet.other, facet.missing, facet.unknown, facet.interval) == (1, 3, 4, "year")
    assert not date_facet(FacetRequest(field="date", size=0), {"2023-01": 1}, missing=0, unknown=0).counts


def test_short_gaps_are_shown_as_zero() -> None:
    facet = date_facet(FacetRequest(field="date"), {"2022-11": 1, "2023-02": 2}, missing=0, unknown=0)
    assert [(count.id, count.count) for count in facet.counts] == [
        ("2022-11", 1),
        ("2022-12", 0),
        ("2023-01", 0),
        ("2023-02", 2),
    ]
    assert not facet.gaps


def test_long_gaps_are_reported() -> None:
    totals = {"0001-01-01": 1, "2022-12-15": 1, "2022-12-17": 1, "9999-12-31": 1}
    facet = date_facet(FacetRequest(field="date", interval="day"), totals, missing=0, unknown=0)
    assert [count.id for count in facet.counts] == [
        "0001-01-01",
        "2022-12-15",
        "2022-12-16",
        "2022-12-17",
        "9999-12-31",
    ]
    assert [(gap.after, gap.before) for gap in facet.gaps] == [
        ("0001-01-01", "2022-12-15"),
        ("2022-12-17", "9999-12-31"),
    ]
    assert facet.gaps[0] == GapRecord(after="0001-01-01", before="2022-12-15", length=738_502)


def test_longest_shown_gap() -> None:
    def gap(length: int) -> tuple[int, int]:
        totals = {key_at(24_000, "month"): 1, key_at(24_001 + length, "month"): 1}
        facet = date_facet(FacetRequest(field="date"), totals, missing=0, unknown=0)
        return len(facet.counts), len(facet.gaps)

    assert gap(LONGEST_GAP) == (LONGEST_GAP + 2, 0)
    assert gap(LONGEST_GAP + 1) == (2, 1)


def test_many_gaps_do_not_become_many_rows() -> None:
    totals = {key_at(700_000 + place * 6, "day"): 1 for place in range(500)}
    facet = date_facet(FacetRequest(field="date", size=1_000, interval="day"), totals, missing=0, unknown=0)
    assert MOST_EMPTY < 499 * 5
    assert (len(facet.counts), len(facet.gaps)) == (500, 499)


@pytest.mark.parametrize(
    ("request_", "record"),
    [
        (FacetRequest(field="nobody"), "document"),
        (FacetRequest(field="text"), "document"),
        (FacetRequest(field="outlet", interval="day"), "document"),
        (FacetRequest(field="speaker", paired="nobody"), "document"),
        (FacetRequest(field="speaker", paired="title"), "quote"),
        (FacetRequest(field="speaker", paired="date"), "quote"),
        (FacetRequest(field="date", paired="speaker", interval="month"), "quote"),
        (FacetRequest(field="speaker", paired="copies"), "quote"),
        (FacetRequest(field="speaker", paired="by"), "quote"),
        (FacetRequest(field="speaker", paired="about", interval="week"), "quote"),
    ],
)
def test_invalid_facets(request_: FacetRequest, record: Record) -> None:
    with pytest.raises(UsageError):
        facet_fields(request_, record)


def test_facet_ignores_conditions_on_its_own_field() -> None:
    speaker = ast.Field(name="speaker", value=ast.Equals(text="Nadia Korbel"))
    date = ast.Field(name="date", value=ast.Exists())
    word = ast.Term(text="cranes")
    query = ast.And(children=(word, speaker, date))

    def counted(name: str, paired: str = "") -> ast.Node:
        return counted_query(query, facet_fields(FacetRequest(field=name, paired=paired), "quote"), all_values=True)

    assert counted("speaker") == counted("by") == without_excluded_genres(ast.And(children=(word, date)))
    assert counted("speaker", "about") == without_excluded_genres(query) != query
    for name in ("about", "date"):
        assert counted(name) == query
