"""The shipped words that names are made of or mistaken for, with the regular expressions made of them."""

import re
from functools import lru_cache
from typing import Literal

from searchkit.document import MentionKind
from searchkit.extract.packs import pack_for
from searchkit.extract.word_lists import parts, word_sets

# What ties a unit of a run to the unit before: "" stands for a comma, "de" for any particle of surnames.
Joint = Literal["", " ", "of", "and", "&", "de"]

_KINDS: tuple[MentionKind, ...] = ("agency", "company", "organisation", "place", "law", "list", "other")
_LEADING: tuple[MentionKind, ...] = ("organisation", "place", "other")


def _alternatives(words: tuple[str, ...]) -> str:
    # Longer first, so that "foreign affairs" is not read as "foreign".
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class HeadWords:
    """Kinds by head word, as in data/heads.txt; legal forms have no full stop.

    `body` matches " regional government" after a place or demonym, with its head as group 1; `local` matches
    " city council" after any town.
    """

    def __init__(self) -> None:
        read, self.words = parts("heads.txt"), word_sets("heads.txt")
        self.kinds: dict[str, MentionKind] = {}
        for kind in _KINDS:
            for word in read[kind]:
                self.kinds.setdefault(word, kind)
        self.leading = {word: kind for kind in _LEADING for word in read[f"leading {kind}"]}
        self.legal = frozenset(word.rstrip(".") for word in read["legal"])
        topics = _alternatives(read["topics"])
        # Three words in between at most: "Xinjiang regional people's government".
        between = rf"(?:'s)? (?:(?:{topics})(?: and (?:{topics}))? ){{0,3}}"
        self.body = re.compile(rf"{between}({_alternatives(read['lower agency'])})(?![\w-])")
        self.local = re.compile(rf" (?:{_alternatives(read['local'])})(?![\w-])")


head_words = lru_cache(maxsize=1)(HeadWords)


@lru_cache(maxsize=1)
def plain_words() -> dict[str, frozenset[str]]:
    """Return the words that are not names, as in data/plain_words.txt, and given names.

    The `enders` among them end a run; a name of `ordinary` words, which include the common ones, needs evidence.
    """
    words = word_sets("plain_words.txt")
    derived = {"enders": words["function"] | words["time"], "ordinary": words["common"] | words["ordinary"]}
    return words | word_sets("given_names.txt") | derived


@lru_cache(maxsize=1)
def joints() -> dict[str, Joint]:
    """Return what may stand between two units of a run, with what it means."""
    read = parts("plain_words.txt")
    found: dict[str, Joint] = {" ": " ", " and ": "and", " & ": "&", ", ": ""}
    found |= dict.fromkeys((f" {words} " for words in read["joints of"]), "of")
    return found | dict.fromkeys((f" {particle} " for particle in read["particles"]), "de")


@lru_cache(maxsize=1)
def capitalized_roles() -> frozenset[str]:
    """Return the roles with a capital that are no given name: "Goalkeeper"."""
    english = pack_for("en")
    roles = english.roles["role"] if english is not None else ()
    return frozenset(map(str.capitalize, roles)) - word_sets("given_names.txt")["given"]
