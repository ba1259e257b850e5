"""Stock Whoosh opens our files: its own parser and matchers find the same records."""

from functools import reduce
from pathlib import Path

import pytest
from whoosh.index import open_dir
from whoosh.qparser import QueryParser

from searchkit.index import generations
from searchkit.index.base import open_index
from searchkit.index.whoosh.segments import INDEX_NAMES
from tests.cases import cases
from tests.index.records import document


@pytest.mark.parametrize(("written", "found"), cases(__file__, "test_whoosh_parses_and_answers"))
def test_whoosh_parses_and_answers(tmp_path: Path, written: str, found: tuple[str, ...]) -> None:
    ours = open_index("whoosh:", tmp_path)
    names = [{"surface": "Korbel", "name": "Nadia Korbel", "kind": "person"}]
    first = {"text": "The cranes stand still. Korbel waits.", "names": names, "published": "2022-12-15"}
    quotes = [{"words": "The cranes stand still.", "speaker": "Nadia Korbel"}]
    second = {"text": "A cranium was found.", "published": "2023-03-01"}
    with ours.writer() as writer:
        writer.put([document({"id": "d1", "language": "en", "quotes": quotes, **first})])
        writer.put([document({"id": "d2", "language": "en", **second})])
        writer.commit(1)
    index = open_dir(generations.current(tmp_path), INDEX_NAMES["document"])
    with index.searcher() as searcher:
        hits = searcher.search(QueryParser("body", index.schema).parse(written), sortedby="date")
        assert tuple(hit["id"] for hit in hits) == found
        reader = searcher.reader()
        assert reader.doc_count() == reduce(lambda count, _: count + 1, reader.all_doc_ids(), 0) == 2
        assert b"crane" in set(reader.lexicon("body"))
        assert list(reader.terms_within("body.words", "crames", 1)) == ["cranes"]
