"""How a printed article opens."""

from searchkit.parse.printed import opening
from tests.parse.pages import TODAY


def test_title_byline_and_date() -> None:
    taken, told = opening(
        ["Cranes stand still", "By Nadia Korbel", "12 May 2025", "The cranes stood still.", "Nobody knew why."],
        today=TODAY,
    )
    assert (taken, told.title, told.byline) == (3, "Cranes stand still", ("Nadia Korbel",))
    assert told.published is not None
    assert (told.published.value, told.published.confidence) == ("2025-05-12", "high")


def test_labelled_fields() -> None:
    taken, told = opening(
        ["Outlet: Harbor Ledger", "Language: de", "URL: https://ledger.example/a", "Die Kräne standen still."],
        today=TODAY,
    )
    assert (taken, told.outlet, told.language, told.canonical_url) == (
        3,
        "Harbor Ledger",
        "de",
        "https://ledger.example/a",
    )


def test_nothing_is_taken_from_what_is_only_text() -> None:
    for paragraphs in ([], ["One title alone"], ["The cranes stood still.", "Nobody knew why."], ["x" * 200, "Words."]):
        taken, told = opening(paragraphs, today=TODAY)
        assert (taken, told.title, told.byline, told.published) == (0, None, (), None)


def test_a_title_broken_over_lines_is_one() -> None:
    assert opening(["Cranes\nstand still", "The cranes stood still."], today=TODAY)[1].title == "Cranes stand still"
