"""Read the words and expressions with which reporters write that somebody rejects a claim, or asked for a comment."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from msgspec import Struct

from searchkit.statements import Pack, pack_for

_PART = re.compile(r"\{([a-z]{1,20}(?:-[a-z]{1,20}){0,3})\}")


class Expressions(Struct, frozen=True, eq=False):
    """The word lists, single expressions and tables of expressions of one language; what a language lacks is empty."""

    words: dict[str, frozenset[str]]
    single: dict[str, re.Pattern[str]]
    tables: dict[str, tuple[tuple[str, re.Pattern[str]], ...]]


@lru_cache(maxsize=8)
def expressions(pack: Pack, name: str = "rejections.txt") -> Expressions:
    """Return the expressions of a language in a file of data/, with the words of its pack."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for heading, key, value in _rows(name):
        language, _, section = heading.partition(" ")
        if language == pack.code:
            sections.setdefault(section, []).append((key, value))
    parts = dict(sections.pop("parts", ()))

    def made(written: str) -> re.Pattern[str]:
        while _PART.search(written):
            written = _PART.sub(lambda found: parts.get(found[1]) or _any_of(pack.words[found[1]]), written)
        return re.compile(written)

    words = {key: frozenset(value.split()) for key, value in sections.pop("words", ())}
    single = {key: made(value) for key, value in sections.pop("single", ())}
    tables = {section: tuple((key, made(value)) for key, value in rows) for section, rows in sections.items()}
    return Expressions(words, single, tables)


@lru_cache(maxsize=2)
def english(name: str = "rejections.txt") -> Expressions:
    """Return the expressions of English, of which some have the words of the other languages too."""
    pack = pack_for("en")
    return Expressions({}, {}, {}) if pack is None else expressions(pack, name)


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the heading, name and value of each entry."""
    text = resources.files("searchkit.histories").joinpath("data", name).read_text(encoding="utf-8")
    heading = ""
    for line in text.replace("\n  ", "").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif not line.startswith("#"):
            key, _, value = line.partition(": ")
            yield heading, key, value


def _any_of(words: frozenset[str]) -> str:
    """Return an expression for any of these words, whose blanks are written as "-"."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word.replace("-", " ")) for word in ordered) or "(?!)"
