"""Load what few commands need on first use: a query imports no crawler, parser or extractor."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Generic, TypeVar

_Part = TypeVar("_Part")


def load(place: str) -> Any:
    """Return the function or class at `place` ("searchkit.module:name")."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


class Lazy(Generic[_Part]):
    """An attribute: `make` gets the class at `place` and the owner of the attribute, once."""

    def __init__(self, place: str, make: Callable[[Any, Any], _Part]) -> None:
        self._place = place
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, _kind: type) -> _Part:
        part: _Part = self._make(load(self._place), owner)
        owner.__dict__[self._name] = part  # found before this attribute from now on
        return part
