"""Count the values of fields that are not in the index: one search for each value, since there are few."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from searchkit.index.base import Choice, Facet, FacetCount, FacetRequest, SearchRequest, SearchResult
from searchkit.index.facets import counted_query, facet_fields
from searchkit.query import ast
from searchkit.query.fields import Field
from searchkit.query.leaves import number_range
from searchkit.query.walk import alternatives, split_selection
from searchkit.search.rewrite import NameExpander, is_outside, rewrite_query, value_test


def with_facets_outside(
    result: SearchResult,
    facets: Iterable[FacetRequest],
    shown: ast.Node,
    executed: SearchRequest,
    names: NameExpander,
) -> SearchResult:
    """Return a result with all `facets`, in order: those of the index, which it has, and those counted here. `shown` is
    the query as users see it."""
    counted = iter(result.facets)
    return replace(
        result,
        facets=tuple(
            _facet(facet, shown, executed, names) if is_outside(facet.field) else next(counted) for facet in facets
        ),
    )


def _facet(request: FacetRequest, shown: ast.Node, executed: SearchRequest, names: NameExpander) -> Facet:
    """Count one facet. UsageError if it cannot be counted."""
    (field,) = fields = facet_fields(request, executed.record, indexed=False)
    within = counted_query(shown, fields, all_values=request.all_values)

    def count(value: ast.Node) -> int:
        query = rewrite_query(ast.conjunction(within, ast.Field(name=field.name, value=value)), names).executed
        return names.index.search(replace(executed, query=query, limit=0, offset=0, facets=())).total

    choices = tuple(_choices(field, shown))
    chosen = {key for choice in choices for key in choice.keys}
    counts = [
        FacetCount(value=value, id=value, count=found, chosen=value in chosen)
        for value in field.counts
        if (found := count(value_node(field, value)))
    ]
    if request.sort == "count" and field.kind != "number":
        counts.sort(key=lambda one: -one.count)
    listed = [one for place, one in enumerate(counts) if place < request.size or one.chosen]
    query = rewrite_query(within, names).executed
    total = names.index.search(replace(executed, query=query, limit=0, offset=0, facets=())).total
    return Facet(
        field=field.name,
        counts=tuple(listed),
        missing=total - count(ast.Exists()),
        other=len(counts) - len(listed),
        all_values=request.all_values,
        chosen=choices,
    )


def value_node(field: Field, value: str) -> ast.Node:
    """Return the condition for one of the values that facets of a field count."""
    numbers = number_range(value) if field.kind == "number" else None
    return numbers or ast.Equals(text=value)


def _choices(field: Field, shown: ast.Node) -> Iterator[Choice]:
    """Yield the conditions of a query on a field, with the values that they select."""
    for choice in split_selection(shown, field.name)[1]:
        for condition in alternatives(choice):
            selects = condition.value.__eq__ if field.kind == "number" else _key_test(condition.value)
            keys = tuple(own for own in field.counts if selects(value_node(field, own)))
            yield Choice(condition=condition, keys=keys)


def _key_test(value: ast.Node) -> Callable[[ast.Node], bool]:
    return lambda node: isinstance(node, ast.Equals) and value_test(value)(node.text)
