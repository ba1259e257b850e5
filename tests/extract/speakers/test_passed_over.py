"""Candidates that were passed over: kept on request only, once each, and not the one taken."""

from searchkit.extract import annotate, explain
from searchkit.extract.speakers.participants import Entity
from searchkit.extract.speakers.passed_over import Passed, Rejected
from tests.extract.scene import article, named

TEXT = "Nadia Korbel met Igor Malt. Vera Lind, a pilot, saw it."
KORBEL, MALT, LIND = (mention for mention in named(TEXT, person="Nadia Korbel; Igor Malt; Vera Lind"))


def test_the_first_reason_of_each_is_kept_and_the_taken_one_left_out() -> None:
    passed = Passed(wanted=True)
    passed.over(KORBEL, "gender differs")
    passed.over(KORBEL, "too far back")
    passed.over(LIND, "inside somebody's words")
    taken = Entity(LIND.entity_id, LIND.name, "person")
    assert passed.collect(taken) == (Rejected(KORBEL.span, "Nadia Korbel", "gender differs"),)
    assert passed.collect(None) == ()


def test_nothing_is_kept_when_nobody_asked() -> None:
    passed = Passed(wanted=False)
    passed.over(MALT, "gender differs")
    assert passed.collect(None) == ()


STORY = (
    "Mr. Igor Malt said the quay is closed. “It is old,” Ms. Vera Lind said.\n\n"
    "Malt had opened the talks. “It is wet,” she said. A spokeswoman for Norway said the harbor is closed."
)


def test_an_explained_document_is_the_annotated_one() -> None:
    explained = explain(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert explained.document == annotate(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert len(explained.rejected) == len(explained.document.quotes) == 4


def test_reasons_are_told_in_words() -> None:
    explained = explain(article(STORY))
    assert [[(one.name, one.reason) for one in rejected] for rejected in explained.rejected[2:]] == [
        [("Igor Malt", "gender differs")],
        [("Norway", "a place, not a speaker")],
    ]
    for one in (one for rejected in explained.rejected for one in rejected):
        assert one.span.of(STORY) in {"Malt", "Norway"}
