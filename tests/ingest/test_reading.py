"""One resource read in this process, and which may be."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from searchkit import parse
from searchkit.crawl.base import Refused, new_resource
from searchkit.ingest.base import Annotated
from searchkit.ingest.reading import NO_MEMORY, annotate, annotated, explain, is_fault, is_harmless
from searchkit.statements.annotation import Explanation
from searchkit.statements.document import Document
from tests.cases import cases
from tests.ingest.hostile import NOW, Faulty, bad, story


def test_annotate() -> None:
    document = annotate(story(1), NOW)
    assert isinstance(document, Document)
    assert document.first_seen == document.last_seen == NOW.isoformat(timespec="seconds")
    assert [quote.speaker.name for quote in document.quotes] == ["Nadia Korbel"]
    assert annotate(replace(story(1), media_type=""), NOW) == Refused(
        uri="test:1", reason="unsupported file type (unknown)"
    )


def test_an_explanation_holds_the_same_document() -> None:
    explained = explain(story(1), NOW)
    assert isinstance(explained, Explanation)
    assert explained.document == annotate(story(1), NOW)


def test_annotated_has_source_and_digest() -> None:
    resource = replace(story(1), source="harbor")
    made = annotated(resource, NOW)
    assert isinstance(made, Annotated)
    assert (made.digest, made.document.raw_digest, made.document.source) == (resource.digest, resource.digest, "harbor")
    assert made.document.fetched_at == NOW.isoformat(timespec="seconds")
    article = parse.article(resource, today=NOW.date())
    again = annotated(article, NOW)
    assert isinstance(again, Annotated)
    assert (again.digest, again.document.quotes) == ("", made.document.quotes)


def test_a_page_is_read_after_it_was_fetched() -> None:
    resource = replace(story(1), fetched_at=NOW + timedelta(minutes=5))
    made = annotated(resource, NOW)
    assert isinstance(made, Annotated)
    assert made.document.fetched_at == made.document.parsed_at == made.document.first_seen


def test_unexpected_errors_are_reported_in_one_line() -> None:
    made = annotate(bad(1, Faulty(LookupError("x" * 1_000))), NOW)
    assert isinstance(made, Refused)
    assert made.reason.startswith("could not be read: LookupError: xxx")
    assert len(made.reason) < 330
    assert is_fault(made)
    lacking = annotate(bad(1, Faulty(MemoryError())), NOW)
    assert lacking == Refused(uri="test:1", reason=NO_MEMORY)
    assert not is_fault(lacking)


def test_interrupts_are_raised() -> None:
    with pytest.raises(KeyboardInterrupt):
        annotate(bad(1, Faulty(KeyboardInterrupt())), NOW)


@pytest.mark.parametrize(("media_type", "size", "harmless"), cases(__file__, "test_only_small_texts_are_harmless"))
def test_only_small_texts_are_harmless(media_type: str, size: int, harmless: bool) -> None:
    resource = new_resource("test:1", b"x" * size, media_type=media_type, now=NOW)
    assert is_harmless(resource) is harmless


def test_a_stored_article_is_as_harmless_as_its_text() -> None:
    article = parse.article(story(1), today=NOW.date())
    assert is_harmless(article)
    assert not is_harmless(replace(article, text="x" * 250_001))
