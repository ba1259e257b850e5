"""Explanations: rejected candidates with their reasons."""

from searchkit.extract.annotation import annotate, explain
from tests.extract.scene import article

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
