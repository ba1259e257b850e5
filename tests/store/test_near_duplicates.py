"""Which texts are copies, on texts made of a seeded random vocabulary."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.document import Quote, Speaker
from searchkit.store.near_duplicates import KEPT, LOOKED_UP, WIDTH, Sketch, are_copies, sketch
from searchkit.text import Span
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


def test_sketches_are_the_same_in_every_run() -> None:
    made = drawn(" ".join(f"word{number}" for number in range(60)))
    assert (made.runs.size, made.runs.hashes[:WIDTH].hex()) == (57, "03c122ee436a")


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
