import pytest

from searchkit.parse.byline import is_byline, is_credit, is_person, people


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Nadia Korbel", ("Nadia Korbel",)),
        ("by Nadia Korbel and Tomas Vrba", ("Nadia Korbel", "Tomas Vrba")),
        ("Nadia Korbel, Tomas Vrba & Renske Oudhaven", ("Nadia Korbel", "Tomas Vrba", "Renske Oudhaven")),
        ("Von Nadia Korbel und Tomas Vrba", ("Nadia Korbel", "Tomas Vrba")),
        ("Par Gwénola Tréhorvan et Solenn Ar Bihan", ("Gwénola Tréhorvan", "Solenn Ar Bihan")),
        ("Written by Tomas Vrba, staff writer | 4 min read", ("Tomas Vrba",)),
        ("By: Jan van der Meer, Jr.", ("Jan van der Meer, Jr",)),
        ("Anderson Byford", ("Anderson Byford",)),
        ("Nadia Korbel; Nadia Korbel", ("Nadia Korbel",)),
        ("https://example.org/people/nadia", ()),
        ("@nadia, nadia@example.org", ()),
        ("Staff", ()),
        ("By Nadia Korbel for the Harbor Ledger", ("Nadia Korbel",)),
        ("Nadia Korbel in Ostrava, Tomas Vrba in Brno", ("Nadia Korbel", "Tomas Vrba")),
        ("Dr Nadia Korbel, Prof. Tomas Vrba", ("Nadia Korbel", "Tomas Vrba")),
        ("Nadia Korbel, MS, RD, Home and Garden Expert", ("Nadia Korbel",)),
        ("Maria and Katerina", ("Maria", "Katerina")),
        ("Steve Case and Ann More", ("Steve Case", "Ann More")),
        ("Jean McKay", ("Jean McKay",)),
        ("McKay", ("McKay",)),
        ("HarborLedger", ()),
        ("Reuters", ()),
        ("Atlas Wire", ()),
        ("AFP", ()),
        ("Associated Press", ()),
        ("Harbor Ledger Newsroom", ()),
        ("Office for Inland Waters", ()),
        ("Interview: Lambert Voss", ("Lambert Voss",)),
        ("责任编辑：苏闻笛", ("苏闻笛",)),
        ("", ()),
    ],
)
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


@pytest.mark.parametrize(
    "line",
    [
        "By the river, nobody counts",
        "By Nadia Korbel, with the harbour crew",
        "By Tuesday.",
        "Nadia Korbel",
        "By spring the port had closed",
        "By " * 90,
        "",
    ],
)
def test_lines_that_are_not(line: str) -> None:
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line", ["By Reuters", "By Nadia Korbel, Reuters", "By AP and AFP", "by Associated Press", "Von dpa", "By KBN News"]
)
def test_lines_that_credit_an_agency(line: str) -> None:
    assert is_credit(line)
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line",
    ["By Nadia Korbel", "By Reuters.", "By news of the day", "Reuters", "By Tuesday Reuters had no news of him", ""],
)
def test_lines_that_credit_none(line: str) -> None:
    assert not is_credit(line)


def test_a_person_needs_capitals_unless_the_script_has_none() -> None:
    assert is_person("许贵相")
    assert not is_person("the port")
    assert not is_person("Nadia Korbel Of The Office For Odd Lathes")
