"""How many names are found in other spellings and scripts among other names: name_pairs.txt, other_names.txt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import permutations, product
from pathlib import Path

import pytest

from searchkit.statements.document import Article
from searchkit.statements.name_sounds import likeness, listed_keys, spoken_names
from searchkit.statements.name_table import numbers_by_key, numbers_of
from searchkit.statements.register import AppliedRegister, Entry, register
from searchkit.statements.text import name_key, paragraphs
from tests.cases import cases


def _lines(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    heading = ""
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line[1:-1]
        elif not line.startswith("#"):
            found[heading].append(line)
    return found


PEOPLE = [line.split(" | ") for lines in _lines("name_pairs.txt").values() for line in lines]


def _others() -> Iterator[str]:
    parts = {
        heading: [pair.split("=") for pair in " ".join(lines).split()]
        for heading, lines in _lines("other_names.txt").items()
    }
    for language in ("ru", "uk", "zh", "ar", "fa"):
        for given, family in product(parts[f"{language} given"], parts[f"{language} family"]):
            if language == "zh":
                yield from (f"{family[0]} {given[0]}", family[1] + given[1])
            else:
                yield from (f"{given[0]} {family[0]}", f"{given[1]} {family[1]}")


def _found(listed: list[str], texts: Iterable[str]) -> Iterator[set[str]]:
    """Yield the listed names that each text may name."""
    keys = numbers_by_key(listed_keys((name_key(name), place) for place, name in enumerate(listed)))
    for text in texts:
        spoken = spoken_names(f"She met {text} in May.", keys)
        places = {(words, place) for _, words, own in spoken for key in own for place in numbers_of(keys[key])}
        yield {listed[place] for words, place in places if likeness(words, name_key(listed[place]))}


def test_names_are_found_across_spelling_and_script() -> None:
    person = {form: number for number, forms in enumerate(PEOPLE) for form in forms}
    others = [name for name in _others() if name not in person]
    assert len(others) > 19_900
    pairs = right = wrong = 0
    for text, found in zip(person, _found([*person, *others], person), strict=True):
        own = {form for form in PEOPLE[person[text]] if name_key(form) != name_key(text)}
        pairs += len(own)
        right += len(found & own)
        wrong += len(found - {*PEOPLE[person[text]]})
    wrong += sum(map(len, _found([*person], others)))
    assert pairs >= 600  # each pair in both directions
    assert right / pairs >= 0.95
    assert right / (right + wrong) >= 0.97


def _matches(text: str, *names: str) -> list[tuple[str, str, bool, str]]:
    known = register(
        version="v",
        entries=[Entry("l", name, name, "person", ()) for name in names],
        watched=[(name_key(name), 2 * place) for place, name in enumerate(names)],
    )
    applied = AppliedRegister(known, Article(uri="a:1", text=text, paragraphs=paragraphs(text)), ())
    return [(match.surface, match.entry_id, match.weak, match.reason) for match in applied.matches]


@pytest.mark.parametrize(("text", "names", "found"), cases(__file__, "test_a_match_says_why_it_is_weak"))
def test_a_match_says_why_it_is_weak(text: str, names: tuple[str, ...], found: tuple[tuple[str, ...], ...]) -> None:
    assert [(surface, name, reason) for surface, name, weak, reason in _matches(text, *names) if weak] == list(found)


def test_the_same_name_is_strong_only() -> None:
    assert _matches("She met Nadia Korbel.", "Nadia Korbel", "Nadya Korbel") == [
        ("Nadia Korbel", "Nadia Korbel", False, ""),
        ("Nadia Korbel", "Nadya Korbel", True, "sounds like"),
    ]


def test_all_forms_of_a_person_are_weak_matches_of_each_other() -> None:
    for forms in (["Bohdan Zarensky", "Заренський Богдан"], ["Li Luomei", "李洛美", "Ли Ломэй"]):
        for text, name in permutations(forms, 2):
            assert _matches(f"She met {text} in May.", name) == [(text, name, True, "other script")]
