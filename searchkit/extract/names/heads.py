"""Head words: the words that tell the kind of a name, and the regular expressions made of them.

takes:    the shipped heads.txt
gives:    the kind of a head word; whether lower-case words after a place make an official body of it
does not: look at a document
traps:    heads of one list may be two words ("Air Force"); matching is by the last one or two words of a name
"""

import re
from functools import lru_cache

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.word_lists import parts


class Heads(Struct, frozen=True, kw_only=True):
    """Kinds by head word; `body` matches " regional government" after a place or demonym, its head as group 1.

    `local` matches " city council" after any town; `leading` are the words that begin a name of their kind ("Liwa
    al-Karama"); `units` are heads of armed units after an ordinal or one of `unit_words`.
    """

    kinds: dict[str, MentionKind]
    legal: frozenset[str]
    body: re.Pattern[str]
    local: re.Pattern[str]
    generic: frozenset[str]
    leading: dict[str, MentionKind]
    units: frozenset[str]
    unit_words: frozenset[str]


_KINDS: tuple[MentionKind, ...] = ("agency", "company", "organisation", "place", "law", "list", "other")
_LEADING: tuple[MentionKind, ...] = ("organisation", "place", "other")


def _alternatives(words: tuple[str, ...]) -> str:
    # Longer first, so that "foreign affairs" is not read as "foreign".
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=1)
def heads() -> Heads:
    """The shipped head words, read once."""
    read = parts("heads.txt")
    kinds: dict[str, MentionKind] = {}
    for kind in _KINDS:
        for word in read[kind]:
            kinds.setdefault(word, kind)
    topics = _alternatives(read["topics"])
    lower = _alternatives(read["lower agency"])
    # Three words in between at most: "Xinjiang regional people's government".
    body = re.compile(rf"(?:'s)? (?:(?:{topics})(?: and (?:{topics}))? ){{0,3}}({lower})(?![\w-])")
    return Heads(
        kinds=kinds,
        legal=frozenset(word.rstrip(".") for word in read["legal"]),
        body=body,
        local=re.compile(rf" (?:{_alternatives(read['local'])})(?![\w-])"),
        generic=frozenset(read["generic"]),
        leading={word: kind for kind in _LEADING for word in read[f"leading {kind}"]},
        units=frozenset(read["unit"]),
        unit_words=frozenset(read["unit word"]),
    )
