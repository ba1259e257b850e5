"""Find the values of a column that match a leaf of the query. Adjacent codes are returned as a range."""

from collections.abc import Callable, Sequence
from datetime import date

from searchkit.index.values import span_test, value_key, value_pattern, within_edits
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import RowSet
from searchkit.query import ast

Codes = range | Sequence[int]

# Above every character, so that a prefix with it is above every key with the prefix.
_LAST_CHARACTER = "\U0010ffff"


def rows_of(column: ValueColumn, codes: Codes) -> RowSet:
    """Return the rows that have any of these values."""
    return column.rows_between(codes.start, codes.stop) if isinstance(codes, range) else column.rows_of(codes)


def name_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the names that match `node`, if it is a condition on complete names."""
    match node:
        case ast.Exists():
            return range(len(column))
        case ast.Equals():
            return sorted(column.equal(value_key(node.text)))
        case ast.Regex():
            return _matching(column, node.pattern)
    return ()


def keyword_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the keywords that match `node`."""
    match node:
        case ast.Exists():
            return range(len(column))
        case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
            key = value_key(node.text)
            return range(*column.key_range(key, key + "\0"))
        case ast.Prefix():
            key = value_key(node.text)
            return range(*column.key_range(key, key + _LAST_CHARACTER))
        case ast.Fuzzy():
            key = value_key(node.text)
            return _codes(column, lambda value: within_edits(value_key(value), key, node.distance))
        case ast.Regex():
            return _matching(column, node.pattern)
    return ()


def date_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the spans of days that match `node`."""
    if isinstance(node, ast.Exists):
        return range(len(column))
    fits = span_test(node)
    if not isinstance(node, ast.Range):
        return [code for code, (first, last) in enumerate(column.spans()) if fits(first, last)]
    # Single days are in order; only longer spans have to be compared.
    days = range(
        column.first_from(node.start.toordinal() if node.start else 0),
        column.first_from((node.end or date.max).toordinal() + 1),
    )
    long = column.long_spans
    if not long:
        return days
    return sorted(set(days).difference(code for code, *_ in long).union(code for code, *span in long if fits(*span)))


def _codes(column: ValueColumn, fits: Callable[[str], bool]) -> Sequence[int]:
    return [code for code in range(len(column)) if fits(column.name(code))]


def _matching(column: ValueColumn, pattern: str) -> Sequence[int]:
    compiled = value_pattern(pattern)
    return _codes(column, lambda value: compiled.fullmatch(value) is not None)
