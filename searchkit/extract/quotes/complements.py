"""Quotations that complete a verb which tells of its object: "called the plan a 'trick'", "which she called a 'trick'".

takes:    a Sentence and a Candidate whose cue needs a quotation about something
gives:    the tokens of what was said, from the object to the last quotation that belongs to it; nothing when none does
does not: find cues
traps:    a quotation behind a preposition may be a name: "called the crew to the 'Red Lantern'"
"""

from searchkit.extract.quotes.cues import Candidate
from searchkit.extract.quotes.phrases import SPEAKING_KINDS, Grammar
from searchkit.extract.quotes.reading import Sentence

# How far, in tokens, the quotation may stand behind its verb.
_QUOTE_REACH = 15
# Tokens between a verb and its quotation that are no object: "described as a".
_LONGEST_LINK = 3


class Complements:
    """Finds quoted complements in one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = grammar.pack.words
        self._linking = words["linking"]
        self._definite = words["definite"]
        self._naming = words["naming"]
        self._of = words["of"]
        self._vague = words["vague"]
        self._objects = words["object"]
        self._reader = words["reader"]
        self._links = grammar.determiners | grammar.prepositions | words["linking"]

    def find(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> list[tuple[int, int]]:
        """The tokens of what was said with the cue of `candidate`, which ends before `start`; one range or none."""
        low, grammar = sentence.low, self._grammar
        quote = next((k for k in range(start, min(stop, start + _QUOTE_REACH)) if sentence.quoted[k] >= 0), None)
        if quote is None or low[start] in {",", ":", "-"}:
            return []
        first = candidate.subject[0]
        if any(word in self._vague or word in self._reader for word in low[max(0, first - 1) : candidate.subject[1]]):
            return []  # "what she called a 'trick'" only tells whose word it is
        if any(low[k] in {",", ";", ":", "-"} or low[k] in grammar.finite for k in range(start, quote)):
            return []
        if candidate.cue.lemma in self._naming and low[start] != "on" and self._is_place(sentence, start, quote):
            return []
        direct = quote - start <= _LONGEST_LINK and all(word in self._links for word in low[start:quote])
        if direct and not candidate.participle and not self._is_speaker(sentence, candidate):
            return []
        if low[start] in self._of and quote - start <= _LONGEST_LINK:
            return [(start + 1, next((k for k in range(quote, stop) if low[k] in {",", ";", "-"}), stop))]
        if direct and low[start] == "as" and quote + 1 < stop and low[quote + 1] in grammar.determiners:
            return [(start, stop)]  # "dismissed as 'old' a report that ..."
        end = quote + 1
        while end < stop and (
            low[end] in {",", "and", "or"}
            or sentence.quoted[end] >= 0
            or (low[end] in grammar.prepositions and low[end - 1] in grammar.conjunctions)
            or (low[end] in grammar.determiners and end + 1 < stop and sentence.quoted[end + 1] >= 0)
        ):
            end += 1
        while sentence.quoted[end - 1] < 0:
            end -= 1
        while start < quote and (
            low[start] in grammar.pronouns or (low[start] in self._linking and low[start] not in self._objects)
        ):
            start += 1
        return [(start, end)]

    def _is_speaker(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Whether the subject can speak, as the "app" of "an app called 'Meter'" cannot."""
        low, at = sentence.low, candidate.subject[1] - 1
        mention, grammar = sentence.named[at], self._grammar
        named = mention is not None and mention.kind in SPEAKING_KINDS
        return named or low[at] in grammar.speaking or low[at] in grammar.pronouns

    def _is_place(self, sentence: Sentence, start: int, quote: int) -> bool:
        """Whether the quotation names where to: "called the crew to the 'Red Lantern'"."""
        low = sentence.low
        before = quote - 1 - (quote > start and low[quote - 1] in self._definite)
        return before > start and low[before] in self._grammar.prepositions and low[before] != "as"
