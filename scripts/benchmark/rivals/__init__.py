"""The engines in the comparison: which there are, what each needs, and how to open it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmark.rivals.base import Rival

# Xapian and Recoll come with the system, for its own Python.
SYSTEM_PYTHON = os.environ.get("BENCH_SYSTEM_PYTHON", "/usr/bin/python3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """One engine. `module` has its Rival `name`, made with a folder and `options`; `needs` must be importable.

    Our own (`engine`) opens an archive. One that `shares` the files of another is there to find, or to count, alone.
    Counting takes `slow` ones so long that they are asked a part of the questions; beyond `most` documents nobody waits
    for them. Some are there for the speed of indexing alone and not `asked`. `lacks` are the kinds of questions it has
    no means for. An index that is not `movable` knows its files by where they stand, and is filled anew elsewhere."""

    title: str
    module: str
    name: str
    needs: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    engine: str = ""
    shares: str = ""
    system: bool = False
    finds: bool = True
    counts: bool = True
    lacks: frozenset[str] = frozenset()
    asked: bool = True
    movable: bool = True
    slow: bool = False
    most: int = 1_000_000


ENTRANTS: dict[str, Entrant] = {
    "searchkit-whoosh": Entrant(title="searchkit on Whoosh", module="ours", name="Searchkit", engine="whoosh"),
    "fts5": Entrant(title="SQLite FTS5", module="fts5", name="Fts5"),
    "fts5-packed": Entrant(
        title="FTS5, counted in Python",
        module="fts5",
        name="Fts5",
        options={"packed": True},
        shares="fts5",
        finds=False,
    ),
    "stock-whoosh": Entrant(title="stock Whoosh", module="stock_whoosh", name="StockWhoosh", slow=True, most=200_000),
    "stock-whoosh-rows": Entrant(
        title="stock Whoosh, statements too",
        module="stock_whoosh",
        name="StockWhoosh",
        options={"statements": True},
        asked=False,
        most=50_000,
    ),
    "xapian": Entrant(
        title="Xapian", module="xapian_", name="Xapian", needs="xapian", system=True, lacks=frozenset({"fuzzy"})
    ),
    "recoll": Entrant(
        title="Recoll",
        module="recoll_",
        name="Recoll",
        needs="recoll",
        system=True,
        counts=False,
        most=20_000,
        movable=False,
        lacks=frozenset({"fuzzy", "kw"}),
    ),
}


@cache
def missing(key: str) -> str:
    """Why an entrant cannot take part, in a line; empty when it can."""
    entrant = ENTRANTS[key]
    if entrant.system:
        command = [SYSTEM_PYTHON, "-c", f"import {entrant.needs}"]
        try:
            there = subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            there = False
        return "" if there else f"{entrant.title}: {SYSTEM_PYTHON} has no module {entrant.needs}"
    if entrant.needs and find_spec(entrant.needs) is None:
        return f"{entrant.title}: pip install {entrant.needs}"
    return ""


def python_of(key: str) -> str:
    """The interpreter that has what an entrant needs."""
    return SYSTEM_PYTHON if ENTRANTS[key].system else sys.executable


def opened(key: str, folder: Path) -> Rival:
    """An entrant with its files in `folder`, in this very process."""
    entrant = ENTRANTS[key]
    module = import_module(f"benchmark.rivals.{entrant.module}")
    rival: Rival = getattr(module, entrant.name)(folder, **entrant.options)
    return rival
