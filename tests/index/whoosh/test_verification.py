"""Test that the contents of an index are compared with each other and with the documents."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError
from searchkit.index import open_verifier
from searchkit.index.whoosh import verification
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.segments import read_state
from searchkit.statements.document import Document
from tests.index.records import SCENARIOS, document, documents, fill

GONE = document({"id": "gone", "title": "Wexel", "text": "Quagglebridge.", "quotes": [{"words": "Quagglebridge"}]})


def verified(folder: Path, expected: list[Document]) -> list[str]:
    """What a verifier says of an index that should hold these documents."""
    verifier = open_verifier("whoosh:", folder)
    return [*verifier.faults(), *verifier.differences(expected)]


def segments(folder: Path) -> list[Path]:
    state = read_state(folder)
    assert state.folder is not None
    return [entry.path(state.folder) for entries in state.segments.values() for entry in entries]


def rewritten(path: Path, changed: dict[str, bytes]) -> None:
    """Write a segment again with other contents of some sections."""
    file = SectionFile(path)
    sections = {name: (bytes(file.view(name)), file.form(name)) for name in file.names()}
    path.unlink()
    with SectionWriter(path) as out:
        for name, (content, form) in sections.items():
            out.add(name, changed.get(name, content), form)


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.iterdir()), ids=lambda folder: folder.name)
def test_sound_indexes(tmp_path: Path, scenario: Path) -> None:
    """Fresh, with deleted rows, and merged."""
    given = documents(scenario)
    index = WhooshIndex(tmp_path)
    fill(index, *given[::2], GONE, sequence=1)
    fill(index, *given[1::2], given[0], sequence=2)
    with index.writer() as writer:
        writer.delete(["gone"])
        writer.commit(3)
    assert verified(tmp_path, given) == []
    index.optimize()
    assert verified(tmp_path, given) == []


def test_long_lists_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BYTES_PER_READ", 3)
    given = documents(SCENARIOS / "statements")
    fill(WhooshIndex(tmp_path), *given)
    assert verified(tmp_path, given) == []


def test_other_documents_are_reported(tmp_path: Path) -> None:
    given = documents(SCENARIOS / "statements")
    fill(WhooshIndex(tmp_path), *given)
    other = document({"id": given[0].id, "title": given[0].title, "text": f"{given[0].text} Besides."})
    assert verified(tmp_path, [other])[0] == f"has another version of document {given[0].id} than the store"
    assert verified(tmp_path, [GONE])[0] == "lacks document gone"


def flipped(content: bytes) -> Iterator[bytes]:
    """Yield a content with its lowest bit flipped at the start, in the middle and at the end."""
    for place in {0, len(content) // 2, len(content) - 1}:
        yield content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.slow
def test_every_section_counts(tmp_path: Path) -> None:
    """Whatever section has another content, and a valid checksum, the verifier says so."""
    given = documents(SCENARIOS / "statements")[:2]
    fill(WhooshIndex(tmp_path), *given)
    unnoticed = []
    for path in segments(tmp_path):
        file = SectionFile(path)
        sections = {name: bytes(file.view(name)) for name in file.names()}
        for name, content in sections.items():
            for changed in flipped(content) if content else ():
                rewritten(path, {name: changed})
                with suppress(ArchiveError):  # it cannot be read at all
                    if not verified(tmp_path, given):
                        unnoticed.append(f"{path.name}: {name}")
                rewritten(path, {name: content})
    assert unnoticed == []
    assert verified(tmp_path, given) == []
