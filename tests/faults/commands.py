"""Run searchkit in this process or in another, and report what a series of faults did."""

import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from msgspec import Struct, field

from searchkit.cli import run
from searchkit.index.base import SearchRequest
from searchkit.query import ast

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = SearchRequest(query=ast.All(), limit=1000, sort="newest", copies=True)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
_TIMEOUT_SECONDS = 180.0


class Report(Struct):
    """How often each thing was seen, and a line for each violation."""

    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, where: str, faults: Iterable[str]) -> None:
        """Record violations, and print each at once: a long series may be stopped before its end."""
        for fault in faults:
            self.wrong.append(f"{where}: {fault}")
            print(f"WRONG {self.wrong[-1]}", flush=True)  # noqa: T201


def command(*words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, output and messages."""
    output, messages = io.TextIOWrapper(io.BytesIO(), "utf-8", "replace", write_through=True), io.StringIO()
    code: object = None
    with redirect_stdout(output), redirect_stderr(messages):
        try:
            run(words)
        except SystemExit as end:
            code = end.code
    output.seek(0)
    return code if isinstance(code, int) else 0, output.read(), messages.getvalue()


def searchkit(*words: str, cwd: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that first calls `before`."""
    return subprocess.run(
        [sys.executable, "-m", "searchkit", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=ENVIRONMENT,
        preexec_fn=before,
        timeout=_TIMEOUT_SECONDS,
    )
