"""The changes between revisions keep their scores on the annotated file; the closed one was not read while tuning."""

import pytest

from tests.eval.histories.changes_gold import Scores, score


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score("changes")


def test_each_kind_of_change_keeps_its_floors(scores: Scores) -> None:
    for kind, ratio in {**scores.kinds, "reversed": score("reversed").kinds["reversed"]}.items():
        assert ratio.precision >= 0.95, (kind, scores.mistakes)
        assert ratio.recall >= 0.9, (kind, scores.mistakes)


def test_pairs_that_differ_in_nothing_give_no_change(scores: Scores) -> None:
    assert scores.false_alarms == 0, scores.mistakes
