"""Print precision and recall of histories on the annotated files, open and closed.

Usage: python -m tests.eval.histories.scoring. Nothing of the closed files is printed but their scores.
"""

import sys
from collections.abc import Iterator

from tests.eval.histories import changes_gold, links_gold, spread_gold


def lines() -> Iterator[str]:
    """Yield a line for each measure."""
    for name in ("spread", "spread-closed"):
        scores = spread_gold.score(name)
        yield f"{name}, pairs: precision {scores.precision:.3f}, recall {scores.recall:.3f} of {scores.wanted}"
        right, found, wanted = scores.conflicts_right, scores.conflicts_found, scores.conflicts_wanted
        yield f"{name}, conflicts: {right} of {wanted} found, {found - right} wrong"
    for name in ("changes", "changes-closed", "reversed", "reversed-closed"):
        changed = changes_gold.score(name)
        for kind, ratio in changed.kinds.items():
            yield f"{name}, {kind}: precision {ratio.precision:.3f}, recall {ratio.recall:.3f}"
        yield f"{name}: {changed.false_alarms} false alarms"
    for name in ("disputes", "disputes-closed"):
        scored = links_gold.score_disputes(name)
        recall = f"{scored['strong'].recall:.3f} of {scored['strong'].wanted}"
        yield f"{name}: {_text(scored['all'])}; recall {recall} where the answer names the claim"
    for name in ("no-comment", "no-comment-closed"):
        yield f"{name}: {_text(links_gold.score_no_comments(name))}"


def _text(scores: links_gold.Scores) -> str:
    return f"precision {scores.precision:.3f}, recall {scores.recall:.3f} of {scores.wanted}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
