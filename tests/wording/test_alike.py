"""Which statements are one."""

import pytest

from searchkit.wording.alike import are_alike, are_same, compared, overlap
from tests.cases import cases
from tests.limits import processor_time_below

BRIDGE = "We will close the bridge for the whole of the coming month"


@pytest.mark.parametrize("other", cases(__file__, "test_other_bounds_and_spelling_make_no_other_statement"))
def test_other_bounds_and_spelling_make_no_other_statement(other: str) -> None:
    assert are_same(compared(BRIDGE), compared(other))
    assert are_same(compared(other), compared(BRIDGE))


@pytest.mark.parametrize(
    ("one", "other"), cases(__file__, "test_a_figure_a_direction_or_a_not_makes_another_statement_reworded")
)
def test_a_figure_a_direction_or_a_not_makes_another_statement_reworded(one: str, other: str) -> None:
    assert not are_same(compared(one), compared(other))
    assert are_alike(compared(one), compared(other))


def test_others_are_neither() -> None:
    assert not are_same(compared("We will close the bridge"), compared("We"))
    assert not are_alike(compared("We will close the bridge"), compared("The mayor was told by letter"))
    assert not are_same("", "")
    assert not are_same(compared("close"), compared("closed bridge"))


def test_places_of_one_text() -> None:
    assert overlap((0, 10), (5, 30))
    assert overlap((0, 100), (90, 96))
    assert not overlap((0, 10), (8, 30))
    assert not overlap((0, 10), (10, 20))


def test_hostile_lengths_cost_little() -> None:
    with processor_time_below(2):
        one, other = compared("a " * 500_000), compared("a" * 1_000_000)
        assert len(one) <= 1_000
        assert not are_same(one, other)
