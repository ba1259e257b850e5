"""Rejected candidates: kept on request only, once each, without the speaker."""

from searchkit.extract.annotation import annotate, explain
from searchkit.extract.speakers.explanation import RejectedCandidate, RejectionLog
from searchkit.extract.speakers.participants import Entity
from tests.extract.scene import article, named

TEXT = "Nadia Korbel met Igor Malt. Vera Lind, a pilot, saw it."
KORBEL, MALT, LIND = (mention for mention in named(TEXT, person="Nadia Korbel; Igor Malt; Vera Lind"))


def test_the_log_keeps_the_first_reason_and_leaves_out_the_speaker() -> None:
    log = RejectionLog(enabled=True)
    log.add(KORBEL, "gender differs")
    log.add(KORBEL, "too far back")
    log.add(LIND, "inside a statement")
    taken = Entity(LIND.entity_id, LIND.name, "person")
    assert log.take(taken) == (RejectedCandidate(KORBEL.span, "Nadia Korbel", "gender differs"),)
    assert log.take(None) == ()


def test_a_disabled_log_keeps_nothing() -> None:
    log = RejectionLog(enabled=False)
    log.add(MALT, "gender differs")
    assert log.take(None) == ()


STORY = (
    "Mr. Igor Malt said the quay is closed. “It is old,” Ms. Vera Lind said.\n\n"
    "Malt had opened the talks. “It is wet,” she said. A spokeswoman for Norway said the harbor is closed."
)


def test_an_explained_document_is_the_annotated_one() -> None:
    explained = explain(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert explained.document == annotate(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert len(explained.rejected) == len(explained.document.quotes) == 4


def test_the_reasons_in_words() -> None:
    explained = explain(article(STORY))
    assert [[(other.name, other.reason) for other in rejected] for rejected in explained.rejected[2:]] == [
        [("Igor Malt", "gender differs")],
        [("Norway", "a place, not a speaker")],
    ]
    for other in (other for rejected in explained.rejected for other in rejected):
        assert other.span.of(STORY) in {"Malt", "Norway"}
