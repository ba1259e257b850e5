"""Lines that say who wrote and when, and nothing else."""

import pytest

from searchkit.parse.html.credits import is_credit

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
def test_credits(line: str) -> None:
    assert is_credit(line, NAMES)


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
def test_other_lines_are_none(line: str) -> None:
    assert not is_credit(line, NAMES)
