"""The ceilings of scripts/ceilings.toml: lines, and the Python functions that an article and a query enter."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_CEILINGS = tomllib.loads((ROOT / "scripts/ceilings.toml").read_text(encoding="utf-8"))
CALLS, LINES = _CEILINGS["calls"], _CEILINGS["lines"]
ARTICLE = "seeds/courier-meridian-optics.html"
# Counts the calls of our own functions in one command.
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


def test_no_folder_has_more_lines_than_its_ceiling() -> None:
    rooms = run_path(str(ROOT / "scripts/structure.py"))["lines_by_room"]()
    assert {room: lines for room, lines in rooms.items() if lines > LINES.get(room, 0)} == {}


@pytest.mark.slow
def test_the_structure_is_below_its_ceilings() -> None:
    command = [sys.executable, str(ROOT / "scripts/structure.py")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stdout


def _counted(script: Path, *arguments: str) -> dict[str, int]:
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    counts: dict[str, int] = json.loads(ran.stderr.splitlines()[-1])
    return counts


@pytest.mark.slow
def test_calls_of_an_article_and_a_query_are_below_their_ceilings(tmp_path: Path) -> None:
    script = tmp_path / "counting.py"
    script.write_text(COUNTING)
    archive = ("--archive", str(tmp_path / "archive"))
    found = {f"index_{name}": count for name, count in _counted(script, *archive, "index", ARTICLE).items()}
    found |= {f"query_{name}": count for name, count in _counted(script, *archive, "query", "Tiandy").items()}
    assert {name: count for name, count in found.items() if count > CALLS[name]} == {}
