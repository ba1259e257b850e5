import pytest

from searchkit.parse.byline import is_agency_byline, is_byline, is_credit_line, is_person, people
from tests.cases import cases


@pytest.mark.parametrize(("written", "names"), cases(__file__, "test_people"))
def test_people(written: str, names: tuple[str, ...]) -> None:
    assert people(written) == names


@pytest.mark.parametrize(("line", "names"), cases(__file__, "test_bylines"))
def test_bylines(line: str, names: str) -> None:
    assert (is_byline(line), is_agency_byline(line)) == (names == "people", names == "agency")


def test_a_person_needs_capitals_unless_the_script_has_none() -> None:
    assert is_person("许贵相")
    assert not is_person("the port")
    assert not is_person("Nadia Korbel Of The Office For Odd Lathes")
    assert not is_byline("By " * 90)


NAMES = ("Nadia Korbel", "Tomas Vrba", "Harbor Ledger")


@pytest.mark.parametrize("line", cases(__file__, "test_credit_lines"))
def test_credit_lines(line: str) -> None:
    assert is_credit_line(line, NAMES)


@pytest.mark.parametrize("line", cases(__file__, "test_lines_that_are_not_credits"))
def test_lines_that_are_not_credits(line: str) -> None:
    assert not is_credit_line(line, NAMES)
