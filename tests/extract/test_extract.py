from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.document import Article, document_id, from_json, to_json
from searchkit.extract import EXTRACTOR_VERSION
from searchkit.extract.annotation import annotate
from searchkit.text import normalize, paragraphs
from tests.extract.scene import article

TEXT = (
    "OSTRAVA, March 3 (Reuters) - Nadia Korbel, spokesperson for the Ostrava Trade Office, said on Tuesday that "
    "Veltra Pumps Ltd sold valves, and that the valves were “not registered.”\n\n"
    "“We will fine them,” Korbel said. “We will not wait.”\n\n"
    "The official asked: “Who would?”"
)


def _article() -> Article:
    return replace(
        article(TEXT),
        title="Valves",
        published=PartialDate(value="2026-03-05", precision="day", source="json-ld"),
        canonical_url="https://courier.example/valves",
    )


def test_a_document_has_its_id_digest_and_times() -> None:
    document = annotate(_article(), seen_at="2026-03-06T10:00:00+00:00")
    assert document.id == document_id("https://courier.example/valves")
    assert len(document.digest) == 64
    assert document.first_seen == document.last_seen == "2026-03-06T10:00:00+00:00"
    assert document.extractor_version == EXTRACTOR_VERSION
    assert annotate(replace(_article(), title="Pumps")).digest != document.digest


def test_dateline_and_wire_are_filled_only_where_they_lack() -> None:
    document = annotate(_article())
    assert (document.dateline, document.wire) == ("OSTRAVA, March 3 (Reuters)", "Reuters")
    kept = annotate(replace(_article(), dateline="BRNO", wire="CTK"))
    assert (kept.dateline, kept.wire) == ("BRNO", "CTK")


def test_the_whole_date_of_a_dateline_dates_an_article_that_nothing_else_does() -> None:
    text = "OSTRAVA, 3 March 2025 (Coastal Press) - Nadia Korbel said on Monday that the valves leak."
    published = annotate(replace(_article(), text=text, paragraphs=paragraphs(text), published=None)).published
    assert published == PartialDate(value="2025-03-03", precision="day", source="dateline", confidence="assumed")
    stated = PartialDate(value="2025-03-05", precision="day", source="header")
    assert annotate(replace(_article(), text=text, paragraphs=paragraphs(text), published=stated)).published == stated
    assert annotate(replace(_article(), published=None)).published is None


def test_statements_of_an_article_end_to_end() -> None:
    document = annotate(_article())
    assert [
        (quote.content.of(TEXT), quote.kind, quote.speaker.name, quote.speaker.resolved_by) for quote in document.quotes
    ] == [
        (
            "Veltra Pumps Ltd sold valves, and that the valves were “not registered.”",
            "mixed",
            "Nadia Korbel",
            "full-name",
        ),
        ("“We will fine them,”", "direct", "Nadia Korbel", "surname"),
        ("“We will not wait.”", "direct", "Nadia Korbel", "carried"),
        ("“Who would?”", "direct", "Nadia Korbel", "role"),
    ]
    first = document.quotes[0]
    assert (first.speaker.role, first.speaker.affiliation) == ("spokesperson", "Ostrava Trade Office")
    assert first.verb == "say"
    assert first.date is not None
    assert (first.date.value, document.quotes[1].date and document.quotes[1].date.confidence) == (
        "2026-03-03",
        "assumed",
    )
    assert any("veltra" in entity for entity in first.about)


def test_what_goes_on_has_its_speaker_named_where_it_is_carried_from() -> None:
    third, fourth = annotate(_article()).quotes[1:3]
    assert fourth.cue is None
    assert fourth.attribution is not None
    assert fourth.attribution == third.attribution


def test_an_unnamed_speaker_is_carried_with_its_words() -> None:
    text = "“It is old,” officials said. “It is wet.”"
    quote = annotate(article(text)).quotes[1]
    assert quote.attribution is not None
    assert (quote.speaker.name, quote.speaker.entity_id, quote.attribution.of(text)) == ("officials", None, "officials")


def test_ids_come_from_the_words_and_survive_another_extraction() -> None:
    document = annotate(_article())
    ids = [quote.id for quote in document.quotes]
    assert len(set(ids)) == len(ids)
    moved = f"A new first paragraph.\n\n{TEXT}"
    again = annotate(replace(_article(), text=moved, paragraphs=paragraphs(moved)))
    assert [quote.id for quote in again.quotes][-3:] == ids[-3:]


def test_a_document_survives_json() -> None:
    document = annotate(_article())
    assert to_json(from_json(to_json(document))) == to_json(document)


def test_an_empty_article_gives_an_empty_document() -> None:
    document = annotate(article(""))
    assert (document.mentions, document.dates, document.quotes) == ((), (), ())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["en", "de", None, "", "x-y-z"]))
def test_odd_text_never_raises_and_spans_slice(raw: str, language: str | None) -> None:
    text = normalize(raw)
    document = annotate(article(text, language=language))
    for mention in document.mentions:
        assert mention.span.of(text) == mention.surface
    for quote in document.quotes:
        assert quote.content.of(text)
