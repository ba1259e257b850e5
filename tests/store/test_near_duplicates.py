"""Which texts are copies, on texts made of a seeded random vocabulary, and their groups."""

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Quote, Speaker
from searchkit.statements.text import Span
from searchkit.store import near_duplicates
from searchkit.store.near_duplicates import KEPT, LOOKED_UP, WIDTH, Sketch, are_copies, sketch
from searchkit.store.store import Store, open_store
from tests.cases import cases
from tests.samples import day, document, mention

CHANCE = random.Random(7)
WORDS = ["".join(CHANCE.choices("abcdefghijklmnop", k=6)) for _ in range(3_000)]


def prose(words: int, seed: int, figures: int = 0) -> str:
    """A text that no other seed gives, with so many figures in it."""
    chance = random.Random(seed)
    made = [*chance.choices(WORDS, k=words), *(f"{chance.randrange(10_000)}.{seed}" for _ in range(figures))]
    chance.shuffle(made)
    return " ".join(made)


def drawn(text: str, **changes: Any) -> Sketch:
    return sketch(document(text, **changes))


@pytest.mark.parametrize("words", [60, 300, 2_000])
def test_case_accents_and_spaces_do_not_matter(words: int) -> None:
    text = prose(words, 1, 5)
    other = text.upper().replace(" ", ",  ").replace("A", "Á")
    assert drawn(text).runs.size > 0
    assert drawn(text).runs.hashes == drawn(other).runs.hashes
    assert are_copies(drawn(text), drawn(other))
    assert not are_copies(drawn(text), drawn(prose(words, 2)))


@pytest.mark.parametrize(
    ("kept", "added", "copies"),
    [(1.0, 0.0, True), (0.7, 0.0, True), (0.4, 0.0, True), (0.9, 0.5, True), (0.65, 0.35, True), (0.35, 0.65, False)],
)
def test_cut_and_extended_texts(kept: float, added: float, copies: bool) -> None:
    text, other = prose(600, 1).split(), prose(600, 2).split()
    edited = " ".join(text[: int(600 * kept)] + other[: int(600 * added)])
    assert are_copies(drawn(" ".join(text)), drawn(edited)) is copies


def test_a_collection_of_articles_duplicates_none() -> None:
    stories = [prose(200, seed) for seed in range(4)]
    gathered = drawn("\n".join(stories))
    assert not any(are_copies(drawn(story), gathered) for story in stories)


def test_one_pattern_with_other_figures_is_another_report() -> None:
    pattern = prose(200, 1)
    first, second = (f"{pattern} {' '.join(f'{figure}.5' for figure in range(start, start + 6))}" for start in (1, 70))
    assert not are_copies(drawn(first), drawn(second))
    assert are_copies(drawn(first), drawn(first.replace("1.5", "99.5")))
    assert are_copies(drawn("1,000 " + first), drawn("1000 " + first))


def test_texts_further_apart_in_time_must_share_more() -> None:
    text, other = prose(600, 1).split(), prose(600, 2).split()
    edited = " ".join(text[:400] + other[:200])
    for published, copies in (("2022-12-17", True), ("2022-12-18", False)):
        assert are_copies(drawn(" ".join(text)), drawn(edited, published=day(published))) is copies
    assert are_copies(drawn(" ".join(text)), drawn(" ".join(text), published=day("2024-01-01"))), "put up again"
    guess = PartialDate(value="2024-01-01", precision="day", source="guess", confidence="low")
    vague = PartialDate(value="2024", precision="year", source="meta")
    for published_so in (None, guess, vague):
        assert are_copies(drawn(" ".join(text)), drawn(edited, published=published_so))


def test_short_texts_are_copies_when_title_and_words_are_the_same() -> None:
    short = "To go on reading, become a subscriber."
    assert drawn(short) == drawn(short.upper(), published=day("2024-01-01"))
    assert are_copies(drawn(short), drawn(short))
    assert not are_copies(drawn(short), drawn(short, title="Another title"))
    assert not are_copies(drawn(short), drawn(prose(300, 1)))
    assert drawn(short).looked_up() == ()
    assert drawn("") == drawn(" ")


@pytest.mark.parametrize(
    ("first", "second"), cases(__file__, "test_short_texts_that_differ_in_a_sentence_are_no_copies")
)
def test_short_texts_that_differ_in_a_sentence_are_no_copies(first: str, second: str) -> None:
    for words in (30, 100):
        frame, end = prose(words, 1), prose(10, 2)
        before, after = (drawn(f"{frame} {said} {end}") for said in (first, second))
        assert not are_copies(before, after)
        assert are_copies(before, drawn(f"{frame} {first} {end} {prose(15, 3)}")), "one contains the other"
    short, long = prose(110, 1).split(), prose(60, 2).split()
    assert not are_copies(drawn(" ".join(short)), drawn(" ".join([*short[:75], *long])))


def test_in_scripts_without_spaces_each_character_is_a_word() -> None:
    signs = [chr(0x4E00 + number) for number in range(400)]
    random.Random(1).shuffle(signs)
    text, cut = "".join(signs), "".join(signs[:300])
    assert drawn(text).runs.size == 397
    assert are_copies(drawn(text), drawn(cut))
    assert not are_copies(drawn(text), drawn("".join(reversed(signs))))


def test_a_sketch_stays_small_and_survives_packing() -> None:
    made = drawn(prose(5_000, 1, 200))
    assert len(made.runs.hashes) == KEPT * WIDTH
    assert len(made.packed()) < 1_000
    assert Sketch.unpacked(made.packed()) == made
    assert len(made.looked_up()) == LOOKED_UP
    assert list(made.looked_up()) == sorted(made.looked_up())
    assert max(made.looked_up()) < 1 << 31


def test_sketches_are_the_same_in_every_run() -> None:
    made = drawn(" ".join(f"word{number}" for number in range(60)))
    assert (made.runs.size, made.runs.hashes[:WIDTH].hex()) == (57, "03c122ee")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_a_sketch_and_order_does_not_matter(first: str, second: str) -> None:
    ours, theirs = drawn(first), drawn(second)
    assert Sketch.unpacked(ours.packed()) == ours
    assert are_copies(ours, ours)
    assert are_copies(ours, theirs) is are_copies(theirs, ours)
    assert are_copies(replace(ours, day=0), ours) or not ours.runs.size


# --- names ------------------------------------------------------------------------------------------------------------


def naming(text: str, *names: str, speakers: tuple[str, ...] = ()) -> Sketch:
    """The sketch of a text that ends with these names, found in it, and with statements by some."""
    text = f"{text} {' '.join(names)}"
    found = tuple(mention(text, name, name, f"person:{name}", "person") for name in names)
    said = tuple(
        Quote(
            id=f"q{number}", content=Span(0, 1), kind="direct", rule="test", confidence=1.0,
            speaker=Speaker(name=name, entity_id=f"person:{name}"),
        )
        for number, name in enumerate(speakers)
    )  # fmt: skip
    return drawn(text, mentions=found, quotes=said)


def test_one_pattern_with_other_names_is_another_report() -> None:
    pattern = prose(200, 1)
    first = naming(pattern, "Orvale Marine", "Lena Hartog")
    assert not are_copies(first, naming(pattern, "Selket Tankers", "Peter Vogel"))
    assert are_copies(first, naming(pattern, "Hartog", "Orvale"))
    assert are_copies(first, naming(pattern, "Orvale Marine", "Lena Hartog", "Peter Vogel"))
    assert are_copies(first, naming(pattern)), "a cut copy may have no names"


def test_one_pattern_with_other_speakers_is_another_report() -> None:
    pattern, shared = prose(200, 1), tuple(f"Name{number}" for number in "abcdefghijklm")
    first = naming(pattern, *shared, "Ada Holm", speakers=("Ada Holm",))
    assert (first.names.size, first.speakers.size, first.guessed) == (15, 2, False)
    assert Sketch.unpacked(first.packed()) == first
    assert not are_copies(first, naming(pattern, *shared, "Bo Lind", speakers=("Bo Lind",)))
    assert are_copies(first, naming(pattern, *shared, "Ada Holm", speakers=("Ada Holm", "Bo Lind")))
    assert are_copies(first, naming(pattern, *shared))


def test_capitalized_words_stand_in_for_names() -> None:
    pattern = prose(200, 1)
    first, second = (f"{pattern} {names}" for names in ("Orvale Marine, Lena Hartog", "Selket Tankers, Peter Vogel"))
    assert not are_copies(drawn(first), drawn(second))
    assert are_copies(drawn(first), drawn(first.upper()))
    assert are_copies(drawn(f"{pattern} Feb"), drawn(f"{pattern} February"))


# --- groups in a real store -------------------------------------------------------------------------------------------


def put(store: Store, name: str, text: str) -> str:
    made = document(text, uri=f"test:{name}", title=None, quotes=(), mentions=())
    store.put(made, resource=made.uri, digest=made.digest, sketch=sketch(made))
    return made.id


def groups(store: Store) -> set[frozenset[str]]:
    """Addresses by group; checks that the group is named after its first document."""
    found: dict[str, set[tuple[str, str]]] = {}
    for change in store.changes(0):
        if change.document is not None and change.document.copies:
            found.setdefault(change.document.copies, set()).add((change.document_id, change.document.uri))
    for group, members in found.items():
        assert group == min(members)[0]
        assert len(members) > 1
    return {frozenset(uri.removeprefix("test:") for _, uri in members) for members in found.values()}


def empty(store: Store) -> bool:
    return not store._connection.scalar(
        "SELECT (SELECT count(*) FROM sketches) + (SELECT count(*) FROM sketch_hashes)"
        " + (SELECT count(*) FROM sketch_pairs)"
    )


STORY = prose(300, 1)
CUT = " ".join(STORY.split()[:200])


def test_copies_find_each_other_and_others_stay_alone(store: Store) -> None:
    put(store, "a", STORY)
    assert groups(store) == set()
    put(store, "other", prose(300, 2))
    put(store, "b", CUT)
    assert groups(store) == {frozenset("ab")}
    put(store, "c", STORY)
    assert groups(store) == {frozenset("abc")}


def test_a_new_group_is_a_change(store: Store) -> None:
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


def test_a_group_splits_without_its_connecting_text(store: Store) -> None:
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


def test_sketches_of_deleted_texts_are_deleted(store: Store) -> None:
    made = [put(store, name, text) for name, text in (("a", STORY), ("b", CUT), ("c", STORY), ("d", "Short."))]
    assert not empty(store)
    for document_id in made:
        store.delete(document_id, "2024-01-01")
    assert empty(store)


def test_without_a_sketch_a_document_stays_alone(store: Store) -> None:
    for name in "ab":
        made = document(STORY, uri=f"test:{name}", quotes=(), mentions=())
        store.put(made, resource=made.uri, digest="d")
    assert groups(store) == set()
    for name in "ab":
        made = document(STORY, uri=f"test:{name}", quotes=(), mentions=())
        assert store.replace_annotations(made, sketch(made))
    assert groups(store) == {frozenset("ab")}


def test_equal_texts_share_one_sketch(store: Store) -> None:
    for number in range(300):
        put(store, str(number), STORY)
    (group,) = groups(store)
    assert len(group) == 300
    assert store._connection.scalar("SELECT count(*) FROM sketches") == 1


@pytest.mark.slow
def test_very_many_near_duplicates_are_one_group(store: Store) -> None:
    for number in range(near_duplicates._COMMON + 40):
        put(store, str(number), f"{STORY} {prose(20, 100 + number)}")
    (group,) = groups(store)
    assert len(group) == near_duplicates._COMMON + 40


@pytest.mark.slow
def test_very_common_hashes_are_stored_for_some_texts_only(store: Store) -> None:
    for number in range(near_duplicates._COMMON + 20):
        put(store, str(number), f"{STORY} {prose(600, 100 + number)}")
    longest = store._connection.scalar("SELECT count(*) FROM sketch_hashes GROUP BY hash ORDER BY 1 DESC LIMIT 1")
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
        store = open_store(Path(folder) / "store.sqlite", writable=True)
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
