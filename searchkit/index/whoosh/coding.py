"""Numbers in few bytes: sections of numbers, and ascending lists such as posting lists.

A section of numbers becomes a range, ascending numbers in groups, or numbers of the smallest width; see
segment_file.py, which reads them.

An ascending list is a byte with its width (1 to 4), then its steps in so many bytes each. A step that does not fit is
written as the highest number of that width, as often as needed, and the rest, so a running sum reads the list. Lists
with such steps have ESCAPED added to their first byte. `segment_file.py` reads single lists without numpy.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.segment_file import ASCENDING, ESCAPED, GROUP_SIZE, RANGE, Ascending, Buffer, Sections

Vector: TypeAlias = NDArray[Any]

_RANGE_BYTES = 24
_WIDTHS = {1: "B", 2: "H", 4: "I"}
# In an array of 4 bytes, those of a number of 3.
_LOW_BYTES = slice(3) if sys.byteorder == "little" else slice(1, 4)


def vector(numbers: Iterable[int]) -> Vector:
    """Return row numbers, positions or codes as an array of 32 bits; such sections of a file are not copied."""
    if isinstance(numbers, Ascending):
        if numbers.array is None:
            firsts = np.repeat(np.asarray(numbers.firsts), GROUP_SIZE)[: len(numbers)]
            numbers.array = firsts + np.asarray(numbers.offsets)
        return np.asarray(numbers.array, np.uint32)
    if isinstance(numbers, range):
        return np.arange(numbers.start, numbers.stop, numbers.step).astype(np.uint32)
    return np.asarray(numbers if hasattr(numbers, "__getitem__") else list(numbers), dtype=np.uint32)


def ends_of(sizes: Any) -> NDArray[np.int64]:
    """Return where each list ends, after a 0."""
    return np.append(0, np.cumsum(sizes, dtype=np.int64))


# --- sections of numbers ----------------------------------------------------------------------------------------------


def save_ints(out: Sections, name: str, numbers: Any) -> None:
    """Write the section `name` of numbers of at most 32 bits in the smallest form."""
    found = np.asarray(numbers, np.int64)
    most = int(found.max()) if len(found) else 0
    width = next(code for size, code in _WIDTHS.items() if most < 1 << 8 * size)
    narrow = found.astype(width)
    steps = np.diff(found)
    if narrow.nbytes > _RANGE_BYTES and steps[0] > 0 and (steps == steps[0]).all():
        out.add(name, np.array([found[0], found[-1] + 1, steps[0]], "Q").data, RANGE)
    elif len(steps) and (steps >= 0).all():
        firsts = found[::GROUP_SIZE]
        offsets = found - np.repeat(firsts, GROUP_SIZE)[: len(found)]
        code = "B" if offsets.max() < 1 << 8 else "H"
        grouped = [firsts.astype("I").data, offsets.astype(code).data]
        if offsets.max() < 1 << 16 and sum(part.nbytes for part in grouped) < narrow.nbytes:
            out.add(name, grouped, ASCENDING + code)
        else:
            out.add(name, narrow.data, width)
    else:
        out.add(name, narrow.data, width)


# --- ascending lists --------------------------------------------------------------------------------------------------


def coded_lists(numbers: Vector, sizes: Vector) -> tuple[Vector, Vector]:
    """Return the bytes of lists and the size of each in bytes. `numbers` has the lists one after the other, `sizes` the
    length of each, which is not 0."""
    if not len(sizes):
        return np.empty(0, np.uint8), np.empty(0, np.int64)
    starts = ends_of(sizes)[:-1]
    steps = numbers.astype(np.uint32)
    steps[1:] -= numbers[:-1].astype(np.uint32)
    steps[starts] = numbers[starts]
    costs = [width * np.add.reduceat(steps // _escape(width) + np.uint32(1), starts) for width in (1, 2, 3)]
    costs.append(4 * np.asarray(sizes))
    width_of = np.argmin(costs, axis=0) + 1
    lengths = np.min(costs, axis=0).astype(np.int64) + 1
    heads = ends_of(lengths)[:-1]
    out = np.empty(int(lengths.sum()), np.uint8)
    for width in np.unique(width_of).tolist():
        chosen = width_of == width
        own = steps[np.repeat(chosen, sizes)]
        places = np.cumsum(own // _escape(width) + np.uint32(1), dtype=np.int64) - 1
        codes = np.full(places[-1] + 1, _escape(width), np.uint32)
        codes[places] = own % _escape(width)
        out[_behind_heads(chosen, lengths, heads)] = _narrowed(codes, width)
    out[heads] = width_of + ESCAPED * (lengths > width_of * sizes + 1)
    return out, lengths


def list_numbers(coded: Buffer, ends: Sequence[int]) -> tuple[Vector, Vector]:
    """Return the numbers of several lists, one after the other, and the length of each. `ends` says where each list
    ends in `coded`, after where the first begins, at 0."""
    content = np.frombuffer(coded, np.uint8)
    bounds = np.asarray(ends, np.int64)
    lengths, heads = np.diff(bounds), bounds[:-1]
    width_of = content[heads] & (ESCAPED - 1)
    sizes = np.zeros(len(lengths), np.int64)
    parts = []
    for width in np.unique(width_of).tolist():
        chosen = width_of == width
        codes = _widened(content[_behind_heads(chosen, lengths, heads)], width)
        counts = (lengths[chosen] - 1) // width
        starts = ends_of(counts)
        sums = np.append(np.uint32(0), np.cumsum(codes, dtype=np.uint32))
        is_number = codes != _escape(width)
        sizes[chosen] = np.diff(np.append(0, np.cumsum(is_number))[starts])
        parts.append((chosen, (sums[1:] - np.repeat(sums[starts[:-1]], counts))[is_number]))
    if ((lengths > width_of * sizes + 1) != (content[heads] >= ESCAPED)).any():
        raise DamagedFile("the first bytes of lists are wrong")
    if len(parts) == 1:
        return parts[0][1], sizes
    numbers = np.empty(int(sizes.sum()), np.uint32)
    for chosen, own in parts:
        numbers[np.repeat(chosen, sizes)] = own
    return numbers, sizes


def numbers_of(coded: Buffer) -> Sequence[int]:
    """Return the numbers of one list."""
    width = coded[0] & (ESCAPED - 1)
    if width == 3:
        codes = _widened(np.frombuffer(coded, np.uint8, -1, 1), width)
    else:
        codes = np.frombuffer(coded, _WIDTHS[width], -1, 1)
    numbers = np.add.accumulate(codes, 0, np.uint32)  # cumsum takes half as long again for short lists
    return cast(Sequence[int], numbers[codes != _escape(width)] if coded[0] & ESCAPED else numbers)


def _escape(width: int) -> np.uint32:
    return np.uint32((1 << 8 * width) - 1)


def _behind_heads(chosen: Vector, lengths: Vector, heads: Vector) -> Vector:
    """Return which bytes belong to the chosen lists, without the first of each."""
    within = np.repeat(chosen, lengths)
    within[heads] = False
    return within


def _narrowed(codes: Vector, width: int) -> Vector:
    if width == 3:
        return np.ascontiguousarray(codes.view(np.uint8).reshape(-1, 4)[:, _LOW_BYTES]).reshape(-1)
    return codes.astype(_WIDTHS[width]).view(np.uint8)


def _widened(content: Vector, width: int) -> Vector:
    if width == 3:
        wide = np.zeros((len(content) // 3, 4), np.uint8)
        wide[:, _LOW_BYTES] = content.reshape(-1, 3)
        return wide.view(np.uint32).reshape(-1)
    return content.view(_WIDTHS[width])
