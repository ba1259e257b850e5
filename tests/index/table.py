"""The table of engines by features, made by running the conformance suite: `python -m tests.index.table` prints it.

A cell is `yes` when every question of the scenarios that uses the feature was answered as stated, the line of the error
when the engine declares that it cannot, and WRONG when an answer was another (then the exit code is 1).
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.index.engines import ENGINES, opened
from tests.index.operations import OPERATIONS
from tests.index.scenarios import FOLDERS, Feature, Opens, check, features, filled, questions

YES, WRONG = "yes", "WRONG"
# The groups of the table, with their headings, and what stands before the names in the rows.
_GROUPS = {
    "query": "Nodes of a query",
    "answer": "Answers",
    "sort": "Order",
    "facet": "Facets",
    "look-up": "Look-ups",
    "operation": "Operations",
}
_PLACES = ("text", "names", "keywords", "dates", "documents", "statements")

Cells = Mapping[Feature, str]


def cells(engine: str, folder: Path, *, opens: Opens = opened) -> Cells:
    """What of each feature holds for an engine; `folder` is for its indexes."""
    outcomes: defaultdict[Feature, set[str]] = defaultdict(set)
    for scenario in FOLDERS:
        index = filled(engine, folder / scenario.name, scenario, 2, opens=opens)
        for stated in questions(scenario):
            try:
                outcome = check(index, stated) or YES
            except AssertionError:
                outcome = WRONG
            for feature in features(stated):
                outcomes[feature].add(outcome)
        index.close()
    for name, operation in OPERATIONS.items():
        try:
            outcome = operation(engine, folder / operation.__name__) or YES
        except AssertionError:
            outcome = WRONG
        outcomes[Feature("operation", name)].add(outcome)
    return {feature: _cell(found) for feature, found in outcomes.items()}


def _cell(outcomes: set[str]) -> str:
    """One cell for all outcomes of a feature: a question may fail for another feature that it uses as well."""
    if WRONG in outcomes:
        return WRONG
    return YES if YES in outcomes else min(outcomes)


def table(engines: Mapping[str, Cells]) -> str:
    """The table in Markdown: a row a feature, a column an engine."""
    width = len(engines) + 1
    lines = [_row("", *(engine.removesuffix(":") for engine in engines)), _row(*["---"] * width)]
    every = {feature for found in engines.values() for feature in found}
    for group, heading in _GROUPS.items():
        lines.append(_row(f"**{heading}**", *[""] * (width - 1)))
        for name in _in_order(group, every):
            rows: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
            for where in ("", *_PLACES):
                feature = Feature(group, name, where)
                if feature in every:
                    rows[tuple(found.get(feature, "not asked") for found in engines.values())].append(where)
            shown = f"`{name}`" if group == "query" else name
            for found, places in rows.items():
                named = [place for place in places if place]
                lines.append(_row(f"{shown} in {', '.join(named)}" if named else shown, *found))
    return "\n".join(lines) + "\n"


def _in_order(group: str, every: set[Feature]) -> list[str]:
    names = {feature.name for feature in every if feature.of == group}
    return [name for name in OPERATIONS if name in names] if group == "operation" else sorted(names)


def _row(*found: str) -> str:
    return f"| {' | '.join(found)} |"


def every_engine(folder: Path) -> dict[str, Cells]:
    """The cells of all engines there are."""
    return {engine: cells(engine, folder / engine.removesuffix(":")) for engine in ENGINES}


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        engines = every_engine(Path(folder))
    sys.stdout.write(table(engines))
    return any(WRONG in found.values() for found in engines.values())


if __name__ == "__main__":
    sys.exit(main())
