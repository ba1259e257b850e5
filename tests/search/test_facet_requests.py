"""How people write facets."""

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import FacetRequest
from searchkit.search.facet_requests import facet_requests


@pytest.mark.parametrize(
    ("written", "request_"),
    [
        ("speaker", FacetRequest(field="speaker", size=10)),
        ("speaker:3", FacetRequest(field="speaker", size=3)),
        ("by", FacetRequest(field="speaker", size=10)),
        (" Outlet:20 ", FacetRequest(field="outlet", size=20)),
        ("entity.company", FacetRequest(field="entity.company", size=10)),
        ("date", FacetRequest(field="date", size=1000, interval="month")),
        ("date:year", FacetRequest(field="date", size=1000, interval="year")),
        ("published:day:7", FacetRequest(field="date", size=7, interval="day")),
        ("said:5", FacetRequest(field="said", size=5, interval="month")),
        ("date:week", FacetRequest(field="date", size=1000, interval="week")),
        ("by+target:5", FacetRequest(field="speaker", paired="about", size=5)),
        ("speaker*verb", FacetRequest(field="speaker", paired="verb", size=10)),
    ],
)
def test_facets(written: str, request_: FacetRequest) -> None:
    assert facet_requests([written]) == (request_,)


def test_facets_keep_their_order() -> None:
    assert [request.field for request in facet_requests(["verb", "date", "kind"])] == ["verb", "date", "kind"]
    assert facet_requests([]) == ()
    assert [request.sort for request in facet_requests(["verb", "date"], "value")] == ["value", "value"]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("colour", 'Unknown facet "colour"'),
        ("title", 'Unknown facet "title"'),
        ("", 'Unknown facet ""'),
        ("speaker:", "Unknown facet"),
        ("speaker:x", "Unknown facet"),
        ("speaker:-1", "Unknown facet"),
        ("speaker:99999", "Unknown facet"),
        ("date:hour", "Unknown facet"),
        ("date:unknown", "Unknown facet"),
        ("date:7:day", "Unknown facet"),
        ("outlet:month", "only dates can be counted by month"),
        ("speaker:0", "Facet size must be at least 1"),
        ("date:week:0", "Facet size must be at least 1"),
        ("speaker+", "Unknown facet"),
        ("speaker+nobody", "Unknown facet"),
        ("speaker+title", "Unknown facet"),
        ("speaker+about+verb", "Unknown facet"),
        ("speaker+by", "cannot be paired with itself"),
        ("speaker+date", "not a name or keyword field"),
        ("date+speaker", "not a name or keyword field"),
        ("speaker+copies", "not a name or keyword field"),
        ("speaker+about:week", "only dates can be counted by week"),
        ("x" * 5_000, "Unknown facet"),
    ],
)
def test_facets_that_cannot_be(written: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        facet_requests(["speaker", written])
    assert complaint in caught.value.message
    assert caught.value.hint or "pair" in complaint or "field" in complaint
