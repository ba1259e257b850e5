"""How close together words stand."""

import pytest

from searchkit.index.scoring import CLOSE
from searchkit.index.tantivy.closeness import closeness

WORTHS = {"ferry": 2.0, "quay": 3.0, "mayor": 5.0}


@pytest.mark.parametrize(
    ("passage", "worth"),
    [
        (["ferry", "x", "quay"], 5.0),
        (["ferry", *["x"] * (CLOSE - 2), "quay"], 5.0),
        (["ferry", *["x"] * (CLOSE - 1), "quay"], 3.0),
        (["ferry", "ferry"], 2.0),
        (["ferry", *["x"] * CLOSE, "quay", "mayor"], 8.0),
        (["x"], 0.0),
        ([], 0.0),
    ],
)
def test_the_best_stretch_counts(passage: list[str], worth: float) -> None:
    assert closeness(passage, WORTHS) == worth
