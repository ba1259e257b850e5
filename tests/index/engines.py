"""The engines that there are. What the tests of this folder ask of one they ask of each: all that can be opened are
found here, and an engine whose package is missing fails them."""

from pathlib import Path

from searchkit.index import engine_names, open_index
from searchkit.index.base import Index

ENGINES = tuple(f"{name}:" for name in sorted(engine_names()))
# The one that the others are compared with.
ORACLE = "memory:"
COMPARED = tuple(engine for engine in ENGINES if engine != ORACLE)
# These have files, which another instance can open.
KEEPING = COMPARED
# Of these the oracle's scores are asked too, not just its order by day; others may score as they like.
SCORING_ALIKE = ("whoosh:",)


def opened(engine: str, folder: Path) -> Index:
    """The index of an engine in `folder`."""
    return open_index(engine, folder)
