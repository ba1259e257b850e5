"""Examples of the query language, for every help page. Tests run them on seeds/."""

from searchkit.files import shipped_sections

_SECTIONS = shipped_sections("searchkit.query", "examples.txt")


def _rows(section: str) -> tuple[tuple[str, str], ...]:
    rows = (line.split(" | ") for line in _SECTIONS[section].splitlines())
    return tuple((written, meaning) for written, meaning in rows)


QUERIES, DATES = _rows("queries"), _rows("dates")
