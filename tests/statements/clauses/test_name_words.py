"""The shipped names.txt of German and French."""

import pytest

from searchkit.statements.clauses.name_words import NameWords, name_words
from searchkit.statements.packs import pack_for


def words_of(code: str) -> NameWords:
    pack = pack_for(code)
    assert pack is not None
    return name_words(pack)


@pytest.mark.parametrize("code", ["de", "fr"])
def test_lists_are_read_once_and_not_empty(code: str) -> None:
    lists = words_of(code)
    assert lists is words_of(code)
    assert lists.exonyms
    assert lists.heads
    assert lists.lists["legal"]
    assert set(lists.endings) == set(lists.heads)
    assert list(lists.endings) == sorted(lists.endings, key=len, reverse=True)


def test_a_genitive_leads_to_its_head() -> None:
    lists = words_of("de")
    assert lists.stems["ministeriums"] == "ministerium"
    assert lists.heads["ministeriums"] == "agency"


def test_longer_foreign_names_are_tried_first() -> None:
    forms = [form for form, _, _ in words_of("fr").exonyms["Corée"]]
    assert sorted(forms) == ["Corée du Nord", "Corée du Sud"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("le tribunal de commerce de Saint-Aubric répond", "tribunal de commerce de Saint-Aubric"),
        ("l'Office des contrôles techniques répond", "Office des contrôles techniques"),
        ("la préfecture a dit", "préfecture"),
    ],
)
def test_a_small_head_takes_what_names_it(text: str, found: str) -> None:
    pattern = words_of("fr").small_body
    match = pattern.search(text) if pattern is not None else None
    assert match is not None
    assert match.group() == found
