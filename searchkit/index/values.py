"""What it means for a value to match: keys, edit distance, patterns, spans of days, intervals of time, and the acts of
reporting verbs. All engines use these rules."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from searchkit.errors import UsageError
from searchkit.index.analysis import folded_letters
from searchkit.index.base import ValueCount
from searchkit.query import ast, fields
from searchkit.query.ast import Unit
from searchkit.query.fields import Record
from searchkit.statements.text import fold, normalize

# Suffixes of the id of a watchlist entry for its strong and weak matches.
STRONG = "/strong"
WEAK = "/weak"
# What names/watchlists.py adds to an id that rows with other names share: a digest of the name.
_DIGEST = re.compile(r"#[0-9a-f]{8}\Z")
# Prefix of the id of a value of `speaker` that stands for the spokespeople of a body.
SPOKESPERSON = "spokesperson:"


@lru_cache(maxsize=4_096)  # a name occurs in many statements
def value_key(text: str) -> str:
    """Return the key by which values, names and ids are compared: normalized, with case and accents folded."""
    if text.isascii() and text.isprintable():  # most texts, at a third of the time
        return " ".join(text.lower().split())
    return " ".join(folded_letters(normalize(text)).split())


class Label(NamedTuple):
    """A value of a record: the key by which it is counted, its id, its name and the key of the name."""

    key: str
    id: str
    name: str
    name_key: str

    @property
    def order(self) -> tuple[str, ...]:
        """The order of values with equal counts."""
        return self.name_key, self.name, self.key


class Pair(NamedTuple):
    first: Label
    second: Label

    @property
    def key(self) -> tuple[str, str]:
        """The key by which the pair is counted."""
        return self.first.key, self.second.key

    @property
    def order(self) -> tuple[str, ...]:
        """The order of pairs with equal counts."""
        return self.first.order + self.second.order


def label(value_id: str, name: str) -> Label:
    """Return the label of a value; keywords are their own ids."""
    return Label(value_key(value_id), value_id, name, value_key(name))


def weak_name(name: str) -> str:
    """Return the name for the weak matches of an entry."""
    return f"{name} (weak)"


def distinct_id(entry_id: str, name: str) -> str:
    """Return the id of the row `name` of a watchlist whose other rows have this id, too."""
    from hashlib import sha256  # loads OpenSSL, which a query does not need

    return f"{entry_id}#{sha256(name.encode()).hexdigest()[:8]}"


def shared_id(entry_id: str) -> str:
    """Return the id that the list gives to an entry, without what `distinct_id` adds."""
    return _DIGEST.sub("", entry_id)


@lru_cache(maxsize=16_384)  # the same words occur in every segment
def within_edits(first: str, second: str, most: int) -> bool:
    """Return whether two words differ by at most `most` insertions, deletions or replacements of single letters."""
    if abs(len(first) - len(second)) > most:
        return False
    start, shorter = 0, min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    end = 0
    while end < shorter - start and first[-1 - end] == second[-1 - end]:
        end += 1
    if start + end == shorter:
        return True  # the lengths were compared above
    if most < 2:
        return most == 1 and len(first) == len(second) == start + end + 1
    # The next letters differ: a replacement, or an insertion on either side.
    first, second, rest = first[start : len(first) - end], second[start : len(second) - end], most - 1
    pairs = ((first[1:], second[1:]), (first[1:], second), (first, second[1:]))
    return any(within_edits.__wrapped__(one, other, rest) for one, other in pairs)  # the cache keeps complete words


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
    values_of_name, names_of_value = Counter[str](), Counter[str]()
    for (value_id, name), count in names.items():
        shown[value_id] = min(shown.get(value_id, (0, "")), (-count, name))
        values_of_name[name] += 1
        names_of_value[value_id] += 1
    order = sorted(counts, key=lambda value_id: (-counts[value_id], shown[value_id][1], value_id))
    return tuple(
        ValueCount(id=value, name=name, count=counts[value], alone=values_of_name[name] == names_of_value[value] == 1)
        for value in order
        for _, name in (shown[value],)
    )


def searched_fields(field: fields.Field, node: ast.Node) -> tuple[fields.Field, ...]:
    """Return the fields whose values a condition on a name field compares."""
    other = fields.find(field.also)
    return (field,) if other is None or isinstance(node, ast.Exists) else (field, other)


def valued_field(name: str, record: Record) -> fields.Field:
    """Return a name or keyword field that the index has for records of this kind. UsageError if there is none."""
    field = fields.find(name)
    if field is None or not field.indexed or field.kind not in {"name", "keyword"} or record not in field.records:
        raise UsageError(f"{name!r} has no values for {record}s.")
    return field


# --- intervals --------------------------------------------------------------------------------------------------------

# Days, ISO weeks, months and years have keys: `2022-12-15`, `2022-W50`, `2022-12`, `2022`. A week belongs to the year
# that has most of its days: 2021-01-01 is in 2020-W53.
_LENGTHS = {"day": 10, "month": 7, "year": 4}
_FIRST = {"day": "", "month": "-01", "year": "-01-01"}
_DAYS_OF_A_WEEK = 7


@lru_cache(maxsize=1 << 15)  # archives have few distinct days
def interval_key(first: int, last: int, unit: Unit) -> str | None:
    """Return the interval that contains all days from ordinal `first` to `last`; None if there is no single one."""
    key = _key(date.fromordinal(first), unit)
    return key if first == last or _key(date.fromordinal(last), unit) == key else None


def _key(day: date, unit: Unit) -> str:
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: _LENGTHS[unit]]


def first_day(key: str, unit: Unit) -> date:
    if unit == "week":
        return date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
    return date.fromisoformat(key + _FIRST[unit])


def last_day(key: str, unit: Unit) -> date:
    """Return the last day of an interval; at most the end of the calendar."""
    following = number_of(key, unit) + 1
    try:
        return date.fromordinal(first_day(key_at(following, unit), unit).toordinal() - 1)
    except (ValueError, OverflowError):
        return date.max


@lru_cache(maxsize=4_096)
def number_of(key: str, unit: Unit) -> int:
    """Return the number of an interval; consecutive intervals have consecutive numbers."""
    if unit == "year":
        return int(key)
    if unit == "month":
        return int(key[:4]) * 12 + int(key[5:]) - 1
    ordinal = first_day(key, unit).toordinal()
    return ordinal if unit == "day" else (ordinal - 1) // _DAYS_OF_A_WEEK  # the first day of all is a Monday


@lru_cache(maxsize=4_096)
def key_at(number: int, unit: Unit) -> str:
    """Return the key of the interval with this number."""
    if unit == "year":
        return f"{number:04}"
    if unit == "month":
        return f"{number // 12:04}-{number % 12 + 1:02}"
    return _key(date.fromordinal(number if unit == "day" else number * _DAYS_OF_A_WEEK + 1), unit)


# --- acts -------------------------------------------------------------------------------------------------------------


_NOT = "not-"


@lru_cache(maxsize=1 << 12)
def act_of(lemma: str, *, negated: bool = False) -> str | None:
    """Return the act of a verb, such as `deny` for "dispute"; an unlisted phrase has the act of its first word.

    The act of a negated verb is its own: `not-deny` for "did not dispute".
    """
    table, folded = _table(), fold(lemma)
    act = table.get(folded) or table.get(folded.partition(" ")[0])
    return f"{_NOT}{act}" if act and negated else act


def acts() -> tuple[str, ...]:
    """Return all acts, in the order of the list, and then those of negated verbs."""
    listed = tuple(dict.fromkeys(_table().values()))
    return (*listed, *(f"{_NOT}{act}" for act in listed if not act.startswith("no-")))


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    from importlib import resources  # importing this takes time, and most queries need no act

    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text(encoding="utf-8")
    table: dict[str, str] = {}
    act = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            act = line[1:-1]
        elif line and not line.startswith("#"):
            table.update((fold(lemma.strip()), act) for lemma in line.split(";") if lemma.strip())
    return table
