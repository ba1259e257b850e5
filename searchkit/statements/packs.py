"""Language packs: the word lists of the rules for statements, by language, and the lemmas of reporting verbs.

An unknown language has no pack; a missing one (None) counts as English.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from searchkit.statements.text import fold
from searchkit.statements.word_lists import lines

CueClass = Literal["strong", "clause", "weak", "quoted", "about", "wish"]

_PACKS = frozenset({"en", "de", "fr"})


class Cue(Struct, frozen=True, kw_only=True):
    """A verb of speech: its lemma, the class of what it needs to make a statement (data/en/cues.txt), its particle."""

    lemma: str
    needs: CueClass
    particle: str = ""


class Pack(Struct, frozen=True, kw_only=True, eq=False):  # compared and hashed by identity
    """The word lists of one language: cues by form, role words and other words by class.

    `bodies` maps words that point back to a body ("ministry") to the kind of that body. Forms and words are folded,
    except in `spelled`, `participles` and `finite_forms`: folded, "würde" would be "wurde". `particled` are the cues
    that count only with their particle; `participles` outside `finite_forms` need an auxiliary. Reports in a
    `clausal` language are read by their commas (clauses/reports.py). `role_endings` end compounds such as
    Kultusminister. A class without words is empty.
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
    role_endings: tuple[str, ...]

    def is_role(self, word: str) -> bool:
        """Return whether folded `word` names an office or trade; a compound counts by its last part."""
        roles = self.roles["role"]
        return word in roles or ("-" in word and word.rpartition("-")[2] in roles) or word.endswith(self.role_endings)


def languages() -> tuple[str, ...]:
    """Return the codes of all languages with a pack, sorted."""
    return tuple(sorted(_PACKS))


@lru_cache(maxsize=64)
def pack_for(language: str | None) -> Pack | None:
    """Return the pack of a language tag ("en-GB"; its first part counts), or None without one."""
    return _load(_code(language)) if has_pack(language) else None


def has_pack(language: str | None) -> bool:
    return _code(language) in _PACKS


def _code(language: str | None) -> str:
    return (language or "en").replace("_", "-").split("-")[0].lower()


class _Classes(dict[str, frozenset[str]]):
    """Words by class, or by several: "modal | present". A class that the file does not have is empty."""

    def __missing__(self, name: str) -> frozenset[str]:
        words = frozenset[str]().union(*(self[one] for one in name.split(" | ") if one != name))
        return self.setdefault(name, words) if words else words


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
    clausal = code in {"de", "fr"}
    for head, forms in _lines(code, "cues.txt"):
        needs, _, lemma = head.partition(" ")
        verb, _, particle = lemma.partition("-")
        particle = particle.replace("-", " ")
        full_lemma = verb if clausal else f"{verb} {particle}".strip()
        cue = Cue(lemma=full_lemma, needs=needs, particle=fold(particle))  # type: ignore[arg-type]  # the file's first column is the class
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
        # Given names have the same gender in every language here.
        shared = _grouped("en", "words.txt")
        for name in ("given-female", "given-male"):
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
        role_endings=tuple(roles["ending"]),
    )


def lemmas(form: str) -> tuple[str, ...]:
    """Return the lemmas of `form` in all language packs, sorted; a lemma stands for itself; empty if unknown."""
    return _lemmas().get(" ".join(fold(form).split()), ())


@lru_cache(maxsize=1)
def _lemmas() -> dict[str, tuple[str, ...]]:
    known: dict[str, set[str]] = {}
    for code in languages():
        pack = pack_for(code)
        if pack is None:
            continue
        particled = [(form, cue) for form, cues in pack.particled.items() for cue in cues]
        for form, cue in (*pack.cues.items(), *particled):
            for written in (cue.lemma, f"{form} {cue.particle}".strip()):
                known.setdefault(fold(written), set()).add(cue.lemma)
    return {form: (form,) if form in found else tuple(sorted(found)) for form, found in known.items()}
