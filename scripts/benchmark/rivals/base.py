"""The interface of every engine in the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmark.questions import Question

Record = dict[str, Any]
"""One document: id, title, body, day (ordinal, 0 for none), month (`2016-03`), a list of ids in each of
FIELDS, and its `statements`, each with id, text, and lists of ids in `speaker`, `about`, `entity`, `agency`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The number of matches, the ids of the ten best, and their snippets.

    `took` comes from engines in another process: wall-clock and CPU milliseconds.
    """

    total: int
    ids: tuple[str, ...]
    snippets: tuple[str, ...] = ()
    took: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A result with counts: the ten most frequent values of each of FIELDS, and all months."""

    total: int
    ids: tuple[str, ...]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    took: tuple[float, float] | None = None


class Rival(Protocol):
    """An engine with its files in a folder, made by `rivals.opened`, for either writing or reading."""

    def add(self, records: Sequence[Record]) -> None:
        """Add records, or replace those with the same id."""

    def commit(self) -> None:
        """Make the added records durable and visible."""

    def find(self, question: Question) -> Found:
        """Return the ten best with snippets, and the exact total."""

    def count(self, question: Question) -> Counted:
        """Return the ten best without snippets, the exact total, and counts."""

    def close(self) -> None:
        """Release files."""
