"""Links of claims and answers, and refusals to comment, keep their scores on the annotated files."""

import pytest

from tests.eval.histories.links_gold import Scores, score_disputes, score_no_comments


@pytest.fixture(scope="module")
def disputes() -> dict[str, Scores]:
    return score_disputes("disputes")


@pytest.mark.slow
@pytest.mark.parametrize(("strength", "precision", "recall"), [("strong", 0.95, 0.8), ("medium", 0.85, 0.6)])
def test_disputes(disputes: dict[str, Scores], strength: str, precision: float, recall: float) -> None:
    score = disputes[strength]
    assert score.precision >= precision, score.mistakes
    assert score.recall >= recall, score.mistakes


@pytest.mark.slow
def test_refusals_to_comment() -> None:
    score = score_no_comments("no-comment")
    assert score.precision >= 0.97, score.mistakes
    assert score.recall >= 0.9, score.mistakes
    assert score.named_asker >= 0.9 * score.right
