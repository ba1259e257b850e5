import pytest

from searchkit.parse.byline import is_agency_byline, is_byline, is_credit_line, is_person, people
from tests.cases import cases


@pytest.mark.parametrize(("written", "names"), cases(__file__, "test_people"))
def test_people(written: str, names: tuple[str, ...]) -> None:
    assert people(written) == names


@pytest.mark.parametrize(
    "line",
    [
        "By Nadia Korbel",
        "Par Gwénola Tréhorvan et Solenn Ar Bihan",
        "Von Wiebke Sturm,",
        "By Nadia Korbel, Science Correspondent",
    ],
)
def test_lines_that_are_bylines(line: str) -> None:
    assert is_byline(line)


@pytest.mark.parametrize("line", cases(__file__, "test_lines_that_are_not"))
def test_lines_that_are_not(line: str) -> None:
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line", ["By Reuters", "By Nadia Korbel, Reuters", "By AP and AFP", "by Associated Press", "Von dpa", "By KBN News"]
)
def test_lines_that_credit_an_agency(line: str) -> None:
    assert is_agency_byline(line)
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line",
    ["By Nadia Korbel", "By Reuters.", "By news of the day", "Reuters", "By Tuesday Reuters had no news of him", ""],
)
def test_lines_that_credit_none(line: str) -> None:
    assert not is_agency_byline(line)


def test_a_person_needs_capitals_unless_the_script_has_none() -> None:
    assert is_person("许贵相")
    assert not is_person("the port")
    assert not is_person("Nadia Korbel Of The Office For Odd Lathes")


NAMES = ("Nadia Korbel", "Tomas Vrba", "Harbor Ledger")


@pytest.mark.parametrize("line", cases(__file__, "test_credit_lines"))
def test_credit_lines(line: str) -> None:
    assert is_credit_line(line, NAMES)


@pytest.mark.parametrize("line", cases(__file__, "test_lines_that_are_not_credits"))
def test_lines_that_are_not_credits(line: str) -> None:
    assert not is_credit_line(line, NAMES)
