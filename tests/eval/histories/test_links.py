"""Links of claims and answers, and refusals to comment, keep their scores on the open annotated files."""

import pytest

from tests.eval.histories.links_gold import Scores, score_disputes, score_no_comments


@pytest.fixture(scope="module")
def disputes() -> dict[str, Scores]:
    return score_disputes("disputes")


@pytest.mark.slow
def test_disputes(disputes: dict[str, Scores]) -> None:
    score = disputes["all"]
    assert score.precision >= 0.97, score.mistakes
    assert disputes["strong"].recall >= 0.73, score.mistakes
    # Most claims are linked where the article makes them, not only where it rejects them.
    assert score.named_claim <= 0.35 * score.right


@pytest.mark.slow
def test_refusals_to_comment() -> None:
    score = score_no_comments("no-comment")
    assert score.precision >= 0.97, score.mistakes
    assert score.recall >= 0.7, score.mistakes
    assert score.named_asker >= 0.85 * score.right
