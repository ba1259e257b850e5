"""The engines in the comparison: what each needs, and how to open it."""

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

# Xapian and Recoll are packages of the system's Python.
SYSTEM_PYTHON = os.environ.get("BENCH_SYSTEM_PYTHON", "/usr/bin/python3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An engine. `module` has its Rival `name`, made with a folder and `options`; `needs` must be importable.

    `engine` marks our own, which opens an archive. An entrant that `shares` the files of another only finds or only
    counts. A `slow` one counts only some of the questions; `most` is its largest number of documents. One that is not
    `queried` is only for the speed of indexing. `lacks` are kinds of questions that it does not support. An index that
    is not `movable` depends on its path and is built again elsewhere.
    """

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
    queried: bool = True
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
        queried=False,
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
    """Return why an entrant is unavailable; empty if it is available."""
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
    """Return the interpreter with the packages of an entrant."""
    return SYSTEM_PYTHON if ENTRANTS[key].system else sys.executable


def opened(key: str, folder: Path) -> Rival:
    """Open an entrant with its files in `folder`, in this process."""
    entrant = ENTRANTS[key]
    module = import_module(f"benchmark.rivals.{entrant.module}")
    rival: Rival = getattr(module, entrant.name)(folder, **entrant.options)
    return rival
