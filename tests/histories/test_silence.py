"""Who refused to comment, who asked, and who is silent next to what was read."""

from itertools import permutations

import pytest

from searchkit.histories.silence import DocumentVoices, Silence, SourcesRead, no_comments, silence, voices
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article, Document
from searchkit.statements.register import Entry, Register, register
from searchkit.statements.text import name_key, paragraphs
from tests.cases import cases


def read(text: str, name: str = "a", known: Register | None = None) -> Document:
    article = Article(uri=f"file:///{name}.txt", outlet="Harbor Ledger", text=text, paragraphs=paragraphs(text))
    return annotate(article, register=known)


@pytest.mark.parametrize(("text", "asked_by"), cases(__file__, "test_who_asked"))
def test_who_asked(text: str, asked_by: str | None) -> None:
    assert [found.asked_by for found in no_comments(read(text))] == [asked_by]


NAMES = {"k": "Kolm Energy", "o": "Ostwind Energy", "n": "Nordgas Energy", "l": "Lumora Power"}
WATCHED = register(
    version="1",
    entries=[Entry("energy", key, name, "company", ()) for key, name in NAMES.items()],
    watched=[(name_key(name), 2 * number) for number, name in enumerate(NAMES.values())],
)


def answer(documents: list[DocumentVoices]) -> Silence:
    sources = SourcesRead(read=3, healthy=2, documents=len(documents))
    return silence(watchlist="energy", version="1", period="2026", entries=NAMES, documents=documents, sources=sources)


def test_refusals_come_first_and_absence_has_denominators() -> None:
    documents = [
        voices(read("Kolm Energy declined to comment. Ada Holm said the quay was safe.", "a", WATCHED)),
        voices(read("Nordgas Energy built the quay. It is long.", "b", WATCHED)),
        voices(read('"We are late," said Ostwind Energy. Nordgas Energy is late too.', "c", WATCHED)),
    ]
    found = answer(documents)
    assert [(party.name, len(party.refusals)) for party in found.refused] == [("Kolm Energy", 1)]
    assert [(party.name, party.articles, party.articles_with_statements) for party in found.silent] == [
        ("Nordgas Energy", 2, 1)
    ]
    assert (found.unnamed, found.heard, found.sources.healthy) == (("Lumora Power",), 1, 2)
    assert 0 < found.extractor_recall < 1
    assert all(answer(list(order)) == found for order in permutations(documents))


def test_a_spokesperson_speaks_for_the_entry() -> None:
    (party,) = voices(read("A spokesman for Kolm Energy said the quay was safe.", "a", WATCHED)).parties
    assert (party.name, party.statements, party.refusals) == ("Kolm Energy", 1, ())
