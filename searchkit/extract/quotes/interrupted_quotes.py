"""Sentences that an attribution interrupts: "The museum, Lind said, will open".

takes:    a Sentence, the tokens before an attribution and the token after it
gives:    the tokens behind it that belong to what was said; None when the attribution interrupts nothing
does not: find the attribution
traps:    most verbs are no known words, so a plain word right behind "The museum, Lind said," counts as one
"""

from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import QUOTED, Sentence

# A subject or an opening phrase of more tokens is a sentence of its own.
_LONGEST_OPENING = 20
# Fewer tokens behind an opening phrase ("Too often, Lind said, ...") are no clause.
_SHORTEST_CLAUSE = 4


class Asides:
    """Tells in one language what an attribution interrupts."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._cues = grammar.pack.cues
        self._closed = (
            grammar.determiners
            | grammar.prepositions
            | grammar.conjunctions
            | grammar.subordinators
            | grammar.relatives
            | grammar.pronouns
            | grammar.that
            | grammar.speaking
            | grammar.openings
            | frozenset({",", ";", ":", "-", "(", ")", QUOTED})
        )
        self._reasons = grammar.subordinators - grammar.pack.words["scene"]
        self._phrase_starts = grammar.prepositions | grammar.openings | grammar.subordinators

    def rest(self, sentence: Sentence, before: tuple[int, int], at: int, stop: int) -> tuple[int, int] | None:
        """The tokens that go on behind an attribution, which ends before token `at`, with what `before` began."""
        low, grammar = sentence.low, self._grammar
        while at < stop and grammar.is_adverb(low[at]):
            at += 1
        first = before[0] + (low[before[0]] in grammar.conjunctions)
        if at + 2 >= stop or low[at] != "," or low[before[1]] != "," or before[1] - first > _LONGEST_OPENING:
            return None
        at += 1
        cue = self._cues.get(low[at])
        reports = cue is not None and cue.particle in {"", low[at + 1]}
        if reports and low[at].endswith("ed") and grammar.has_verb(sentence, at + 1, stop):
            reports = False  # "But, Lind said, proposed taxes would rise"
        if first >= before[1] or low[at] in grammar.relatives or reports:
            return None
        if low[at] in grammar.conjunctions:
            joined = grammar.has_verb(sentence, at, stop) and not self._opens_predicate(sentence, at + 1, stop)
            return (at, stop) if joined else None
        if grammar.has_verb(sentence, at, stop):
            return at, stop
        if low[first] in self._phrase_starts or grammar.is_adverb(low[first]):
            opens = stop - at >= _SHORTEST_CLAUSE and grammar.opens_clause(sentence, at)
        else:
            opens = self._opens_predicate(sentence, at, stop)
        return (at, stop) if opens else None

    def reason(self, sentence: Sentence, at: int, stop: int) -> tuple[int, int] | None:
        """The clause like "because they were old" behind the comma at `at`; None for "when asked", "as she left"."""
        low, grammar = sentence.low, self._grammar
        if at + 3 >= stop or low[at] != "," or low[at + 1] not in self._reasons:
            return None
        if low[at + 2] in self._cues or low[at + 2].endswith(("ing", "ed")):
            return None
        causal = low[at + 1] == "because" and low[at + 2] == "of"
        clause = stop - at > _SHORTEST_CLAUSE and grammar.opens_clause(sentence, at + 2)
        return (at + 1, stop) if causal or clause or grammar.has_verb(sentence, at + 2, stop) else None

    def relative_end(self, sentence: Sentence, subject: tuple[int, int], start: int, stop: int) -> int:
        """Where the clause of "Lind, who said the quay was old, left" gives way to the verb of "Lind"; else `stop`."""
        low, grammar = sentence.low, self._grammar
        first, last = subject
        if last + 1 >= start or low[last] != "," or low[last + 1] not in grammar.relatives:
            return stop
        if grammar.has_verb(sentence, 0, first):
            return stop  # the main clause is over: "..., said Malt, who added that"
        commas = [at for at in range(start + 1, stop - 1) if low[at] == ","]
        known = next((at for at in commas if low[at + 1] in grammar.finite or low[at + 1].endswith("ed")), None)
        if known is not None and not grammar.is_contraction(low[known + 1]):
            return known
        return next((at for at in reversed(commas) if self._opens_predicate(sentence, at + 1, stop)), stop)

    def _opens_predicate(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Whether the word at `at`, or behind adverbs there, can be the verb of the subject before: "puts", "weigh"."""
        low, grammar = sentence.low, self._grammar
        while at < stop and (grammar.is_adverb(low[at]) or low[at] in grammar.negations):
            at += 1
        if at >= stop:
            return False
        word = low[at]
        if word in grammar.finite:
            return not grammar.is_contraction(word)
        return not (
            word in self._closed
            or word.endswith("ing")
            or not word.isalpha()
            or sentence.named[at] is not None
            or sentence.raw[at][0].isupper()
        )
