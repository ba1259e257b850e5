"""Which of several copies is shown, and how: the part of collapsing that no engine may vary.

takes:    what is known of records that are copies of each other
gives:    them in order, the first to be shown; hits that count the others
does not: find copies (store/copies.py does), search
traps:    the order is that of the records which match; another question may show another of them
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Self

from msgspec import Struct

from searchkit.index.base import COPY_IDS, Hit


class Precedence(Struct, frozen=True, kw_only=True):
    """What puts one copy before another: keys of its outlet and of the agency it credits; when it was published and
    first seen, as text that sorts by time. Unknown is empty."""

    outlet: str
    wire: str
    published: str
    first_seen: str

    def packed(self) -> str:
        """All of it in one string; none of the parts holds a line feed."""
        return "\n".join((self.outlet, self.wire, self.published, self.first_seen))

    @classmethod
    def unpacked(cls, packed: str) -> Self:
        """What `packed` gave."""
        outlet, wire, published, first_seen = packed.split("\n")
        return cls(outlet=outlet, wire=wire, published=published, first_seen=first_seen)


def in_order(copies: Mapping[str, Precedence]) -> list[str]:
    """The ids of copies, by their precedence: first what the agency published that the others credit, then what was
    published earliest, then what was seen earliest, then by id."""
    credited = Counter(copy.wire for copy in copies.values())

    def rank(copy_id: str) -> tuple[bool, bool, str, str, str]:
        copy = copies[copy_id]
        return not _is_source(copy, credited), not copy.published, copy.published, copy.first_seen, copy_id

    return sorted(copies, key=rank)


def _is_source(copy: Precedence, credited: Counter[str]) -> bool:
    """Whether others credit its outlet."""
    return bool(copy.outlet) and credited[copy.outlet] > (copy.wire == copy.outlet)


def is_plain(copies: Collection[Precedence]) -> bool:
    """Whether any part of these copies has the order that it has among all: none comes first because others credit it,
    or all are alike in that."""
    credited = Counter(copy.wire for copy in copies)
    alike = len({(copy.outlet, copy.wire) for copy in copies}) == 1
    return alike or not any(_is_source(copy, credited) for copy in copies)


def collapsed(groups: Iterable[Mapping[str, Precedence]]) -> dict[str, tuple[str, ...]]:
    """Of each group with several members the first, and the others in order."""
    found = {}
    for group in groups:
        if len(group) > 1:
            first, *others = in_order(group)
            found[first] = tuple(others)
    return found


def hit(record_id: str, document: str, score: float, others: Mapping[str, tuple[str, ...]]) -> Hit:
    """A hit that counts its copies; `others` as from `collapsed`."""
    copies = others.get(record_id, ())
    return Hit(id=record_id, document=document, score=score, copies=len(copies), copy_ids=copies[:COPY_IDS])
