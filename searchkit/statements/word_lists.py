"""Read the shipped word lists: `[part]` headings, cells separated by `|`, values by `;`, spellings by `=`.

A list that cannot be read is a fault of the installation, so errors are not caught.
"""

from functools import lru_cache
from importlib import resources


def lines(name: str) -> list[str]:
    """Return the lines of the list `name` in data/ without comments and empty lines."""
    text = resources.files("searchkit.statements").joinpath("data", name).read_text(encoding="utf-8")
    return [stripped for line in text.splitlines() if (stripped := line.strip()) and stripped[0] != "#"]


def split_values(cell: str, separator: str = ";") -> tuple[str, ...]:
    """Return the values of one cell, in order."""
    if separator not in cell:
        return (stripped,) if (stripped := cell.strip()) else ()
    return tuple(stripped for value in cell.split(separator) if (stripped := value.strip()))


def spellings(value: str) -> tuple[str, ...]:
    """Return the ways to write one name, the usual one first: `Lviv = Lvov`."""
    return split_values(value, "=")


def rows(name: str, width: int) -> list[tuple[str, ...]]:
    """Return the lines as tuples of exactly `width` cells; cells missing at the end are empty."""
    padding = [""] * width
    return [tuple([*map(str.strip, line.split("|")), *padding][:width]) for line in lines(name)]


def parts(name: str) -> dict[str, tuple[str, ...]]:
    """Return the values under each `[heading]`; a line without `;` separates its values by spaces."""
    read: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines(name):
        if line.startswith("[") and line.endswith("]"):
            current = read.setdefault(line[1:-1], [])
        else:
            current.extend(split_values(line) if ";" in line else line.split())
    return {heading: tuple(values) for heading, values in read.items()}


@lru_cache(maxsize=16)
def word_sets(name: str) -> dict[str, frozenset[str]]:
    """Return `parts` as sets, read once."""
    return {heading: frozenset(values) for heading, values in parts(name).items()}
