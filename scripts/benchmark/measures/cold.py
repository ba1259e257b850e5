"""A question from a fresh process: start, import, open, ask, show; beside the bare imports that cannot be saved."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.questions import Question
from benchmark.rivals import ENTRANTS, python_of
from benchmark.stage import Stage, python_path
from benchmark.timing import in_turns

_WORD = "government"
IMPORTS = {
    "import click": "import click",
    "import click, whoosh.index": "import click, whoosh.index",
}


def measure(stage: Stage, keys: Sequence[str], *, rounds: int = 15) -> dict[str, Any]:
    """By engine, and by what is imported: milliseconds from start to end."""
    question = json.dumps(Question(kind="common", words=(_WORD,), form="all").to_json())
    # The command as it is installed, with nothing more on its path than the imports it is compared with have.
    installed: dict[str, list[str | Path]] = {name: [sys.executable, "-c", code] for name, code in IMPORTS.items()}
    command = Path(sys.executable).with_name("searchkit")
    installed["searchkit --help"] = [command, "--help"]
    others: dict[str, list[str | Path]] = {}
    for key in keys:
        if ENTRANTS[key].engine:
            installed[key] = [command, "--archive", stage.files(key), "query", _WORD, "--json"]
        else:
            others[key] = [python_of(key), "-m", "benchmark.worker", "cold", key, stage.files(key), question]
    taken: dict[str, Any] = {}
    for commands, environment in ((installed, {"PYTHONPATH": ""}), (others, python_path())):
        in_turns(commands, 1, environment=environment)  # byte code is written, files are read once
        taken |= in_turns(commands, rounds, environment=environment)
    return taken
