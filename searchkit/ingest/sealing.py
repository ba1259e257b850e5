"""Results on their way from a worker process: sealed there, opened where they are stored.

takes:    what was made of a resource, made of plain values and of slotted dataclasses
gives:    the same as bytes, and back
does not: call what the values run when they are made: they passed it in the worker
traps:    bytes are opened that a process of ours sealed, and no others
"""

import io
import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, Generic, TypeVar

from searchkit.crawl import Refused

Made = TypeVar("Made")


class Sealed(Generic[Made]):
    """A result as the bytes in which it came from its process: a tenth of the room that it takes once it is opened.

    Results wait for their turn to be stored, and a text of 250 kB may hold 30,000 statements."""

    __slots__ = ("_bytes",)

    def __init__(self, result: Made | Refused) -> None:
        buffer = io.BytesIO()
        _Sealer(buffer, pickle.HIGHEST_PROTOCOL).dump(result)
        self._bytes = buffer.getvalue()

    def opened(self) -> Made | Refused:
        """The result. Its bytes come from a process of ours."""
        made: Made | Refused = pickle.loads(self._bytes)  # noqa: S301 - as multiprocessing itself does with all that comes from there
        return made


class _Sealer(pickle.Pickler):
    """A pickler that writes a slotted dataclass as its values: what `dataclasses` itself provides for that looks up the
    fields of each value anew, and takes three times as long, there and back."""

    def reducer_override(self, value: object) -> Any:
        """How to write `value`, if the usual way is too slow."""
        kind = type(value)
        read = _READERS[kind]
        return NotImplemented if read is None else (_remade, (kind, read(value)))


class _Readers(dict[type, Callable[[Any], tuple[Any, ...]] | None]):
    """What reads all fields of a slotted dataclass at once; None for any other class. Filled as asked."""

    def __missing__(self, kind: type) -> Callable[[Any], tuple[Any, ...]] | None:
        names = _slots(kind)
        read = attrgetter(*names) if len(names) > 1 else None  # of one name it would read no tuple
        self[kind] = read
        return read


class _Writers(dict[type, list[Callable[[Any, Any], None]]]):
    """What writes each field of a slotted dataclass, frozen or not. Filled as asked."""

    def __missing__(self, kind: type) -> list[Callable[[Any, Any], None]]:
        self[kind] = [getattr(kind, name).__set__ for name in _slots(kind)]
        return self[kind]


_READERS = _Readers()
_WRITERS = _Writers()


def _slots(kind: type) -> list[str]:
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    return names if all(isinstance(getattr(kind, name, None), MemberDescriptorType) for name in names) else []


def _remade(kind: type, values: tuple[Any, ...]) -> Any:
    """The value of this class with these values in its fields."""
    made: Any = object.__new__(kind)
    for write, value in zip(_WRITERS[kind], values, strict=True):
        write(made, value)
    return made
