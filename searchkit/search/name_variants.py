"""Other ways of typing a name.

takes:    a name as somebody typed it
gives:    the same name with its hyphens closed up, with umlauts as two letters; and what it would be with umlauts
does not: know which names there are; fold case and accents (index/analysis.py does, for every word)
traps:    "ae" is an umlaut in Schaefer and none in Michael: what `contracted` gives is a guess to be checked
"""

import unicodedata
from itertools import combinations

from searchkit.index.analysis import name_words

# As German, Danish, Norwegian and Swedish names are written where the letters are missing.
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
_DIGRAPHS = ("ae", "oe", "ue", "aa")
# A name with more of them is none.
_MOST_DIGRAPHS = 4


def spelled_out(name: str) -> str:
    """`name` with umlauts and their kin as two letters: Schäfer -> Schaefer."""
    return unicodedata.normalize("NFC", name).translate(_SPELLED_OUT)


def variants(name: str) -> tuple[str, ...]:
    """Other ways to type `name` that surely mean the same: hyphens closed up (Gui-xiang -> Guixiang), umlauts as two
    letters. None that has the same words anyway."""
    closed = name.replace("-", "")
    found = {tuple(name_words(name)): name}
    for other in (closed, spelled_out(name), spelled_out(closed)):
        found.setdefault(tuple(name_words(other)), other)
    return tuple(other for words, other in found.items() if other != name and words)


def contracted(name: str) -> tuple[str, ...]:
    """What `name` may be with umlauts in place of two letters, without their dots: Schaefer -> schafer."""
    low = " ".join(name_words(name))
    places = [place for place in range(len(low) - 1) if low[place : place + 2] in _DIGRAPHS]
    if not places or len(places) > _MOST_DIGRAPHS:
        return ()
    chosen = [some for count in range(1, len(places) + 1) for some in combinations(places, count)]
    return tuple(dict.fromkeys("".join(low[i] for i in range(len(low)) if i - 1 not in some) for some in chosen))


def has_words(whole: str, name: str) -> bool:
    """Whether the words of `name` stand in a row in those of `whole`."""
    wanted, words = name_words(name), name_words(whole)
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def stands_in(name: str, whole: str) -> bool:
    """As `has_words`, umlauts and two letters alike."""
    return has_words(spelled_out(whole), spelled_out(name))


def turned(name: str, whole: str) -> bool:
    """Whether both are made of the same words, in any order, umlauts and two letters alike."""
    return sorted(name_words(spelled_out(name))) == sorted(name_words(spelled_out(whole)))
