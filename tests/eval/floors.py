"""Floors: the F1 under which no measure may fall. A floor rises by flag, and falls only by another."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from tests.eval.annotated import HERE, SETS, pages, read, statements
from tests.eval.scoring import Scores, evaluate

_FILE = HERE / "floors.json"


def measure() -> dict[str, Scores]:
    """Scores of the annotated documents by set, read and extracted now; sets without documents are left out."""
    return {of: evaluate([(page, read(page.file)) for page in pages(of)], statements(of)) for of in SETS if pages(of)}


def measured(scores: Mapping[str, Scores]) -> dict[str, float]:
    """The value of every measure of every set, by names like `seeds: mixed`."""
    return {f"{of}: {name}": value for of, one in scores.items() for name, value in one.floors().items()}


def load(file: Path = _FILE) -> dict[str, float]:
    """The floor of each measure."""
    floors: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return floors


def save(floors: Mapping[str, float], file: Path = _FILE) -> None:
    """Write all floors."""
    file.write_text(json.dumps(dict(sorted(floors.items())), indent=2) + "\n", encoding="utf-8")


def moved(floors: Mapping[str, float], measured: Mapping[str, float], *, lower: bool) -> dict[str, float]:
    """Floors at what is `measured`, cut to hundredths; only with `lower` does one fall or vanish.

    Hundredths leave room for one or two of some 300 statements: a rule that pays elsewhere may cost one here.
    """
    cut = {name: math.floor(value * 100) / 100 for name, value in measured.items()}
    if lower:
        return cut
    return {**floors, **{name: max(value, floors.get(name, 0.0)) for name, value in cut.items()}}


def broken(floors: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """One line for every floor that is not held; a measure that is gone does not hold its floor."""
    return [
        f"{name}: {measured.get(name, 0.0):.3f} is below its floor {floor:.3f}"
        for name, floor in floors.items()
        if measured.get(name, 0.0) < floor
    ]
