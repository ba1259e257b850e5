import pytest

from searchkit.parse.byline import is_agency_byline, is_byline, is_credit_line, is_person, people


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


@pytest.mark.parametrize(
    "line",
    [
        "Nadia Korbel",
        "By Nadia Korbel and Tomas Vrba",
        "By Renske Oudhaven",
        "Nadia Korbel, 18 May 2024, 14:20",
        "Words by Nadia Korbel | Harbor Ledger",
        "18 May 2024",
        "Published: 22 October 2021",
        "Sat 14 Sep 2024 07.00 BST",
        "PUBLISHED: March 8, 2024 at 7:12 p.m.",
        "23.01.2024, 06:00 Uhr",
        "Publié le 12 mars 2024 à 10h15 - Mis à jour le 13 mars 2024 à 08h00",
        "Interview: Tomas Vrba · 29 November 2020 · 4 minute read",
        "Nadia Korbel, science correspondent",
        "05/04/2024 09:15 AM",
    ],
)
def test_credit_lines(line: str) -> None:
    assert is_credit_line(line, NAMES)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "How it began",
        "2022",
        "Nadia Korbel said no.",
        "In 1987 the port closed",
        "PRAGUE, May 18 (Atlas Wire)",
        "The hearing is on 18 May 2024",
        "18 May 2024 was a Saturday, and nobody came.",
        "“Nadia Korbel”",
        "Background",
    ],
)
def test_lines_that_are_not_credits(line: str) -> None:
    assert not is_credit_line(line, NAMES)
