"""Run the comparison, or one of the measures that stand by themselves."""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmark import corpus
from benchmark.measures import warm
from benchmark.rivals import ENTRANTS, missing
from benchmark.stage import Stage

QUICK = 19_043  # all of the newswire, unscaled


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    options.add_argument("--documents", type=int, default=QUICK)
    options.add_argument("--archive", type=Path, help="an archive of these documents that is there already")
    options.add_argument("--keep", type=Path, help="folder for all that is built; used again when it is there")
    options.add_argument("--only", default="", help="these engines, by key, comma between")
    options.add_argument("--json", type=Path, help="write the figures to this file")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.keep or Path(temporary)) / str(asked.documents)
        stage = Stage(folder=folder, documents=asked.documents, given=asked.archive, mixed=not corpus.NEWSWIRE.exists())
        keys = []
        for key in asked.only.split(",") if asked.only else ENTRANTS:
            if reason := missing(key):
                print(f"left out: {reason}", file=sys.stderr)
            elif ENTRANTS[key].asked and stage.documents <= ENTRANTS[key].most:
                keys.append(key)
        questions = stage.questions()
        rivals = stage.open(keys)
        figures: dict[str, Any] = {"index": {key: stage.index(key) for key in keys if not ENTRANTS[key].shares}}
        figures["warm"] = warm.with_snippets(rivals, questions)
        figures["facets"] = warm.with_facets(rivals, questions)
    for measure in ("warm", "facets"):
        print(measure)
        for key, found in figures[measure].items():
            kinds = " ".join(f"{kind} {times['cpu_ms_median']:.2f}" for kind, times in found["kinds"].items())
            print(f"  {ENTRANTS[key].title:24} {found['cpu_ms_median']:8.2f} {found['cpu_ms_p95']:8.2f}   {kinds}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
