"""Look-alikes: given names, and words that are a name of one kind here and something else there.

takes:    the shipped lists of names and titles
gives:    sets of words to ask
does not: decide; the words around a name do
traps:    "Jordan" is in most of them
"""

from functools import lru_cache

from msgspec import Struct

from searchkit.extract.packs import pack_for
from searchkit.extract.word_lists import parts


class LookAlikes(Struct, frozen=True, kw_only=True):
    """Given names; capitalised words before a title; names that are plain words; names that may be a person's;
    capitalised roles that are no given name: "Goalkeeper"."""

    given: frozenset[str]
    modifiers: frozenset[str]
    plain_like: frozenset[str]
    person_like: frozenset[str]
    roles: frozenset[str]


@lru_cache(maxsize=1)
def look_alikes() -> LookAlikes:
    """The shipped sets, read once."""
    alike = parts("look_alikes.txt")
    given = frozenset(parts("given_names.txt")["given"])
    english = pack_for("en")
    roles = english.roles["role"] if english is not None else frozenset[str]()
    return LookAlikes(
        given=given,
        modifiers=frozenset(parts("titles.txt")["modifiers"]),
        plain_like=frozenset(alike["words"]),
        person_like=frozenset(alike["persons"]),
        roles=frozenset(map(str.capitalize, roles)) - given,
    )
