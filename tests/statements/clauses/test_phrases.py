"""Constituents of German and French sentences: noun phrases, and the parts between marks."""

import pytest

from searchkit.statements.clauses.phrases import Clauses
from searchkit.statements.clauses.reports import ClauseReader
from searchkit.statements.names import finding as names
from searchkit.statements.packs import pack_for
from searchkit.statements.quotes import marks
from searchkit.statements.quotes.reading import Reader
from tests.cases import cases
from tests.statements.scene import article


def clauses(text: str, language: str = "de") -> Clauses:
    """The first sentence of `text`."""
    scene = article(text, language=language)
    pack = pack_for(language)
    assert pack is not None
    reader = Reader(text, marks.find(text, scene.paragraphs), names.find(scene))
    return ClauseReader(pack).line(next(reader.sentences(scene.paragraphs[0], 0)))


def shown(text: str, language: str = "de") -> str:
    """Each constituent of `text` behind its letter."""
    line = clauses(text, language)
    return " ".join(f"{part.letter}[{line.sentence.range(part.first, part.last).of(text)}]" for part in line.parts)


@pytest.mark.parametrize(("text", "line"), cases(__file__, "test_german_constituents"))
def test_german_constituents(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(("text", "line"), cases(__file__, "test_french_constituents"))
def test_french_constituents(text: str, line: str) -> None:
    assert shown(text, "fr") == line


def test_parts_end_at_commas_but_not_in_brackets() -> None:
    line = clauses("Der Kai (alt, grau) ist zu, sagte er.")
    assert line.letters == "nFi,Fp"
    assert line.starts == [0, 0, 0, 0, 4, 4]
    assert line.ends == [3, 3, 3, 3, 6, 6]
