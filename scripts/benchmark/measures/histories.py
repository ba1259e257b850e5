"""Histories: what it costs to make them, and how long each command's report takes."""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from searchkit.archive import Archive
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.query import ast
from searchkit.reports.changes import ChangesRequest, changes_report
from searchkit.reports.disputes import DisputesRequest, disputes_report
from searchkit.reports.spread import SpreadRequest, spread_report

_NAMES = 20  # the most frequent speakers
_ROUNDS = 3


def measure(archive: Path, *, again: bool) -> dict[str, Any]:
    """Return seconds of processor time to make the histories (if `again`), and of each report its median and 95th
    percentile in milliseconds, warm."""
    figures: dict[str, Any] = {}
    with Archive.open(archive) as opened:
        opened.refresh()
        if again:
            (archive / "histories.sqlite").unlink(missing_ok=True)
            started = time.process_time()
            opened.histories()
            figures["made in seconds"] = round(time.process_time() - started, 2)
        figures["bytes"] = (archive / "histories.sqlite").stat().st_size
        opened.histories()
        for name, run in _reports(opened).items():
            times = []
            for number in range(_NAMES * _ROUNDS):
                started = time.process_time()
                run(number % _NAMES)
                times.append(1000 * (time.process_time() - started))
            kept = sorted(times[_NAMES:])
            figures[name] = (round(statistics.median(kept), 1), round(kept[int(0.95 * len(kept))], 1))
    return figures


def _reports(archive: Archive) -> dict[str, Callable[[int], object]]:
    today = datetime.now(UTC).date()
    request = SearchRequest(
        query=ast.All(), record="quote", limit=0, facets=(FacetRequest(field="speaker", size=_NAMES),)
    )
    names = [count.value for count in archive.index.search(request).facets[0].counts]
    names += names[:1] * (_NAMES - len(names))
    return {
        "changes": lambda _: changes_report(archive, ChangesRequest(today=today)),
        "changes of a speaker": lambda at: changes_report(archive, ChangesRequest(today=today, speaker=names[at])),
        "spread": lambda _: spread_report(archive, SpreadRequest(query="", today=today)),
        "spread of a speaker": lambda at: spread_report(
            archive, SpreadRequest(query=f'speaker:"{names[at]}"', today=today)
        ),
        "disputes": lambda _: disputes_report(archive, DisputesRequest(today=today)),
        "disputes about a name": lambda at: disputes_report(archive, DisputesRequest(today=today, about=names[at])),
    }


def main(arguments: list[str]) -> None:
    """Measure an archive and print the figures."""
    parser = argparse.ArgumentParser(prog="scripts/bench histories", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--again", action="store_true", help="make the histories again first, and measure it")
    given = parser.parse_args(arguments)
    for name, figure in measure(given.archive, again=given.again).items():
        print(f"{name}: {figure}")
