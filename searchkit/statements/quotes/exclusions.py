"""Leave out the party that did not speak: "It was Tom Varga, not Odd Trask, who said", "nicht Trask, sondern Varga".

The tokens of that party are removed from their sentence where its verb of speech stands next to them, so that no rule
can take it for the speaker; what is said keeps its text.
"""

from functools import lru_cache

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import QUOTED, Sentence
from searchkit.statements.text import fold

# The longest phrase of a party before its name, and how far behind it the verb may stand, in tokens.
_PHRASE = 6
_VERB_REACH = 4


class Exclusions:
    def __init__(self, pack: Pack) -> None:
        words = self._words = pack.words
        self._phrases = [phrase.split("-") for phrase in sorted(words["excluding"])]
        self._starts = frozenset(phrase[0] for phrase in self._phrases)
        self._parties = pack.roles["role"] | pack.roles["plural"] | pack.bodies.keys() | words["pronoun"]
        self._cues = pack.cues.keys() | pack.particled.keys()
        self._verbs = self._cues | words["finite"] | words["auxiliary"]
        self._stops = self._verbs | words["that"] | words["subordinator"] | words["relative"] | {QUOTED}
        self._relatives = words["relative"] | words["that"]

    def drop(self, sentence: Sentence) -> None:
        """Remove the parties that `sentence` says did not speak."""
        if self._starts.isdisjoint(sentence.low):  # one test for most sentences
            return
        at = 0
        while at < len(sentence):
            first, last = self._excluded(sentence, at)
            if last > first:
                sentence.remove(first, last)
            at = max(at, first) + 1

    def excludes(self, before: str) -> bool:
        """Return whether the text right before a name says that it did not speak: "it was not ", "rather than "."""
        words = [fold(word) for word in before.split()[-4:]]
        while words and words[-1] in self._words["article"] | self._words["determiner"]:
            words.pop()
        contracted = bool(words) and words[-1].endswith("n't")
        return contracted or any(words[-len(phrase) :] == phrase for phrase in self._phrases)

    def _excluded(self, sentence: Sentence, at: int) -> tuple[int, int]:
        """Return the tokens to remove for the exclusion that token `at` opens; an empty range without one."""
        low = sentence.low
        phrase = next((words for words in self._phrases if low[at : at + len(words)] == words), None)
        end = self._party_end(sentence, at + len(phrase)) if phrase is not None else 0
        if not end:
            return at, at
        behind = end + (low[end : end + 1] == [","])
        if low[behind : behind + 1] and low[behind] in self._words["correcting"]:
            other = self._party_end(sentence, behind + 1)
            return (self._opening(low, at), behind + 1) if other and self._speaks(low, at, other) else (at, at)
        first = at - (at > 0 and low[at - 1] in self._words["conjunction"])
        first -= first > 0 and low[first - 1] == ","
        name = first - 1
        named = sentence.named[name] is not None or sentence.raw[name][0].isupper() or low[name] in self._parties
        if not first or not named or not self._speaks(low, first, end):
            return at, at
        return first, behind if behind > end and self._closes(low, first, behind) else end

    def _closes(self, low: list[str], first: int, behind: int) -> bool:
        """Return whether the comma before `behind` closes the aside that opens at `first`."""
        if low[first] == "," and (behind == len(low) or low[behind] in self._verbs):
            return True
        return low[behind] in self._relatives and not self._words["capitals"]

    def _opening(self, low: list[str], at: int) -> int:
        """Return where the clause that only lifts out the speaker begins: "Ce n'est pas"."""
        first = at
        while first and low[first - 1] in self._words["lifting"]:
            first -= 1
        return first

    def _party_end(self, sentence: Sentence, first: int) -> int:
        """Return the end of the name or role that begins at `first` or a few plain words behind it; else 0."""
        found = 0
        for at in range(first, min(len(sentence), first + _PHRASE)):
            mention = sentence.named[at]
            if mention is not None or sentence.low[at] in self._parties:
                found = at + 1
            elif found or sentence.low[at] in self._stops or not sentence.low[at][0].isalpha():
                break
        return found

    def _speaks(self, low: list[str], first: int, end: int) -> bool:
        """Return whether a verb follows the party, or a verb of speech behind its content or "according to" leads."""
        behind = range(end, min(len(low), end + _VERB_REACH))
        for at in behind:
            if low[at] in self._verbs or low[at].partition("'")[2] in self._verbs:
                return True
            if low[at] != "," and low[at] not in self._relatives and low[at] not in self._words["adverb"]:
                break
        for at in range(first - 1, max(-1, first - _PHRASE), -1):
            if low[at] in self._cues:
                return at > 0 and low[at - 1] in {",", QUOTED}
            if low[at] in self._words["source-lead"]:
                return True
        return False


@lru_cache(maxsize=8)
def exclusions_for(pack: Pack) -> Exclusions:
    """Return the exclusions of a language, read once."""
    return Exclusions(pack)
