"""The shipped lists: readable, without contradictions, and looked up longest first."""

import re
from importlib import resources

import pytest

from searchkit.statements.names.gazetteer import TOKEN, gazetteer, head_words, known_id, known_names
from searchkit.statements.text import slug
from searchkit.statements.word_lists import parts, rows, split_values
from tests.cases import cases

LISTS = sorted(
    entry.name
    for entry in resources.files("searchkit.statements").joinpath("data").iterdir()
    if entry.name.endswith(".txt")
)


@pytest.mark.parametrize("name", LISTS)
def test_list_says_its_version_origin_and_licence(name: str) -> None:
    text = resources.files("searchkit.statements").joinpath("data", name).read_text(encoding="utf-8")
    header = " ".join(line for line in text.splitlines() if line.startswith("#"))
    for word in ("Version:", "Origin: ", "Licence: Apache-2.0"):
        assert word in header, name


_KINDS = frozenset(
    "government|presidency|ministry|legislature|court|prosecution|regulator|bank|agency|commission|committee|council|police|"
    "force|intelligence|intergovernmental|party|central bank".split("|")
)


def test_ids_are_unique_and_countries_exist() -> None:
    for name, width in (("agencies.txt", 8), ("organisations.txt", 3), ("groups.txt", 3), ("laws_and_lists.txt", 5)):
        read = [row[0] for row in rows(name, width)]
        assert len(read) == len(set(read)), name
    countries = [row[0] for row in rows("countries.txt", 4)]
    codes = {*countries, "-", ""}
    assert len(countries) + 2 == len(codes)
    for name, column in (("agencies.txt", 1), ("organisations.txt", 3), ("regions.txt", 0)):
        assert {row[column] for row in rows(name, 8)} <= codes, name
    assert {row[0].partition(":")[0] for row in rows("cities.txt", 1)} <= codes


def test_every_body_has_country_kind_name_and_source() -> None:
    for code, country, kind, name, acronyms, _, _, source in rows("agencies.txt", 8):
        assert code == slug(code) and country and name and kind in _KINDS, code
        assert re.fullmatch(r"https?://[a-z0-9.\-]{3,60}(?:/[\w.\-/]{1,100})?", source), code
        assert all(re.fullmatch(r"[A-Z][A-Za-z0-9.+\-]{1,9}~?", acronym) for acronym in split_values(acronyms)), code


@pytest.mark.parametrize(("text", "found", "entity_id"), cases(__file__, "test_longest_name_wins"))
def test_longest_name_wins(text: str, found: str, entity_id: str) -> None:
    token = TOKEN.match(text)
    assert token is not None
    hit = gazetteer().at(text, 0, token.group())
    assert hit is not None
    assert (text[: hit[0]], hit[1][0].entity_id) == (found, entity_id)


@pytest.mark.parametrize(("text", "taken"), cases(__file__, "test_token"))
def test_token(text: str, taken: str) -> None:
    found = TOKEN.match(text)
    assert found is not None
    assert found.group() == taken


def test_a_name_or_token_is_a_complete_word() -> None:
    assert gazetteer().at("Chinatown", 0, "China") is None
    assert TOKEN.search("iPhone user@Example.com http://x/Path") is None


def test_names_and_ids_of_known_entities() -> None:
    assert {"BIS", "Bureau of Industry and Security"} <= set(known_names("agency:us-bis"))
    assert "Ministry of Commerce" in known_names("agency:cn-mofcom")
    assert "Chinese" not in known_names("place:china")
    assert known_names("person:nadia-korbel") == ()
    assert known_id("agency", "Bureau of Industry and Security") == "agency:us-bis"
    assert known_id("agency", "Ostrava Trade Office") is None


def test_longer_topics_are_tried_first() -> None:
    topics = parts("heads.txt")["topics"]
    for topic in topics:
        found = head_words().body.match(f" {topic} ministry")
        assert found is not None, topic
        assert found[0] == f" {topic} ministry"
