"""How close together the words of a question stand in a passage.

takes:    the words of a passage; those asked for, with what each is worth
gives:    the greatest worth of different words within scoring.CLOSE words of each other
does not: decide for which rows that is asked (ranking.py does, for the best ones)
traps:    words count as written, not by their stems
"""

from collections.abc import Mapping, Sequence

from searchkit.index.scoring import CLOSE


def closeness(passage: Sequence[str], worths: Mapping[str, float]) -> float:
    """The worth of the words that stand close together; a word counts once."""
    if worths.keys().isdisjoint(passage):
        return 0.0
    places = [(position, word) for position, word in enumerate(passage) if word in worths]
    best = 0.0
    after = 0
    for number, (start, _) in enumerate(places):
        while after < len(places) and places[after][0] < start + CLOSE:
            after += 1
        near = {word for _, word in places[number:after]}
        best = max(best, sum(worths[word] for word in near))
    return best
