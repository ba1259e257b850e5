"""Match the names of a list at one place of a text, longest name first.

The matcher keeps the lengths of its names by their first word. A word that begins no name costs one look-up, any other
word one slice for each length, however long the list is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from msgspec import Struct

Value = TypeVar("Value")


class NameMatcher(Struct, Generic[Value], frozen=True):
    """Values by name, and for each first word the lengths of the names that begin with it, longest first."""

    values: Mapping[str, Value]
    lengths: Mapping[str, tuple[int, ...]]

    def at(self, text: str, start: int, first_word: str) -> Iterator[tuple[int, Value]]:
        """Yield end and value of each name at `start`, where `first_word` begins; the longest name first."""
        for length in self.lengths.get(first_word, ()):
            name = text[start : start + length]
            value = self.values.get(name)
            if value is not None and len(name) == length and not text[start + length : start + length + 1].isalnum():
                yield start + length, value


def lengths_by_word(names: Iterable[tuple[str, str]]) -> dict[str, tuple[int, ...]]:
    """Return the lengths of names by first word, longest first, from pairs of a first word and a name."""
    lengths: dict[str, tuple[int, ...]] = {}
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}  # a list of half a million names has few different tuples
    for word, name in names:
        known = lengths.get(word, ())
        length = len(name)
        if length not in known:
            merged = tuple(sorted((*known, length), reverse=True))
            lengths[word] = shared.setdefault(merged, merged)
    return lengths
