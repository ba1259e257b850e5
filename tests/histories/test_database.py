"""Histories follow the store incrementally, and a file made again from the store holds the same."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.histories.database import ATTRIBUTION, Histories
from searchkit.histories.quotes_table import DATABASE
from searchkit.sqlite import SqliteConnection
from searchkit.statements.document import Document
from searchkit.store.store import Store, open_store
from searchkit.wording.quotations import Sketch, same_quote
from tests.cases import cases
from tests.histories.articles import article

AT = "2025-01-02T03:04:05+00:00"
RELEASE = (
    '"We shipped forty crates of lenses to the harbour before dawn on Tuesday," Mina Feld, of Meridian Optics, said.'
)
OTHER = (
    '"We shipped forty crates of lenses to the harbour before dawn on Tuesday," Dora Pelling, of Lantern Watch, said.'
)
PART = 'Mina Feld, of Meridian Optics, said they had "shipped forty crates of lenses to the harbour before dawn."'
CALM = '"The council will decide about the crane next spring, not before," Torben Ask, the mayor of Tolvik, said.'
SOFT = '"The council may decide about the crane next spring, not before," Torben Ask, the mayor of Tolvik, said.'
ACCUSED = "The watchdog Lantern Watch accused Meridian Optics of shipping lenses to a blacklisted buyer in Velmar."
DENIED = "Meridian Optics denied that it had shipped lenses to a blacklisted buyer in Velmar."
POOL = [RELEASE, OTHER, PART, CALM, SOFT, ACCUSED, DENIED]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()


@pytest.fixture
def histories(tmp_path: Path) -> Iterator[Histories]:
    with Histories(tmp_path / "histories.sqlite", writable=True) as opened:
        yield opened


def put(store: Store, key: str, text: str, at: str = AT, **changes: Any) -> Document:
    document = replace(article(key, text, **changes), fetched_at=at, last_seen=at)
    stored = store.put(document, resource=document.uri, digest=text).document
    store.commit()
    return stored


def follow(histories: Histories, store: Store) -> None:
    histories.follow(store, lambda document, number: store.past(document.id, number))


def content(path: Path) -> dict[str, list[Any]]:
    """Return what a file of histories says, without the numbers of rows and of changes."""
    connection = SqliteConnection(path, writable=False, database=DATABASE)
    try:
        return {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}").fetchall())  # noqa: S608 - ours
            for table, columns in {
                "quotes": "statement, document, outlet, day, sketch, quote_group",
                "quote_groups": "*",
                "facts": "*",
                "conflicts": "*",
                "changes": "*",
                "voices": "*",
                "disputes": "*",
            }.items()
        }
    finally:
        connection.close()


def test_a_quotation_is_grouped_over_outlets(store: Store, histories: Histories) -> None:
    for key, text in {"ledger": RELEASE, "wire": PART, "gazette": CALM}.items():
        put(store, key, text)
    follow(histories, store)
    ((group,), total) = histories.quotes.groups(10, 0)
    assert total == 1
    assert [document for _, document in histories.quotes.first_members(group, 100)] == sorted(
        article(key, text).id for key, text in {"ledger": RELEASE, "wire": PART}.items()
    )
    assert {key: len(owners) for key, owners in histories.by_value("spread").items()} == {"2": 2}
    assert not histories.by_value("disputed")


@pytest.mark.parametrize("changes", [{}, {"uri": "https://ledger.example/2"}, {"uri": "file:///ledger.txt"}])
def test_a_quotation_of_one_outlet_is_in_no_group(store: Store, histories: Histories, changes: dict[str, str]) -> None:
    (first, *_) = put(store, "ledger", f"{RELEASE}\n\n{OTHER}").statements
    put(store, "ledger", PART, **changes)
    follow(histories, store)
    assert not (histories.by_value("spread") or histories.by_value("disputed") or histories.quotes.group_of(first.id))


def test_many_variants_of_a_sentence_cost_few_comparisons(
    store: Store, histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = [RELEASE.replace("forty", f"{number}x{number}") for number in range(90)]
    compared: list[Sketch] = []

    def counted(first: Sketch, second: Sketch) -> bool:
        compared.append(first)
        return same_quote(first, second)

    monkeypatch.setattr("searchkit.histories.quotes_table.same_quote", counted)
    document = put(store, "first", "\n\n".join(variants))
    put(store, "second", variants[50])
    follow(histories, store)
    (group,) = histories.quotes.groups(10, 0)[0]
    assert len(document.statements) == 90
    assert len(histories.quotes.first_members(group, 100)) > 80
    assert len(compared) < 90 * 51


def test_the_same_words_of_two_speakers_conflict_until_one_is_corrected(store: Store, histories: Histories) -> None:
    put(store, "ledger", RELEASE)
    put(store, "wire", OTHER)
    follow(histories, store)
    assert len(histories.by_value("disputed")[ATTRIBUTION]) == 2
    put(store, "wire", RELEASE)
    follow(histories, store)
    assert not histories.by_value("disputed")
    assert [owner.document for owner in histories.by_value("changed")["speaker"]] == [article("wire", "").id]


@pytest.mark.parametrize(("rule", "view", "left"), cases(__file__, "test_an_error_in_a_rule_costs_one_view"))
def test_an_error_in_a_rule_costs_one_view(
    store: Store, histories: Histories, monkeypatch: pytest.MonkeyPatch, rule: str, view: str, left: int
) -> None:
    for key, text in {"ledger": RELEASE, "wire": OTHER, "gazette": PART}.items():
        put(store, key, text)

    def faulty(*context: Any, **options: Any) -> Any:
        raise IndexError("string index out of range")

    monkeypatch.setattr(f"searchkit.histories.{rule}", faulty)
    follow(histories, store)
    assert histories.position == store.position
    assert histories.failed.first().startswith(f"{view} of ")
    assert histories.failed.first().endswith(": IndexError: string index out of range")
    assert len(histories.by_value("disputed").get(ATTRIBUTION, ())) == left


def test_a_document_that_failed_is_read_again(
    store: Store, histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("searchkit.histories.quotes_table.sketch", None)
        put(store, "ledger", RELEASE)
        follow(histories, store)
        assert histories.failed.count() == 1
    put(store, "ledger", f"{RELEASE} It rained.")
    put(store, "wire", OTHER)
    follow(histories, store)
    assert histories.failed.count() == 0
    assert len(histories.by_value("disputed")[ATTRIBUTION]) == 2


@pytest.mark.parametrize("changed", ["ledger", "wire"])
def test_a_failed_pair_is_compared_again_if_either_changes(
    store: Store, histories: Histories, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    texts = {"ledger": RELEASE, "wire": PART}
    with monkeypatch.context() as broken:
        broken.setattr("searchkit.histories.quotes_table.same_quote", None)
        for key, text in texts.items():
            put(store, key, text)
        follow(histories, store)
        assert histories.failed.first().endswith(": TypeError: 'NoneType' object is not callable")
    put(store, changed, CALM)
    follow(histories, store)
    assert histories.failed.count() == 0
    put(store, changed, texts[changed])
    follow(histories, store)
    assert histories.quotes.groups(10, 0)[1] == 1


def test_versions_of_an_outdated_document_are_compared_once_it_is_annotated_again(
    store: Store, histories: Histories
) -> None:
    """Histories that were made again from an outdated archive ended every run with an error."""
    put(store, "council", CALM)
    document = put(store, "council", SOFT)

    def earlier(document: Document, number: int) -> Document | None:
        found = store.past(document.id, number)
        return found and replace(found, extractor_version="newer")

    histories.follow(store, earlier)
    assert histories.position == store.position
    assert (histories.by_value("changed"), histories.failed.count()) == ({}, 0)
    assert store.replace_annotations(replace(document, extractor_version="newer"))
    store.commit()
    histories.follow(store, earlier)
    assert [owner.document for (owner,) in histories.by_value("changed").values()] == [document.id]


def test_every_outlet_of_a_conflict_has_it(store: Store, histories: Histories) -> None:
    for key, text in {"ledger": RELEASE, "wire": OTHER, "gazette": RELEASE}.items():
        put(store, key, text)
    follow(histories, store)
    assert len(histories.by_value("disputed")[ATTRIBUTION]) == 3


def test_changes_are_found_by_kind_name_and_time(store: Store, histories: Histories) -> None:
    put(store, "ledger", CALM)
    put(store, "ledger", SOFT, "2025-01-03T00:00:00+00:00")
    follow(histories, store)
    (found,) = histories.changes()
    assert (found.older, found.newer, found.changes[0].kinds) == (1, 2, ("reworded",))
    assert not [*histories.changes("2025-01-04")]
    assert not [*histories.changes("", "2025-01-02~")]
    assert histories.with_party("speaker", ["person:torben-ask"]) == {found.document}
    assert histories.compared() == 1
    put(store, "ledger", CALM, "2025-01-05T00:00:00+00:00")
    follow(histories, store)
    assert [change.newer for change in histories.changes()] == [3, 2]


def test_a_denial_meets_the_claim_in_its_article(store: Store, histories: Histories) -> None:
    claim = put(store, "ledger", f"{ACCUSED}\n\n{DENIED}")
    follow(histories, store)
    (link,) = histories.disputes_of(claim.id)
    assert (link.claim.document, link.answer.document) == (claim.id, claim.id)
    assert [owner.id for owner in histories.by_value("disputed")["claim"]] == [link.claim.statement]
    assert [owner.id for owner in histories.by_value("disputed")["answer"]] == [link.answer.statement]
    store.delete(claim.id, AT)
    store.commit()
    follow(histories, store)
    assert not histories.by_value("disputed")


def test_others_touch_a_document(store: Store, histories: Histories) -> None:
    first = put(store, "ledger", RELEASE)
    follow(histories, store)
    before = store.sequence
    assert not histories.touched(before)
    second = put(store, "wire", RELEASE)
    follow(histories, store)
    assert histories.touched(before) == sorted([first.id, second.id])


def test_histories_of_another_store_are_noticed(store: Store, histories: Histories, tmp_path: Path) -> None:
    put(store, "ledger", RELEASE)
    follow(histories, store)
    assert store.has(histories.position)
    other = open_store(tmp_path / "other.sqlite", writable=True)
    put(other, "gazette", CALM)
    assert not other.has(histories.position)
    other.close()


@pytest.mark.parametrize("seed", range(4))
def test_any_order_gives_the_same_file(store: Store, histories: Histories, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    keys = [f"outlet{number}" for number in range(6)]
    for _ in range(24):
        key = chance.choice(keys)
        if chance.random() < 0.2:
            store.delete(article(key, "").id, AT)
            store.commit()
        else:
            put(store, key, "\n\n".join(chance.sample(POOL, chance.randint(1, 3))))
        if chance.random() < 0.5:
            follow(histories, store)
    follow(histories, store)
    with Histories(tmp_path / "again.sqlite", writable=True) as again:
        follow(again, store)
    assert content(tmp_path / "histories.sqlite") == content(tmp_path / "again.sqlite")
