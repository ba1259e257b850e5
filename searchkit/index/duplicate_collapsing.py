"""Decide which of several copies is shown. The order depends on which of them match the query."""

from collections import Counter
from collections.abc import Mapping
from typing import Self

from msgspec import Struct


class Precedence(Struct, frozen=True, kw_only=True):
    """What orders copies: keys of the outlet and of the agency it credits; when a copy was published and first seen, as
    sortable text. Unknown is empty."""

    outlet: str
    wire: str
    published: str
    first_seen: str

    def packed(self) -> str:
        """Return all parts in one string; no part contains a line feed."""
        return "\n".join((self.outlet, self.wire, self.published, self.first_seen))

    @classmethod
    def unpacked(cls, packed: str) -> Self:
        """Return the precedence from `packed`."""
        outlet, wire, published, first_seen = packed.split("\n")
        return cls(outlet=outlet, wire=wire, published=published, first_seen=first_seen)


def in_order(copies: Mapping[str, Precedence]) -> list[str]:
    """Return the ids of copies in order: published by the agency that others credit, then earliest published, then
    earliest seen, then by id."""
    credited = Counter(copy.wire for copy in copies.values())

    def rank(copy_id: str) -> tuple[bool, bool, str, str, str]:
        copy = copies[copy_id]
        return not _is_source(copy, credited), not copy.published, copy.published, copy.first_seen, copy_id

    return sorted(copies, key=rank)


def _is_source(copy: Precedence, credited: Counter[str]) -> bool:
    """Return whether others credit its outlet."""
    return bool(copy.outlet) and credited[copy.outlet] > (copy.wire == copy.outlet)
