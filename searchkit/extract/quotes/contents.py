"""Whether the words behind a cue are what was said.

takes:    a Sentence, the tokens behind a cue and its frame, the Candidate
gives:    whether they can be a statement, by what the cue needs
does not: find where the words start or end
traps:    few verbs are known, so an opening that only a clause has stands in for one
"""

from collections.abc import Sequence

from searchkit.extract.quotes.cues import Candidate
from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import Sentence


class Contents:
    """Judges in one language what may be said."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = grammar.pack.words
        self._vague = words["vague"]
        self._asking = frozenset(word.replace("-", " ") for word in words["asking"])
        self._asked = words["asked"]
        self._spans = words["time-span"]
        self._any = words["any"]
        self._circumstances = words["circumstance"]
        self._amounts = words["amount"]
        self._breaks = grammar.subordinators | grammar.prepositions | {",", "-"}

    def opens(self, sentence: Sentence, at: int, stop: int, candidate: Candidate, firm: str) -> bool:
        """Whether words said with the cue of `candidate` start at `at`; `firm` is what opens them, or empty."""
        low, needs, lemma = sentence.low, candidate.cue.needs, candidate.cue.lemma
        if at >= stop:
            return False
        if firm:
            return True
        if low[at] in self._grammar.questions and needs not in {"about", "quoted"} and stop - at > 2:
            return True
        if lemma in self._asking and low[at] in self._asked and stop - at > 2:
            first = candidate.subject[0]
            return candidate.side != "left" or not first or low[first - 1] not in self._circumstances
        if lemma == "deny" and (self._is_gerund(low, at) or low[at] in self._any):
            return True
        if needs in {"weak", "quoted", "wish"}:
            return False
        if low[at] in {",", "-", ";", ")"}:
            return False
        if low[at] in self._amounts and stop - at > 2 and self._grammar.has_verb(sentence, at + 1, stop):
            return needs == "strong" or self._grammar.has_verb(sentence, at + 1, at + 6)  # "said much of it was lost"
        if low[at] in self._vague and (low[at] != "no" or low[at + 1 : at + 2] == [] or low[at + 1] in self._breaks):
            return False
        if needs == "strong" and self._lasts(sentence, at, stop):
            return False
        if needs == "strong":
            return stop - at >= 2 and (
                (stop - at == 2 and self._is_short(sentence, at))
                or self._grammar.has_verb(sentence, at, stop)
                or (stop - at >= 3 and self._grammar.opens_clause(sentence, at))
                or (stop - at >= 4 and low[at] not in self._breaks and not self._grammar.is_adverb(low[at]))
            )
        return stop - at >= 3 and self._grammar.is_clause(sentence, at, stop)

    def _lasts(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Whether a verbless range ends in how long it took: "the case for 12 years"."""
        low = sentence.low
        return (
            low[stop - 1] in self._spans
            and "for" in low[max(at, stop - 4) : stop]
            and not (self._grammar.has_verb(sentence, at, stop))
        )

    def _is_short(self, sentence: Sentence, at: int) -> bool:
        """Whether the two words at `at` are a clause: "it fell", "sales fell"."""
        opening, verb = sentence.low[at : at + 2]
        plain = verb.isalpha() and not self._grammar.is_adverb(verb) and verb not in self._vague
        many = opening.endswith("s") and opening.isalpha() and sentence.raw[at].islower() and not verb.endswith("s")
        return (opening in self._grammar.pronouns or many) and plain and verb not in self._grammar.prepositions

    def _is_gerund(self, low: Sequence[str], at: int) -> bool:
        """Whether "having seen it" or "ever telling her" starts at `at`."""
        while at + 1 < len(low) and self._grammar.is_adverb(low[at]):
            at += 1
        return low[at].endswith("ing") and at + 1 < len(low)
