"""Reporting verbs by any of their forms: what a user who asks for "denied" means.

takes:    a verb as somebody writes it: "denied", "pointed out", "deny"
gives:    the lemmas under which statements carry it
does not: read text
traps:    a form may belong to several verbs, of one language or of two
"""

from functools import lru_cache

from searchkit.extract.packs import languages, pack_for
from searchkit.text import fold


def lemmas(form: str) -> tuple[str, ...]:
    """The lemmas of `form` over all language packs, sorted; a lemma stands for itself; empty when no pack knows it."""
    return _lemmas().get(" ".join(fold(form).split()), ())


@lru_cache(maxsize=1)
def _lemmas() -> dict[str, tuple[str, ...]]:
    known: dict[str, set[str]] = {}
    for code in languages():
        pack = pack_for(code)
        if pack is None:
            continue
        parted = [(form, cue) for form, cues in pack.particled.items() for cue in cues]
        for form, cue in (*pack.cues.items(), *parted):
            for written in (cue.lemma, f"{form} {cue.particle}".strip()):
                known.setdefault(fold(written), set()).add(cue.lemma)
    return {form: (form,) if form in found else tuple(sorted(found)) for form, found in known.items()}
