"""Which values of a facet's field a query chooses: so that they are shown, marked, and can be taken back one by one.

takes:    the facets asked for; the query as it was read; the names of an index
gives:    the facets, with what each condition on their own field means in the archive
does not: count
traps:    a condition means what `asked` makes of it: names in other orders and spellings, weak matches of watchlists
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from searchkit.index.base import Choice, FacetRequest, ValuesRequest
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.values import value_key
from searchkit.query import ast, choices
from searchkit.query.fields import Record
from searchkit.search.name_expansion import SameNames
from searchkit.search.rewrite import asked

_MOST_CONDITIONS = 64


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
        conditions = choices.alternatives(choice)
        # So many are a list, whose values are looked up all at once.
        for condition in conditions if len(conditions) <= _MOST_CONDITIONS else (choice,):
            yield Choice(condition=condition, keys=tuple(_keys(condition, fields[0].name, within, names, record)))


def _keys(condition: ast.Node, field: str, within: ast.Node, names: SameNames, record: Record) -> dict[str, None]:
    """The keys of the values that a condition means, where they stand in records that `within` finds."""
    values = [one.value for one in choices.alternatives(asked(condition, names).query)]
    if any(isinstance(value, ast.And) for value in values):  # no one value means all of several
        return {}
    request = ValuesRequest(field=field, value=ast.disjunction(*values), query=within, record=record, copies=True)
    return dict.fromkeys(value_key(one.id) for one in names.index.values(request))
