"""Names found in invented texts: kinds, canonical names, ids, what is no name, and what odd text may not do."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.document import Article, Mention, MentionKind
from searchkit.statements.names import finding as names
from searchkit.statements.names.finding import teams
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.text import normalize, paragraphs
from tests.cases import cases


def find(text: str) -> tuple[Mention, ...]:
    return names.find(Article(uri="file:names.txt", text=text, paragraphs=paragraphs(text)))


def ids(text: str) -> list[str]:
    return [mention.entity_id for mention in find(text)]


def by_surface(text: str) -> dict[str, Mention]:
    return {mention.surface: mention for mention in find(text)}


@pytest.mark.parametrize("text", cases(__file__, "test_plain_words_are_not_names"))
def test_plain_words_are_not_names(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(("text", "surfaces"), cases(__file__, "test_where_names_begin_and_end"))
def test_where_names_begin_and_end(text: str, surfaces: tuple[str, ...]) -> None:
    assert tuple(mention.surface for mention in find(text)) == surfaces


@pytest.mark.parametrize(("text", "entities"), cases(__file__, "test_entities"))
def test_entities(text: str, entities: tuple[str, ...]) -> None:
    assert tuple(ids(normalize(text))) == entities


@pytest.mark.parametrize(("text", "surface", "kind"), cases(__file__, "test_words_near_a_name_or_in_it_show_its_kind"))
def test_words_near_a_name_or_in_it_show_its_kind(text: str, surface: str, kind: str) -> None:
    assert by_surface(text)[surface].kind == kind


def test_city_that_plays_is_a_team_in_a_report_of_a_match_only() -> None:
    text = "The striker scored two goals as Ostrava beat Brno in the league match. It was dry in Ostrava."
    assert [mention.kind for mention in find(text)] == ["organisation", "organisation", "place"]
    assert {mention.kind for mention in find("They say that Ostrava beat Brno in the census.")} == {"place"}


def test_capitals_give_little_certainty() -> None:
    text = "NADIA KORBEL LEAVES CHINA AMID BIG UPROAR\n\nIt was Nadia Korbel who left."
    found = find(text)
    assert [mention.entity_id for mention in found] == ["person:nadia-korbel", "place:china", "person:nadia-korbel"]
    assert max(mention.confidence for mention in found[:2]) <= 0.5 < found[2].confidence


_PIECES = st.sampled_from(
    [
        *"The|U.S.|government|Xu|Guixiang|of|and|Ministry|Commerce|President|Co.,|Ltd.|\n|\n\n|.|,|’s|(BIS)|Bureau|de".split(
            "|"
        ),
        *"Bank|England|Chinese|NEW|YORK|İstanbul|ß|J.|-led|'s|Act|List|Jordan|Mr.|AT&T|Foreign Ministry|ǅ|ΣΑΣ|“".split(
            "|"
        ),
        *"export blacklist|Kim|Jae-in|Uyghur|Technologies|said|lawyer|, 45,".split("|"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=30), st.sampled_from(["", " "]))
def test_spans_slice_and_only_places_nest(pieces: list[str], glue: str) -> None:
    text = normalize(glue.join(pieces))
    found = find(text)
    assert all(mention.span.of(text) == mention.surface != "" for mention in found)
    order = [(mention.span.start, -mention.span.end) for mention in found]
    assert order == sorted(set(order))
    assert all(
        mention.kind in get_args(MentionKind) and mention.rule in {*NAME_RULES, "inside-body"} for mention in found
    )
    outer = [mention for mention in found if mention.rule != "inside-body"]
    assert all(left.span.end <= right.span.start for left, right in pairwise(outer))
    assert all(mention.kind == "place" for mention in found if mention.rule == "inside-body")


def test_a_line_end_does_not_separate_a_name() -> None:
    text = (
        "It was said on that day that the spokesperson Nadia\nKorbel had left the building in a hurry and that the\n"
        "office would close for the rest of the month.\n"
    )
    assert "person:nadia-korbel" in ids(normalize(text))


@pytest.mark.parametrize(("text", "wanted"), cases(__file__, "test_teams_of_score_lines"))
def test_teams_of_score_lines(text: str, wanted: tuple[str, ...]) -> None:
    assert tuple(span.of(text) for span in teams(text)) == wanted


def test_city_in_a_table_is_its_team_but_a_country_is_not() -> None:
    text = "Results:\nOstrava 2 Brno 1\nPrague 1 Norway 1\nThey met in Ostrava."
    kinds = [(mention.surface, mention.kind) for mention in find(text)]
    assert kinds == [
        ("Ostrava", "organisation"),
        ("Brno", "organisation"),
        ("Prague", "organisation"),
        ("Norway", "place"),
        ("Ostrava", "place"),
    ]


def test_player_in_a_table_stays_a_person() -> None:
    text = "Jana Velebit 12 3 45 1\nIgor Malt 10 2 30 2"
    assert {mention.kind for mention in find(text)} == {"person"}
