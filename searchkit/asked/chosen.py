"""Which values of a facet's field a query chooses: so that they are shown, marked, and can be taken back one by one.

takes:    the facets asked for; the query as it was read; the names of an index
gives:    the facets, with what each condition on their own field means in the archive
does not: count
traps:    a condition means what `asked` makes of it: names in other orders and spellings, weak matches of watchlists
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from searchkit.asked.meaning import asked
from searchkit.asked.same_names import SameNames
from searchkit.index.base import Choice, FacetRequest, ValuesRequest
from searchkit.index.tallies import counted_query, facet_fields
from searchkit.index.values import value_key
from searchkit.query import ast, choices
from searchkit.query.fields import Record


def with_choices(
    facets: Iterable[FacetRequest], read: ast.Node, names: SameNames, record: Record
) -> tuple[FacetRequest, ...]:
    """The facets over records of this kind, each with what the query `read` chooses of its field.

    UsageError for a facet that cannot be counted."""
    return tuple(replace(facet, chosen=tuple(_choices(facet, read, names, record))) for facet in facets)


def _choices(facet: FacetRequest, read: ast.Node, names: SameNames, record: Record) -> Iterator[Choice]:
    fields = facet_fields(facet, record)
    base = counted_query(read, fields)
    if base == read:
        return
    within = asked(base, names).query
    for choice in choices.several(choices.parted(read, fields[0].name)[1]):
        for condition in choices.alternatives(choice):
            yield Choice(condition=condition, keys=tuple(_keys(condition, within, names, record)))


def _keys(condition: ast.Field, within: ast.Node, names: SameNames, record: Record) -> dict[str, None]:
    """The keys of the values that a condition means, where they stand in records that `within` finds."""
    value = asked(condition, names).query
    if not isinstance(value, ast.Field) or not _is_plain(value.value):
        return {}
    request = ValuesRequest(field=value.name, value=value.value, query=within, record=record, copies=True)
    return dict.fromkeys(value_key(one.id) for one in names.index.values(request))


def _is_plain(value: ast.Node) -> bool:
    """Whether values can be looked up by it: one leaf, or any of several."""
    parts = value.children if isinstance(value, ast.Or) else (value,)
    return not any(isinstance(part, ast.And | ast.Or | ast.Not) for part in parts)
