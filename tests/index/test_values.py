"""Comparison of values, and facets from tallies."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import UsageError
from searchkit.index.base import FacetCount, FacetRequest
from searchkit.index.values import (
    date_facet,
    facet_field,
    interval_key,
    value_facet,
    value_key,
    value_pattern,
    within_edits,
)


def test_value_keys() -> None:
    assert value_key("  Café\tZátiší ") == "cafe zatisi"


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
    with pytest.raises(UsageError, match="not a pattern"):
        value_pattern("(")


def test_intervals() -> None:
    first, last = date(2022, 12, 1).toordinal(), date(2022, 12, 31).toordinal()
    assert interval_key(first, first, "day") == "2022-12-01"
    assert interval_key(first, last, "day") is None
    assert interval_key(first, last, "month") == "2022-12"
    assert interval_key(first, last + 1, "month") is None
    assert interval_key(first, last, "year") == "2022"


def test_an_id_shows_its_commonest_name() -> None:
    tally = {("p:1", "Nadia Korbel"): 2, ("p:1", "N. Korbel"): 1, ("p:2", "Per Lindqvist"): 3, ("p:3", "Ana"): 1}
    facet = value_facet(FacetRequest(field="speaker", size=2), tally, missing=4)
    assert facet.counts == (
        FacetCount(value="Nadia Korbel", id="p:1", count=3),
        FacetCount(value="Per Lindqvist", id="p:2", count=3),
    )
    assert (facet.missing, facet.other) == (4, 1)


def test_of_too_many_dates_the_latest_stay() -> None:
    facet = date_facet(FacetRequest(field="date", size=2), {"2023": 1, "2021": 5, "2022": 2}, missing=0)
    assert [count.id for count in facet.counts] == ["2022", "2023"]
    assert facet.other == 1
    assert not date_facet(FacetRequest(field="date", size=0), {"2023": 1}, missing=0).counts


@pytest.mark.parametrize(
    "request_", [FacetRequest(field="nobody"), FacetRequest(field="text"), FacetRequest(field="outlet", interval="day")]
)
def test_what_cannot_be_counted(request_: FacetRequest) -> None:
    with pytest.raises(UsageError):
        facet_field(request_, "document")
