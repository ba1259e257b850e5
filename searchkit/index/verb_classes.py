"""What reporting verbs do: a small set of acts, each with the verbs of all languages that do it.

takes:    the lemma of a verb, as statements carry it
gives:    its act, or None
does not: know the forms of verbs (extract does)
traps:    the list knows every verb of the language packs; what a later pack adds has no act until it stands here
"""

from functools import lru_cache

from searchkit.text import fold


@lru_cache(maxsize=1 << 12)
def act_of(lemma: str) -> str | None:
    """What the verb does: `deny` for "dispute"; of a phrase that is not in the list, its first word counts."""
    table, folded = _table(), fold(lemma)
    return table.get(folded) or table.get(folded.partition(" ")[0])


def acts() -> tuple[str, ...]:
    """All acts, in the order of the list."""
    return tuple(dict.fromkeys(_table().values()))


def lemmas_by_act() -> dict[str, tuple[str, ...]]:
    """The verbs of each act, folded."""
    found: dict[str, list[str]] = {}
    for lemma, act in _table().items():
        found.setdefault(act, []).append(lemma)
    return {act: tuple(lemmas) for act, lemmas in found.items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    from importlib import resources  # most questions ask for no act, and importing this takes time

    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text(encoding="utf-8")
    table: dict[str, str] = {}
    act = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            act = line[1:-1]
        elif line and not line.startswith("#"):
            table.update((fold(lemma.strip()), act) for lemma in line.split(";") if lemma.strip())
    return table
