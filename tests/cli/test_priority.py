"""The priority of commands that write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from searchkit.cli import LOW_PRIORITY
from tests.cli.conftest import Command

# Prints the priority that a command leaves its process with.
_RUN = """
import atexit, os, sys
atexit.register(lambda: print(os.getpriority(os.PRIO_PROCESS, 0)))
sys.argv[0] = "searchkit"
from searchkit.cli import run
run()
"""


def _priority_after(*arguments: str) -> int:
    command = [sys.executable, "-c", _RUN, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.slow
def test_a_command_that_writes_lowers_its_priority_and_others_do_not(tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    (tmp_path / "a.txt").write_text("The crane stands.\n", encoding="utf-8")
    archive = ("--archive", str(tmp_path / "archive"))
    assert _priority_after(*archive, "index", "-q", "--workers", "1", str(tmp_path / "a.txt")) == max(
        LOW_PRIORITY, before
    )
    assert _priority_after(*archive, "status") == before


def test_a_process_that_goes_on_keeps_its_priority(tmp_path: Path, searchkit: Command) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    (tmp_path / "a.txt").write_text("The crane stands.\n", encoding="utf-8")
    done = searchkit("index", "-q", "--workers", "1", str(tmp_path / "a.txt"), archive=tmp_path / "archive")
    assert (done.code, os.getpriority(os.PRIO_PROCESS, 0)) == (0, before)
