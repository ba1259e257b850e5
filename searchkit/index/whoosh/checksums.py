"""Checksums of rows: sums of hashes of their words with their places, and of their values.

A new segment has the checksum of each row, which merges copy. Verification computes them again from posting lists and
columns. As sums, they do not depend on the order in which a segment lists words and values.

A segment also has, for each row, the checksum of the document of which it was made.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec
import numpy as np

from searchkit.index.whoosh.coding import Vector, vector
from searchkit.index.whoosh.columns import encoded, key_hash
from searchkit.statements.document import Document

# Sections of a segment.
CHECKSUMS, SOURCES = "row.checksums", "row.sources"
# Odd constants that spread small numbers over 64 bits.
_PLACE, _PASSAGE, _NAME = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)


def source_checksum(document: Document) -> int:
    """Return 64 bits for all that a document contains."""
    try:
        content = msgspec.json.encode(document, order="deterministic")
    except UnicodeEncodeError:  # an address with lone surrogates
        content = repr(document).encode()
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")


class Passages:
    """The passages of a field: where each begins, its row, its number there, and the name that it spells."""

    def __init__(self, starts: Sequence[int], rows: Sequence[int], names: Sequence[int], field: str) -> None:
        self._rows = vector(rows)
        self._starts = vector(starts)[: len(self._rows)]
        numbers = np.arange(len(self._rows)) - np.searchsorted(self._rows, self._rows)
        self._hashes = numbers.astype(np.uint64) * _PASSAGE + _seed(field)
        if len(names):
            self._hashes += vector(names).astype(np.uint64) * _NAME

    def add(self, sums: Vector, word_hashes: Vector, positions: Vector) -> Vector:
        """Add words to the checksums of their rows, given their hashes and positions; return the rows."""
        passages = np.searchsorted(self._starts, positions, "right") - 1
        places = (positions - self._starts[passages]).astype(np.uint64)
        rows: Vector = self._rows[passages]
        np.add.at(sums, rows, mixed(word_hashes + self._hashes[passages] + places * _PLACE))
        return rows


def add_values(sums: Vector, value_hashes: Vector, codes: Vector, ends: Vector, name: str) -> None:
    """Add the values of a column to the checksums of their rows, in order."""
    sizes = ends[1:] - ends[:-1]
    places = (np.arange(len(codes)) - np.repeat(ends[:-1], sizes)).astype(np.uint64)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    np.add.at(sums, rows, mixed(value_hashes[codes] + places * _PLACE + _seed(name)))


def mixed(numbers: Vector) -> Vector:
    """Return numbers with their bits mixed (the last step of SplitMix64), so that sums of them do not cancel out."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def hashes(values: Iterable[str | bytes]) -> Vector:
    """Return 64 bits for each value."""
    every = (encoded(value) if isinstance(value, str) else value for value in values)
    return np.frombuffer(b"".join([blake2b(value, digest_size=8).digest() for value in every]), np.uint64)


def _seed(name: str) -> np.uint64:
    return np.uint64(key_hash(name))
