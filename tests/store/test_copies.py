"""Groups of copies in a real store."""

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchkit.store import near_duplicates
from searchkit.store.near_duplicates import sketch
from searchkit.store.sqlite import SqliteStore
from tests.samples import document
from tests.store.test_near_duplicates import prose


def put(store: SqliteStore, name: str, text: str) -> str:
    made = document(text, uri=f"test:{name}", title=None, quotes=(), mentions=())
    store.put(made, resource=made.uri, digest=text, sketch=sketch(made))
    return made.id


def groups(store: SqliteStore) -> set[frozenset[str]]:
    """Addresses by group; checks that the group is named after its first document."""
    found: dict[str, set[tuple[str, str]]] = {}
    for change in store.changes(0):
        if change.document is not None and change.document.copies:
            found.setdefault(change.document.copies, set()).add((change.document_id, change.document.uri))
    for group, members in found.items():
        assert group == min(members)[0]
        assert len(members) > 1
    return {frozenset(uri.removeprefix("test:") for _, uri in members) for members in found.values()}


def empty(store: SqliteStore) -> bool:
    return not store._connection.scalar(
        "SELECT (SELECT count(*) FROM sketches) + (SELECT count(*) FROM sketch_hashes)"
        " + (SELECT count(*) FROM sketch_pairs)"
    )


STORY = prose(300, 1)
CUT = " ".join(STORY.split()[:200])


def test_copies_find_each_other_and_others_stay_alone(store: SqliteStore) -> None:
    put(store, "a", STORY)
    assert groups(store) == set()
    put(store, "other", prose(300, 2))
    put(store, "b", CUT)
    assert groups(store) == {frozenset("ab")}
    put(store, "c", STORY)
    assert groups(store) == {frozenset("abc")}


def test_a_new_group_is_a_change(store: SqliteStore) -> None:
    first = put(store, "a", STORY)
    store.commit()
    before = store.sequence
    second = put(store, "b", CUT)
    store.commit()
    changed = {change.document_id: change.document for change in store.changes(before)}
    assert changed.keys() == {first, second}
    assert {made.revision for made in changed.values() if made} == {1}
    assert store.counts("test").revisions == 0
    before = store.sequence
    put(store, "b", CUT)
    assert store.sequence == before, "the same again changes nothing"


def test_a_group_splits_without_its_connecting_text(store: SqliteStore) -> None:
    words = prose(900, 3).split()
    left, middle, right = words[:400], words[100:800], words[500:]
    put(store, "left", " ".join(left))
    put(store, "right", " ".join(right))
    assert groups(store) == set()
    put(store, "middle", " ".join(middle))
    put(store, "left-again", " ".join(left))
    assert groups(store) == {frozenset(("left", "middle", "right", "left-again"))}
    store.delete(document("", uri="test:middle").id, "2024-01-01")
    assert groups(store) == {frozenset(("left", "left-again"))}


def test_sketches_of_deleted_texts_are_deleted(store: SqliteStore) -> None:
    made = [put(store, name, text) for name, text in (("a", STORY), ("b", CUT), ("c", STORY), ("d", "Short."))]
    assert not empty(store)
    for document_id in made:
        store.delete(document_id, "2024-01-01")
    assert empty(store)


def test_without_a_sketch_a_document_stays_alone(store: SqliteStore) -> None:
    for name in "ab":
        made = document(STORY, uri=f"test:{name}", quotes=(), mentions=())
        store.put(made, resource=made.uri, digest="d")
    assert groups(store) == set()
    for name in "ab":
        made = document(STORY, uri=f"test:{name}", quotes=(), mentions=())
        assert store.replace_annotations(made, sketch(made))
    assert groups(store) == {frozenset("ab")}


def test_equal_texts_share_one_sketch(store: SqliteStore) -> None:
    for number in range(300):
        put(store, str(number), STORY)
    (group,) = groups(store)
    assert len(group) == 300
    assert store._connection.scalar("SELECT count(*) FROM sketches") == 1


@pytest.mark.slow
def test_very_many_near_duplicates_are_one_group(store: SqliteStore) -> None:
    for number in range(near_duplicates._COMMON + 40):
        put(store, str(number), f"{STORY} {prose(20, 100 + number)}")
    (group,) = groups(store)
    assert len(group) == near_duplicates._COMMON + 40


@pytest.mark.slow
def test_very_common_hashes_are_stored_for_some_texts_only(store: SqliteStore) -> None:
    for number in range(near_duplicates._COMMON + 20):
        put(store, str(number), f"{STORY} {prose(600, 100 + number)}")
    longest = store._connection.scalar("SELECT max(n) FROM (SELECT count(*) AS n FROM sketch_hashes GROUP BY hash)")
    assert longest == near_duplicates._COMMON


POOL = [
    STORY,
    CUT,
    *(" ".join(prose(900, 3).split()[start : start + 400]) for start in (0, 150, 300, 500)),
    *(prose(200, seed) for seed in (5, 6)),
    "Short.",
]
steps = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | st.sampled_from(POOL)), min_size=1, max_size=14)


def _partition(history: Sequence[tuple[str, str | None]]) -> set[frozenset[str]]:
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "store.sqlite", writable=True)
        for name, text in history:
            if text is None:
                store.delete(document("", uri=f"test:{name}").id, "2024-01-01")
            else:
                put(store, name, text)
        found = groups(store)
        store.close()
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_history(history: list[tuple[str, str | None]], chance: random.Random) -> None:
    final = {name: text for name, text in dict(history).items() if text is not None}
    shuffled = list(final.items())
    chance.shuffle(shuffled)
    assert _partition(history) == _partition(shuffled)
