"""Leave out the party that did not speak: "It was not Odd Trask who said", "nicht Trask, sondern Varga sagte"."""

from searchkit.statements.packs import Pack
from searchkit.statements.text import fold


def is_excluded(before: str, pack: Pack) -> bool:
    """Return whether the text right before a name says that it did not speak: "it was not ", "rather than "."""
    words = [fold(word) for word in before.split()[-4:]]
    while words and words[-1] in pack.words["article"] | pack.words["determiner"]:
        words.pop()
    contracted = bool(words) and words[-1].endswith("n't")
    phrases = (phrase.split("-") for phrase in pack.words["excluding"])
    return contracted or any(words[-len(phrase) :] == phrase for phrase in phrases)
