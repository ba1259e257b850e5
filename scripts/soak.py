"""Let a month of hourly updates pass in minutes, and compare the archive with a model every day.

    scripts/soak [--days N] [--seed S] [--kills N] [--folder FOLDER] [--json FILE]

Four news sites on the loopback interface and a folder, with 346 articles at the beginning, change from hour to hour
(tests/soak/town.py): articles come, change, go, come back, move and are copied; pages break and turn hostile; hosts are
down. One process makes the updates all month long, and its memory is watched; each day one run is made by a process of
its own, whose peak is watched; some runs are made by one that is killed at a random moment.
Exits 1 when anything in the archive is not as the model says, or memory or files grow.
"""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from msgspec.structs import asdict

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.soak.month import Figures, Month, growth, peaks  # noqa: E402  # the checkout comes first on the path

_SHOWN = 20


def table(first: Figures, last: Figures, minutes: float) -> str:
    """The figures of the first and the last day, side by side."""
    rows = [
        (name.replace("_", " "), getattr(first, name), getattr(last, name))
        for name in asdict(last)
        if name not in {"faults", "seconds", "day", "peak"}
    ]
    lines = [f"{'':20}{f'day {first.day}':>14}{f'day {last.day}':>14}"]
    lines += [f"{name:20}{one:>14,.0f}{other:>14,.0f}" for name, one, other in rows]
    return "\n".join([*lines, f"{'minutes':20}{'':14}{minutes:>14.1f}"])


def soak(folder: Path, asked: argparse.Namespace) -> int:
    """The month in `folder`; the exit code."""
    days: list[Figures] = []
    with Month(folder, seed=asked.seed, kills=asked.kills) as month:
        for figures in month.days(asked.days):
            days.append(figures)
            print(figures.line(), flush=True)
            for fault in figures.faults[:_SHOWN]:
                print(f"  {fault}", flush=True)
        rested = month.rest()
        print(rested.line().replace(f"day {rested.day:2}", "at rest"))
    faults = [*rested.faults, *growth(days)]
    for fault in faults[:_SHOWN]:
        print(f"  {fault}")
    print(table(days[0], days[-1], rested.seconds / 60))
    early, late = peaks(days)
    print(f"median peak of runs in MB: {early:.1f} in the first days, {late:.1f} in the last")
    if asked.json:
        found = {"seed": asked.seed, "days": [asdict(one) for one in (*days, rested)], "growth": faults}
        Path(asked.json).write_text(json.dumps(found, indent=1) + "\n")
    wrong = sum(len(one.faults) for one in days) + len(faults)
    print(f"seed {asked.seed}: {wrong or 'no'} differences")
    return 1 if wrong else 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Let a simulated month of hourly updates pass.")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--kills", type=float, default=2.0, metavar="N", help="runs a day that are killed (2)")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="a new folder that is kept")
    parser.add_argument("--json", metavar="FILE", help="write the figures of every day")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    if asked.folder is not None:
        asked.folder.mkdir(parents=True)
        sys.exit(soak(asked.folder, asked))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(soak(Path(folder), asked))


if __name__ == "__main__":
    main()
