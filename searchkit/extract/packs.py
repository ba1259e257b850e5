"""Language packs: the word lists that the rules for statements read, by language.

takes:    a language tag ("en", "en-GB") or None
gives:    a Pack of frozen sets and dicts, read once; None for a language that has no pack
does not: hold rules
traps:    an unknown language is not English; a missing one (None) is taken for English
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from searchkit.extract.word_lists import lines
from searchkit.text import fold

CueClass = Literal["strong", "clause", "weak", "quoted", "about", "wish"]

_PACKS = frozenset({"en", "de", "fr"})
_GIVEN = ("given-female", "given-male")
# Of these the reports are read by the commas that part their clauses.
_CLAUSAL = frozenset({"de", "fr"})


class Cue(Struct, frozen=True, kw_only=True):
    """A verb of speech: its lemma, what it needs to make a statement (see data/en/cues.txt), and its particle."""

    lemma: str
    needs: CueClass
    particle: str = ""


class Pack(Struct, frozen=True, kw_only=True, eq=False):  # one for each language, told apart as such
    """The word lists of one language: cues by form, role words by class, closed word classes by name,
    and for each word that points back to a body the kind of that body.

    Forms and words are folded; `spelled`, `participles` and `finite_forms` are not: folded, "würde" would be "wurde".
    `particled` are the cues that count only with their particle; `participles` need an auxiliary, but for those that
    are `finite_forms` as well. `clausal` says that the reports of this language are read by its commas
    (clauses/events.py). A class without words is empty.
    """

    code: str
    cues: dict[str, Cue]
    roles: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    bodies: dict[str, str]
    particled: dict[str, tuple[Cue, ...]]
    participles: frozenset[str]
    finite_forms: frozenset[str]
    spelled: dict[str, frozenset[str]]
    clausal: bool


def languages() -> tuple[str, ...]:
    """The codes of all languages that have a pack, sorted."""
    return tuple(sorted(_PACKS))


@lru_cache(maxsize=64)
def pack_for(language: str | None) -> Pack | None:
    """The pack of `language` (a tag; its first part counts), the English one for None, or None where there is none."""
    return _load(_code(language)) if has_pack(language) else None


def has_pack(language: str | None) -> bool:
    """Whether there is a pack for `language`; None is taken for English."""
    return _code(language) in _PACKS


def _code(language: str | None) -> str:
    return (language or "en").replace("_", "-").split("-")[0].lower()


class _Classes(dict[str, frozenset[str]]):
    """Words by class; a class that is not in the file is empty."""

    def __missing__(self, name: str) -> frozenset[str]:
        return frozenset()


def _lines(code: str, name: str) -> Iterator[tuple[str, list[str]]]:
    for line in lines(f"{code}/{name}"):
        head, _, rest = line.partition(":")
        yield head.strip(), rest.split()


def _grouped(code: str, name: str, *, folded: bool = True) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for head, words in _lines(code, name):
        gathered.setdefault(head, set()).update(fold(word) if folded else word for word in words)
    return _Classes({head: frozenset(words) for head, words in gathered.items()})


@lru_cache(maxsize=8)
def _load(code: str) -> Pack:
    cues: dict[str, Cue] = {}
    particled: dict[str, tuple[Cue, ...]] = {}
    participles: set[str] = set()
    finite_forms: set[str] = set()
    clausal = code in _CLAUSAL
    for head, forms in _lines(code, "cues.txt"):
        needs, _, lemma = head.partition(" ")
        verb, _, particle = lemma.partition("-")
        particle = particle.replace("-", " ")
        whole = verb if clausal else f"{verb} {particle}".strip()
        cue = Cue(lemma=whole, needs=needs, particle=fold(particle))  # type: ignore[arg-type]  # the file's first column is the class
        finite = True
        for spelled in forms:
            if spelled == "|":
                finite = False
                continue
            form = fold(spelled)
            (finite_forms if finite else participles).add(spelled)
            if clausal and particle:
                particled[form] = (*particled.get(form, ()), cue)
            else:
                cues.setdefault(form, cue)
    roles = _grouped(code, "roles.txt")
    bodies = {word: kind for kind in ("company", "agency", "organisation") for word in roles[kind]}
    words = _grouped(code, "words.txt")
    if clausal:
        # Given names tell the same gender in every language here.
        shared = _grouped("en", "words.txt")
        for name in _GIVEN:
            words[name] |= shared[name]
    return Pack(
        code=code,
        cues=cues,
        roles=roles,
        words=words,
        bodies=bodies,
        particled=particled,
        participles=frozenset(participles),
        finite_forms=frozenset(finite_forms),
        spelled=_grouped(code, "spelled.txt", folded=False) if clausal else _Classes(),
        clausal=clausal,
    )
