"""Let a month of hourly updates pass in minutes, and compare the archive with a model every day.

    scripts/soak [--days N] [--seed S] [--kills N] [--folder FOLDER]

Four news sites on the loopback interface and a folder, with 346 articles at the beginning, change from hour to hour
(tests/soak/world.py): articles come, change, go, come back, move and are copied; pages break and turn hostile; hosts
are down. One process makes the updates all month long, and its memory is watched; each day one run is made by a process
of its own, whose peak is watched; some runs are made by a process that is killed at a random moment.
Exits 1 when anything in the archive is not as the model says, or memory or files grow.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.soak.simulation import Figures, Simulation, growth  # noqa: E402 - this checkout comes first on the path

_SHOWN = 20


def show(faults: list[str]) -> int:
    """Print the first of the faults; return how many there are."""
    for fault in faults[:_SHOWN]:
        print(f"  WRONG {fault}", flush=True)
    return len(faults)


def soak(folder: Path, options: argparse.Namespace) -> int:
    """Run the simulation in `folder`; return the number of faults."""
    days: list[Figures] = []
    wrong = 0
    with Simulation(folder, seed=options.seed, kills=options.kills) as simulation:
        for figures in simulation.days(options.days):
            days.append(figures)
            print(figures, flush=True)
            wrong += show(figures.faults)
        rested = simulation.rest()
        print(f"at rest: {rested}")
    return wrong + show([*rested.faults, *growth(days)])


def main() -> int:
    """Run the simulation, print its figures, and return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--kills", type=float, default=2.0, metavar="N", help="runs a day that are killed (2)")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="a new folder that is kept")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    if options.folder is not None:
        options.folder.mkdir(parents=True)
        wrong = soak(options.folder, options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            wrong = soak(Path(folder), options)
    print(f"seed {options.seed}: {wrong or 'no'} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
