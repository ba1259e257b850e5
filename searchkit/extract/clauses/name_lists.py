"""What names look like in a clausal language: the shipped names.txt of its pack, and the patterns made of it.

takes:    the code of a language
gives:    NameLists, read once
does not: look at a document
traps:    German heads are endings of compounds with their genitives, French ones are words of their own
"""

import re
from functools import lru_cache

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.word_lists import parts, spellings

# Endings of French adjectives that follow their noun; a verb has none of them.
_ADJECTIVE = (
    r"[a-zà-ÿ]{2,20}(?:ale?s?|aux|ien(?:ne)?s?|aine?s?|iques?|ifs?|ives?|oise?s?|aise?s?|eure?s?|aires?|elle?s?|els?)"
)


def _small_body(heads: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(head) for head in sorted(heads, key=len, reverse=True))
    link = r"(?: de la | de l'| du | des | de | d')"
    return re.compile(
        rf"(?<![\w-])(?P<head>(?i:{words}))(?![\w-])(?: {_ADJECTIVE}(?![\w-])){{0,2}}"
        rf"(?:{link}[^\W\d_][\w-]{{1,30}}(?: [A-ZÀ-Ý][\w-]{{1,30}}){{0,3}}(?: {_ADJECTIVE}(?![\w-]))?){{0,3}}"
    )


class NameLists(Struct, frozen=True, kw_only=True):
    """Foreign forms of known names by first word, heads of bodies with their kinds, and words by what they tell.

    `endings` are the heads, longest first; `stems` their forms without the genitive; `calling` words stand before the
    name of what they call; `small_body` finds bodies whose head is written small.
    """

    exonyms: dict[str, tuple[tuple[str, MentionKind, str], ...]]
    heads: dict[str, MentionKind]
    endings: tuple[str, ...]
    stems: dict[str, str]
    generic: frozenset[str]
    proper: frozenset[str]
    legal: frozenset[str]
    calling: frozenset[str]
    particles: frozenset[str]
    not_names: frozenset[str]
    given: frozenset[str]
    small_body: re.Pattern[str]


@lru_cache(maxsize=4)
def name_lists(code: str) -> NameLists:
    """The lists of the language `code`, which has a names.txt."""
    read = parts(f"{code}/names.txt")
    exonyms: dict[str, list[tuple[str, MentionKind, str]]] = {}
    kinds: tuple[tuple[str, MentionKind], ...] = (("places", "place"), ("bodies", "agency"))
    for part, kind in kinds:
        for value in read[part]:
            form, name = spellings(value)
            exonyms.setdefault(form.split(" ")[0], []).append((form, kind, name))
    heads: dict[str, MentionKind] = {}
    stems: dict[str, str] = {}
    tellers: tuple[tuple[str, MentionKind], ...] = (("heads agency", "agency"), ("heads organisation", "organisation"))
    for part, kind in tellers:
        for value in read[part]:
            forms = value.split() if code == "de" else [value]
            for form in forms:
                heads.setdefault(form, kind)
                stems[form] = forms[0]
    return NameLists(
        exonyms={word: tuple(sorted(forms, key=lambda form: -len(form[0]))) for word, forms in exonyms.items()},
        heads=heads,
        endings=tuple(sorted(heads, key=len, reverse=True)),
        stems=stems,
        generic=frozenset(read["generic"]),
        proper=frozenset(read["names though generic"]),
        legal=frozenset(read["legal"]),
        calling=frozenset(read["calling"]),
        particles=frozenset(read["particles"]),
        not_names=frozenset(read["not names"]),
        given=frozenset(parts("given_names.txt")["given"]),
        small_body=_small_body(tuple(heads)),
    )
