"""What a user says about names decides. People and bodies are invented."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements import EXTRACTOR_VERSION
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article, Document
from searchkit.statements.register import (
    COMPLETE_RULES,
    LINKED_RULES,
    MOST_BEARERS,
    Alias,
    Entry,
    Hide,
    Register,
    Scope,
    Split,
    register,
)
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.text import name_key, paragraphs
from searchkit.store.encoding import decode, encode
from tests.cases import cases


def _alias(kind: Any, *names: str) -> Alias:
    return Alias(entity_id=f"{kind}:mine", name=names[0], kind=kind, names=names)


def _read(text: str, known: Register, language: str = "en", **fields: Any) -> Document:
    article = Article(uri="file:a.txt", text=text, paragraphs=paragraphs(text), language=language, **fields)
    document = annotate(article, register=known)
    assert all(found.span.of(text) == found.surface for found in document.mentions)
    assert all(found.span.of(text) == found.surface for found in document.matches)
    return document


def _named(text: str, known: Register, **fields: Any) -> list[tuple[str, str, str]]:
    return [(found.surface, found.name, found.kind) for found in _read(text, known, **fields).mentions]


GLASS = _alias("company", "Velmar Glass", "Velmar Glassworks", "VG Works", "Crystal")


def test_all_names_of_an_entity_become_one() -> None:
    known = register(version="v", rules=[GLASS])
    text = "A fire hit Velmar Glassworks. VG Works, owner of the velmar glassworks, paid. The crystal broke."
    assert _named(text, known) == [
        ("Velmar Glassworks", "Velmar Glass", "company"),
        ("VG Works", "Velmar Glass", "company"),
    ]
    document = _read(text, known)
    assert {found.entity_id for found in document.mentions} == {"company:mine"}
    assert document.extractor_version == f"{EXTRACTOR_VERSION}+v"
    assert set(document.known_as["company:mine"]) == {"Crystal"}


def test_aliases_override_the_shipped_lists_and_add_names() -> None:
    bay = "Nightfishers of the Bay"
    known = register(version="v", rules=[_alias("company", "Tiandy Boats", "Tiandy"), _alias("group", bay, "the Nine")])
    assert _named(f"They sold Tiandy a boat. They sold the {bay} and Tiandy Technologies a camera.", known) == [
        ("Tiandy", "Tiandy Boats", "company"),
        (bay, bay, "group"),
        ("Tiandy Technologies", "Tiandy Technologies", "company"),
    ]
    assert (COMPLETE_RULES | LINKED_RULES) - {"alias"} <= NAME_RULES.keys()


def test_what_a_document_says_of_a_short_name_goes_before_an_alias_of_it() -> None:
    known = register(version="v", rules=[_alias("person", "Nadia Korbel", "Korbel")])
    own = "Tovo Korbel came. Korbel said he was late."
    assert {name for _, name, _ in _named(own, known)} == {"Tovo Korbel"}
    assert ("Korbel", "Nadia Korbel", "person") in _named("The spokesperson was late, Korbel said.", known)


def test_a_split_holds_where_it_says() -> None:
    boats = _alias("company", "Tiandy Boats")
    text = "They sold Tiandy a boat."
    known = register(version="v", rules=[Split(names=("Tiandy",), becomes=boats, scope=Scope(outlet="Harbor Ledger"))])
    assert _named(text, known, outlet="Harbor  ledger")[0][1] == "Tiandy Boats"
    assert _named(text, known)[0][1] == "Tiandy Technologies"
    for document in ("file:a.txt", _read(text, known).id):
        scope = Scope(documents=frozenset({document}))
        here = register(version="v", rules=[Split(names=("Tiandy Technologies",), becomes=boats, scope=scope)])
        assert _named(text, here)[0][1] == "Tiandy Boats", "the canonical name splits its short form too"


@pytest.mark.parametrize(("kind", "left"), [(None, []), ("company", []), ("person", ["Velmar Glassworks Ltd"])])
def test_hidden_names_are_not_reported(kind: Any, left: list[str]) -> None:
    known = register(version="v", rules=[Hide(names=("Velmar Glassworks", "Velmar Glassworks Ltd"), kind=kind)])
    assert [surface for surface, _, _ in _named("Velmar Glassworks Ltd said no.", known)] == left


@pytest.mark.parametrize(("text", "speaker"), cases(__file__, "test_no_words_name_a_hidden_speaker"))
def test_no_words_name_a_hidden_speaker(text: str, speaker: str | None) -> None:
    known = register(version="v", rules=[Hide(names=("Nadia Korbel", "Velmar Glassworks Ltd"))])
    (quote,) = _read(text, known).quotes
    assert quote.speaker.name == speaker
    assert (quote.attribution is None) == (speaker is None)


LISTED = register(
    version="v",
    entries=[
        Entry("harbor", "NK-1", "Karim Osei Boateng", "person", ("sanction",)),
        Entry("harbor", "NK-2", "AURORA SHIPPING FZE", "company", ()),
        Entry("rivers", "7", "Petra", "person", ()),
    ],
    watched=[
        ("karim osei boateng", 0),
        ("boateng", 1),
        ("the harbor cat", 1),
        ("aurora shipping fze", 2),
        ("aurora shipping", 2),
        ("petra", 5),
        ("georgia", 4),
    ],
)


def _matches(text: str) -> list[tuple[str, str, bool]]:
    return [(found.surface, found.entry_id, found.weak) for found in _read(text, LISTED).matches]


def test_watchlist_names_are_matched_and_weak_ones_marked() -> None:
    text = "Aurora Shipping paid Karim Osei Boateng. Boateng left. A boateng. Seen: The Harbor Cat."
    assert _matches(text) == [
        ("Aurora Shipping", "NK-2", False),
        ("Karim Osei Boateng", "NK-1", False),
        ("Boateng", "NK-1", False),  # who that is, the document says
        ("The Harbor Cat", "NK-1", True),
    ]
    assert _matches("She moved to Georgia in May.") == [], "of another kind"
    assert _matches("It was paid by the Karim Osei Boateng Foundation.") == [("Karim Osei Boateng", "NK-1", True)]
    known = register(version="v", entries=[Entry("l", "1", "x", "other", ())], watched=[("moth of the deep south", 0)])
    (found,) = _read("A ship, Moth of the Deep South, sank.", known).mentions
    assert (found.surface, found.rule, found.kind) == ("Moth of the Deep South", "watchlist", "other")


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_one_word_is_a_weak_match_in_a_sentence"))
def test_one_word_is_a_weak_match_in_a_sentence(text: str, found: tuple[str, ...]) -> None:
    entries = [Entry("l", "1", "Petra", "other", ()), Entry("l", "2", "Turkish", "other", ())]
    entries.append(Entry("l", "3", "Krone", "other", ()))
    known = register(version="v", entries=entries, watched=[("petra", 1), ("turkish", 2), ("krone", 4)])
    assert [(match.surface, match.weak) for match in _read(text, known).matches] == [(name, True) for name in found]


def test_a_match_leaves_identity_alone_and_reaches_the_statement() -> None:
    text = '"We paid," said Karim Osei Boateng, a clerk. He added that Aurora Shipping knew.'
    document = _read(text, LISTED)
    assert [found.entity_id for found in document.mentions] == ["person:karim-osei-boateng", "company:aurora-shipping"]
    matched = document.matched()
    assert [[match.entry_id for match in matched[quote.id]] for quote in document.quotes] == [
        ["NK-1"],
        ["NK-1", "NK-2"],
    ]


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_a_statement_for_a_listed_body_is_one_of_the_entry"))
def test_a_statement_for_a_listed_body_is_one_of_the_entry(text: str, found: tuple[tuple[Any, ...], ...]) -> None:
    known = register(version="v", entries=[Entry("l", "1", "x", "company", ())], watched=[("kestrel marine", 0)])
    document = _read(text, known, language="de" if " sagte" in text else "en")
    matched = document.matched()
    reasons = [[(match.weak, match.reason) for match in matched.get(quote.id, ())] for quote in document.quotes]
    assert reasons[-1] == list(found)


@pytest.mark.parametrize("text", cases(__file__, "test_listed_bodies_with_plain_names_are_found"))
def test_listed_bodies_with_plain_names_are_found(text: str) -> None:
    names = cases(__file__, "test_names_of_plain_words")
    known = register(
        version="v",
        entries=[Entry("l", name, name, "organisation", ()) for name in names],
        watched=[(name_key(name), 2 * number) for number, name in enumerate(names)],
    )
    for name in names:
        matched = [*_read(text.format(name), known).matched().values()]
        assert (name, False) in {(match.entry_id, match.weak) for match in matched[-1]}, name


def test_a_name_of_very_many_entries_names_some_of_them() -> None:
    many = [Entry("l", f"A{number}", "Petr Havel", "person", ()) for number in range(5000)]
    known = register(version="v", entries=many, watched=[("petr havel", 2 * number) for number in range(5000)])
    assert len(_read("He met Petr Havel there.", known).matches) == MOST_BEARERS


def test_in_german_one_capital_is_no_name() -> None:
    known = register(version="v", entries=[Entry("l", "1", "Krone", "company", ())], watched=[("krone", 0)])
    text = "Dann sah man eine Krone dort."
    assert [match.surface for match in _read(text, known, language="fr").matches] == ["Krone"]
    assert _read(text, known, language="de").matches == ()


WORDS = (
    "Velmar Glass Works velmar glass Nadia Korbel Korbel, said said the The U.S. government Ltd. of al-Nur\n\n . “No”"
).split(" ")
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join).filter(name_key)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.lists(NAMES, max_size=4, unique_by=name_key),
    st.lists(NAMES, max_size=3),
    st.lists(st.tuples(NAMES.map(name_key), st.integers(0, 3)), max_size=5),
)
def test_whatever_the_user_says_mentions_stay_in_order_and_apart(
    text: str, names: list[str], hidden: list[str], watched: list[tuple[str, int]]
) -> None:
    aliases = [
        Alias(entity_id=f"company:{number}", name=name, kind="company", names=(name,))
        for number, name in enumerate(names)
    ]
    known = register(
        version="v",
        rules=[*aliases, Split(names=tuple(names[:1]), becomes=GLASS), Hide(names=tuple(hidden))],
        entries=[Entry("l", "1", "x", "person", ()), Entry("l", "2", "y", "other", ())],
        watched=watched,
    )
    document = _read(text, known)
    for earlier, later in pairwise(document.mentions):
        assert earlier.span.start < later.span.start or earlier.span.covers(later.span)
        assert not later.span.overlaps(earlier.span) or earlier.span.covers(later.span)
        assert earlier.span != later.span
    places = [match.span for match in document.matches]
    assert places == sorted(places)
    keys = set(map(name_key, hidden))
    assert not any(name_key(mention.name) in keys for mention in document.mentions)
    assert decode(encode(document), Document) == document
