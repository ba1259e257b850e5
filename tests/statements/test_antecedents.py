"""Who was meant before a place."""

import pytest

from searchkit.statements.antecedents import Antecedents, acts, is_country
from searchkit.statements.speakers.participants import Participants
from tests.statements.scene import ENGLISH, article, named

LIND, MALT, BRASK = "person:vera-lind", "person:igor-malt", "person:joss-brask"
VELTRA, OSTMARK = "company:veltra-pumps", "company:ostmark-rail"


def _before(text: str) -> Antecedents:
    assert ENGLISH is not None
    mentions = named(
        text,
        person="Vera Lind; Igor Malt; Joss Brask",
        company="Veltra Pumps; Ostmark Rail",
        agency="Harbor Commission",
        place="France; Norway; Bavaria; Bridge of Velmar",
        list="Entity List; Other List",
    )
    scene = article(text)
    return Antecedents(Participants(scene, mentions, ENGLISH), None)


def test_countries_and_bodies_act_and_other_places_do_not() -> None:
    assert is_country("place:france")
    assert not is_country("place:bavaria")
    assert [acts(one) for one in ("place:france", VELTRA, "agency:x", "group:kazakhs", "place:bavaria", LIND)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_person_needs_a_gender_and_the_one_who_opens_the_sentence_comes_first() -> None:
    text = "Mr. Igor Malt met Mr. Joss Brask. Ms. Vera Lind left."
    before = _before(text)
    assert before.person(len(text), "male", None) == MALT
    assert before.person(len(text), "male", MALT) == BRASK
    assert before.person(len(text), "female", LIND) is None
    assert before.person(text.index(" met"), "female", None) is None
    assert _before("Joss Brask left.").person(16, "male", None) is None


def test_a_person_is_not_looked_for_far_back() -> None:
    text = "Mr. Joss Brask left." + "\n\nA dog barked at the moon." * 5
    assert _before(text).person(len(text), "male", None) is None


def test_what_is_resolved_counts_as_named() -> None:
    text = "Mr. Igor Malt met Mr. Joss Brask. The driver left."
    before = _before(text)
    before.add(text.index("The driver"), BRASK)
    assert before.person(len(text), "male", None) == BRASK


def test_a_role_has_one_holder_or_none() -> None:
    before = _before("Igor Malt, the deputy chairman, met Vera Lind, the mayor. Mayor Joss Brask left.")
    assert before.holder("chairman", [], None) == MALT
    assert before.holder("chairman", ["deputy"], None) == MALT
    assert before.holder("chairman", ["former"], None) is None
    assert before.holder("chairman", [], MALT) is None
    assert before.holder("mayor", [], None) is None


def test_a_body_is_found_by_its_word_or_its_kind() -> None:
    text = "The Harbor Commission convened. Veltra Pumps left Ostmark Rail."
    before = _before(text)
    assert before.body(len(text), "commission", "agency", wide=False) == "agency:harbor-commission"
    assert before.body(len(text), "company", "company", wide=True) == VELTRA
    assert before.body(len(text), "company", "company", wide=False) is None


def test_the_head_of_a_name_means_the_only_one_that_has_it() -> None:
    text = "The Bridge of Velmar shook. Entity List and Other List; Veltra Pumps."
    before = _before(text)
    assert before.headed(len(text), "bridge") == "place:bridge-of-velmar"
    assert before.headed(3, "bridge") is None
    assert before.headed(len(text), "list") is None
    assert before.headed(text.index(" and"), "list") == "list:entity-list"
    assert before.headed(len(text), "pumps") is None


def test_the_only_company_is_meant_from_afar_and_of_two_none() -> None:
    far = "\n\nA dog barked at the moon." * 4
    assert _before(f"Veltra Pumps left.{far}").body(100, "company", "company", wide=True) == VELTRA
    assert _before(f"Veltra Pumps left. Ostmark Rail came.{far}").body(140, "company", "company", wide=True) is None


@pytest.mark.parametrize(
    ("text", "country", "region"),
    [("France won.", "place:france", None), ("France met Norway in Bavaria.", None, "place:bavaria")],
)
def test_places_are_found_by_their_kind(text: str, country: str | None, region: str | None) -> None:
    before = _before(text)
    assert before.place(len(text), country=True) == country
    assert before.place(len(text), country=False) == region
