"""From a facet back to queries: the one that finds what a value was counted for, and the one that chooses it as well.

takes:    a query as it was read (search.py), the facet counted for it
gives:    query trees; whether the query chooses a value now
does not: count, or look up what a condition means (search/facet_selection.py does, before the question is put)
traps:    a facet leaves out what chooses values of its own field, so the query narrowed to a value is `base` narrowed
"""

from collections.abc import Iterator

from searchkit.index.base import Facet, FacetCount, FacetRequest, FacetValue
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.intervals import first_day, last_day
from searchkit.index.rows import STRONG, WEAK
from searchkit.index.values import value_key
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import alternatives, split_selection


class Refining:
    """Queries around one facet of the answer to `tree`, which asked for records of this kind.

    `base` is the query under which the facet was counted: the whole, but for what chooses values of its own field.
    """

    def __init__(self, tree: ast.Node, facet: Facet, record: Record) -> None:
        self.tree = tree
        self.facet = facet
        self.record: Record = record
        self._fields = facet_fields(FacetRequest(field=facet.field, paired=facet.paired), record)
        self.base = counted_query(tree, self._fields)
        self._choices = split_selection(tree, self._fields[0].name)[1] if self.base != tree else ()
        self._keys = {choice.condition: frozenset(choice.keys) for choice in facet.chosen}

    def narrowed(self, count: FacetCount) -> ast.Node:
        """The query that finds as many records as were counted for this value."""
        return ast.conjunction(self.base, self._condition(count))

    def missing(self) -> ast.Node:
        """The query for the records without a value."""
        present = [ast.Field(name=one.name, value=ast.Exists()) for one in self._fields]
        return ast.conjunction(self.base, ast.Not(child=self._scoped(*present)))

    def unknown(self) -> ast.Node | None:
        """The query for the records with a date that lies in no single interval; None for what is no date."""
        if self.facet.interval is None:
            return None
        value = ast.Unplaced(unit=self.facet.interval)
        return ast.conjunction(self.base, ast.Field(name=self._fields[0].name, value=value))

    def toggled(self, count: FacetCount) -> ast.Node:
        """The query that chooses this value beside those chosen now, or if it is one of them, all but this one.

        A field of which several conditions must hold at once gets one more, and so do dates and pairs.
        """
        chosen = self._choices
        if not chosen:
            return self.narrowed(count)
        if count.chosen:
            left = [
                [kept for one in self._conditions(choice) for kept in self._without(one, count)] for choice in chosen
            ]
            return ast.conjunction(self.base, *(ast.disjunction(*others) for others in left if others))
        if len(chosen) > 1:
            return ast.conjunction(self.tree, self._condition(count))
        return ast.conjunction(self.base, ast.disjunction(*alternatives(chosen[0]), self._condition(count)))

    def _conditions(self, choice: ast.Node) -> tuple[ast.Node, ...]:
        """The parts of a choice of which it is known what they mean."""
        return (choice,) if choice in self._keys else alternatives(choice)

    def _without(self, condition: ast.Node, count: FacetCount) -> Iterator[ast.Node]:
        """Conditions for all that this one chooses but one value: itself where it does not mean that value; else the
        others by their names, or where these are too many to be shown, itself but without that value."""
        keys, key = self._keys.get(condition, frozenset()), value_key(count.id)
        if key not in keys:
            yield condition
            return
        others = [one for one in self.facet.counts if one != count and value_key(one.id) in keys]
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
        return self._scoped(*(_equal(one.name, value) for one, value in zip(self._fields, values, strict=True)))

    def _scoped(self, *conditions: ast.Node) -> ast.Node:
        """Conditions on a record; those on a pair must hold of one statement."""
        whole = ast.conjunction(*conditions)
        return ast.Scope(inner=whole) if len(conditions) > 1 and self.record == "document" else whole


def _equal(name: str, value: FacetValue) -> ast.Field:
    """The condition that a field has this very value."""
    if name == "watchlist":  # an id alone would find the weak matches of the entry too
        text = value.id if value.id.endswith(WEAK) else value.id + STRONG
    else:
        text = value.value if value.named else value.id
    return ast.Field(name=name, value=ast.Equals(text=text))
