"""Language packs: the word lists that the rules for statements read, by language.

takes:    a language tag ("en", "en-GB") or None
gives:    a Pack of frozen sets and dicts, read once; None for a language that has no pack
does not: hold rules
traps:    an unknown language is not English; a missing one (None) is taken for English
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

CueClass = Literal["strong", "clause", "weak", "quoted", "about", "wish"]

_PACKS = frozenset({"en"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A verb of speech: its lemma, what it needs to make a statement (see data/en/cues.txt), and its particle."""

    lemma: str
    needs: CueClass
    particle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The word lists of one language: cues by form, role words by class, closed word classes by name,
    and for each word that points back to a body the kind of that body."""

    cues: dict[str, Cue]
    roles: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    bodies: dict[str, str]


def languages() -> tuple[str, ...]:
    """The codes of all languages that have a pack, sorted."""
    return tuple(sorted(_PACKS))


def pack_for(language: str | None) -> Pack | None:
    """The pack of `language` (a tag; its first part counts), the English one for None, or None where there is none."""
    code = (language or "en").replace("_", "-").split("-")[0].lower()
    return _load(code) if code in _PACKS else None


def _lines(code: str, name: str) -> Iterator[tuple[str, list[str]]]:
    text = resources.files("searchkit.extract").joinpath("data", code, name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            head, _, rest = line.partition(":")
            yield head.strip(), rest.split()


def _grouped(code: str, name: str) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for head, words in _lines(code, name):
        gathered.setdefault(head, set()).update(words)
    return {head: frozenset(words) for head, words in gathered.items()}


@lru_cache(maxsize=8)
def _load(code: str) -> Pack:
    cues: dict[str, Cue] = {}
    for head, forms in _lines(code, "cues.txt"):
        needs, _, lemma = head.partition(" ")
        verb, _, particle = lemma.partition("-")
        cue = Cue(lemma=f"{verb} {particle}".strip(), needs=needs, particle=particle)  # type: ignore[arg-type]  # the file's first column is the class
        for form in forms:
            cues.setdefault(form, cue)
    roles = _grouped(code, "roles.txt")
    bodies = {word: kind for kind in ("company", "agency", "organisation") for word in roles[kind]}
    return Pack(cues=cues, roles=roles, words=_grouped(code, "words.txt"), bodies=bodies)
