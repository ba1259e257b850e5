"""Who is interviewed, by what the introduction says."""

import pytest
from msgspec.structs import replace

from searchkit.extract.transcripts import interviewee
from searchkit.text import paragraphs
from tests.extract.scene import ENGLISH, PEOPLE, article, named


def told(introduction: str, *, byline: tuple[str, ...] = (), title: str | None = None) -> tuple[str, bool] | None:
    """Who is interviewed after `introduction`, and whether it says so."""
    assert ENGLISH is not None
    text = f"{introduction}\n\nQ: Is it old?\n\nA: It is, as Vera Lind says."
    spans = paragraphs(text)
    scene = replace(article(text), byline=byline, title=title)
    for stated in (True, False):
        found = interviewee.find(scene, spans, named(text, person=PEOPLE), ENGLISH, len(spans) - 2, stated=stated)
        if found is not None:
            return found.name, stated
    return None


@pytest.mark.parametrize(
    "introduction",
    [
        "Nadia Korbel spoke to the Harbor Ledger.",
        "Nadia Korbel, who runs the quay that Igor Malt built, sat down with us on Monday.",
        "Nadia Korbel runs the quay. She spoke by phone with the Harbor Ledger.",
        "Nadia Korbel succeeds Igor Malt. In May she talked to the Harbor Ledger.",
        "Igor Malt built the quay. The Harbor Ledger sat down with its owner, Nadia Korbel.",
        "Igor Malt built the quay. We spoke to the director of the port, Nadia Korbel, about it.",
        "The following is an edited interview with Nadia Korbel, successor to Igor Malt.",
        "The Harbor Ledger, in conversation with Nadia Korbel about Igor Malt.",
        "Igor Malt left. Nadia Korbel was interviewed in Ostrava.",
        "Igor Malt left. We met Nadia Korbel in Ostrava.",
        "Igor Malt left. Nadia Korbel took questions for an hour.",
        "Our correspondent Igor Malt spoke to Nadia Korbel.",
        "By Igor Malt\n\nNadia Korbel runs the quay. She spoke to us.",
        "Igor Malt built the quay.\n\nNadia Korbel runs it. She spoke to us.",
    ],
)
def test_the_introduction_tells(introduction: str) -> None:
    assert told(introduction) == ("Nadia Korbel", True)


def test_whoever_writes_does_not_answer() -> None:
    assert told("Igor Malt sat down with Nadia Korbel.", byline=("Igor Malt",)) == ("Nadia Korbel", True)


def test_the_only_person_named_is_taken_but_not_told() -> None:
    assert told("Nadia Korbel runs the quay.") == ("Nadia Korbel", False)


def test_the_title_names_one_of_several() -> None:
    assert told("Nadia Korbel succeeds Igor Malt.", title="Korbel: 'It is old'") == ("Nadia Korbel", False)


def test_after_a_long_text_only_what_stands_near_introduces() -> None:
    text = "\n\n".join(["Igor Malt left.", *["It is old."] * 9, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)
    text = "\n\n".join(["It is old.", "We spoke to Igor Malt.", *["It is wet."] * 6, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)


@pytest.mark.parametrize(
    "introduction",
    [
        "The quay is old.",
        "Nadia Korbel succeeds Igor Malt.",
        "We spoke to Nadia Korbel. We also spoke to Igor Malt.",
        "We spoke to Nadia Korbel and to her brother Igor Malt.",
        "Nadia Korbel sat down with Igor Malt.",
        "We spoke to the port. Nadia Korbel and Igor Malt own it.",
    ],
)
def test_nobody_is_told_where_it_may_be_several(introduction: str) -> None:
    assert told(introduction) is None
