"""Runs of capitalised words: where one begins and ends, what ties its units, and which capitals prove nothing."""

import pytest

from searchkit.extract.names.runs import Unit, flatten, runs
from searchkit.extract.names.vocabulary import joints
from searchkit.text import Span, paragraphs


def units(text: str) -> list[list[Unit]]:
    spans = paragraphs(text)
    return list(runs(flatten(text, spans), spans))


def words(text: str) -> list[list[str]]:
    return [[unit.word for unit in run] for run in units(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("then Nadia Korbel left", [["Nadia", "Korbel"]]),
        ("then Nadia Korbel met Igor Malt", [["Nadia", "Korbel"], ["Igor", "Malt"]]),
        ("the House of Velebit", [["House", "Velebit"]]),
        ("Korbel and Malt", [["Korbel", "Malt"]]),
        ("Korbel, Malt", [["Korbel"], ["Malt"]]),
        ("Korbel & Malt", [["Korbel", "Malt"]]),
        ("Korbel Pumps Co., Ltd. left", [["Korbel", "Pumps", "Co.", "Ltd."]]),
        ("Korbel van der Malt", [["Korbel", "Malt"]]),
        ("N. Korbel left", [["N.", "Korbel"]]),
        ("A. Korbel left", [["A.", "Korbel"]]),
        ("The Korbel line", [["Korbel"]]),
        ("on Monday Korbel left", [["Korbel"]]),
        ("with Theresa May there", [["Theresa", "May"]]),
        ("In May Korbel left", [["Korbel"]]),
        ("In March Korbel left", [["Korbel"]]),
        ("the mayor, June Korbel, left", [["June", "Korbel"]]),
        ("mayor Will Korbel left", [["Will", "Korbel"]]),
        ("late in June Korbel left", [["Korbel"]]),
        ("the April Report came", [["Report"]]),
        ("June Korbel left. The mayor, June Korbel, slept.", [["June", "Korbel"], ["June", "Korbel"]]),
        ("Will Korbel go? Will Korbel stay?", [["Korbel"], ["Korbel"]]),
        ("met Li Mei-ling there", [["Li", "Mei-ling"]]),
        ("met Chen Shui-bian there", [["Chen", "Shui-bian"]]),
        ("met Xu Gui-xiang there", [["Xu", "Gui-xiang"]]),
        ("the Harbor Stand-in left", [["Harbor", "Stand"]]),
        ("the Korbel Sea-run crates", [["Korbel", "Sea"]]),
        ("met Moon Ha-na there", [["Moon", "Ha-na"]]),
        ("met Moon-led troops", [["Moon"]]),
        ("met Kim Velebit-led troops", [["Kim", "Velebit"]]),
        ("no capitals at all", []),
        ("@Korbel #Malt http://Lind", []),
        ("", []),
    ],
)
def test_where_a_run_begins_and_ends(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "joints"),
    [
        ("then Nadia Korbel", ["", " "]),
        ("the House of the Velebit", ["", "of"]),
        ("Korbel and Malt", ["", "and"]),
        ("Korbel & Malt", ["", "&"]),
        ("Korbel van den Malt", ["", "de"]),
        ("Velebit Pumps, Ltd.", ["", " ", " "]),
    ],
)
def test_what_ties_two_units(text: str, joints: list[str]) -> None:
    assert [unit.joint for unit in units(text)[0]] == joints


@pytest.mark.parametrize(
    ("text", "initial"),
    [
        ("Velebit is high.", True),
        ("It is high. Velebit is old.", True),
        ("He said: “Velebit is old.”", True),
        ("It is a song (Velebit).", True),
        ("the old Velebit", False),
        ("it is, Velebit says", False),
    ],
)
def test_a_capital_at_a_start_proves_nothing(text: str, initial: bool) -> None:
    assert units(text)[-1][0].initial is initial


def test_joints_are_no_longer_than_the_reader_looks() -> None:
    for joint in joints():
        left = "then Korbel" + joint
        assert words(left + "Malt")[0][0] == "Korbel"
        assert joint == ", " or words(left + "Malt") == [["Korbel", "Malt"]], joint


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("Korbel’s ‘quay’", "Korbel's 'quay'"),
        ("Nadia\u00a0Korbel", "Nadia Korbel"),
        ("", ""),
    ],
)
def test_flat_text_has_plain_signs_and_the_same_length(text: str, flat: str) -> None:
    found = flatten(text, paragraphs(text))
    assert found == flat
    assert len(found) == len(text)
    assert flatten("Nadia\nKorbel\n\nleft", (Span(0, 12), Span(14, 18))) == "Nadia Korbel\n\nleft"


def test_headlines_and_shouting() -> None:
    assert all(unit.initial for run in units("Harbor Pumps Close Quay With Velebit Crane") for unit in run)
    found = units("NADIA KORBEL SHUTS QUAY\n\nthen Igor Malt left")
    assert all(unit.shouted for unit in found[0]) and not any(unit.shouted for unit in found[-1])
    cut = words("then " + "Korbel " * 60)
    assert (sum(map(len, cut)), max(map(len, cut))) == (60, 24)
