"""Index the hostile corpus and run the hostile queries with the real command; fail if anything is wrong.

    scripts/hostile [--together] [--only WORDS] [--keep FOLDER]
    scripts/hostile backups|sources [--only WORDS]
    scripts/hostile unicode [--every N]

Each case is indexed alone first, to measure its time and memory; then all cases together with ordinary articles; then
the hostile queries search that archive. --together skips the first part, --only selects the cases whose group or name
contains WORDS, --keep leaves the corpus and its archive in FOLDER. The corpus is in tests/hostile.

`unicode` takes every character of Unicode, or every Nth, through all rooms; all of them take more than an hour.

`backups` restores each kind of forged backup, and uses the archive. `sources` updates from each kind of malicious
source and four ordinary ones, and prints by how many seconds it delays those.

There is no seed: every case is written out in tests/hostile, and each run makes the same bytes.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.crawl.web.site import Site  # noqa: E402 - as below
from tests.hostile import backups, corpus, letters, running, sources  # noqa: E402 - it is found once this checkout is first on the path
from tests.hostile.queries import QUERIES, SECONDS  # noqa: E402 - as above
from tests.hostile.watching import searchkit  # noqa: E402 - as above

MEMORY_MB = 600
# The start of each process does not count.
START_SECONDS = 0.5
CHARACTERS_TOGETHER = 500


def alone(cases: list[corpus.Case], top: Path) -> list[str]:
    """Index each case alone; return what is wrong."""
    faults = []
    for case in cases:
        folder = top / "alone"
        try:
            row, ran = running.alone(case, folder)
        finally:
            corpus.remove(folder)
        wrong = []
        if not row.is_as_expected:
            wrong.append(f"{row.outcome}, not {case.expected}")
        if ran.busy > case.seconds:
            wrong.append(f"kept the processor busy for more than {case.seconds:g} s")
        if ran.peak_mb > case.memory_mb:
            wrong.append(f"held more than {case.memory_mb} MB")
        print(
            f"{case.group:12} {case.name[:44]:44} {row.outcome:8} {ran.busy:5.1f} s {ran.peak_mb:4.0f} MB"
            f"  {ascii(row.reason)[1:70]}{'   <-- ' + '; '.join(wrong) if wrong else ''}",
            flush=True,
        )
        faults += [f"{case.group}/{case.name}: {one}" for one in wrong]
    return faults


def run_queries(archive: Path) -> list[str]:
    """Run each hostile query; return what is wrong."""
    faults, slowest = [], 0.0
    for name, query in QUERIES.items():
        typed = query.replace("\ud800", "").replace("\0", "")
        ran = searchkit("--archive", str(archive), "query", "--json", "--", typed, timeout=60)
        slowest = max(slowest, ran.busy)
        if ran.overdue or ran.busy > SECONDS + START_SECONDS:
            faults.append(f"query {name}: took {ran.busy:.1f} s")
        if ran.code not in {0, 2} or b"Traceback" in ran.err:
            faults.append(f"query {name}: ended with {ran.code}: {ran.err[-200:]!r}")
    print(
        f"{len(QUERIES)} hostile queries: the slowest took {slowest:.2f} s of processor time, "
        "with the start of its process"
    )
    return faults


def restore_backups(only: str, top: Path) -> list[str]:
    """Restore each forged backup; return what is wrong."""
    faults = []
    with Site() as site:
        made = backups.newsroom(top / "made", site)
        for number, name in enumerate(name for name in backups.FORGERIES if only in name):
            outcome, seconds, wrong = backups.judge(name, made, top / str(number))
            print(f"{name:50} {outcome:8} {seconds:5.1f} s{'   <-- ' + '; '.join(wrong) if wrong else ''}", flush=True)
            faults += [f"{name}: {fault}" for fault in wrong]
    return faults


def update_sources(only: str, top: Path) -> list[str]:
    """Update from each malicious source with four ordinary ones; return what is wrong."""
    faults = []
    alone, _, _ = sources.stored_after(top / "alone", None)
    print(f"{'four sources alone':40} stored after {alone:5.1f} s")
    for number, name in enumerate(name for name in sources.KINDS if only in name):
        stored, ended, wrong = sources.stored_after(top / str(number), sources.KINDS[name])
        delay = max(0.0, stored - alone)
        wrong += ["delays the others"] if delay > sources.DELAY_SECONDS else []
        wrong += ["does not end soon"] if ended > sources.END_SECONDS else []
        print(
            f"{name:40} delay {delay:5.1f} s, end after {ended:4.1f} s{'   <-- ' + '; '.join(wrong) if wrong else ''}",
            flush=True,
        )
        faults += [f"{name}: {fault}" for fault in wrong]
    return faults


def take_characters(every: int, top: Path) -> list[str]:
    """Take every Nth character of Unicode through all rooms, some thousands in an archive; return what is wrong."""
    faults: list[str] = []
    characters = letters.characters()[::every]
    for first in range(0, len(characters), CHARACTERS_TOGETHER):
        some = characters[first : first + CHARACTERS_TOGETHER]
        folder = top / str(first)
        folder.mkdir()
        faults += letters.rooms(some, folder)
        print(
            f"U+{ord(some[0]):04X} to U+{ord(some[-1]):04X}: {len(some):,} characters, {len(faults)} wrong", flush=True
        )
        shutil.rmtree(folder)
    return faults


def main() -> int:
    """Run everything, print it, and return 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["corpus", "backups", "sources", "unicode"], default="corpus")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    if options.what == "unicode":
        with tempfile.TemporaryDirectory() as temporary:
            return finish(take_characters(options.every, Path(temporary)))
    if options.what != "corpus":
        with tempfile.TemporaryDirectory() as temporary:
            run = restore_backups if options.what == "backups" else update_sources
            return finish(run(options.only, Path(temporary)))
    cases = [case for case in corpus.CASES if options.only in f"{case.group} {case.name}"]
    with tempfile.TemporaryDirectory() as temporary:
        faults = [] if options.together else alone(cases, Path(temporary))
        top = options.keep or Path(temporary) / "together"
        report = running.together(cases, top, timeout=1_800)
        outcomes = [row.outcome for row in report.rows]
        counts = ", ".join(f"{outcomes.count(one)} {one}" for one in ("found", "refused", "skipped"))
        took = f"{report.run.seconds:.0f} s, {report.run.peak_mb:.0f} MB at most in all processes"
        print(f"{len(cases)} hostile kinds in one run: {counts}; {took}")
        faults += report.faults
        if report.run.peak_mb > MEMORY_MB:
            faults.append(f"the run held more than {MEMORY_MB} MB")
        faults += run_queries(top / "archive")
        if not options.keep:
            corpus.remove(top)
            shutil.rmtree(top, ignore_errors=True)
    return finish(faults)


def finish(faults: list[str]) -> int:
    """Print the faults; return the exit code."""
    for fault in faults:
        print(f"WRONG: {ascii(fault)[1:-1]}")
    print(f"{len(faults)} wrong" if faults else "all as expected")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
