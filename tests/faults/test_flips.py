"""One flipped bit in any file: damage is reported, or all answers are as before."""

import random
from pathlib import Path

import pytest

from tests.faults.flipping import flip, flips, judged

pytestmark = pytest.mark.slow


def test_no_answer_is_silently_wrong(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    done = flips(tmp_path, 16, seed=seed)
    assert done.wrong == []
    assert done.count == 16
    assert any(seen == "reported" for _, seen in done.seen)


def test_the_test_detects_wrong_answers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\x00\x01")
    flip(path, 8)
    assert path.read_bytes() == b"\x00\x00"
    flip(path, 3)
    assert path.read_bytes() == b"\x08\x00"
    answer = {"interpreted_as": "crates", "total": 2}
    assert judged([(0, answer)], [(0, dict(answer))]) == "same answers"
    assert judged([(0, answer)], [(0, {**answer, "total": 1})]) == "silently wrong"
    assert judged([(0, answer)], [(0, {**answer, "interpreted_as": "crapes"})]) == "reported"
    assert judged([(0, answer)], [(3, "")]) == "reported"
    assert judged([(0, answer)], [(70, "")]) == "fault of ours"
