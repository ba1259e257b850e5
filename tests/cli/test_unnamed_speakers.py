"""Searches for speakers without a name, by the words that every output shows for them."""

import json
from pathlib import Path

import pytest

from tests.cases import cases
from tests.cli.conftest import Command

ARTICLE = """Krell slips

Published: 2024-05-07
Outlet: Lowharbor Post

Edda Kolm denied that the krell would fall.

A spokesperson for the port said that talks would go on. "Nothing moves," a dealer told the Lowharbor Post.
"""


@pytest.mark.parametrize(("arguments", "leads"), cases(__file__, "test_shown_words_find_a_speaker"))
def test_shown_words_find_a_speaker(
    arguments: tuple[str, ...], leads: tuple[str, ...], searchkit: Command, tmp_path: Path
) -> None:
    (tmp_path / "krell.txt").write_text(ARTICLE, encoding="utf-8")
    folder = tmp_path / "archive"
    assert searchkit("index", "-q", "--workers", "1", str(tmp_path / "krell.txt"), archive=folder).code == 0
    options = ("--facet", "speaker", "--all-values", "--json")
    answer = json.loads(searchkit("statements", *arguments, *options, archive=folder).out)
    shown = [hit["statement"] for hit in answer["items"]]
    assert len(shown) == len(leads)
    assert all(text.startswith(lead) for text, lead in zip(sorted(shown), leads, strict=True)), shown
    assert {count["value"] for count in answer["facets"][0]["counts"]} <= {"Edda Kolm"}
