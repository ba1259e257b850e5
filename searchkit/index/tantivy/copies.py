"""Rows that are copies of each other.

takes:    the open rows; a query
gives:    which of the rows that match are copies of others of them, and which of those stand behind another
does not: decide which of several is listed (index/duplicate_collapsing.py does)
traps:    groups with a single row that matches are none; most archives have few others
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

from msgspec import Struct

from searchkit.index.duplicate_collapsing import Precedence, collapsed
from searchkit.index.tantivy.fields import GROUP, HAS_GROUP, TERMS, group_term, record_of
from searchkit.index.tantivy.opened import Query, Rows
from searchkit.index.tantivy.translate import all_of

Others = dict[str, tuple[str, ...]]

# So many groups are asked about at once: the counts of one question to tantivy are limited.
_AT_ONCE = 512


class Copies:
    """Of the rows that match one query. With `folded` false, as if there were none."""

    def __init__(self, rows: Rows, query: Query, *, folded: bool) -> None:
        self._rows = rows
        self._query = query
        self._folded = folded and rows.has_groups
        self._others: dict[int, Others] = {}

    @cached_property
    def sizes(self) -> dict[int, int]:
        """How many rows of each group match; of groups with several."""
        if not self._folded:
            return {}
        return self._rows.counts(self._grouped, GROUP, least=2)

    @cached_property
    def numbers(self) -> list[int]:
        """The numbers of all rows in groups that match."""
        return self._rows.numbers(self._grouped)

    @property
    def _grouped(self) -> Query:
        return all_of(self._query, self._rows.found_by(HAS_GROUP))

    @property
    def hidden(self) -> int:
        """How many rows stand behind another."""
        return sum(self.sizes.values()) - len(self.sizes)

    def hidden_with(self, query: Query) -> int:
        """How many of the rows that match `query` as well stand behind another of these."""
        if not self.sizes:
            return 0
        found = self._rows.counts(all_of(self._query, query, self._rows.found_by(HAS_GROUP)), GROUP, least=2)
        return sum(found.values()) - len(found)

    def portions(self) -> Iterable[Sequence[int]]:
        """The groups, some at a time."""
        groups = list(self.sizes)
        return (groups[start : start + _AT_ONCE] for start in range(0, len(groups), _AT_ONCE))

    def of(self, groups: Sequence[int]) -> Query:
        """The query for the rows of these groups that match."""
        return all_of(self._query, self._rows.terms(TERMS, [group_term(group) for group in groups]))

    def others(self, group: int) -> Others:
        """By the id of the row to be listed, those of the others of its group; nothing for a row by itself."""
        if group not in self.sizes:
            return {}
        if group not in self._others:
            found = self._rows.best(all_of(self._rows.found_by(group_term(group)), self._query), self.sizes[group])
            records = (record_of(self._rows.document(address)) for _, address in found)
            self._others[group] = collapsed([{record[0]: Precedence.unpacked(record[3]) for record in records}])
        return self._others[group]


class Matching(Struct, frozen=True, kw_only=True):
    """The rows that match `query`, `number` of them."""

    rows: Rows
    query: Query
    number: int
    copies: Copies

    @classmethod
    def of(cls, rows: Rows, query: Query, *, folded: bool) -> Self:
        """What matches, counted; with `folded`, copies of a row as one with it."""
        number = rows.count(query)
        return cls(rows=rows, query=query, number=number, copies=Copies(rows, query, folded=folded and number > 1))
