"""Documents of articles, and explanations: rejected candidates with their reasons."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.statements import EXTRACTOR_VERSION, about
from searchkit.statements.annotation import annotate, explain
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Article, Document, document_digest, document_id, quote_id
from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.text import Span, normalize, paragraphs, without_ignorable
from tests.eval.annotated import ROOT
from tests.statements.scene import article

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
    assert document.id == document_id(_article().uri), "a file only claims its canonical address"
    fetched = annotate(replace(_article(), uri="https://courier.example/2"))
    assert fetched.id == document_id(fetched.uri), "nor does a page own its canonical address"
    moved = annotate(replace(_article(), origin="https://courier.example/1"))
    assert moved.id == document_id("https://courier.example/1")
    assert len(document.digest) == 64
    assert document.first_seen == document.last_seen == "2026-03-06T10:00:00+00:00"
    assert document.extractor_version == EXTRACTOR_VERSION
    assert annotate(replace(_article(), title="Pumps")).digest != document.digest


def test_a_complete_date_of_the_dateline_dates_the_article() -> None:
    text = "OSTRAVA, 3 March 2025 (Coastal Press) - Nadia Korbel said on Monday that the valves leak."
    published = annotate(replace(_article(), text=text, paragraphs=paragraphs(text), published=None)).published
    assert published == PartialDate(value="2025-03-03", precision="day", source="dateline", confidence="assumed")
    stated = PartialDate(value="2025-03-05", precision="day", source="header")
    assert annotate(replace(_article(), text=text, paragraphs=paragraphs(text), published=stated)).published == stated
    assert annotate(replace(_article(), published=None)).published is None


def test_places_are_not_authors() -> None:
    byline = ("Ostrava", "Nadia Korbel", "Lisbon", "BEIJING", "Florence", "Paris Korbel", "Brod")
    written = replace(article(TEXT.replace("will fine them", "fine them in Brod, Velebit")), byline=byline)
    assert annotate(written).byline == ("Nadia Korbel", "Florence", "Paris Korbel")


def test_ids_come_from_the_words_and_survive_another_extraction() -> None:
    document = annotate(_article())
    ids = [quote.id for quote in document.quotes]
    assert len(set(ids)) == len(ids)
    moved = f"A new first paragraph.\n\n{TEXT}"
    again = annotate(replace(_article(), text=moved, paragraphs=paragraphs(moved)))
    assert [quote.id for quote in again.quotes][-3:] == ids[-3:]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["en", "de", None, "", "x-y-z"]))
def test_odd_text_never_raises_and_spans_slice(raw: str, language: str | None) -> None:
    text = normalize(raw)
    document = annotate(article(text, language=language))
    for mention in document.mentions:
        assert mention.span.of(text) == mention.surface
    for quote in document.quotes:
        assert quote.content.of(text)


def test_dateline_and_wire_of_the_article_come_first() -> None:
    document = annotate(_article())
    assert (document.dateline, document.wire) == ("OSTRAVA, March 3 (Reuters)", "Reuters")
    assert annotate(replace(_article(), wire="Harbour Press Office")).wire == "Reuters"
    stated = annotate(replace(_article(), dateline="BRNO", wire="CTK"))
    assert (stated.dateline, stated.wire) == ("BRNO", "CTK")


STORY = (
    "Mr. Igor Malt said the quay is closed. “It is old,” Ms. Vera Lind said.\n\n"
    "Malt had opened the talks. “It is wet,” she said. A spokeswoman for Norway said the harbor is closed."
)


def test_an_explained_document_is_the_annotated_one() -> None:
    explained = explain(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert explained.document == annotate(article(STORY), seen_at="2026-03-06T10:00:00+00:00")
    assert len(explained.rejected) == len(explained.document.quotes) == 4


def test_party_and_state_speak_for_nobody() -> None:
    text = (
        "Rep. Ada Holmstead, D-Calif., the new chair, said the quay was old. "
        "Royce Pellingham of Bangor, Maine, a farmer, said it was wet."
    )
    made = annotate(Article(uri="test:tags", text=text, paragraphs=paragraphs(text), language="en"))
    assert [quote.speaker.name for quote in made.quotes] == ["Ada Holmstead", "Royce Pellingham"]
    assert not any(mention.surface.startswith("D-") for mention in made.mentions)


def test_a_pronoun_far_from_its_person_is_uncertain_and_names_the_others() -> None:
    text = (
        "Igor Malt left the harbour early. Tomas Hruby stayed.\n\n“The quay is closed,” he said.\n\n"
        "Vera Lind, the mayor, said the crane was old. “It is rusty,” she said."
    )
    made = annotate(Article(uri="test:pronouns", text=text, paragraphs=paragraphs(text), language="en"))
    far, _, near = (quote.speaker for quote in made.quotes)
    assert far.confidence < 0.9 < near.confidence
    assert set(far.rivals) | {far.name} == {"Igor Malt", "Tomas Hruby"}


def test_a_date_of_a_file_gives_way_to_a_day_in_the_text() -> None:
    guess = PartialDate(value="2024-05-12", precision="day", source="pdf", confidence="low")
    for text, published in (("The quay was closed on 3 May 2021.", None), ("The quay was closed.", guess)):
        made = annotate(
            Article(uri="test:file", text=text, paragraphs=paragraphs(text), published=guess, language="en")
        )
        assert made.published == published


def test_a_guessed_day_of_publication_dates_no_statement() -> None:
    guess = PartialDate(value="2024-05-12", precision="day", source="pdf", confidence="low")
    text = "Vera Lind said on Tuesday that the quay was closed."
    made = annotate(Article(uri="test:file", text=text, paragraphs=paragraphs(text), published=guess, language="en"))
    assert [quote.date for quote in made.quotes] == [None]


@pytest.mark.parametrize("mark", [",", ":", "“", " that", " dass", " que"])
def test_text_that_breaks_off_is_read(mark: str) -> None:
    for file in sorted((ROOT / "tests/eval/texts").glob("*.txt")):
        parts = file.read_text(encoding="utf-8").split("\n\n")
        # Each paragraph ends at its first mark, and at its last.
        ends = {part[: find(mark) + len(mark)] for part in parts if mark in part for find in (part.find, part.rfind)}
        text = "\n\n".join(sorted(ends))
        document = annotate(replace(article(text or mark), language="de" if "-de-" in file.name else None))
        assert not document.failed_sentences, file.name


UNSEEN = (
    "Nadia Kor\u200dbel, the mayor of Selden, s\u2066aid: “The har\u200cbour of Sel\ufe0fden will be old.”\n\n"
    "\u200d\n\nOtto M\u200calt said on Tues\u2060day that it was late."
)


def test_characters_that_no_reader_sees_hide_nothing() -> None:
    found = explain(article(UNSEEN))
    document, plain = found.document, annotate(article(without_ignorable(UNSEEN)))

    def seen(made: Document, span: Span | None) -> str:
        return "" if span is None else without_ignorable(span.of(made.text))

    def shown(made: Document) -> list[Any]:
        quotes = [
            (seen(made, said.content), said.speaker.name, seen(made, said.cue), said.date) for said in made.quotes
        ]
        return [quotes, [(mention.name, seen(made, mention.span)) for mention in made.mentions], len(made.dates)]

    assert shown(document) == shown(plain)
    assert len(document.quotes) == 2
    assert all(mention.surface == mention.span.of(UNSEEN) for mention in document.mentions)
    assert (document.text, document.paragraphs) == (UNSEEN, paragraphs(UNSEEN))
    assert document.digest == document_digest(document.title, UNSEEN)
    assert document.quotes[0].id == quote_id(document.id, document.quotes[0].content.of(UNSEEN), {})


@pytest.mark.parametrize(
    ("fault", "left"), [("hers", ["it is old", "it is wet"]), ("Malt", ["it is old", "the fault is hers"])]
)
def test_an_error_outside_the_reading_of_sentences_costs_one_sentence(
    monkeypatch: pytest.MonkeyPatch, fault: str, left: list[str]
) -> None:
    targets = about.targets

    def faulty(mentions: Any, statements: Any, said_by: Any, participants: Any, topic: Any) -> Any:
        if fault in participants.article.text:
            raise IndexError
        return targets(mentions, statements, said_by, participants, topic)

    monkeypatch.setattr(about, "targets", faulty)
    document = annotate(
        article("Nadia Korbel said it is old. Vera Lind said the fault is hers. Igor Malt said it is wet.")
    )
    assert [quote.content.of(document.text) for quote in document.quotes] == left
    assert document.failed_sentences == 1


def test_a_german_genitive_is_not_the_speaker() -> None:
    document = annotate("Igor Malt blieb am Montag zu Hause. Malts Anwältin erklärte, der Kai sei alt.")
    assert [quote.speaker.name for quote in document.quotes] == ["Malts Anwältin"]


def test_words_that_mix_alphabets_are_noted() -> None:
    document = annotate(article("Nadia K\u043erbel said it is old."))
    assert document.remarks() == ("words that mix alphabets, so that searches may miss them: K\u043erbel",)


def test_an_error_in_a_rule_costs_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    find = PatternReader.find

    def faulty(self: PatternReader, sentence: Sentence, *context: Any) -> Any:
        if "fault" in sentence.low:
            raise IndexError
        return find(self, sentence, *context)

    monkeypatch.setattr(PatternReader, "find", faulty)
    document = annotate(
        article("Nadia Korbel said it is old. Vera Lind said the fault is hers. Igor Malt said it is wet.")
    )
    assert [quote.content.of(document.text) for quote in document.quotes] == ["it is old", "it is wet"]
    assert (document.failed_sentences, document.notes) == (1, ())
    assert document.remarks() == ("extraction: sentences that could not be read: 1",)
