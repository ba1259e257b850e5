"""Find where what is said ends before its sentence does: at a main clause, a noun's verb, an office, a quotation.

A comma inside a list or an appositive ends nothing: a clause with a verb must follow it.
"""

from searchkit.extract.quotes.cues import Candidate
from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import QUOTED, Sentence


class Boundaries:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._circumstances = grammar.pack.words["circumstance"]
        self._conditions = grammar.pack.words["condition"]
        self._contrasts = grammar.pack.words["contrast"]

    def clause_end(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> int:
        """Return where "when Lind said the quay was old, Malt left" gives way to its main clause; else `stop`."""
        low, grammar = sentence.low, self._grammar
        at = candidate.subject[0] - 1
        if candidate.side != "left" or at < 0 or low[at] not in self._circumstances:
            return stop
        opens = at <= 2 or low[at - 1] in {",", "-", ";"} or low[at - 1] in grammar.conjunctions
        return self._main_clause(sentence, start, stop) if opens else stop

    def contrast_before(self, sentence: Sentence, at: int, floor: int) -> int | None:
        """Return the ", although" that leads to the subject behind `at`: "..., although an engineer, Lind, warned"."""
        low, grammar = sentence.low, self._grammar
        for k in range(at, max(floor + 1, at - 10), -1):
            if low[k] in grammar.finite or low[k] == QUOTED:
                return None
            if low[k] in self._contrasts and low[k - 1] == ",":
                return k
        return None

    def noun_end(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> int | None:
        """Return where the clause of "his claim that ..." ends; None if the sentence does not show it."""
        low, grammar = sentence.low, self._grammar
        first = candidate.subject[0]
        if first > 1 or low[0] in grammar.prepositions:
            return self._main_clause(sentence, start, stop)
        # The noun is the subject: its verb is the second of two, and "was closed" is one.
        verbs: list[int] = []
        for at in range(start + 1, stop):
            holds = low[at] == QUOTED and not verbs  # words in quotation marks hold the verb of their subject
            if holds or low[at] in grammar.finite or (low[at].endswith("ed") and sentence.named[at] is None):
                before = at - 1
                while before > start and (grammar.is_adverb(low[before]) or low[before] in grammar.negations):
                    before -= 1
                if low[before] not in grammar.finite:
                    verbs.append(at)
        return verbs[1] if len(verbs) == 2 or (len(verbs) > 2 and low[verbs[0]] == QUOTED) else None

    def _main_clause(self, sentence: Sentence, start: int, stop: int) -> int:
        """Return the first comma of the range that a clause with a verb follows; else `stop`."""
        low, grammar = sentence.low, self._grammar
        if start < stop and (low[start] in grammar.prepositions or low[start] in grammar.subordinators):
            start = next((at for at in range(start, stop) if low[at] == ","), stop)  # the clause itself comes first
        for at in range(start + 2, stop - 2):
            if low[at] == "," and grammar.opens_clause(sentence, at + 1) and low[at + 1] not in grammar.relatives:
                end = next((k for k in range(at + 1, stop) if low[k] in {",", ";", "-"}), stop)
                if low[at + 1] in grammar.pronouns or grammar.has_verb(sentence, at + 1, end):
                    return at
        return stop

    def quote_end(self, sentence: Sentence, at: int, stop: int, firm: str) -> int:
        """Return the end of a quotation that is complete in itself, if the rest does not belong to it; else `stop`."""
        low = sentence.low
        if firm not in {"quote", "colon"} or low[at] != QUOTED or at + 1 >= stop:
            return stop
        if any(number >= 0 for number in sentence.quoted[at + 1 : stop]):
            return stop
        after = low[at + 1]
        if after in self._grammar.finite:
            return stop  # the quotation is the subject
        verb = low[at + 2] if at + 2 < stop else ""
        goes_on = after in self._grammar.conjunctions and (verb in self._grammar.finite or verb.endswith("ed"))
        leaves = after == "," or goes_on or (after in self._circumstances and after not in self._conditions)
        return at + 1 if leaves or sentence.is_complete(at) else stop

    def is_doubtful(self, sentence: Sentence, first: int, last: int) -> bool:
        """Whether the range may be a mere phrase before an attribution: short, a participle, a name with its trade."""
        low, people = sentence.low, self._grammar.people
        if last - first < 7 or low[first].endswith(("ing", "ed")):
            return True
        trades = (at for at in range(first, last - 1) if low[at] == "," and not people.isdisjoint(low[at + 1 : at + 4]))
        return next(trades, None) is not None

    def before_office(self, sentence: Sentence, floor: int, last: int) -> int:
        """Return where the words end before an office: "the quay is old, head of the union, Igor Malt, said"."""
        low, grammar = sentence.low, self._grammar
        for at in range(last - 1, max(floor, last - 16) - 1, -1):
            if low[at] in grammar.finite:
                return last
            if low[at] == "," or at == floor or low[at] == QUOTED:
                office = any(low[k] in grammar.people for k in range(at, last))
                return (at + 1 if low[at] == QUOTED else at) if office else last
        return last
