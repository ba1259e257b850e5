"""Sentences in which the reporter names a claim and its rejection."""

import pytest

from searchkit.histories.rejections import rejections
from tests.cases import cases
from tests.histories.articles import article


@pytest.mark.parametrize(("language", "text", "owner", "claim"), cases(__file__, "test_rejections"))
def test_rejections(language: str, text: str, owner: str, claim: str | None) -> None:
    (found,) = rejections(article("ledger", text, language=language))
    assert (found.owner, found.claim.of(text) if found.claim else None) == (owner, claim)


@pytest.mark.parametrize("text", cases(__file__, "test_no_rejections"))
def test_no_rejections(text: str) -> None:
    assert rejections(article("ledger", text)) == ()
