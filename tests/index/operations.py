"""What can be done to an index besides asking: each operation is a function that fails with an AssertionError when the
engine does it otherwise than base.py says, and gives a remark for the table of engines, empty for a plain yes."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from searchkit.document import Document
from searchkit.index import generations
from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from tests.index.engines import COMPARED, opened
from tests.index.records import document, fill

Operation = Callable[[str, Path], str]
NOTHING_KEPT = "keeps nothing on disk"
RECORDS: tuple[Record, ...] = ("document", "quote")


def edition(number: int, state: int) -> Document:
    """One of the documents of an archive in its `state`, which is the outlet of all of them then."""
    return document(
        {
            "id": f"e{number}",
            "title": f"Edition {state}",
            "text": f'The ferry of state {state} left. "State {state} it is," said Nadia Korbel.',
            "outlet": f"Gazette {state}",
            "published": f"2022-12-{number + 1:02}",
            "names": [{"surface": "Nadia Korbel", "name": "Nadia Korbel", "kind": "person"}],
            "quotes": [{"words": f'"State {state} it is,"', "speaker": "Nadia Korbel", "verb": "say"}],
        }
    )


def editions(state: int, count: int = 5) -> list[Document]:
    """All documents of an archive in its `state`."""
    return [edition(number, state) for number in range(count)]


STATE = SearchRequest(query=ast.Term(text="state"), limit=100, facets=(FacetRequest(field="outlet", size=100),))


def state_of(index: Index, count: int = 5) -> int:
    """The state that an index shows, over documents as over statements. AssertionError when it shows parts of two."""
    shown = set()
    for record in RECORDS:
        result = index.search(replace(STATE, record=record))
        (value,) = result.facets[0].counts
        assert (result.total, len(result.hits), value.count) == (count, count, count)
        shown.add(int(value.value.removeprefix("Gazette ")))
    # The second question may have met a later state than the first.
    return max(shown)


def ids(index: Index, query: ast.Node | None = None, record: Record = "document") -> list[str]:
    """The ids of all records that match."""
    found = index.search(SearchRequest(query=query or ast.All(), record=record, limit=1000))
    assert found.total == len(found.hits)
    return sorted(hit.document for hit in found.hits)


def _left(index: Index, folder: Path, engine: str) -> Index:
    """The index closed and opened again."""
    index.close()
    return opened(engine, folder)


def adding(engine: str, folder: Path) -> str:
    """Documents come with their statements, at once and batch by batch."""
    index = opened(engine, folder)
    assert (index.applied, index.counts()) == (0, {"document": 0, "quote": 0})
    for number in range(5):
        fill(index, edition(number, 1), sequence=number + 3)
        assert index.applied == number + 3
        assert index.counts() == {"document": number + 1, "quote": number + 1}
    assert state_of(index) == 1
    index.close()
    return ""


def updating(engine: str, folder: Path) -> str:
    """What is put again replaces what was there, statements and all."""
    index = opened(engine, folder)
    for state in range(1, 5):
        fill(index, *editions(state), sequence=state)
        assert state_of(index) == state
    fill(index, document({"id": "e0", "text": "Nothing to say."}), sequence=5)
    assert index.counts() == {"document": 5, "quote": 4}
    assert ids(index, ast.Term(text="ferry")) == ["e1", "e2", "e3", "e4"]
    assert ids(index, ast.Phrase(text="state 4"), "quote") == ["e1", "e2", "e3", "e4"]
    assert ids(index, ast.Phrase(text="state 3")) == []
    index.close()
    return ""


def deleting(engine: str, folder: Path) -> str:
    """What is deleted is in no hit, total, facet or look-up, and neither are its statements."""
    index = opened(engine, folder)
    fill(index, *editions(1), edition(9, 7), sequence=1)
    with index.writer() as writer:
        writer.delete(["e9", "nobody"])
        writer.commit(2)
    assert state_of(index) == 1
    assert ids(index, ast.Not(child=ast.Term(text="zzzz"))) == [f"e{number}" for number in range(5)]
    assert index.days("date", "document") == tuple(
        one.published.earliest for one in (edition(0, 1), edition(4, 1)) if one.published
    )
    assert index.spellings("title", "7", distance=0, record="document") == ()
    with index.writer() as writer:
        writer.delete([f"e{number}" for number in range(5)])
        writer.commit(3)
    assert (index.counts(), index.applied) == ({"document": 0, "quote": 0}, 3)
    fill(index, *editions(2), sequence=4)
    assert state_of(index) == 2
    index.close()
    return ""


def giving_up(engine: str, folder: Path) -> str:
    """A batch that is left without a commit leaves nothing, and is in nobody's way."""
    index = opened(engine, folder)
    fill(index, *editions(1), sequence=1)
    with index.writer() as writer:
        writer.put(editions(2))
        writer.delete(["e0"])
        assert state_of(index) == 1
    assert (state_of(index), index.applied) == (1, 1)
    fill(index, *editions(3), sequence=2)
    assert state_of(index) == 3
    index.close()
    return ""


def reopening(engine: str, folder: Path) -> str:
    """What was committed is there when the index is opened again."""
    index = opened(engine, folder)
    fill(index, *editions(1), sequence=7)
    index = _left(index, folder, engine)
    if engine not in COMPARED:
        assert (index.applied, index.counts()) == (0, {"document": 0, "quote": 0})
        return NOTHING_KEPT
    assert (index.applied, state_of(index)) == (7, 1)
    with index.writer() as writer:
        writer.put(editions(2))
    index = _left(index, folder, engine)
    assert (index.applied, state_of(index)) == (7, 1)
    fill(index, *editions(3), sequence=8)
    index = _left(index, folder, engine)
    assert (index.applied, state_of(index)) == (8, 3)
    index.close()
    return ""


def two_instances(engine: str, folder: Path) -> str:
    """What one instance commits the other sees, whichever writes; what is not committed it does not see."""
    one, other = opened(engine, folder), opened(engine, folder)
    fill(one, *editions(1), sequence=1)
    if engine not in COMPARED:
        assert other.counts() == {"document": 0, "quote": 0}
        return NOTHING_KEPT
    assert (other.applied, state_of(other)) == (1, 1)
    with one.writer() as writer:
        writer.put(editions(2))
        assert state_of(other) == state_of(one) == 1
        writer.commit(2)
    assert (other.applied, state_of(other)) == (2, 2)
    fill(other, *editions(3), sequence=3)
    assert (one.applied, state_of(one)) == (3, 3)
    one.close()
    assert state_of(other) == 3
    other.close()
    return ""


def rebuilding(engine: str, folder: Path) -> str:
    """An index built beside the one that answers takes its place at once, also for who has it open."""
    index = opened(engine, folder)
    fill(index, *editions(1), sequence=5)
    built = opened(engine, folder / generations.REBUILT)
    fill(built, *editions(2), sequence=1)
    fill(built, *editions(3), sequence=2)
    built.close()
    assert state_of(index) == 1
    generations.adopt(folder, folder / generations.REBUILT)
    if engine not in COMPARED:
        assert state_of(index) == 1
        return NOTHING_KEPT
    assert (index.applied, state_of(index)) == (2, 3)
    fill(index, *editions(4), sequence=3)
    index = _left(index, folder, engine)
    assert (index.applied, state_of(index)) == (3, 4)
    index.close()
    return ""


# So often the archive changes while it is read.
CHANGES = 8


def reading_meanwhile(engine: str, folder: Path) -> str:
    """Readers in threads, each with its own instance, see one whole state after another while a writer commits and an
    index built anew takes its place."""
    if engine not in COMPARED:
        return NOTHING_KEPT
    index = opened(engine, folder)
    fill(index, *editions(1), sequence=1)
    done = threading.Event()
    seen: list[list[int]] = [[], []]
    failed: list[BaseException] = []

    def read(states: list[int]) -> None:
        try:
            reader = opened(engine, folder)
            while not done.is_set() or not states:
                states.append(state_of(reader))
            states.append(state_of(reader))
            reader.close()
        except BaseException as error:  # noqa: BLE001  it is raised again in the thread that waits
            failed.append(error)

    with ExitStack() as stack:
        threads = [threading.Thread(target=read, args=(states,)) for states in seen]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(done.set)
        for state in range(2, CHANGES + 2):
            change(engine, folder, index, state)
    index.close()
    if failed:
        raise failed[0]
    for states in seen:
        assert states == sorted(states)
        assert states[-1] == CHANGES + 1
    return ""


def change(engine: str, folder: Path, index: Index, state: int) -> None:
    """Bring an index to its next state: every fourth time one built anew takes its place."""
    if state % 4:
        fill(index, *editions(state), sequence=state)
        return
    built = opened(engine, folder / generations.REBUILT)
    fill(built, *editions(state), sequence=state)
    built.close()
    generations.adopt(folder, folder / generations.REBUILT)


OPERATIONS: dict[str, Operation] = {
    "add documents": adding,
    "replace documents": updating,
    "delete documents": deleting,
    "give a batch up": giving_up,
    "close and open again": reopening,
    "two instances on one folder": two_instances,
    "swap in an index built anew": rebuilding,
    "read while another writes": reading_meanwhile,
}
