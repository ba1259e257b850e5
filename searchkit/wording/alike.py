"""Compare spellings of words and names, and decide whether a statement is one that was found before.

A statement may have other boundaries or a corrected word. A changed figure, name or "not" makes another statement,
reported as reworded. The cost is linear in the words compared.
"""

from collections import Counter
from difflib import SequenceMatcher
from math import ceil

from searchkit.index.values import within_edits
from searchkit.statements.text import name_key

# About 150 words are enough to distinguish the statements of an article.
_MAX_COMPARED = 1_000
# A rule that ends a statement earlier or later leaves at least half of it.
_MIN_PART = 0.5
_MAX_CORRECTED = 3
# The share of the words of the longer statement that a reworded one keeps.
_MIN_COMMON = 0.7
# A typo leaves the first letter; shorter words are other words.
_MIN_TYPO, _MIN_SUBSTITUTION = 4, 5
# A corrected word has so many letters. "north" never becomes "south".
_MIN_CORRECTED = 5
# One letter may differ in a surname of this length: Selenskyj, Selenskij.
_MIN_SURNAME = 6
# The share of the letters of two words that begin alike: "trigger" and "triggers", "protest" and "protesting".
_ALIKE, _MIN_ALIKE = 0.6, 5
# From this likeness, two words are spellings of one name.
_NAME_LIKENESS = 0.75


def compared(words: str) -> str:
    """Return the words of a statement in the form that is stored and compared."""
    return name_key(words)[:_MAX_COMPARED]


def are_same(first: str, second: str) -> bool:
    """Return whether two statements, as from `compared`, are the same: one is most of the other, or only the spelling
    of some words differs."""
    if not first or not second:
        return False
    shorter, longer = sorted((first, second), key=len)
    is_part = len(shorter) >= _MIN_PART * len(longer) and f" {shorter} " in f" {longer} "
    return is_part or is_corrected(first, second)


def is_corrected(first: str, second: str) -> bool:
    """Return whether two statements, as from `compared`, differ at most in the spelling of some words."""
    left, right = first.split(), second.split()
    if not left or len(left) != len(right):
        return False
    differing = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return len(differing) <= _MAX_CORRECTED and all(_is_corrected_word(*pair) for pair in differing)


def are_alike(first: str, second: str) -> bool:
    """Return whether one statement, as from `compared`, may be the other reworded."""
    counts, others = Counter(first.split()), Counter(second.split())
    return (counts & others).total() >= _MIN_COMMON * max(counts.total(), others.total(), 1)


def overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Return whether two places of a text share at least half of the shorter of them."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return shared > 0 and shared >= _MIN_PART * min(first[1] - first[0], second[1] - second[0])


def _is_corrected_word(first: str, second: str) -> bool:
    """Return whether two words differ in at most one letter, not the first, and are no figures."""
    letters = first.isalpha() and second.isalpha() and min(len(first), len(second)) >= _MIN_CORRECTED
    return letters and first[0] == second[0] and within_edits(first, second, 1)


# --- words and names --------------------------------------------------------------------------------------------------


def is_typo(old: str, new: str) -> bool:
    """Return whether two words are spellings or forms of one: a letter more, less or other, two letters exchanged."""
    short, long = sorted((old, new), key=len)
    if short[:1] != long[:1] or not short.isalpha() or not long.isalpha():
        return False
    if long == f"{short}s" and len(short) >= _MIN_TYPO - 1:
        return True
    if within_edits(short, long, 1):
        return len(short) >= (_MIN_TYPO if len(short) < len(long) else _MIN_SUBSTITUTION)
    at = next((at for at, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    return len(short) >= _MIN_TYPO and f"{short[:at]}{short[at : at + 2][::-1]}{short[at + 2 :]}" == long


def is_surname(first: str, second: str) -> bool:
    """Return whether two words are one surname."""
    return first == second or (min(len(first), len(second)) >= _MIN_SURNAME and within_edits(first, second, 1))


def begin_alike(first: str, second: str) -> bool:
    """Return whether two words may be forms of one."""
    shorter, longer = sorted((len(first), len(second)))
    least = ceil(_ALIKE * longer)
    return shorter >= _MIN_ALIKE and first[:least] == second[:least]


def is_one_name(old: str, new: str) -> bool:
    """Return whether one name is a part of the other, but for accents and typos: "Stefan" and "Stephan Holm"."""
    short, long = sorted((name_key(old).split(), name_key(new).split()), key=len)
    return bool(short) and all(any(_is_name(part, word) for word in long) for part in short)


def _is_name(part: str, word: str) -> bool:
    return part == word or (part[0] == word[0] and SequenceMatcher(None, part, word).ratio() >= _NAME_LIKENESS)
