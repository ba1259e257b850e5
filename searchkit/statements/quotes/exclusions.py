"""Leave out the party that did not speak: "It was not Odd Trask who said", "nicht Trask, sondern Varga sagte"."""

from searchkit.statements.packs import Pack
from searchkit.statements.text import fold_words


def is_excluded(before: str, pack: Pack) -> bool:
    """Return whether the text right before a name says that it did not speak: "it was not ", "rather than "."""
    words = fold_words(before.replace("-", "_").split()[-4:])
    while words and words[-1] in pack.words["article | determiner"]:
        words.pop()
    contracted = bool(words) and words[-1].endswith("n't")
    return contracted or not pack.words["excluding"].isdisjoint(["-".join(words[at:]) for at in range(len(words))])
