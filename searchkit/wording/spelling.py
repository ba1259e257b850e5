"""Compare the spellings of single words and of the words of names."""

from difflib import SequenceMatcher
from math import ceil

from searchkit.index.values import within_edits
from searchkit.statements.text import name_key

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


def is_corrected(first: str, second: str) -> bool:
    """Return whether two words differ in at most one letter, not the first, and are no figures."""
    letters = first.isalpha() and second.isalpha() and min(len(first), len(second)) >= _MIN_CORRECTED
    return letters and first[0] == second[0] and within_edits(first, second, 1)


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
