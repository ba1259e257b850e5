"""Floors: the F1 under which no measure may fall. A floor rises by --raise and falls only by --lower."""

import json
import math
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.eval.annotated import HERE, SETS, pages, read, statements
from tests.eval.scoring import Scores, evaluate

_FILE = HERE / "floors.json"


@cache
def measure() -> dict[str, Scores]:
    """Return the scores of the annotated documents by set, read and extracted now."""
    return {of: evaluate([(page, read(page.file)) for page in pages(of)], statements(of)) for of in SETS if pages(of)}


def measured(scores: Mapping[str, Scores]) -> dict[str, float]:
    """Return the value of every measure of every set, by names like `seeds: mixed`."""
    return {f"{of}: {name}": value for of, score in scores.items() for name, value in score.floors().items()}


def load(file: Path = _FILE) -> dict[str, float]:
    """Return the floor of each measure."""
    floors: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return floors


def save(floors: Mapping[str, float], file: Path = _FILE) -> None:
    """Write all floors."""
    file.write_text(json.dumps(dict(sorted(floors.items())), indent=2) + "\n", encoding="utf-8")


def moved(floors: Mapping[str, float], measured: Mapping[str, float], *, lower: bool) -> dict[str, float]:
    """Return floors at what is `measured`, cut to hundredths; only with `lower` does a floor fall or vanish.

    Hundredths leave room for one or two of some 300 statements: a rule that pays elsewhere may cost one here.
    """
    cut = {name: math.floor(value * 100) / 100 for name, value in measured.items()}
    if lower:
        return cut
    return {**floors, **{name: max(value, floors.get(name, 0.0)) for name, value in cut.items()}}


def broken(floors: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """Return a line for every floor that is not held; a measure that is missing does not hold its floor."""
    return [
        f"{name}: {measured.get(name, 0.0):.3f} is below its floor {floor:.3f}"
        for name, floor in floors.items()
        if measured.get(name, 0.0) < floor
    ]


def add_options(parser: ArgumentParser, sets: Path) -> None:
    """Add the options that all scores with floors share."""
    parser.add_argument("-v", "--verbose", action="store_true", help="list every miss")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", dest="raised", action="store_true", help="write the floors that are higher now")
    change.add_argument("--lower", action="store_true", help="write all floors as measured now, lower ones too")
    parser.add_argument("--sets", type=Path, default=sets, help="folder of the public development sets")


def settle(options: Namespace, measured: Mapping[str, float], file: Path = _FILE) -> int:
    """Write floors if an option asks for it, print the broken ones, and return the exit code."""
    if options.raised or options.lower:
        save(moved(load(file), measured, lower=options.lower), file)
    lines = broken(load(file), measured)
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201
    return 1 if lines else 0
