"""The groups of quotes keep their scores on the annotated files; the closed one was not read while tuning."""

import pytest

from tests.eval.histories.spread_gold import Scores, score


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score("spread")


def test_pairs_of_one_quote_keep_their_floors(scores: Scores) -> None:
    assert scores.precision >= 0.98, scores.mistakes
    assert scores.recall >= 0.9, scores.mistakes


def test_conflicting_attributions_are_found_but_where_one_speaks_for_somebody(scores: Scores) -> None:
    assert scores.conflicts_right == scores.conflicts_found >= scores.conflicts_wanted - 1, scores.mistakes
