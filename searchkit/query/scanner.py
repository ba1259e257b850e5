"""A query being read: its signs, the place reached, the faults and notes found so far."""

from collections.abc import Callable
from typing import NoReturn, TypeVar

from searchkit.errors import QueryError
from searchkit.query.faults import Fault
from searchkit.query.signs import plain, shown, visible
from searchkit.query.words import RUN, is_operator

LONGEST_QUERY = 16_384
MOST_TERMS = 1_024
DEEPEST = 32
# Terms that make an index look at every word or value it has. On 19,000 articles one takes 25 to 60 ms, so that all
# there may be are answered within a second or so.
MOST_SLOW_TERMS = 20
# Of terms with *, which find all words with one beginning, so many take about as long.
MOST_PREFIXES = 128

_T = TypeVar("_T")


class _Spent:
    """What of the limits is used up, by a query and the saved searches in it together."""

    def __init__(self) -> None:
        self.signs = self.terms = self.slow_terms = self.prefixes = 0


class Scanner:
    """`query` as typed, `text` with plain signs (as long), and `at`, the place the parser has reached in both.

    `outer` is the scanner of the query that this one, a saved search, stands in.
    """

    def __init__(self, query: str, outer: "Scanner | None" = None) -> None:
        self.query = query
        self.text = plain(query)
        self.at = 0
        self.notes: list[str] = []
        self._spent: _Spent = outer._spent if outer else _Spent()
        self._depth: int = outer._depth if outer else 0

    # --- faults, notes and limits ---

    def fail(self, code: str, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Refuse the query."""
        message = "".join(map(visible, message))
        raise QueryError(message, code=code, query=self.query, start=start, end=end, hint=hint)

    def shifted(self, place: int, read: Callable[[], _T]) -> _T:
        """What `read` gives; its Fault becomes a QueryError counted from `place`."""
        try:
            return read()
        except Fault as fault:
            end = min(place + fault.end, len(self.text))
            self.fail(fault.code, fault.message, place + fault.start, end, fault.hint)

    def drop(self, start: int, end: int) -> None:
        """Note that this part was left out because there is nothing in it to search for."""
        self.notes.append(f'"{shown(self.query[start:end])}" has no letter or digit and was left out.')

    def note_single_quotes(self) -> None:
        """Note that single quotes around several words do not make them a phrase."""
        opened = False
        for word in self.text.split():
            start, end = word.lstrip("(-+"), word.rstrip(")")
            opened = opened or (start.startswith("'") and len(start) > 1)
            if opened and end.endswith("'") and end.strip("'"):
                self.notes.append('Single quotes make no phrase; write "..." for words in this order.')
                return

    def measure(self) -> None:
        """Count the signs of the query against the limit."""
        self._spent.signs += len(self.text)
        if self._spent.signs > LONGEST_QUERY:
            end = len(self.text)
            self.fail("too-long", f"A query has at most {LONGEST_QUERY:,} signs.", min(LONGEST_QUERY, end), end)

    def count(self, start: int, end: int) -> None:
        """Count one term against the limit."""
        self._spent.terms += 1
        if self._spent.terms > MOST_TERMS:
            self.fail("too-many", f"A query has at most {MOST_TERMS:,} terms.", start, end)

    def count_slow(self, start: int, end: int, *, times: int = 1) -> None:
        """Count a term that is as slow as `times` of those that look at every word or value."""
        self._spent.slow_terms += times
        if self._spent.slow_terms > MOST_SLOW_TERMS:
            message = (
                f'A query has at most {MOST_SLOW_TERMS} of word~ and /.../, and fewer of exact:"..." without a word.'
            )
            self.fail("too-many", message, start, end)

    def count_prefix(self, start: int, end: int) -> None:
        """Count one term with "*"."""
        self._spent.prefixes += 1
        if self._spent.prefixes > MOST_PREFIXES:
            self.fail("too-many", f"A query has at most {MOST_PREFIXES} terms with *.", start, end)

    def enter(self, start: int, end: int) -> None:
        """Go one bracket or NOT deeper; `leave` undoes it."""
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail("too-deep", f"Brackets and NOT go at most {DEEPEST} levels deep.", start, end)

    def leave(self) -> None:
        """Go one level up."""
        self._depth -= 1

    # --- signs ---

    def space(self) -> None:
        """Move behind white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def sign(self, ahead: int = 0) -> str:
        """The sign `ahead` of the place, empty beyond the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def run(self) -> str:
        """The run of word signs that starts here; empty when none does."""
        found = RUN.match(self.text, self.at)
        return found.group() if found else ""

    def operator(self) -> str:
        """The operator that stands here (`AND`, `NEAR/5`), or nothing."""
        run = self.run()
        return run if is_operator(run) else ""

    def opens_group(self, ahead: int) -> bool:
        """Whether the sign `ahead` opens a phrase or a bracket."""
        return self.sign(ahead) in ('"', "(")
