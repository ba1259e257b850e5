"""Readers see one complete state after another, while a writer commits and a rebuilt index is swapped in."""

import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.document import Document
from searchkit.index import generations
from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.query import ast
from tests.index.engines import COMPARED, opened
from tests.index.records import document, fill

# Number of changes of the archive during a test.
CHANGES = 8
STATE = SearchRequest(query=ast.Term(text="state"), limit=100, facets=(FacetRequest(field="outlet", size=100),))


def editions(state: int, count: int = 5) -> list[Document]:
    """Return all documents of an archive in its `state`, which is the outlet of all of them."""
    return [
        document(
            {
                "id": f"e{number}",
                "text": f'The ferry of state {state} left. "State {state} it is," said Nadia Korbel.',
                "outlet": f"Gazette {state}",
                "names": [{"surface": "Nadia Korbel", "name": "Nadia Korbel", "kind": "person"}],
                "quotes": [{"words": f'"State {state} it is,"', "speaker": "Nadia Korbel", "verb": "say"}],
            }
        )
        for number in range(count)
    ]


def state_of(index: Index, count: int = 5) -> int:
    """Return the state that an index shows. AssertionError if it shows parts of two."""
    shown = set()
    for request in (STATE, replace(STATE, record="quote")):
        result = index.search(request)
        (value,) = result.facets[0].counts
        assert (result.total, len(result.hits), value.count) == (count, count, count)
        shown.add(int(value.value.removeprefix("Gazette ")))
    # The second query may have met a later state than the first.
    return max(shown)


def change(engine: str, folder: Path, index: Index, state: int) -> None:
    """Bring an index to its next state: every fourth time by a rebuilt index."""
    if state % 4:
        fill(index, *editions(state), sequence=state)
        return
    built = opened(engine, folder / generations.REBUILT)
    fill(built, *editions(state), sequence=state)
    built.close()
    generations.adopt(folder, folder / generations.REBUILT)


@pytest.mark.parametrize("engine", COMPARED)
def test_instances_see_what_others_commit_and_swap_in(engine: str, tmp_path: Path) -> None:
    one, other = opened(engine, tmp_path), opened(engine, tmp_path)
    fill(one, *editions(1), sequence=1)
    assert (other.applied, state_of(other)) == (1, 1)
    with one.writer() as writer:
        writer.put(editions(2))
        assert state_of(other) == state_of(one) == 1
        writer.commit(2)
    assert (other.applied, state_of(other)) == (2, 2)
    fill(other, *editions(3), sequence=3)
    assert (one.applied, state_of(one)) == (3, 3)
    change(engine, tmp_path, one, 4)
    assert (one.applied, state_of(one), state_of(other)) == (4, 4, 4)
    one.close()
    assert state_of(opened(engine, tmp_path)) == state_of(other) == 4


@pytest.mark.parametrize("engine", COMPARED)
def test_readers_in_threads(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path)
    fill(index, *editions(1), sequence=1)
    done = threading.Event()
    seen: list[list[int]] = [[], []]
    failed: list[BaseException] = []

    def read(states: list[int]) -> None:
        try:
            reader = opened(engine, tmp_path)
            while not done.is_set() or not states:
                states.append(state_of(reader))
            states.append(state_of(reader))
        except BaseException as error:  # noqa: BLE001  it is raised again in the thread that waits
            failed.append(error)

    with ExitStack() as stack:
        threads = [threading.Thread(target=read, args=(states,)) for states in seen]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(done.set)
        for state in range(2, CHANGES + 2):
            change(engine, tmp_path, index, state)
    if failed:
        raise failed[0]
    for states in seen:
        assert states == sorted(states)
        assert states[-1] == CHANGES + 1


# Reads until the last state has come, and prints every state seen; run in a process of its own.
READER = """
import sys, time
from pathlib import Path
from tests.index.engines import opened
from tests.index.test_operations import state_of
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


@pytest.mark.slow
@pytest.mark.parametrize("engine", COMPARED)
def test_readers_in_other_processes(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path)
    fill(index, *editions(1), sequence=1)
    last = CHANGES + 1
    command = [sys.executable, "-c", READER, engine, str(tmp_path), str(last)]
    with ExitStack() as stack:
        readers = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=Path(__file__).parents[2],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for reader in readers:
            stack.callback(reader.kill)
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n", reader.communicate()[1]
        for state in range(2, last + 1):
            change(engine, tmp_path, index, state)
        for reader in readers:
            out, errors = reader.communicate(timeout=180)
            states = [int(state) for state in out.split()]
            assert (reader.returncode, errors) == (0, "")
            assert states == sorted(states)
            assert (states[0], states[-1]) == (1, last)
