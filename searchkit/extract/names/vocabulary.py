"""The shipped words that names are made of or mistaken for, as sets and regular expressions."""

import re
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.packs import pack_for
from searchkit.extract.word_lists import parts

# What ties a unit of a run to the unit before: "" stands for a comma, "de" for any particle of surnames.
Joint = Literal["", " ", "of", "and", "&", "de"]


class HeadWords(Struct, frozen=True, kw_only=True):
    """Kinds by head word, as in data/heads.txt; legal forms have no full stop.

    `body` matches " regional government" after a place or demonym, with its head as group 1; `local` matches
    " city council" after any town. `company_of` and `place_of` are the heads of these kinds that "of" may follow.
    """

    kinds: dict[str, MentionKind]
    legal: frozenset[str]
    body: re.Pattern[str]
    local: re.Pattern[str]
    generic: frozenset[str]
    leading: dict[str, MentionKind]
    units: frozenset[str]
    unit_words: frozenset[str]
    owners: frozenset[str]
    company_of: frozenset[str]
    place_of: frozenset[str]


_KINDS: tuple[MentionKind, ...] = ("agency", "company", "organisation", "place", "law", "list", "other")
_LEADING: tuple[MentionKind, ...] = ("organisation", "place", "other")


def _alternatives(words: tuple[str, ...]) -> str:
    # Longer first, so that "foreign affairs" is not read as "foreign".
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=1)
def head_words() -> HeadWords:
    read = parts("heads.txt")
    kinds: dict[str, MentionKind] = {}
    for kind in _KINDS:
        for word in read[kind]:
            kinds.setdefault(word, kind)
    topics = _alternatives(read["topics"])
    lower = _alternatives(read["lower agency"])
    # Three words in between at most: "Xinjiang regional people's government".
    body = re.compile(rf"(?:'s)? (?:(?:{topics})(?: and (?:{topics}))? ){{0,3}}({lower})(?![\w-])")
    return HeadWords(
        kinds=kinds,
        legal=frozenset(word.rstrip(".") for word in read["legal"]),
        body=body,
        local=re.compile(rf" (?:{_alternatives(read['local'])})(?![\w-])"),
        generic=frozenset(read["generic"]),
        leading={word: kind for kind in _LEADING for word in read[f"leading {kind}"]},
        units=frozenset(read["unit"]),
        unit_words=frozenset(read["unit word"]),
        owners=frozenset(read["owner"]),
        company_of=frozenset(read["company of"]),
        place_of=frozenset(read["place of"]),
    )


class PlainWords(Struct, frozen=True, kw_only=True):
    """Words that are not names, as in data/plain_words.txt.

    `enders` end a run. Of these, `name_like` are parts of a name beside a capital in mid-sentence ("Theresa May"),
    `subjects` ("he") where no sentence starts, and `first_name_like` before a surname ("the mayor, June Korbel").
    `joints` may stand between two units of a run. A name of `ordinary` words needs evidence.
    """

    enders: frozenset[str]
    name_like: frozenset[str]
    subjects: frozenset[str]
    first_name_like: frozenset[str]
    before_times: frozenset[str]
    joints: dict[str, Joint]
    after_hyphen: frozenset[str]
    owners: frozenset[str]
    before_korean: frozenset[str]
    common: frozenset[str]
    ordinary: frozenset[str]


@lru_cache(maxsize=1)
def plain_words() -> PlainWords:
    read = parts("plain_words.txt")
    joints: dict[str, Joint] = {" ": " ", " and ": "and", " & ": "&", ", ": ""}
    joints |= dict.fromkeys((f" {words} " for words in read["joints of"]), "of")
    joints |= dict.fromkeys((f" {particle} " for particle in read["particles"]), "de")
    return PlainWords(
        enders=frozenset(read["function"]) | frozenset(read["time"]),
        name_like=frozenset(read["name-like"]),
        subjects=frozenset(read["subject"]),
        first_name_like=frozenset(read["first-name-like"]),
        before_times=frozenset(read["before times"]),
        joints=joints,
        after_hyphen=frozenset(read["after hyphen"]),
        owners=frozenset(read["possessive"]),
        before_korean=frozenset(parts("given_names.txt")["Korean surnames"]),
        common=frozenset(read["common"]),
        ordinary=frozenset(read["common"]) | frozenset(read["ordinary"]),
    )


class LookAlikes(Struct, frozen=True, kw_only=True):
    """Words that are a name of one kind here and something else there; "Jordan" is in several sets.

    `given` are given names, `modifiers` capitalised words before a title, `plain_like` names that are plain words,
    `person_like` names that may be a person's, `roles` capitalised roles that are no given name: "Goalkeeper".
    """

    given: frozenset[str]
    modifiers: frozenset[str]
    plain_like: frozenset[str]
    person_like: frozenset[str]
    roles: frozenset[str]


@lru_cache(maxsize=1)
def look_alikes() -> LookAlikes:
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
