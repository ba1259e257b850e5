"""Test an archive against crashes, power cuts, full disks and flipped bits, in the numbers that the README states.

    scripts/faults [kills N] [forgets N] [power N] [flips N] [full] [--seed S] [--keep FOLDER]

kills N   kill a writer N times with -9 while it adds, updates from a site, prunes and rebuilds
forgets N kill `searchkit forget` N times, finish it, and look for what was to go in every byte of the archive
power N   cut the power N times, on an ext4 of its own (root only), and at every call that the index syncs or names by
flips N   flip one bit of an archive N times, then `searchkit check --full`, then ask
full      let every call that writes fail in turn; every size of disk for the store; 1,000 swaps beside readers

Without arguments, all of them: kills 300 forgets 100 power 20 flips 500 full. The seed is printed;
with the same one the same is tried again. Exit code 1 when anything was lost, half there, or silently wrong.
"""

import argparse
import errno
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults import mounts, test_nth_failure, test_power, test_readers  # noqa: E402 - its own checkout first
from tests.faults.cutting import cuts  # noqa: E402 - as above
from tests.faults.flipping import flips  # noqa: E402 - as above
from tests.faults.forgetting import forgets  # noqa: E402 - as above
from tests.faults.killing import kills  # noqa: E402 - as above

_BARS = {"kills": 300, "forgets": 100, "power": 20, "flips": 500, "full": 1}
_SWAPS, _READERS = 1_000, 2
# Batches of five documents for which the store gets room page by page.
_BATCHES = 12
_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    seen: str
    seconds: float
    wrong: list[str]


def timed(what: str, act: Callable[[], tuple[str, list[str]]]) -> Row:
    """What an act has seen, and how long it took. An assertion of a test that fails is something wrong."""
    started = time.monotonic()
    try:
        seen, wrong = act()
    except AssertionError as error:
        seen, wrong = "failed", [f"{what}: {error}"]
    return Row(what, seen, time.monotonic() - started, wrong)


def kill_rows(folder: Path, count: int, seed: int) -> list[Row]:
    """Kills."""

    def act() -> tuple[str, list[str]]:
        done = kills(folder, count, seed=seed)
        during = ", ".join(f"{number} {what}" for what, number in done.during.most_common())
        return f"{done.acknowledged} acknowledged, {len(done.wrong)} wrong; during {during}", done.wrong

    return [timed(f"kill -9, {count} times", act)]


def forget_rows(folder: Path, count: int, seed: int) -> list[Row]:
    """Kills of an erasure."""

    def act() -> tuple[str, list[str]]:
        done = forgets(folder, count, seed=seed)
        return f"{done.cut_short} cut short and finished by the next, {len(done.wrong)} wrong", done.wrong

    return [timed(f"kill -9 of `forget`, {count} times", act)]


def power_rows(folder: Path, count: int, seed: int) -> list[Row]:
    """Power cuts."""

    def act() -> tuple[str, list[str]]:
        done = cuts(folder, count, seed=seed)
        return f"{done.readable} readable, {done.acknowledged} acknowledged, {len(done.wrong)} wrong", done.wrong

    def strict() -> tuple[str, list[str]]:
        cutting = test_power.Cutting(folder / "strict", seed, share=1.0)
        cutting.run()
        return f"{cutting.cuts} cuts, {len(cutting.wrong)} wrong", cutting.wrong

    rows = [timed("power cut at every call, only what was synced stays", strict)]
    if mounts.may_mount():
        rows.append(timed(f"power cut, {count} times, ext4", act))
    else:
        rows.append(Row(f"power cut, {count} times, ext4", "not tried: only root may mount", 0.0, []))
    return rows


def flip_rows(folder: Path, count: int, seed: int) -> list[Row]:
    """Flipped bits."""

    def act() -> tuple[str, list[str]]:
        done = flips(folder, count, seed=seed)
        by_kind = {name for name, _ in done.seen}
        for name in sorted(by_kind):
            counts = ", ".join(f"{number} {seen}" for (kind, seen), number in sorted(done.seen.items()) if kind == name)
            print(f"    {name}: {counts}")
        reported = sum(number for (_, seen), number in done.seen.items() if seen == "reported")
        return f"{reported} reported, {count - reported - len(done.wrong)} same, {len(done.wrong)} wrong", done.wrong

    return [timed(f"one bit flipped, {count} times", act)]


def full_rows(folder: Path, _count: int, _seed: int) -> list[Row]:
    """Every call fails in turn."""
    rows = []
    acts: dict[str, Callable[[Path, int, bool], test_nth_failure.Report]] = {
        "commit of the index": lambda at, error, lasting: test_nth_failure.index_failures(
            at, error=error, lasting=lasting
        ),
        "backup": lambda at, error, lasting: test_nth_failure.backup_failures(at, error=error, lasting=lasting),
    } | {
        name: lambda at, error, lasting, what=what: test_nth_failure.archive_failures(  # type: ignore[misc]
            at, what, error=error, lasting=lasting
        )
        for name, what in (("run", "add"), ("first run", "begin"), ("rebuild", "rebuild"))
    }
    for name, failing in acts.items():

        def act(name: str = name, failing: Callable[..., test_nth_failure.Report] = failing) -> tuple[str, list[str]]:
            reports = []
            for number, (error, lasting) in enumerate(test_nth_failure.KINDS):
                place = folder / f"{name}{number}"
                place.mkdir()
                reports.append(failing(place, error, lasting))
            kinds = ", ".join(errno.errorcode[error] for error, _ in test_nth_failure.KINDS)
            return f"{sum(one.failures for one in reports)} failures of {reports[0].calls} calls ({kinds})", []

        rows.append(timed(f"every call fails: {name}", act))

    def store() -> tuple[str, list[str]]:
        report = test_nth_failure.store_failures(folder, slots=_BATCHES)
        return f"{report.failures} sizes too small", []

    def swaps() -> tuple[str, list[str]]:
        reads, wrong = test_readers.swaps(folder / "swaps", _SWAPS, _READERS)
        return f"{reads} reads, {len(wrong)} errors", wrong

    return [
        *rows,
        timed("store, full at every page", store),
        timed(f"{_SWAPS:,} swaps beside {_READERS} readers", swaps),
    ]


KINDS = {"kills": kill_rows, "forgets": forget_rows, "power": power_rows, "flips": flip_rows, "full": full_rows}


def main() -> int:
    """Try what is asked for, print a table, say whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="WHAT [N]", help=", ".join(KINDS))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this new folder, and leave it")
    given = parser.parse_args()
    chosen: dict[str, int] = {}
    for word in given.what:
        if word in KINDS:
            chosen[word] = _BARS[word]
        elif word.isdecimal() and chosen:
            chosen[list(chosen)[-1]] = int(word)
        else:
            parser.error(f'"{word}" is none of {", ".join(KINDS)}, and no number after one.')
    print(f"seed {given.seed}", flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="searchkit-faults-") as temporary:
        for what, count in (chosen or _BARS).items():
            folder = (given.keep or Path(temporary)) / what
            folder.mkdir(parents=True)
            for row in KINDS[what](folder, count, given.seed):
                print(f"{row.what:<55} {row.seconds:>7.1f} s  {row.seen}", flush=True)
                rows.append(row)
    wrong = [one for row in rows for one in row.wrong]
    for one in wrong[:_SHOWN]:
        print(f"WRONG {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
