"""The ceilings of scripts/ceilings.toml: lines, and the Python functions that an article and a query enter."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CALLS = tomllib.loads((ROOT / "scripts/ceilings.toml").read_text(encoding="utf-8"))["calls"]
ARTICLE = "seeds/courier-meridian-optics.html"
# Counts the calls of our own functions in one command. The first run of a module compiles it: that is not counted.
COUNTING = """
import json, sys
from pathlib import Path
own = str(Path("searchkit").resolve())
files, functions, calls = set(), set(), 0
def count(frame, event, argument):
    global calls
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(own) and code.co_name != "<module>":
        calls += 1
        files.add(code.co_filename)
        functions.add(code)
if __name__ == "__main__":
    sys.setprofile(count)
    try:
        from searchkit.cli import run
        run()
    except SystemExit:
        pass
    sys.setprofile(None)
    print(json.dumps({"calls": calls, "functions": len(functions), "files": len(files)}), file=sys.stderr)
"""


def test_the_structure_is_below_its_ceilings() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts/structure.py"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert ran.returncode == 0, ran.stdout


def _counted(script: Path, *arguments: str) -> dict[str, int]:
    ran = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    counts: dict[str, int] = json.loads(ran.stderr.splitlines()[-1])
    return counts


@pytest.mark.slow
def test_calls_of_an_article_and_a_query_are_below_their_ceilings(tmp_path: Path) -> None:
    script = tmp_path / "counting.py"
    script.write_text(COUNTING)
    archive = ("--archive", str(tmp_path / "archive"))
    counted = {
        "index": _counted(script, *archive, "index", ARTICLE),
        "query": _counted(script, *archive, "query", "Tiandy"),
    }
    found = {f"{command}_{name}": count for command, counts in counted.items() for name, count in counts.items()}
    assert {name: count for name, count in found.items() if count > CALLS[name]} == {}
