"""The groups of quotes keep their scores on the annotated files; the closed one was not read while tuning."""

import pytest

from tests.eval.histories.spread_gold import score


@pytest.mark.parametrize("name", ["spread"])
def test_groups_and_conflicts_keep_their_floors(name: str) -> None:
    scores = score(name)
    assert scores.precision >= 0.98, scores.mistakes
    assert scores.recall >= 0.9, scores.mistakes
    assert scores.conflicts_right == scores.conflicts_found == scores.conflicts_wanted, scores.mistakes
    assert scores.translations_found == scores.translations_right >= 0.6 * scores.translations_wanted
