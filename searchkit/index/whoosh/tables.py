"""Whoosh's tables of contents, read without Whoosh: importing it takes as long as most answers.

takes:    the bytes of a table of contents, as `whoosh.index.TOC.write` writes them
gives:    the segments that it lists
does not: read the schema within (kinds.py knows it), write
traps:    the only class that may be unpickled is segments.ArraySegment; tests compare this with what Whoosh reads
"""

import io
import pickle
import struct
from typing import IO, Any

from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.segments import ArraySegment

# The only class that the table needs; the sets and dictionaries within are pickled without a name.
_ALLOWED = {("searchkit.index.whoosh.segments", "ArraySegment")}
# What a table begins with: the sizes of C's int, long and float, -12345, and the version of the form.
_SIZES = (4, 8, 4)
_MAGIC, _VERSION = -12345, -111
_INT = struct.Struct("!i")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")
        return super().find_class(module, name)


def unpickled(file: IO[bytes]) -> Any:
    """What was pickled in `file`, if it is made of nothing but segments and plain values."""
    return _Unpickler(file).load()


def segments_of(table: bytes, number: int) -> list[ArraySegment]:
    """The segments that the table of contents with this number lists. DamagedFile when it is another table."""
    file = io.BytesIO(table)
    sizes = tuple(_varint(file) for _ in _SIZES)
    magic, version = _int(file), _int(file)
    for _ in range(3):  # the release of Whoosh that wrote it
        _varint(file)
    file.seek(_varint(file), io.SEEK_CUR)  # the schema
    if (sizes, magic, version, _int(file)) != (_SIZES, _MAGIC, _VERSION, number):
        raise DamagedFile(f"table of contents {number} has another form")
    _int(file)  # kept free by Whoosh
    segments: list[ArraySegment] = unpickled(file)
    return segments


def _int(file: IO[bytes]) -> int:
    number: int = _INT.unpack(file.read(_INT.size))[0]
    return number


def _varint(file: IO[bytes]) -> int:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    found = shift = 0
    while True:
        (byte,) = file.read(1)
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found
        shift += 7
