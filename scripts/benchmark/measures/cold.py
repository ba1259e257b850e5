"""A query in a fresh process, compared with the imports that it cannot avoid."""

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
IMPORTS = {"import click": "import click", "import click, msgspec, sqlite3": "import click, msgspec, sqlite3"}


def measure(stage: Stage, keys: Sequence[str], *, rounds: int = 15) -> dict[str, Any]:
    """Return milliseconds by engine and by import."""
    question = json.dumps(Question(kind="common", words=(_WORD,), form="all").to_json())
    # The installed command, with the same path as the imports.
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
        in_turns(commands, 1, environment=environment)  # writes byte code and fills the file cache
        taken |= in_turns(commands, rounds, environment=environment)
    return taken
