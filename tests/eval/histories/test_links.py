"""Links of claims and answers, and refusals to comment, keep their scores on the annotated files."""

import pytest

from tests.eval.histories.links_gold import Scores, score_disputes, score_no_comments

OPEN = ("", "-closed")  # the second file was closed once, until its mistakes were read


def _sum(scores: list[Scores]) -> Scores:
    return Scores(
        right=sum(score.right for score in scores),
        found=sum(score.found for score in scores),
        wanted=sum(score.wanted for score in scores),
        named_asker=sum(score.named_asker for score in scores),
        named_claim=sum(score.named_claim for score in scores),
        mistakes=[mistake for score in scores for mistake in score.mistakes],
    )


@pytest.fixture(scope="module")
def disputes() -> dict[str, Scores]:
    parts = [score_disputes(f"disputes{part}") for part in OPEN]
    return {strength: _sum([part[strength] for part in parts]) for strength in parts[0]}


@pytest.mark.slow
@pytest.mark.parametrize(("strength", "precision", "recall"), [("strong", 0.95, 0.9), ("medium", 0.85, 0.3)])
def test_disputes(disputes: dict[str, Scores], strength: str, precision: float, recall: float) -> None:
    score = disputes[strength]
    assert score.precision >= precision, score.mistakes
    assert score.recall >= recall, score.mistakes
    # Most claims are linked where the article makes them, not only where it rejects them.
    assert score.named_claim <= 0.2 * score.right


@pytest.mark.slow
def test_refusals_to_comment() -> None:
    score = _sum([score_no_comments(f"no-comment{part}") for part in OPEN])
    assert score.precision >= 0.97, score.mistakes
    assert score.recall >= 0.9, score.mistakes
    assert score.named_asker >= 0.9 * score.right
