"""An answer with its documents and statements, and what of them answers."""

from datetime import date

import pytest

from searchkit.archive import Archive
from searchkit.index.base import Hit
from searchkit.query.fields import Record
from searchkit.search.answer import Answer, QueryRequest, Records, answer
from searchkit.sqlite import SqliteConnection
from searchkit.statements.document import document_id
from tests.cases import cases
from tests.cli.harbor import ARTICLES

CRANES, CRATES, HEARING = (document_id(str(article["uri"])) for article in ARTICLES)


def _answer(archive: Archive, query: str, record: Record = "document", *, limit: int = 10) -> Answer:
    request = QueryRequest(query=query, record=record, today=date(2026, 3, 4), sort="oldest", limit=limit)
    return answer(archive, request)


def test_documents(opened_harbor: Archive) -> None:
    outcome = _answer(opened_harbor, "cranes OR crates", limit=2)
    assert (outcome.query, outcome.record, outcome.offset, outcome.result.total) == (
        "cranes OR crates",
        "document",
        0,
        3,
    )
    for _ in range(2):  # they are read again each time
        assert [(found.hit.id, found.document.id, found.quote) for found in outcome.records] == [
            (CRANES, CRANES, None),
            (CRATES, CRATES, None),
        ]


def test_excerpts_decode_no_document(opened_harbor: Archive) -> None:
    outcome = _answer(opened_harbor, "cranes OR crates")
    for found in outcome.records:
        assert outcome.excerpt(found).snippets
        assert "document" not in found.opened.__dict__
        cut, again = outcome.excerpt(found), outcome.excerpt(found)
        assert found.document.text == found.opened.outline.text
        assert (cut.snippets, cut.title, cut.statements) == (again.snippets, again.title, again.statements)


def test_statements(opened_harbor: Archive) -> None:
    found = list(_answer(opened_harbor, "speaker:Korbel", "quote").records)
    assert [one.document.id for one in found] == [CRANES, CRATES]
    assert all(one.quote is not None and one.quote.id == one.hit.id for one in found)


def test_what_has_gone_from_the_store_since_the_index_answered_is_left_out(opened_harbor: Archive) -> None:
    hits = (
        Hit(id="0" * 12, document="0" * 12, score=0.0),
        Hit(id=CRANES, document=CRANES, score=0.0),
        Hit(id=f"{CRANES}-00000000", document=CRANES, score=0.0),
    )
    assert [found.hit.id for found in Records(opened_harbor, "document", hits[:2])] == [CRANES]
    assert list(Records(opened_harbor, "quote", hits)) == []


def test_more_documents_than_are_kept_at_hand(opened_harbor: Archive) -> None:
    hits = tuple(Hit(id=f"{n:012x}", document=f"{n:012x}", score=0.0) for n in range(200))
    found = list(Records(opened_harbor, "document", (*hits, Hit(id=CRATES, document=CRATES, score=0.0))))
    assert [one.document.id for one in found] == [CRATES]


def test_the_documents_of_a_page_are_read_together(opened_harbor: Archive) -> None:
    records = _answer(opened_harbor, "cranes OR crates").records
    statements: list[str] = []
    connection = opened_harbor.store().connection
    assert isinstance(connection, SqliteConnection)
    connection._connection.set_trace_callback(statements.append)
    assert len(list(records)) == 3
    assert len(statements) == 1


@pytest.mark.parametrize(("query", "title", "shown", "statements"), cases(__file__, "test_what_of_a_document_answers"))
def test_what_of_a_document_answers(
    opened_harbor: Archive, query: str, title: tuple[str, ...], shown: tuple[str, ...], statements: int
) -> None:
    outcome = _answer(opened_harbor, f"({query}) id:{CRANES}")
    (found,) = outcome.records
    excerpt = outcome.excerpt(found)
    assert [mark.of(found.document.title or "") for mark in excerpt.title] == list(title)
    assert len(excerpt.snippets) == len(shown)
    assert all(snippet.text.startswith(text) for snippet, text in zip(excerpt.snippets, shown, strict=True))
    assert len(excerpt.statements) == statements


def test_what_is_bound_to_another_statement_is_not_marked(opened_harbor: Archive) -> None:
    outcome = _answer(opened_harbor, "quote:{crates speaker:Korbel} OR quote:{cranes speaker:Nobody} OR friday")
    marked = {
        found.document.id: [mark.of(found.document.text) for mark in outcome.excerpt(found).marks]
        for found in outcome.records
    }
    assert marked[CRANES] == ["Friday", "crates"]
    assert HEARING not in marked  # "cranes" is said there, by somebody else


def test_what_of_a_statement_answers(opened_harbor: Archive) -> None:
    outcome = _answer(opened_harbor, "quote:{twice} title:stand", "quote")
    (found,) = outcome.records
    assert found.quote is not None
    excerpt = outcome.excerpt(found)
    (snippet,) = excerpt.snippets
    assert snippet.span == found.quote.content
    assert [mark.of(snippet.text) for mark in snippet.marks] == ["twice"]
    assert [mark.of(found.document.text) for mark in excerpt.marks] == ["twice"]
    assert [mark.of(found.document.title or "") for mark in excerpt.title] == ["stand"]
