"""Bins of confidence, and that the confidences of the annotated documents keep their word."""

import pytest

from tests.eval import floors, reliability


def test_findings_are_counted_by_their_confidence() -> None:
    high, low = reliability.bins([(0.96, True), (0.95, False), (0.55, True)])
    assert (high.least, high.found, high.right, high.share) == (0.95, 2, 1, 0.5)
    assert high.claimed == pytest.approx(0.955)
    assert (low.least, low.found, low.right) == (0.5, 1, 1)


def test_a_table_has_a_line_for_each_bin_that_holds_anything() -> None:
    head, *rows = reliability.lines("speakers", [(0.96, True), (0.2, False), (0.1, False)])
    assert head.split() == ["speakers", "found", "right", "share", "claim"]
    assert [row.split() for row in rows] == [
        ["from", "0.95", "1", "1", "1.000", "0.960"],
        ["from", "0.00", "2", "0", "0.000", "0.150"],
    ]


def test_nothing_judged_is_no_bin() -> None:
    assert reliability.bins([]) == []


def test_speakers_of_high_confidence_are_right() -> None:
    judged = [one for scores in floors.measure().values() for one in scores.speakers]
    sure = [right for confidence, right in judged if confidence >= 0.9]
    assert len(sure) > 200
    assert sum(sure) / len(sure) >= 0.93
