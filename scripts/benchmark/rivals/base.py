"""What every engine in the comparison can do, and the values that pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmark.questions import Question

Record = dict[str, Any]
"""One document: id, title, body, day (ordinal, 0 for none), month (`2016-03`), a list of ids in each of
FIELDS, and its `statements`, each with id, text, and lists of ids in `speaker`, `about`, `entity`, `agency`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many documents match, the ids of the ten best, and what was cut from their texts.

    `took` is told by engines in a process of their own: milliseconds of the clock and of the processor."""

    total: int
    ids: tuple[str, ...]
    snippets: tuple[str, ...] = ()
    took: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The same with counts: of each of FIELDS the ten most frequent values, of `month` all."""

    total: int
    ids: tuple[str, ...]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    took: tuple[float, float] | None = None


class Rival(Protocol):
    """An engine with its files in a folder. Made by `rivals.opened`; written to, or asked, never both at once."""

    def add(self, records: Sequence[Record]) -> None:
        """Take in records that are new, or replace those of the same id."""

    def commit(self) -> None:
        """Make all that was added durable and visible."""

    def find(self, question: Question) -> Found:
        """The ten best with snippets, and the exact number of all."""

    def count(self, question: Question) -> Counted:
        """The ten best without snippets, the exact number of all, and counts."""

    def close(self) -> None:
        """Release files."""
