"""From a facet back to queries: the query for a value, and the query that selects it as well.

The query for a value is the one that the facet counted, with a condition on that value.
"""

from collections.abc import Iterator

from searchkit.index.base import Facet, FacetCount, FacetRequest, FacetValue
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.values import STRONG, WEAK, first_day, last_day, value_key
from searchkit.query import ast
from searchkit.query.fields import Record, find
from searchkit.query.leaves import number_range
from searchkit.query.walk import alternatives, split_selection


class Refining:
    """Queries around one facet of the answer to `tree`. `base` is the query that the facet counted, `open` is `tree`
    without the conditions that select values of its own field."""

    def __init__(self, tree: ast.Node, facet: Facet, record: Record) -> None:
        self.tree = tree
        self.facet = facet
        self.record: Record = record
        self._fields = facet_fields(FacetRequest(field=facet.field, paired=facet.paired), record, indexed=False)
        self.base = counted_query(tree, self._fields, all_values=facet.all_values)
        self.open = counted_query(tree, self._fields, all_values=True)
        self._choices = split_selection(tree, self._fields[0].name)[1] if self.open != tree else ()
        self._keys = {choice.condition: frozenset(choice.keys) for choice in facet.chosen}

    def narrowed(self, count: FacetCount) -> ast.Node:
        """Return the query for the records counted for this value."""
        return ast.conjunction(self.base, self._condition(count))

    def excluded(self, count: FacetCount) -> ast.Node:
        """Return the query without the records that have this value."""
        return ast.conjunction(self.tree, ast.Not(child=self._condition(count)))

    def missing(self) -> ast.Node:
        present = [ast.Field(name=field.name, value=ast.Exists()) for field in self._fields]
        return ast.conjunction(self.base, ast.Not(child=self._scoped(*present)))

    def unknown(self) -> ast.Node | None:
        """Return the query for the records with a date in no single interval; None for other fields."""
        if self.facet.interval is None:
            return None
        value = ast.Unplaced(unit=self.facet.interval)
        return ast.conjunction(self.base, ast.Field(name=self._fields[0].name, value=value))

    def toggled(self, count: FacetCount) -> ast.Node:
        """Return the query that selects this value as well, or deselects it if it is selected.

        If several conditions on the field must hold together, and for dates and pairs, it adds one more condition.
        """
        chosen = self._choices
        if not chosen:
            return self.narrowed(count)
        if count.chosen:
            left = [
                [kept for part in self._conditions(choice) for kept in self._without(part, count)] for choice in chosen
            ]
            return ast.conjunction(self.open, *(ast.disjunction(*others) for others in left if others))
        if len(chosen) > 1:
            return ast.conjunction(self.tree, self._condition(count))
        return ast.conjunction(self.open, ast.disjunction(*alternatives(chosen[0]), self._condition(count)))

    def _conditions(self, choice: ast.Node) -> tuple[ast.Node, ...]:
        return (choice,) if choice in self._keys else alternatives(choice)

    def _without(self, condition: ast.Node, count: FacetCount) -> Iterator[ast.Node]:
        """Yield conditions for all that `condition` selects except one value: the condition itself if it does not match
        the value; else the other values, or if not all are shown, the condition without the value."""
        keys, key = self._keys.get(condition, frozenset()), value_key(count.id)
        if key not in keys:
            yield condition
            return
        others = [other for other in self.facet.counts if other != count and value_key(other.id) in keys]
        if len(others) == len(keys) - 1:
            yield from map(self._condition, others)
        else:
            yield ast.conjunction(condition, ast.Not(child=_equal(self._fields[0].name, count)))

    def _condition(self, count: FacetCount) -> ast.Node:
        if self.facet.interval is not None:
            start, end = first_day(count.id, self.facet.interval), last_day(count.id, self.facet.interval)
            value = ast.Range(written=f"={count.id}", start=start, end=end, within=True)
            return ast.Field(name=self._fields[0].name, value=value)
        values = (count,) if count.second is None else (count, count.second)
        return self._scoped(*(_equal(field.name, value) for field, value in zip(self._fields, values, strict=True)))

    def _scoped(self, *conditions: ast.Node) -> ast.Node:
        """Join conditions; those on a pair must hold in one statement."""
        joined = ast.conjunction(*conditions)
        return ast.Scope(inner=joined) if len(conditions) > 1 and self.record == "document" else joined


def _equal(name: str, value: FacetValue) -> ast.Field:
    numbers = number_range(value.id) if getattr(find(name), "kind", "") == "number" else None
    if numbers is not None:
        return ast.Field(name=name, value=numbers)
    if name == "watchlist":  # the id alone matches weak matches of the entry too
        text = value.id if value.id.endswith(WEAK) else value.id + STRONG
    else:
        text = value.value if value.named else value.id
    return ast.Field(name=name, value=ast.Equals(text=text))
