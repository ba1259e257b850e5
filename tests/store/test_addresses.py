"""Which document a fetched text belongs to, and what moves with a file."""

import random

import pytest
from msgspec.structs import replace

from searchkit.statements.document import Document, document_digest, document_id
from searchkit.store.base import Put
from searchkit.store.near_duplicates import sketch
from searchkit.store.store import Store
from tests.samples import TEXT, document, present

SITE = "https://ledger.example"
CANONICAL = f"{SITE}/fine"


def prose(seed: int, words: int = 120) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(words))


def fetched(path: str, text: str, canonical: str = CANONICAL) -> Document:
    uri = f"{SITE}/{path}"
    return document(text, uri=uri, canonical_url=canonical, digest=document_digest("", text))


def put(store: Store, path: str, text: str, canonical: str = CANONICAL) -> Put:
    made = fetched(path, text, canonical)
    return store.put(made, resource=made.uri, digest=document_digest(path, text), sketch=sketch(made))


def stored(store: Store) -> dict[str, str]:
    """The text of each document by the path of its address."""
    found = filter(None, map(store.get, store.ids()))
    return {made.uri.removeprefix(f"{SITE}/"): made.text for made in found}


@pytest.mark.parametrize("order", [["fine", "a", "b", "c"], ["a", "b", "fine", "c"], ["a", "b", "c", "fine"]])
def test_a_wrong_canonical_url_loses_no_text(store: Store, order: list[str]) -> None:
    texts = {path: prose(seed) for seed, path in enumerate(order)}
    conflicts = [bool(put(store, path, text).rival) for path, text in texts.items()]
    assert stored(store) == texts
    assert conflicts == [False, True, True, True]
    # Crawled again, nothing changes; a change is a revision of the document at its address.
    assert {put(store, path, text).status for path, text in texts.items()} == {"unchanged"}
    for path, text in texts.items():
        again = put(store, path, f"{text} {prose(99)}")
        assert (again.status, again.document.id, again.document.revision) == (
            "updated",
            document_id(f"{SITE}/{path}"),
            2,
        )


def test_a_rewritten_text_at_the_canonical_url_is_a_revision(store: Store) -> None:
    put(store, "fine", prose(1))
    assert put(store, "print", prose(1)).variant_of == CANONICAL
    rewritten = put(store, "fine", prose(2))
    assert (rewritten.status, rewritten.document.revision, rewritten.rival) == ("updated", 2, "")
    # The variant with the earlier text is another text now, and no longer trusted.
    assert put(store, "print", prose(1)).rival == CANONICAL


@pytest.mark.parametrize("first", ["fine", "amp"])
def test_variants_of_an_article_are_one_document(store: Store, first: str) -> None:
    text = prose(1)
    order = [first, *sorted({"fine", "amp", "print"} - {first})]
    made = [put(store, path, text) for path in order]
    assert {found.document.id for found in made} == {document_id(f"{SITE}/{first}")}
    assert stored(store) == {"fine": text}
    assert [found.rival for found in made] == ["", "", ""]
    # The page at the canonical URL has taken over, so its changes are revisions. Another text is another document.
    for path, words, status in (("fine", "fine fine", "updated"), ("amp", "also", "added")):
        assert put(store, path, f"{text} {words}").status == status
    assert stored(store) == {"fine": f"{text} fine fine", "amp": f"{text} also"}


OTHER_HOST = "https://mirror.example:8902/fine"


def put_at(store: Store, uri: str, text: str, title: str = "", canonical: str = CANONICAL) -> Put:
    made = document(text, uri=uri, canonical_url=canonical, title=title, digest=document_digest(title, text))
    return store.put(made, resource=uri, digest=document_digest(uri, text), sketch=sketch(made))


@pytest.mark.parametrize("uri", [OTHER_HOST, f"{SITE}/print"])
@pytest.mark.parametrize("change", ["more", "word", "title"])
def test_a_page_that_differs_at_all_is_a_document_of_its_own(store: Store, uri: str, change: str) -> None:
    """Even where the texts are near-duplicates: one word can say the opposite."""
    text = prose(1)
    put_at(store, CANONICAL, text, "Fine")
    changed = {"more": f"{text} And more.", "word": text.replace(text.split()[60], "refused")}.get(change, text)
    made = put_at(store, uri, changed, "Fraud" if change == "title" else "Fine")
    assert (made.status, made.document.uri, made.rival) == ("added", uri, CANONICAL)
    first = present(store.get(document_id(CANONICAL)))
    assert (first.text, first.revision) == (text, 1)


def test_the_same_page_on_another_host_stands_behind_the_page_that_it_names(store: Store) -> None:
    put_at(store, CANONICAL, prose(1))
    assert put_at(store, OTHER_HOST, prose(1)).variant_of == CANONICAL
    # When that page is gone, the other host does not get its document.
    store.mark_gone(CANONICAL, "2026-03-04T05:00:00+00:00")
    made = put_at(store, OTHER_HOST, prose(1))
    assert (made.status, made.document.id) == ("added", document_id(OTHER_HOST))


@pytest.mark.parametrize("text", [prose(1), f"{prose(1)} And more."], ids=["same text", "more text"])
def test_a_page_of_another_host_owns_no_address_that_it_names(store: Store, text: str) -> None:
    put_at(store, OTHER_HOST, text)
    assert store.addresses.naming([CANONICAL]) == ()
    made = put_at(store, CANONICAL, prose(1))
    assert (made.status, made.document.id, made.document.revision) == ("added", document_id(CANONICAL), 1)
    assert made.rival == OTHER_HOST
    kept = present(store.get(document_id(OTHER_HOST)))
    assert (kept.uri, kept.text) == (OTHER_HOST, text)


def test_a_variant_stays_while_the_canonical_url_was_not_fetched(store: Store) -> None:
    assert put(store, "amp", prose(1)).status == "added"
    assert put(store, "print", prose(1)).variant_of == f"{SITE}/amp"
    assert store.addresses.naming([CANONICAL]) == (document_id(f"{SITE}/amp"),)


def test_a_longer_text_is_kept_although_it_names_a_shorter_one(store: Store) -> None:
    put(store, "fine", prose(1, 60))
    assert put(store, "print", f"{prose(1, 60)} {prose(2, 50)}").status == "added"
    assert len(stored(store)) == 2


def test_a_variant_takes_over_a_page_that_is_gone(store: Store) -> None:
    owner = put(store, "fine", prose(1)).document.id
    store.mark_gone(CANONICAL, "2026-03-04T05:00:00+00:00")
    variant = put(store, "amp", prose(1))
    assert (variant.document.id, variant.former) == (owner, CANONICAL)
    current = present(store.get(owner))
    assert (current.uri, current.gone_at) == (f"{SITE}/amp", "")
    back = put(store, "fine", prose(1))
    assert (back.document.id, back.document.uri, back.former) == (owner, CANONICAL, f"{SITE}/amp")


def test_an_address_of_the_latest_article_has_a_document_for_each(store: Store) -> None:
    days = [("monday", prose(1)), ("tuesday", prose(2)), ("wednesday", prose(3))]
    puts = [put(store, "latest", text, f"{SITE}/{day}") for day, text in days]
    made = [done.document.id for done in puts]
    assert len(set(made)) == 3
    assert [done.displaced for done in puts] == ["", *made[:2]]
    gone = [found.gone_at != "" for found in map(store.get, made) if found is not None]
    assert gone == [True, True, False]
    assert put(store, "latest", days[0][1], f"{SITE}/monday").document.id == made[0]
    assert len([*store.ids()]) == 3


def test_what_files_claim_is_compared_with_nothing(store: Store) -> None:
    text = prose(1)
    put(store, "fine", text)
    claimed = document(text, canonical_url=CANONICAL)
    assert store.put(claimed, resource=claimed.uri, digest="1", sketch=sketch(claimed)).status == "added"
    assert len([*store.ids()]) == 2


def test_a_moved_file_keeps_its_document(store: Store) -> None:
    made = document()
    store.put(made, resource=made.uri, digest="1")
    assert store.addresses.before_move("file:///new/fine.txt", "1", lambda _uri: True) == ""
    assert store.addresses.before_move("file:///new/fine.txt", "2", lambda _uri: False) == ""
    assert store.addresses.before_move("file:///new/fine.txt", "1", lambda _uri: False) == made.uri
    store.mark_gone(made.uri, made.last_seen)
    assert store.move(made.uri, "file:///new/fine.txt", made.last_seen) == made.id
    moved = store.get(made.id)
    assert moved == replace(made, uri="file:///new/fine.txt", origin=made.uri)
    assert store.revision_numbers(made.id) == ()
    # Another file in the place of the old one is another document.
    other = store.put(document("Another text.", digest="1" * 64), resource=made.uri, digest="3")
    assert (other.status, other.document.id != made.id) == ("added", True)
    assert other.document.id == document_id(f"{made.uri}~{'1' * 12}")
    assert store.get(made.id) == moved
    again = store.put(document("Another text!", digest="2" * 64), resource=made.uri, digest="4")
    assert (again.document.id, again.document.revision) == (other.document.id, 2)
    assert all(quote.id.startswith(made.id) for quote in moved.quotes)
    assert moved.text == TEXT


def test_of_several_files_with_the_same_bytes_the_one_with_the_same_name_moves(store: Store) -> None:
    for name in ("a/x.txt", "a/y.txt", "b/x.zip#y.txt"):
        uri = f"file:///{name}"
        store.put(document(uri=uri), resource=uri, digest="1")
    moves = {"file:///c/y.txt": "file:///a/y.txt", "file:///c/x.txt": "file:///a/x.txt"}
    for uri, before in moves.items():
        assert store.addresses.before_move(uri, "1", lambda _uri: False) == before
    assert store.addresses.before_move("file:///c.zip#y.txt", "1", lambda _uri: False) == "file:///b/x.zip#y.txt"
