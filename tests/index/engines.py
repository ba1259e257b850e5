"""The engines that there are. What the tests of this folder ask of one they ask of each: all that can be opened are
found here, and an engine whose package is missing fails them."""

from pathlib import Path

from searchkit.index import engine_names, open_index
from searchkit.index.base import Index
from searchkit.index.whoosh import reckoning
from searchkit.index.whoosh.searcher import WhooshIndex

# Whoosh with numpy from the first question on; by itself it takes it when it pays.
VECTORS = "whoosh: with numpy"
ENGINES = (*(f"{name}:" for name in sorted(engine_names())), VECTORS)
# The one that the others are compared with.
ORACLE = "memory:"
COMPARED = tuple(engine for engine in ENGINES if engine != ORACLE)
# These have files, which another instance can open.
KEEPING = COMPARED
# Of these the oracle's scores are asked too, not just its order by day; others may score as they like.
SCORING_ALIKE = ("whoosh:", VECTORS)


def opened(engine: str, folder: Path) -> Index:
    """The index of an engine in `folder`."""
    return WhooshIndex(folder, reckoning.vectors()) if engine == VECTORS else open_index(engine, folder)
