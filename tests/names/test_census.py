from pathlib import Path

from searchkit.names.similar import EntityCounts, count_entities, variants
from searchkit.statements.document import Document
from searchkit.store.store import open_store
from tests.oracle.memory import MemoryIndex
from tests.samples import TEXT, document


def _documents() -> list[Document]:
    other = TEXT.replace("Meridian Optics Ltd", "Meridian Optics AG")
    return [document(), document(other, uri="file:///other.txt", mentions=document().mentions[:1])]


def test_documents_and_statements_are_counted_by_entity() -> None:
    index = MemoryIndex()
    with index.writer() as writer:
        writer.put(_documents())
        writer.commit(1)
    counted = (
        EntityCounts(
            id="agency:ostrava-trade-office", name="Ostrava Trade Office", kind="agency", documents=2, said=0, about=0
        ),
        EntityCounts(
            id="company:meridian-optics", name="Meridian Optics", kind="company", documents=1, said=0, about=2
        ),
        EntityCounts(id="person:nadia-korbel", name="Nadia Korbel", kind="person", documents=1, said=2, about=0),
    )
    assert count_entities(index) == (3, counted)
    assert count_entities(index, size=2) == (3, counted[:2])
    assert count_entities(index, size=2, kinds=["person"]) == (1, counted[2:])


def test_the_ways_of_writing_are_counted_by_document(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite", writable=True)
    for made in _documents():
        store.put(made, resource=made.uri, digest="d")
    store.commit()
    seen: list[tuple[int, int]] = []
    found = variants(store, progress=lambda done, total: seen.append((done, total)))
    assert found["agency:ostrava-trade-office"] == {"Ostrava Trade Office": 2}
    assert found["company:meridian-optics"] == {"Meridian Optics Ltd": 1}
    assert seen == [(1, 2), (2, 2)]
    store.close()
