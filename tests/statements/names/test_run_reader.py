"""Readings of runs: which words are one name, of what kind, by which rule."""

import pytest

from searchkit.statements.names.run_reader import RunReader
from searchkit.statements.names.runs import NameCandidate, flatten, runs
from searchkit.statements.text import paragraphs
from tests.cases import cases


def readings(text: str) -> tuple[RunReader, list[NameCandidate]]:
    spans = paragraphs(text)
    flat = flatten(text, spans)
    reader = RunReader(flat)
    return reader, [found for run in runs(flat, spans) for found in reader.read(run)]


def kinds(text: str) -> list[tuple[str, str, str]]:
    """Surface, kind and rule of every name."""
    return [(text[found.start : found.end], found.kind, found.rule) for found in readings(text)[1]]


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_each_rule"))
def test_each_rule(text: str, name: tuple[str, str, str]) -> None:
    assert kinds(text)[0] == name


@pytest.mark.parametrize("text", cases(__file__, "test_a_title_a_head_or_a_demonym_alone_is_no_person_and_no_body"))
def test_a_title_a_head_or_a_demonym_alone_is_no_person_and_no_body(text: str) -> None:
    assert not [kind for _, kind, _ in kinds(text) if kind in ("agency", "company", "organisation")]
    assert not [rule for _, _, rule in kinds(text) if rule in ("title", "given-name")]


def test_a_word_that_opens_a_sentence_is_no_part_of_the_name() -> None:
    assert kinds("Overseeing Korbel Technologies is hard.")[-1][:2] != ("Overseeing", "person")
    assert kinds("Organizer James Korbel left.") == [("James Korbel", "person", "given-name")]


def test_countries_are_counted_and_own_their_bodies() -> None:
    reader, found = readings("China met Chinese guests. Then Germany left. Then China's Ministry of Pumps left")
    assert [country for _, country in reader.countries] == ["cn", "cn", "de", "cn"]
    assert (found[-1].kind, found[-1].country) == ("agency", "cn")
