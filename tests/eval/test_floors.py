"""No measure on the annotated documents falls below its floor; and the arithmetic of floors."""

import pytest

from searchkit.extract import certainty
from tests.eval import floors
from tests.eval.scoring import Scores


@pytest.fixture(scope="module")
def scores() -> dict[str, Scores]:
    return floors.measure()


def test_every_floor_is_held(scores: dict[str, Scores]) -> None:
    assert floors.broken(floors.load(), floors.measured(scores)) == []


def test_every_measure_has_a_floor(scores: dict[str, Scores]) -> None:
    held = floors.load()
    sets = {name.partition(":")[0] for name in held}  # a set that is new gets its floors by --raise
    assert held.keys() == {name for name in floors.measured(scores) if name.partition(":")[0] in sets}


def test_every_rule_that_fired_is_counted(scores: dict[str, Scores]) -> None:
    for one in scores.values():
        assert any(name.startswith("found by ") for name in one.rules)
        assert all(0 <= ratio.found_right <= ratio.found for ratio in one.rules.values())


def test_every_rule_fires_on_the_annotated_documents(scores: dict[str, Scores]) -> None:
    fired = {name.removeprefix("found by ") for one in scores.values() for name in one.rules}
    assert set(certainty.RULES) <= fired


def test_every_rule_has_its_confidence(scores: dict[str, Scores]) -> None:
    fired = {name.removeprefix("found by ") for one in scores.values() for name in one.rules if "found by" in name}
    assert fired <= set(certainty.RULES)


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
