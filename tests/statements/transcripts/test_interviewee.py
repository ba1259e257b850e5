"""Who is interviewed, by what the introduction says."""

import pytest
from msgspec.structs import replace

from searchkit.statements.text import paragraphs
from searchkit.statements.transcripts import interviewee
from tests.cases import cases
from tests.statements.scene import ENGLISH, PEOPLE, article, named


def told(introduction: str, *, byline: tuple[str, ...] = ()) -> tuple[str, bool] | None:
    """Who is interviewed after `introduction`, and whether it says so."""
    assert ENGLISH is not None
    text = f"{introduction}\n\nQ: Is it old?\n\nA: It is, as Vera Lind says."
    spans, people = paragraphs(text), named(text, person=f"{PEOPLE}; Frequently")
    scene = replace(article(text), byline=byline)
    for stated in (True, False):
        found = interviewee.find(scene, spans, people, ENGLISH, len(spans) - 2, stated=stated)
        if found is not None:
            return found.name, stated
    return None


@pytest.mark.parametrize("introduction", cases(__file__, "test_the_introduction_tells"))
def test_the_introduction_tells(introduction: str) -> None:
    assert told(introduction) == ("Nadia Korbel", True)


def test_whoever_writes_does_not_answer() -> None:
    assert told("Igor Malt sat down with Nadia Korbel.", byline=("Igor Malt",)) == ("Nadia Korbel", True)


def test_the_only_person_named_is_taken_but_not_told() -> None:
    assert told("Nadia Korbel runs the quay.") == ("Nadia Korbel", False)


def test_after_a_long_text_only_what_stands_near_introduces() -> None:
    text = "\n\n".join(["Igor Malt left.", *["It is old."] * 9, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)
    text = "\n\n".join(["It is old.", "We spoke to Igor Malt.", *["It is wet."] * 6, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)


@pytest.mark.parametrize("introduction", cases(__file__, "test_nobody_is_told_where_it_may_be_several"))
def test_nobody_is_told_where_it_may_be_several(introduction: str) -> None:
    assert told(introduction) is None
