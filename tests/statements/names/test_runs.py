"""Runs of capitalised words: where one begins and ends, what ties its units, and which capitals prove nothing."""

import pytest

from searchkit.statements.names.gazetteer import joints
from searchkit.statements.names.runs import Unit, flatten, runs
from searchkit.statements.text import paragraphs
from tests.cases import cases


def units(text: str) -> list[list[Unit]]:
    spans = paragraphs(text)
    return list(runs(flatten(text, spans), spans))


def words(text: str) -> list[list[str]]:
    return [[unit.word for unit in run] for run in units(text)]


@pytest.mark.parametrize(("text", "expected"), cases(__file__, "test_where_a_run_begins_and_ends"))
def test_where_a_run_begins_and_ends(text: str, expected: tuple[tuple[str, ...], ...]) -> None:
    assert tuple(map(tuple, words(text))) == expected


@pytest.mark.parametrize(("text", "joints"), cases(__file__, "test_what_ties_two_units"))
def test_what_ties_two_units(text: str, joints: tuple[str, ...]) -> None:
    assert tuple(unit.joint for unit in units(text)[0]) == joints


@pytest.mark.parametrize(("text", "initial"), cases(__file__, "test_a_capital_at_a_start_proves_nothing"))
def test_a_capital_at_a_start_proves_nothing(text: str, initial: bool) -> None:
    assert units(text)[-1][0].initial is initial


def test_joints_are_no_longer_than_the_reader_looks() -> None:
    for joint in joints():
        left = "then Korbel" + joint
        assert words(left + "Malt")[0][0] == "Korbel"
        assert joint == ", " or words(left + "Malt") == [["Korbel", "Malt"]], joint


def test_headlines_and_shouting() -> None:
    assert all(unit.initial for run in units("Harbor Pumps Close Quay With Velebit Crane") for unit in run)
    found = units("NADIA KORBEL SHUTS QUAY\n\nthen Igor Malt left")
    assert all(unit.shouted for unit in found[0]) and not any(unit.shouted for unit in found[-1])
    cut = words("then " + "Korbel " * 60)
    assert (sum(map(len, cut)), max(map(len, cut))) == (60, 24)
