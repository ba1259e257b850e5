"""The interface for programs."""

import json

import pytest

from searchkit.web.api import BASE, ENDPOINTS
from tests.web.conftest import Site


def test_the_description_names_each_address_and_resolves(site: Site) -> None:
    described = json.loads(site.get("/openapi.json").text)
    assert set(described["paths"]) == {endpoint.path for endpoint in ENDPOINTS}
    schemas = described["components"]["schemas"]
    references = set(_references(described))
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in schemas}


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for part in value.values() for reference in _references(part)]
    return [reference for part in value for reference in _references(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.example])
def test_each_example_answers(site: Site, endpoint: object) -> None:
    page = site.get(BASE + endpoint.example)  # type: ignore[attr-defined]
    assert page.status == 200
    assert json.loads(page.text)["schema"].startswith("searchkit.")


def test_the_reference_lists_all(site: Site) -> None:
    text = site.get("/api").text
    assert all(endpoint.path in text for endpoint in ENDPOINTS)


def test_records_of_one_thing(site: Site) -> None:
    hit = json.loads(site.get(f"{BASE}/statements?q=Tiandy&limit=1").text)["items"][0]
    statement = json.loads(site.get(f"{BASE}/statements/{hit['id']}").text)
    assert (statement["schema"], statement["statement"]) == ("searchkit.statement/1", hit["statement"])
    document = json.loads(site.get(f"{BASE}/documents/{hit['document']}").text)
    assert document["schema"] == "searchkit.document/1"
