"""A question from a fresh process: start, import, open, ask, show; beside the bare imports that cannot be saved."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.questions import Question
from benchmark.rivals import ENTRANTS, missing, python_of
from benchmark.stage import SEARCHKIT, Stage, python_path
from benchmark.timing import in_turns

_WORD = "government"
IMPORTS = {
    "import click": "import click",
    "import click, whoosh.index": "import click, whoosh.index",
    "import click, tantivy": "import click, tantivy",
}


def measure(stage: Stage, keys: Sequence[str], *, rounds: int = 15) -> dict[str, Any]:
    """By engine, and by what is imported: milliseconds from start to end."""
    question = json.dumps(Question(kind="common", words=(_WORD,), form="all").to_json())
    commands: dict[str, list[str | Path]] = {
        name: [sys.executable, "-c", code]
        for name, code in IMPORTS.items()
        if "tantivy" not in code or not missing("tantivy")
    }
    commands["searchkit --help"] = [*SEARCHKIT, "--help"]
    for key in keys:
        if ENTRANTS[key].engine:
            commands[key] = [*SEARCHKIT, "--archive", stage.files(key), "query", _WORD, "--json"]
        else:
            commands[key] = [python_of(key), "-m", "benchmark.worker", "cold", key, stage.files(key), question]
    for command in commands.values():  # byte code is written, files are read once
        in_turns({"": command}, 1, environment=python_path())
    return in_turns(commands, rounds, environment=python_path())
