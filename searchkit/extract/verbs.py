"""Find the lemmas of a reporting verb in any of its forms ("denied", "pointed out") in every language.

A form may belong to several verbs, of one language or of two.
"""

from functools import lru_cache

from searchkit.extract.packs import languages, pack_for
from searchkit.text import fold


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
