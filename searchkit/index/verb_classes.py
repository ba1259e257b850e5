"""Map reporting verbs of all languages to a few acts, such as `deny`. Verbs missing in data/acts.txt have none."""

from functools import lru_cache

from searchkit.text import fold


@lru_cache(maxsize=1 << 12)
def act_of(lemma: str) -> str | None:
    """Return the act of a verb, such as `deny` for "dispute"; an unlisted phrase has the act of its first word."""
    table, folded = _table(), fold(lemma)
    return table.get(folded) or table.get(folded.partition(" ")[0])


def acts() -> tuple[str, ...]:
    """Return all acts, in the order of the list."""
    return tuple(dict.fromkeys(_table().values()))


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    from importlib import resources  # importing this takes time, and most queries need no act

    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text(encoding="utf-8")
    table: dict[str, str] = {}
    act = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            act = line[1:-1]
        elif line and not line.startswith("#"):
            table.update((fold(lemma.strip()), act) for lemma in line.split(";") if lemma.strip())
    return table
