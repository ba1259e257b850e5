"""Titles: what stands right before a person's name and says their office, rank or gender.

takes:    a text and the mention of a person in it
gives:    the title's span, the role it names (none for a mere honorific), and the gender it tells
does not: read what follows a name ("..., spokesperson for ...")
traps:    the span of a mention covers the name alone; "Mr." is no role; a title in lower case ("spokesman") is one
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from searchkit.document import Mention
from searchkit.extract.gazetteer import Gender
from searchkit.extract.word_lists import parts
from searchkit.text import Span

# A title of six words, "Assistant Secretary of State for ...", is about this long.
_REACH = 80
_LONGEST = 6
_WORD = re.compile(r"[^\W_][\w.'’-]{0,40}")
_BETWEEN = frozenset({"of", "for", "the", "and"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title before a name. `role` is its text, or None for an honorific; `gender` is None when it tells none."""

    span: Span
    role: str | None
    gender: Gender | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    genders: dict[str, Gender | None]
    honorifics: frozenset[str]
    modifiers: frozenset[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    read = parts("titles.txt")
    genders: dict[str, Gender | None] = {}
    by_part: dict[str, Gender | None] = {"male": "male", "female": "female", "any": None, "lower": None}
    for part, gender in by_part.items():
        for title in read[part]:
            genders.setdefault(title, gender)
    for title, gender in tuple(genders.items()):
        if gender is not None:
            genders[title.lower()] = gender
    return _Words(
        genders=genders, honorifics=frozenset(read["honorific"]), modifiers=frozenset(read["modifiers"]) | _BETWEEN
    )


def titles_before(text: str, mention: Mention) -> Title | None:
    """The title that ends right before `mention`, or None.

    `Commerce Secretary Gina Raimondo` -> role `Commerce Secretary`; `Mr. Xu` -> no role, male.
    """
    start = max(0, mention.span.start - _REACH)
    words = list(_WORD.finditer(text, start, mention.span.start))[-_LONGEST:]
    if not words or text[words[-1].end() : mention.span.start] not in (" ", "\u00a0"):
        return None
    known = _words()
    # Longest known title first: "Secretary of State" before "State".
    first = next((place for place in range(len(words)) if _between(text, words, place, mention) in known.genders), None)
    if first is None:
        return None
    title = _between(text, words, first, mention)
    gender = known.genders[title]
    if title[0].isupper():
        while first > 0 and words[first - 1].group() in known.modifiers - _BETWEEN and _adjoins(text, words, first):
            first -= 1
        # Titles before titles: "Deputy Prime Minister", "Dr." and the like.
        while first > 0 and words[first - 1].group() in known.genders and _adjoins(text, words, first):
            first -= 1
    elif (
        first > 0
        and words[first - 1].group() in ("former", "acting", "deputy", "vice")
        and _adjoins(text, words, first)
    ):
        first -= 1
    span = Span(words[first].start(), words[-1].end())
    return Title(span=span, role=None if title in known.honorifics else span.of(text), gender=gender)


def _between(text: str, words: list[re.Match[str]], place: int, mention: Mention) -> str:
    return text[words[place].start() : mention.span.start].rstrip()


def _adjoins(text: str, words: list[re.Match[str]], place: int) -> bool:
    return text[words[place - 1].end() : words[place].start()] == " "


def gender_hint(text: str, mention: Mention) -> Gender | None:
    """The gender that the title before `mention` tells: "Mr.", "Ms.", "spokeswoman", "King"."""
    title = titles_before(text, mention)
    return title.gender if title is not None else None
