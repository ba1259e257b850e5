"""Scan a query: its characters, the place reached, limits, faults and notes.

A query is normalized as articles are, without characters that no reader sees. Positions count code points of the
normalized query: after that, characters are only ever replaced one for one.
"""

from collections import Counter
from collections.abc import Callable
from typing import NoReturn, TypeVar

from searchkit.errors import QueryError
from searchkit.query.words import RUN, Fault, is_operator, plain, shown, visible
from searchkit.statements.text import normalize, without_ignorable

MAX_QUERY = 16_384
MAX_TERMS = 1_024
MAX_DEPTH = 32
# Terms that make an index check every word or value. On 19,000 articles each takes 25 to 60 ms.
MAX_SLOW_TERMS = 20
# So many terms with "*" take about as long.
MAX_PREFIXES = 128

_LIMITS = {
    "term": (MAX_TERMS, f"A query has at most {MAX_TERMS:,} terms."),
    "slow": (
        MAX_SLOW_TERMS,
        f'A query has at most {MAX_SLOW_TERMS} of word~ and /.../, and fewer of exact:"..." without a word.',
    ),
    "prefix": (MAX_PREFIXES, f"A query has at most {MAX_PREFIXES} terms with *."),
}

_T = TypeVar("_T")


class Scanner:
    """A query being read: `query` normalized, `text` with plain characters (of the same length), and `at`, the place
    reached in both. `outer` is the scanner of the query that contains this one, a saved search."""

    def __init__(self, query: str, outer: "Scanner | None" = None) -> None:
        self.query = without_ignorable(normalize(query))
        self.text = plain(self.query)
        self.at = 0
        self.notes: list[str] = []
        # What the query and the saved searches in it have used together.
        self._spent: Counter[str] = outer._spent if outer else Counter()
        self._depth: int = outer._depth if outer else 0

    # --- faults, notes and limits ---

    def fail(self, code: str, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Raise QueryError."""
        message = "".join(map(visible, message))
        raise QueryError(message, code=code, query=self.query, start=start, end=end, hint=hint)

    def shifted(self, place: int, read: Callable[[], _T]) -> _T:
        """Return the result of `read`; its Fault becomes a QueryError counted from `place`."""
        try:
            return read()
        except Fault as fault:
            end = min(place + fault.end, len(self.text))
            self.fail(fault.code, fault.message, place + fault.start, end, fault.hint)

    def drop(self, start: int, end: int) -> None:
        """Note that this part was ignored because it has nothing to search for."""
        self.notes.append(f'"{shown(self.query[start:end])}" has no letter or digit and was ignored.')

    def measure(self) -> None:
        """Count the characters of the query against the limit."""
        self._spent["characters"] += len(self.text)
        if self._spent["characters"] > MAX_QUERY:
            end = len(self.text)
            self.fail("too-long", f"A query has at most {MAX_QUERY:,} characters.", min(MAX_QUERY, end), end)

    def count(self, start: int, end: int, kind: str = "term", *, times: int = 1) -> None:
        """Count a term of a kind against its limit; it is as slow as `times` such terms."""
        most, message = _LIMITS[kind]
        self._spent[kind] += times
        if self._spent[kind] > most:
            self.fail("too-many", message, start, end)

    def enter(self, start: int, end: int) -> None:
        """Enter a bracket or NOT; `leave` undoes it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail("too-deep", f"Brackets and NOT go at most {MAX_DEPTH} levels deep.", start, end)

    def leave(self) -> None:
        """Leave a bracket or NOT."""
        self._depth -= 1

    # --- characters ---

    def space(self) -> None:
        """Skip white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def char(self, ahead: int = 0) -> str:
        """Return the character `ahead` of the place, empty beyond the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def run(self) -> str:
        """Return the run of word characters that starts here, or nothing."""
        found = RUN.match(self.text, self.at)
        return found.group() if found else ""

    def operator(self) -> str:
        """Return the operator that stands here (`AND`, `NEAR/5`), or nothing."""
        run = self.run()
        return run if is_operator(run) else ""
