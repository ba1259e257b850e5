"""Further clauses of one report: "said that A, then that B", "said A. And that B."

takes:    a Sentence and the tokens after a cue, or a sentence that follows a report
gives:    the tokens of each clause that was said, without its "that"
does not: find cues
traps:    "that" also opens relative clauses: a comma, a conjunction or an adverb before it must tell
"""

from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import QUOTED, Sentence

# Fewer tokens are no clause.
_SHORTEST_CLAUSE = 3
# So far, in tokens, an aside may hold "and" and its "that" apart: "and finally, pressed by the chairman, that".
_ASIDE_REACH = 8


class Chains:
    """Finds clauses that share one cue, in one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._sequence = grammar.pack.words["sequence"]
        self._nobody = grammar.pack.words["nobody"]
        self._results = grammar.pack.words["scene"]

    def clauses(self, sentence: Sentence, start: int, stop: int) -> list[tuple[int, int]]:
        """The clauses of "A, then that B, and that C" between `start` and `stop`."""
        low, grammar = sentence.low, self._grammar
        parts: list[tuple[int, int]] = []
        at = start + _SHORTEST_CLAUSE
        while at < stop - _SHORTEST_CLAUSE + 1:
            if low[at] in grammar.that and self._is_clause(sentence, at + 1, stop):
                end = self._joint(sentence, at, start)
                if end is None and self._is_quoted_apart(sentence, at, start, stop):
                    end = at - 1
                if end is not None and end - start >= _SHORTEST_CLAUSE:
                    parts.append((start, end))
                    start = at + 1
                    at = start + _SHORTEST_CLAUSE
                    continue
            at += 1
        return [*parts, (start, stop)]

    def continuation(self, sentence: Sentence) -> tuple[int, int] | None:
        """The clause of a sentence like "Then, a minute later, that B", which goes on with the report before it."""
        low, grammar = sentence.low, self._grammar
        limit = min(len(low) - _SHORTEST_CLAUSE, _ASIDE_REACH)
        at = next((k for k in range(1, limit) if low[k] in grammar.that), None)
        if at is None or low[0] in self._results or not self._is_clause(sentence, at + 1, len(low)):
            return None
        if any(low[k] in grammar.finite or low[k] == QUOTED or sentence.named[k] is not None for k in range(at)):
            return None
        opens = low[0] in grammar.conjunctions or low[0] in self._sequence
        joined = low[at - 1] == "," or at == 1 or (at == 2 and grammar.is_adverb(low[1]))
        return (at + 1, len(low)) if opens and joined else None

    def joined(self, sentence: Sentence, at: int, stop: int) -> tuple[int, int] | None:
        """The clause of ", and that B" behind the attribution that ends before the comma at `at`."""
        low, grammar = sentence.low, self._grammar
        if (
            at + 3 >= stop
            or low[at] != ","
            or low[at + 1] not in grammar.conjunctions
            or low[at + 2] not in grammar.that
        ):
            return None
        return (at + 3, stop) if self._is_clause(sentence, at + 3, stop) else None

    def _joint(self, sentence: Sentence, that: int, start: int) -> int | None:
        """The end of the clause before the "that" at `that`, if what stands between joins two clauses."""
        low, grammar = sentence.low, self._grammar
        at = that - 1
        while at > start and grammar.is_adverb(low[at]):
            at -= 1
        if (low[at] == "," or low[at] in grammar.conjunctions) and at < that - 1:
            return at if low[at + 1] in self._sequence else None
        if low[at] != "," or at != that - 1:
            return None
        # "and finally, pressed by the chairman, that"
        for opening in range(at - 1, max(start, at - _ASIDE_REACH), -1):
            if low[opening] in grammar.finite or low[opening] == QUOTED:
                return None
            if low[opening] == ",":
                before = opening - 1
                while before > start and grammar.is_adverb(low[before]):
                    before -= 1
                return before if low[before] in grammar.conjunctions else None
        return None

    def _is_quoted_apart(self, sentence: Sentence, that: int, start: int, stop: int) -> bool:
        """Whether "and" stands before the "that", and on each side of it a quotation: two claims, each in its words."""
        return (
            sentence.low[that - 1] in self._grammar.conjunctions
            and any(number >= 0 for number in sentence.quoted[start:that])
            and any(number >= 0 for number in sentence.quoted[that:stop])
        )

    def _is_clause(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Whether a clause with a subject starts at `at`, so that "that" before it is no pronoun."""
        low, grammar = sentence.low, self._grammar
        if at >= stop:
            return False
        subject = grammar.opens_clause(sentence, at) or low[at] in self._nobody or low[at].endswith("s")
        return subject and low[at] not in grammar.finite and grammar.has_verb(sentence, at, stop)
