"""Questions that try to hang the search, each in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmark.corpus import ROOT
from benchmark.stage import SEARCHKIT


def measure(archive: Path) -> dict[str, Any]:
    """Seconds of the processor by question, the slowest first."""
    import resource

    sys.path.insert(0, str(ROOT))
    from tests.hostile.queries import QUERIES

    taken = []
    for name, query in QUERIES.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [*SEARCHKIT, "--archive", str(archive), "query", "--", query.replace("\ud800", "")]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, name))
    return {name: seconds for seconds, name in sorted(taken, reverse=True)}
