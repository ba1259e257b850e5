"""Cases of parametrized tests and records, kept in data files next to their module."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any


def cases(module: str, name: str) -> list[Any]:
    """Return the cases under the heading `[name]` of the file next to `module`: JSON values, lists as tuples."""
    return _read(Path(module).with_suffix(".cases"))[name]


def records(module: str, name: str) -> tuple[dict[str, Any], ...]:
    """Return the records of a file next to `module`, one JSON object a line."""
    return tuple(map(json.loads, Path(module).with_name(name).read_text(encoding="utf-8").splitlines()))


@lru_cache(maxsize=64)
def _read(file: Path) -> dict[str, list[Any]]:
    read: dict[str, list[Any]] = {}
    for line in file.read_text(encoding="utf-8").split("\n"):
        if line.startswith("[test_"):
            rows = read.setdefault(line[1:-1], [])
        elif line and line[0] != "#":
            rows.append(_tuples(json.loads(line)))
    return read


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
