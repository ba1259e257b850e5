"""Facets with more values than one request returns are those of the oracle, but for names of rare namesakes."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.cluster.opensearch import facets
from searchkit.index.base import Facet, FacetRequest
from searchkit.query.fields import FIELDS
from tests.index.engines import ON_ONE_NODE, ORACLE, may_refuse
from tests.index.scenarios import FOLDERS, filled, questions, search_request

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.mark.parametrize("first", [1, 3])
@pytest.mark.parametrize("scenario", FOLDERS, ids=lambda path: path.name)
def test_values_beyond_the_first(scenario: Path, first: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(facets, "MAX_VALUES", first)
    index, oracle = filled(ON_ONE_NODE, tmp_path / "index", scenario, 100), filled(ORACLE, tmp_path, scenario, 100)
    for stated in (each for each in questions(scenario) if "query" in each and "values" not in each):
        request = search_request(stated)
        if may_refuse(ON_ONE_NODE, request.query):
            continue
        names = [each.name for each in FIELDS if each.facet and each.indexed and request.record in each.records]
        wanted = tuple(FacetRequest(field=name, size=size) for name in names for size in (1, 2))
        request = replace(request, limit=0, facets=wanted)
        found, wanted_facets = index.search(request).facets, oracle.search(request).facets
        assert [*map(_without_named, found)] == [*map(_without_named, wanted_facets)], stated["query"]
    index.close()


def _without_named(facet: Facet) -> Facet:
    return replace(facet, counts=tuple(replace(count, named=True) for count in facet.counts))
