"""Read Whoosh's tables of contents without importing Whoosh, which takes as long as most answers.

Only one class may be unpickled: `codec.WhooshSegment`, which readers get as `ArraySegment`.
"""

import io
import pickle
import struct
from typing import IO, Any

from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.segments import ArraySegment

# The only class in a table; the sets and dictionaries in it are pickled without a name.
_SEGMENT = ("searchkit.index.whoosh.codec", "WhooshSegment")
# A table begins with the sizes of C's int, long and float, -12345, and the version of the format.
_SIZES = (4, 8, 4)
_MAGIC, _VERSION = -12345, -111
_INT = struct.Struct("!i")


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], segment_class: type[ArraySegment]) -> None:
        super().__init__(file)
        self._segment_class = segment_class

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) != _SEGMENT:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in an index")
        return self._segment_class


def unpickled(file: IO[bytes], segment_class: type[ArraySegment] = ArraySegment) -> Any:
    """Return the pickled object in `file`, if it consists of segments and plain values."""
    return _Unpickler(file, segment_class).load()


def segments_of(table: bytes, number: int) -> list[ArraySegment]:
    """Return the segments in the table of contents with this number. DamagedFile if it is another table."""
    file = io.BytesIO(table)
    sizes = tuple(_varint(file) for _ in _SIZES)
    magic, version = _int(file), _int(file)
    for _ in range(3):  # the release of Whoosh that wrote it
        _varint(file)
    file.seek(_varint(file), io.SEEK_CUR)  # the schema
    if (sizes, magic, version, _int(file)) != (_SIZES, _MAGIC, _VERSION, number):
        raise DamagedFile(f"table of contents {number} has another format")
    _int(file)  # unused by Whoosh
    segments: list[ArraySegment] = unpickled(file)
    return segments


def _int(file: IO[bytes]) -> int:
    number: int = _INT.unpack(file.read(_INT.size))[0]
    return number


def _varint(file: IO[bytes]) -> int:
    """Read seven bits per byte, lowest first; the eighth bit marks that more follow."""
    found = shift = 0
    while True:
        (byte,) = file.read(1)
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found
        shift += 7
