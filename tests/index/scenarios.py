"""The scenarios: small archives as data (tests/scenarios), and queries with their answers.

A question in searches.json has `query`, and may have `over`, `sort`, `limit`, `offset`, `copies`, `saved` (saved
searches by name). Of the answer it states `ids` (all, in order), `order`, `total`, `others` (copies by hit), `facets`.
A facet is named `speaker`, `speaker+about`, `date:week`; stated are its counts, or an object with `counts` (a list of
pairs when the order matters), `size`, `sort`, `all_values`, `missing`, `unknown`, `other`, `gaps`, `named`.

A look-up has `values` (a field; `of` is a query whose one condition on the field selects, `any_order`), `spellings` (a
word; `in`, `distance`) or `days` (a field), and `found`.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from searchkit.index.base import Facet, FacetCount, FacetRequest, Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.parser import SavedQuery, parse
from tests.index.engines import opened
from tests.index.records import SCENARIOS, documents, fill

TODAY = date(2026, 3, 4)
FOLDERS = sorted(path for path in SCENARIOS.iterdir() if path.is_dir())
Stated = Mapping[str, Any]


def filled(engine: str, folder: Path, scenario: Path, batch: int) -> Index:
    """Return an index with the documents of a scenario, committed `batch` at a time."""
    index = opened(engine, folder)
    given = documents(scenario)
    for number, start in enumerate(range(0, len(given), batch), start=1):
        fill(index, *given[start : start + batch], sequence=number)
    return index


def questions(scenario: Path) -> list[Stated]:
    """The questions and look-ups of a scenario."""
    found: list[Stated] = json.loads((scenario / "searches.json").read_text("utf-8"))
    return found


def check(index: Index, stated: Stated) -> None:
    """Ask the question and compare the answer with the stated one."""
    if "query" in stated and not stated.keys() & {"values", "spellings", "days"}:
        _check_search(index, stated)
    else:
        _check_look_up(index, stated)


# --- searches ---------------------------------------------------------------------------------------------------------


def search_request(stated: Stated) -> SearchRequest:
    """The request of a question."""
    record = stated.get("over", "document")
    return SearchRequest(
        query=tree(stated, stated["query"]),
        record=record,
        limit=stated.get("limit", 100),
        offset=stated.get("offset", 0),
        sort=stated.get("sort", "relevance"),
        facets=tuple(_facet(name, wanted) for name, wanted in stated.get("facets", {}).items()),
        copies=stated.get("copies", False),
    )


def tree(stated: Stated, query: str) -> ast.Node:
    """The condition that a part of a question writes."""
    saved = {
        name: SavedQuery(query=one["query"], record=one.get("over", "document"))
        for name, one in stated.get("saved", {}).items()
    }
    return parse(query, today=TODAY, record=stated.get("over", "document"), saved=saved).tree


def _is_whole(wanted: Stated) -> bool:
    """Return whether more than the counts of a facet is stated."""
    return isinstance(wanted.get("counts"), list)


def _facet(name: str, wanted: Stated) -> FacetRequest:
    names, _, interval = name.partition("#")[0].partition(":")
    field, _, paired = names.partition("+")
    how = wanted if _is_whole(wanted) else {}
    return FacetRequest(
        field=field,
        paired=paired,
        interval=interval or None,  # type: ignore[arg-type]  # scenarios name real ones
        size=how.get("size", 10),
        sort=how.get("sort", "count"),
        all_values=how.get("all_values", True),
    )


def _shown(count: FacetCount) -> str:
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def _check_search(index: Index, stated: Stated) -> None:
    request = search_request(stated)
    asked = stated["query"]
    result = index.search(request)
    found = [hit.id for hit in result.hits]
    if "ids" in stated:
        assert sorted(found) == stated["ids"], (asked, found)
        assert result.total == len(stated["ids"]), (asked, result.total)
    if "order" in stated:
        assert found == stated["order"], (asked, found)
    if "others" in stated:
        assert {hit.id: list(hit.copy_ids) for hit in result.hits if hit.copies} == stated["others"], (
            asked,
            result.hits,
        )
    if "total" in stated:
        assert result.total == stated["total"], (asked, result.total)
        if "limit" not in stated:
            assert len(found) == stated["total"], (asked, found)
    for facet, (name, wanted) in zip(result.facets, stated.get("facets", {}).items(), strict=True):
        told = _told(facet, wanted) if _is_whole(wanted) else {_shown(count): count.count for count in facet.counts}
        assert told == wanted, (asked, name, told)


def _told(facet: Facet, wanted: Stated) -> dict[str, Any]:
    """What a facet answers of what is stated."""
    counts = [[_shown(count), count.count] for count in facet.counts]
    whole = {
        "counts": counts,
        "missing": facet.missing,
        "unknown": facet.unknown,
        "other": facet.other,
        "gaps": [[gap.after, gap.before, gap.length] for gap in facet.gaps],
        "ids": [count.id for count in facet.counts],
        "named": [_shown(count) for count in facet.counts if count.named],
    }
    return {name: whole.get(name, value) for name, value in wanted.items()}


# --- look-ups ---------------------------------------------------------------------------------------------------------


def _check_look_up(index: Index, stated: Stated) -> None:
    record = stated.get("over", "document")
    if "days" in stated:
        days = index.days(stated["days"], record)
        assert (days and [day.isoformat() for day in days]) == stated["found"], (stated, days)
    elif "spellings" in stated:
        near = index.spellings(stated["in"], stated["spellings"], distance=stated["distance"], record=record)
        assert {one.name: one.count for one in near} == stated["found"], (stated, near)
        _check_order(near)
    else:
        values = index.values(values_request(stated))
        assert {f"{one.id}|{one.name}": one.count for one in values} == stated["found"], (stated, values)
        _check_order(values)
        if "alone" in stated:
            assert [one.name for one in values if one.alone] == stated["alone"], (stated, values)


def _check_order(values: tuple[ValueCount, ...]) -> None:
    order = [(-one.count, one.name, one.id) for one in values]
    assert order == sorted(order)


def values_request(stated: Stated) -> ValuesRequest:
    """The request of a look-up of values."""
    value: ast.Node = ast.Exists()
    if "of" in stated:
        condition = tree(stated, stated["of"])
        assert isinstance(condition, ast.Field)
        value = condition.value
    return ValuesRequest(
        field=stated["values"],
        value=value,
        any_order=stated.get("any_order", False),
        query=tree(stated, stated.get("query", "*")),
        record=stated.get("over", "document"),
        copies=stated.get("copies", False),
    )
