"""Reports in German and French: cue, speaker and words, sentence by sentence; all people and bodies are invented."""

import pytest

from searchkit.statements.names import finding as names
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.quotes.statement import Statement
from tests.cases import cases
from tests.statements.scene import article


def found(text: str, language: str = "de") -> list[Statement]:
    """The statements of `text` with the names found in it."""
    scene = article(text, language=language)
    return list(quotes.find(scene, names.find(scene)).statements)


def said(text: str, language: str = "de") -> list[tuple[str, str | None, str | None]]:
    """Words, attribution and verb of each statement."""
    return [
        (one.content.of(text), one.attribution.of(text) if one.attribution else None, one.verb)
        for one in found(text, language)
    ]


def test_the_cue_is_the_verb_alone() -> None:
    text = "« Rien ne presse », résume-t-il. C'est ce qu'affirme la mairie."
    first = found(text, "fr")[0]
    assert first.cue is not None
    assert first.cue.of(text) == "résume"


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("text", cases(__file__, "test_odd_text_never_raises"))
def test_odd_text_never_raises(text: str, language: str) -> None:
    for odd in (text, text * 3):
        scene = article(odd, language=language)
        assert quotes.find(scene, names.find(scene)).failed == 0
