"""What it means for a value to match: keys, edit distance, patterns and spans of days. All engines use these rules."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from searchkit.errors import UsageError
from searchkit.index.analysis import folded_letters
from searchkit.index.base import ValueCount
from searchkit.index.intervals import interval_key
from searchkit.query import ast, fields
from searchkit.query.fields import Record

_UNSEEN_SPACES = dict.fromkeys(map(ord, "\ufeff\u200b"), " ")


@lru_cache(maxsize=4_096)  # a name occurs in many statements
def value_key(text: str) -> str:
    """Return the key by which values, names and ids are compared: case and accents are folded."""
    folded = folded_letters(text)
    # The query language reads these as white space too, so values that contain them can be searched.
    return " ".join((folded if folded.isascii() else folded.translate(_UNSEEN_SPACES)).split())


@lru_cache(maxsize=16_384)  # the same words occur in every segment
def within_edits(first: str, second: str, most: int) -> bool:
    """Return whether two words differ by at most `most` insertions, deletions or replacements of single letters."""
    return _within(first, second, most)


def _within(first: str, second: str, most: int) -> bool:
    if abs(len(first) - len(second)) > most:
        return False
    start, shorter = 0, min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    if start == shorter or not most:
        return start == shorter  # the lengths were compared above
    # The next letters differ: a replacement, or an insertion on either side.
    first, second, rest = first[start:], second[start:], most - 1
    return _within(first[1:], second[1:], rest) or _within(first[1:], second, rest) or _within(first, second[1:], rest)


def pieces(word: str, distance: int) -> list[tuple[int, str]]:
    """Return `word` in pieces with their offsets: every word within `distance` edits contains one of them unchanged."""
    size = max(len(word) // (distance + 1), 1)
    return [(at, word[at:end]) for at, end in pairwise([*range(0, size * distance + 1, size), len(word)])]


def words_within(
    text: str, word: str, distance: int, *, beginning: Callable[[str], Iterable[str]] | None = None
) -> set[str]:
    """Return the words of `text` (between line feeds) within `distance` edits of `word`.

    Of `distance` + 1 pieces of the word, one must be unchanged and moved by at most `distance` characters. Only words
    with such a piece are compared, and only if they lack no more than `distance` letters. If the first piece is
    unchanged but moved, another one is unchanged too; so for the first piece the words `beginning` with it are enough.
    """
    letters = frozenset(word)
    found: set[str] = set()
    seen: set[str] = set()
    for offset, piece in pieces(word, distance):
        for candidate in (
            beginning(piece) if beginning and piece and not offset else _holding(text, piece, offset, distance)
        ):
            if candidate not in seen and abs(len(candidate) - len(word)) <= distance:
                seen.add(candidate)
                if len(letters.difference(candidate)) <= distance and within_edits(candidate, word, distance):
                    found.add(candidate)
    return found - {""}


def _holding(text: str, piece: str, offset: int, distance: int) -> Iterator[str]:
    if not piece:  # the word is too short for pieces: compare every word
        yield from text.split("\n")
        return
    place = text.find(piece)
    while place >= 0:
        start = text.rfind("\n", 0, place) + 1
        if abs(place - start - offset) <= distance:
            yield text[start : text.index("\n", place)]
        place = text.find(piece, place + 1)


def value_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that is matched against complete values, ignoring case. UsageError if it is not valid."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"{pattern!r} is not a valid pattern: {error}.") from error


def span_test(node: ast.Node) -> Callable[[int, int], bool]:
    """Return the test of whether a date, given as first and last ordinal, matches a condition on a date field."""
    match node:
        case ast.Range(start=start, end=end, within=within):
            earliest = start.toordinal() if start else 0
            latest = end.toordinal() if end else math.inf
            if within:
                return lambda first, last: first >= earliest and last <= latest
            return lambda first, last: first <= latest and last >= earliest
        case ast.Unplaced(unit=unit):
            return lambda first, last: interval_key(first, last, unit) is None
        case ast.Exists():
            return lambda *_: True
    return lambda *_: False


def value_counts(counts: Mapping[str, int], names: Mapping[tuple[str, str], int]) -> tuple[ValueCount, ...]:
    """Return values from their `counts` by id and from `names`, the counts by (id, name); most frequent first.

    An id with several names shows the most frequent one, or the first in order.
    """
    shown: dict[str, tuple[int, str]] = {}
    for (value_id, name), count in names.items():
        shown[value_id] = min(shown.get(value_id, (0, "")), (-count, name))
    values_of_name = Counter(name for _, name in names)
    names_of_value = Counter(value_id for value_id, _ in names)
    order = sorted(counts, key=lambda value_id: (-counts[value_id], shown[value_id][1], value_id))
    return tuple(
        ValueCount(id=value, name=name, count=counts[value], alone=values_of_name[name] == names_of_value[value] == 1)
        for value in order
        for _, name in (shown[value],)
    )


def valued_field(name: str, record: Record) -> fields.Field:
    """Return a name or keyword field of records of this kind. UsageError if there is none."""
    field = fields.find(name)
    if field is None or field.kind not in {"name", "keyword"} or record not in field.records:
        raise UsageError(f"{name!r} has no values for {record}s.")
    return field
