"""Reading of the shipped name lists: `[part]` headings, cells parted by `|`, values by `;`, spellings by `=`.

takes:    the name of a file in data/
gives:    its lines as rows or parts
does not: know what a list is for
traps:    a list that cannot be read is a fault of the installation, so errors are not caught
"""

from importlib import resources


def _lines(name: str) -> list[str]:
    text = resources.files("searchkit.extract").joinpath("data", name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def split_values(cell: str) -> tuple[str, ...]:
    """The values of one cell, in order."""
    return tuple(value.strip() for value in cell.split(";") if value.strip())


def spellings(value: str) -> tuple[str, ...]:
    """The ways to write one name, the usual one first: `Lviv = Lvov`."""
    return tuple(form.strip() for form in value.split("=") if form.strip())


def rows(name: str, width: int) -> list[tuple[str, ...]]:
    """Lines as tuples of exactly `width` cells; cells missing at the end are empty."""
    read: list[tuple[str, ...]] = []
    for line in _lines(name):
        cells = [cell.strip() for cell in line.split("|")]
        read.append(tuple((cells + [""] * width)[:width]))
    return read


def parts(name: str) -> dict[str, tuple[str, ...]]:
    """Values under each `[heading]`; a line holds values parted by `;`, or by white space when it has no `;`."""
    read: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _lines(name):
        if line.startswith("[") and line.endswith("]"):
            current = read.setdefault(line[1:-1], [])
        else:
            current.extend(split_values(line) if ";" in line else line.split())
    return {heading: tuple(values) for heading, values in read.items()}
