"""No measure on the annotated documents falls below its floor; confidences are right; the arithmetic of both."""

import pytest

from searchkit.statements.rules import RULES
from tests.eval import floors, reliability


def test_every_floor_is_held() -> None:
    assert floors.broken(floors.load(), floors.measured(floors.measure())) == []


def test_every_measure_has_a_floor() -> None:
    saved = floors.load()
    sets = {name.partition(":")[0] for name in saved}  # a new set gets its floors by --raise
    measured = floors.measured(floors.measure())
    assert saved.keys() == {name for name in measured if name.partition(":")[0] in sets}


def test_every_rule_fires_on_the_annotated_documents_and_is_counted() -> None:
    rules = [(name, ratio) for scores in floors.measure().values() for name, ratio in scores.rules.items()]
    assert all(0 <= ratio.found_right <= ratio.found for _, ratio in rules)
    fired = {name.removeprefix("found by ") for name, _ in rules if name.startswith("found by ")}
    assert fired == set(RULES)


@pytest.mark.parametrize("findings", ["speakers", "statements"])
def test_what_is_shown_with_high_confidence_is_right(findings: str) -> None:
    judged = [found for scores in floors.measure().values() for found in getattr(scores, findings)]
    sure = [right for confidence, right in judged if confidence >= 0.9]
    assert len(sure) > 200
    assert sum(sure) / len(sure) >= 0.95


def test_findings_are_counted_by_their_confidence() -> None:
    judged = [(0.96, True), (0.95, False), (0.2, False), (0.1, False), (0.55, True)]
    head, *rows = reliability.lines("speakers", judged)
    assert head.split() == ["speakers", "found", "right", "share", "claim"]
    assert [row.split() for row in rows] == [
        ["from", "0.95", "2", "1", "0.500", "0.955"],
        ["from", "0.50", "1", "1", "1.000", "0.550"],
        ["from", "0.00", "2", "0", "0.000", "0.150"],
    ]
    assert len(list(reliability.lines("speakers", []))) == 1


def test_floors_rise_and_never_fall_by_themselves() -> None:
    assert floors.moved({"a": 0.5, "b": 0.9}, {"a": 0.7777, "b": 0.8, "c": 0.1}, lower=False) == {
        "a": 0.77,
        "b": 0.9,
        "c": 0.1,
    }


def test_floors_fall_with_lower() -> None:
    assert floors.moved({"a": 0.5, "gone": 0.9}, {"a": 0.4}, lower=True) == {"a": 0.4}


def test_a_measure_that_is_gone_breaks_its_floor() -> None:
    assert floors.broken({"a": 0.5}, {}) == ["a: 0.000 is below its floor 0.500"]
    assert floors.broken({"a": 0.5}, {"a": 0.5}) == []
