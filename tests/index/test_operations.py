"""Adding, replacing, deleting, reopening, rebuilding, and reading meanwhile, on every engine."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.index.engines import COMPARED, ENGINES, opened
from tests.index.operations import CHANGES, NOTHING_KEPT, OPERATIONS, Operation, change, editions
from tests.index.records import fill


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.__name__)
def test_operation(operation: Operation, engine: str, tmp_path: Path) -> None:
    remark = operation(engine, tmp_path / "index")
    assert remark in ({""} if engine in COMPARED else {"", NOTHING_KEPT})


# Reads until the last state has come, and prints every state seen; run in a process of its own.
READER = """
import sys, time
from pathlib import Path
from tests.index.engines import opened
from tests.index.operations import state_of
index = opened(sys.argv[1], Path(sys.argv[2]))
states = [state_of(index)]
print("ready", flush=True)
until = time.monotonic() + 120
while states[-1] < int(sys.argv[3]) and time.monotonic() < until:
    state = state_of(index)
    if state != states[-1]:
        states.append(state)
print(*states)
"""


@pytest.mark.parametrize("engine", COMPARED)
def test_readers_in_other_processes_see_one_whole_state_after_another(engine: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index = opened(engine, folder)
    fill(index, *editions(1), sequence=1)
    last = CHANGES + 1
    command = [sys.executable, "-c", READER, engine, str(folder), str(last)]
    root = Path(__file__).parents[2]
    readers = [
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n", reader.communicate()[1]
        for state in range(2, last + 1):
            change(engine, folder, index, state)
        for reader in readers:
            out, errors = reader.communicate(timeout=180)
            states = [int(state) for state in out.split()]
            assert (reader.returncode, errors) == (0, "")
            assert states == sorted(states)
            assert (states[0], states[-1]) == (1, last)
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
            for pipe in (reader.stdout, reader.stderr):
                if pipe is not None:
                    pipe.close()
    index.close()
