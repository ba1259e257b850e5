"""Test an archive against crashes, power cuts, full disks and flipped bits, as docs/reliability.md reports it.

    scripts/faults [kills N] [forgets N] [power N] [flips N] [rot N] [full] [--seed S] [--keep FOLDER]

kills N   kill a writer N times with -9 while it adds, updates from a site, prunes, forgets, sends alerts, rebuilds,
          backs up and restores
forgets N kill `searchkit forget` N times, finish it, and search every byte of the archive for what was to go
power N   cut the power N times, on an ext4 of its own (root only), and at a sample, chosen by the seed, of the calls
          that sync or rename index files
flips N   flip one bit of an archive N times, run `searchkit check --full`, then search
rot N     flip one bit of an index N times, run seven times so that segments are merged, then check and search
nodes N   kill a node of an OpenSearch cluster N times with -9 during a commit, and N times during a rebuild; only by
          its name, because it needs Java (tests/cluster)
workers N kill workers N times with -9 while they fetch and read, stop N / 10 for longer than their lease, and cut the
          network of as many (root only); only by its name, because it needs PostgreSQL
full      let every call that writes fail in turn; every size of disk for the store; 1,000 swaps next to readers

Without arguments, all of them: kills 300 forgets 100 power 20 flips 500 rot 100 full. The seed is printed; the same
seed repeats a run. Exit code 1 when anything was lost, stored in part, or silently wrong.
"""

import argparse
import errno
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402 - this checkout must come first on the path
from tests.faults import mounts, test_nth_failure
from tests.faults.commands import Report
from tests.faults.cutting import cuts
from tests.faults.flipping import flips
from tests.faults.forgetting import forgets
from tests.faults.killing import kills
from tests.faults.rotting import rots
from tests.faults.test_power import index_cuts
from tests.faults.test_readers import swaps

COUNTS = {"kills": 300, "forgets": 100, "power": 20, "flips": 500, "rot": 100, "nodes": 10, "workers": 100, "full": 1}
_ALONE = {"nodes", "workers"}  # only by their names
_SWAPS, _READERS = 1_000, 2
# Batches of five documents for which the store gets room page by page.
_BATCHES = 12
_SHOWN = 20
# The share of the calls at which the power is cut. On a busy machine, all of them would take about twenty minutes.
_CALLS = 0.3

Act = Callable[[Path], Report]


def acts(what: str, count: int, seed: int) -> Iterator[tuple[str, Act]]:
    """Yield the names and functions of the acts of one kind."""
    match what:
        case "kills":
            yield f"kill -9, {count} times", partial(kills, count=count, seed=seed)
        case "forgets":
            yield f"kill -9 of `forget`, {count} times", partial(forgets, count=count, seed=seed)
        case "power":
            name = f"power cut at {_CALLS:.0%} of the calls, only what was synced stays"
            yield name, partial(index_cuts, seed=seed, share=_CALLS)
            if mounts.may_mount():
                yield f"power cut, {count} times, ext4", partial(cuts, count=count, seed=seed)
            else:
                print("power cuts on ext4: skipped, because only root may mount")
        case "flips":
            yield f"one bit flipped, {count} times", partial(flips, count=count, seed=seed)
        case "rot":
            yield f"one bit of an index flipped, seven runs, {count} times", partial(rots, count=count, seed=seed)
        case "nodes":
            from tests.faults.nodes import node_kills  # the others need no cluster

            yield f"kill -9 of a node, {count} times each", partial(node_kills, count=count, seed=seed)
        case "workers":
            from tests.faults.workers import worker_faults  # the others need no PostgreSQL

            silences = max(2, count // 5)
            name = f"kill -9 of a worker, {count} times; silent for longer than its lease, {silences} times"
            yield name, partial(worker_faults, kills=count, cuts=silences, seed=seed)
        case "full":
            for error, lasting in test_nth_failure.KINDS:
                fault = f"{errno.errorcode[error]}{' from then on' if lasting else ''}"
                options: dict[str, Any] = {"error": error, "lasting": lasting}
                yield f"commit of the index, {fault}", partial(test_nth_failure.index_failures, **options)
                yield f"backup, {fault}", partial(test_nth_failure.backup_failures, **options)
                for act in test_nth_failure.ACTS:
                    yield f"{act}, {fault}", partial(test_nth_failure.archive_failures, act, **options)
            yield "store, full at every page", partial(test_nth_failure.store_failures, slots=_BATCHES)
            yield f"{_SWAPS:,} swaps next to {_READERS} readers", partial(swaps, count=_SWAPS, readers=_READERS)


def main() -> int:
    """Run the chosen acts and print a line for each; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="WHAT [N]", help=", ".join(COUNTS))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this new folder, and leave it")
    options = parser.parse_args()
    chosen: dict[str, int] = {}
    for word in options.what:
        if word in COUNTS:
            chosen[word] = COUNTS[word]
        elif word.isdecimal() and chosen:
            chosen[list(chosen)[-1]] = int(word)
        else:
            parser.error(f'"{word}" is not one of {", ".join(COUNTS)}, and no number after one.')
    print(f"seed {options.seed}", flush=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="searchkit-faults-") as temporary:
        for what, count in (chosen or {what: count for what, count in COUNTS.items() if what not in _ALONE}).items():
            for number, (name, act) in enumerate(acts(what, count, options.seed)):
                folder = (options.keep or Path(temporary)) / f"{what}{number}"
                folder.mkdir(parents=True)
                started = time.monotonic()
                try:
                    report = act(folder)
                except AssertionError as error:
                    report = Report(wrong=[f"{name}: {error}"])
                seen = ", ".join(f"{number:,} {what}" for what, number in sorted(report.seen.items()))
                seconds = time.monotonic() - started
                print(f"{name:<55} {seconds:>7.1f} s  {seen}; {len(report.wrong)} wrong", flush=True)
                wrong += report.wrong
    for fault in wrong[:_SHOWN]:
        print(f"WRONG {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
